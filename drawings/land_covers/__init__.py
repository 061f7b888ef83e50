"""Drawn land (and cloud) seen from above."""
