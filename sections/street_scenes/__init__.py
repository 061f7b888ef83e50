"""Chapter 07: what a segmenter sees on the streets of another country."""
