"""Images on disk and in memory: found, read, decoded once, compared, split and augmented. Knows no study."""
