"""Scores on the test set, confusions and calibration."""

from sections.one_model.scores import calibration, measured, pictures, sentences, temperature
