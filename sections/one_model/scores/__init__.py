"""Scores on the test set, confusions and calibration."""
