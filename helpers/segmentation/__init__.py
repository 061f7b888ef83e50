"""Segmentation: a class for every pixel. Training, evaluation and what is made of them, for chapters 07 to 09."""
