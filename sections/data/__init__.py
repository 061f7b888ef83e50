"""Chapter 01: what is in the images, what is in them twice, and whether the split is fair."""

from sections.data import leaky_split, measured, pictures, sentences, tables
