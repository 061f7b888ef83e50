"""An augmentation that is untrue of the data."""
