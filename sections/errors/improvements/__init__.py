"""Which errors would be worth mending first."""

from sections.errors.improvements import examples, pictures, sentences, tables
