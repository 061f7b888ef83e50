"""The scenes on which a segmenter fails."""

from sections.street_scenes.failures import measured, pictures, sentences, tables

__all__ = ["measured", "pictures", "sentences", "tables"]
