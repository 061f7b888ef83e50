"""Whether augmentation narrows the gap between training and validation."""
