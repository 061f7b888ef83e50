"""Several networks that differ in one thing each."""
