"""The images that a model gets wrong, and why."""
