"""Labels that look wrong, left out: what that changes."""

from sections.comparison.cleaning import measured, pictures, sentences, tables
