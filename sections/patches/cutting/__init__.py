"""How a large image is cut, and how a map is joined."""

from sections.patches.cutting import inside, measured, sentences, tables
