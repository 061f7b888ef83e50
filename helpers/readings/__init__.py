"""Readings: sentences computed from results. Each function takes numbers and returns plain-text sentences.

A reading says what was measured and how sure one can be of it; what the method is for and how it works stands
in the chapters, written beforehand. `words` has the phrases that all of them use.
"""
