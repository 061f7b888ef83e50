"""Which errors would be worth mending first."""

from sections.errors.improvements import pictures, sentences

__all__ = ["pictures", "sentences"]
