"""What is lost abroad, class by class."""

from sections.abroad.drop import pictures, sentences, tables
