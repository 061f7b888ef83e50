"""Chapter 06: which model is better, and whether the difference is more than chance."""
