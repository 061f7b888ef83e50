"""IoU, Dice and accuracy, class by class and scene by scene."""
