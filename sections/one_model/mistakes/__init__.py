"""The images that a model gets wrong, and why."""

from sections.one_model.mistakes import causes, measured, pictures, sentences
