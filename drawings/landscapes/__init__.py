"""Drawn views of the land: six kinds for the sample of natural scenes, others to pretrain on."""
