"""The feature space, drawn in two and three dimensions."""
