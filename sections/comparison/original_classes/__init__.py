"""Which of the original classes are mixed up, where a study joins several into one."""

from sections.comparison.original_classes import measured, pictures, sentences, tables
