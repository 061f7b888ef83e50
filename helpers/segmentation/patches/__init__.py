"""Chapters 07 to 09 for a classifier: a large image is cut into patches, and their classes make a map."""
