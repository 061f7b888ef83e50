"""Sets of street scenes with a class for every pixel, in their publishers' own layouts."""
