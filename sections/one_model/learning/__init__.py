"""How a network learns: its layers, its curves, its overfitting."""

from sections.one_model.learning import layers, pictures, sentences
