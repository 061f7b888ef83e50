"""IoU, Dice and accuracy, class by class and scene by scene."""

from sections.street_scenes.scores import measured, pictures, sentences, tables
