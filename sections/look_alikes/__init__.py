"""Pairs of classes that look alike, looked at closely."""

from sections.look_alikes import measured, pictures, sentences, tables
