"""Which classes the sets of scenes have, and how much of each."""

from sections.street_scenes.class_mix import measured, pictures, sentences, tables
