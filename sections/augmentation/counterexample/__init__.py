"""An augmentation that is untrue of the data."""

from sections.augmentation.counterexample import measured, sentences, tables
