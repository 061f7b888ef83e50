"""Where to cut between two classes."""

from sections.comparison.thresholds import measured, pictures, sentences, tables
