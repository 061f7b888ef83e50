"""Where to cut between two classes."""
