"""Several networks that differ in one thing each."""

from sections.one_model.variants import measured, pictures, sentences, tables
