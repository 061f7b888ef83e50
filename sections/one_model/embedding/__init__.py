"""The feature space, drawn in two and three dimensions."""

from sections.one_model.embedding import measured, pictures, sentences
