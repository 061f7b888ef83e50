"""Whether the network knows which pixels it gets wrong."""

from sections.errors.confidence import pictures, sentences, tables
