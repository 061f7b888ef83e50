"""Chapter 08: what the errors of a segmentation are made of."""
