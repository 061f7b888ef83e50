"""The scores of all models, and paired tests between them."""

from sections.comparison.scores import measured, pictures, sentences, tables
