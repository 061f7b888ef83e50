"""Pairs of classes that look alike, looked at closely."""
