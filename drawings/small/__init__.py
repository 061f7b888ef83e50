"""Drawn images of 32 × 32 pixels that lie together in a few files: house numbers, vehicles and animals."""
