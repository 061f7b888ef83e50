"""Whether augmentation narrows the gap between training and validation."""

from sections.augmentation.gap import measured, pictures, sentences
