"""Chapters 02 to 04: what is asked of every single model."""
