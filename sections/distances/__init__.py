"""Chapter 05: where the models put the images that the first one got wrong."""

from sections.distances import measured, pictures, sentences, tables
