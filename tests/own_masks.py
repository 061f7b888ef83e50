"""Folders of images and masks as people have them, drawn in a moment."""

from pathlib import Path

import numpy as np
from PIL import Image

NAMES = ["ash", "beech", "birch", "cedar", "elm", "fir", "lime", "maple", "oak", "pine", "rowan", "yew"]


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


def leaves(folder: Path, count: int, named: bool = False) -> Path:
    """Green blots on grey, and masks of 0 and 255; with `named`, of the numbers 0 and 1."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    rows, columns = np.mgrid[:48, :64]
    for number in range(count):
        random = np.random.default_rng(number)
        y, x = random.integers(12, 36), random.integers(14, 50)
        inside = ((rows - y) / random.integers(5, 11)) ** 2 + ((columns - x) / random.integers(7, 14)) ** 2 < 1
        pixels = random.integers(90, 150, (48, 64, 3)).astype(np.uint8)
        pixels[inside] = pixels[inside] // 2 + np.array([10, 90, 20], np.uint8)
        Image.fromarray(pixels).save(folder / "images" / f"{NAMES[number]}.png")
        mask = inside.astype(np.uint8) * (1 if named else 255)
        Image.fromarray(mask).save(folder / "masks" / f"{NAMES[number]}.png")
    return folder
