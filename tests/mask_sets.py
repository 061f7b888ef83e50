"""Small sets of images and masks, drawn for tests in whatever layout is asked for."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from grammar import assert_sound
from PIL import Image
from street_trees import write_image, write_mask

SIZE = (12, 8)  # width and height


def steps_mask(numbers: Sequence[int], size: tuple[int, int] = SIZE, shift: int = 0) -> np.ndarray:
    """(H, W) uint8: upright stripes of these numbers, moved to the right by `shift` pixels."""
    stripes = np.array(numbers, np.uint8)[np.arange(size[0]) * len(numbers) // size[0]]
    return np.tile(np.roll(stripes, shift), (size[1], 1))


def write_pair(image: Path, mask: Path, values: np.ndarray) -> None:
    """An image of noise and its mask of these values."""
    write_image(image, size=values.shape[1::-1])
    write_mask(mask, values)


def write_set(root: Path, count: int, numbers: Sequence[int] = (0, 1, 2), start: str = "a") -> Path:
    """images/a0.jpg … and masks/a0.png … with stripes of these numbers."""
    for i in range(count):
        write_pair(
            root / "images" / f"{start}{i}.jpg", root / "masks" / f"{start}{i}.png", steps_mask(numbers, shift=i)
        )
    return root


def write_palette(path: Path, values: np.ndarray, colours: Sequence[Sequence[int]]) -> None:
    """A PNG of numbers with a palette."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(values)
    image.putpalette([channel for colour in colours for channel in colour])
    image.save(path)


def every_mask(own) -> dict[str, np.ndarray]:
    """Class numbers of each scene of an OwnSet, by its image; what is said of the set can stand on a page."""
    assert_sound(own.remarks)
    return {scene.image: own.reader(own.root / scene.label) for scenes in own.parts.values() for scene in scenes}
