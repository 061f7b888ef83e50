"""Wrong pixels by kind: borders, whole regions, classes taken for one another."""

from sections.errors.composition import confusion, pictures, sentences
