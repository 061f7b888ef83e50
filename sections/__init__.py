"""One folder for each section of a chapter: what it measures, its pictures, tables and sentences, side by side."""
