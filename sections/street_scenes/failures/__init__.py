"""The scenes on which a segmenter fails."""

from sections.street_scenes.failures import measured, pictures, sentences, tables
