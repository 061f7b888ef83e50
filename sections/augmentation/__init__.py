"""Chapter 04: ever new guises of the same images."""
