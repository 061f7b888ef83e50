"""Folders of images and masks as people have them, drawn in a moment."""

from pathlib import Path

import numpy as np
from PIL import Image


def masks(folder: Path, classes: int = 2, count: int = 10, images: str = "images", labels: str = "masks") -> Path:
    """Images of 16 pixels, and masks that have each class in its own columns."""
    for name in (images, labels):
        (folder / name).mkdir(parents=True)
    mask = np.repeat(np.arange(16)[None] * classes // 16, 16, axis=0).astype(np.uint8)
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 256, (16, 16, 3), np.uint8)
        Image.fromarray(pixels).save(folder / images / f"one{number}.png")
        Image.fromarray(mask).save(folder / labels / f"one{number}.png")
    return folder
