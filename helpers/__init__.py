"""Data sets, models and metrics behind the nine chapters of the course."""
