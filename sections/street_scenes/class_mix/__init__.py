"""Which classes the sets of scenes have, and how much of each."""
