"""Training, and the runs that it leaves on disk."""
