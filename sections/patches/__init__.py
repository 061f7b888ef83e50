"""Chapters 07 to 09 for a classifier of tiles: maps of large images, patch by patch."""
