"""Training of segmenters, and the runs that it leaves on disk."""
