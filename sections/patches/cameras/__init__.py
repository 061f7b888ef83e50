"""The same ground seen by other cameras."""

from sections.patches.cameras import elsewhere, measured, pictures, sentences, tables
