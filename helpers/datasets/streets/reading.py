"""Images of street scenes, and a scene's image together with its label."""

from pathlib import Path

import numpy as np

from helpers.base.paths import display_path
from helpers.datasets.decode import UnreadableImage, decode
from helpers.datasets.streets.types import Scene, SegmentationSet
from helpers.datasets.types import DataError


def read_image(path: Path) -> np.ndarray:
    """(H, W, 3) uint8 RGB. Raises DataError, naming the file, where it cannot be read or decoded."""
    try:
        return np.ascontiguousarray(decode(path.read_bytes()).pixels)
    except OSError as error:
        raise DataError(f"{display_path(path)} cannot be read ({error.strerror}): restore the image") from error
    except UnreadableImage as error:
        raise DataError(f"{display_path(path)} is no image ({error}): restore it") from error


def read_scene(scenes: SegmentationSet, position: int) -> tuple[np.ndarray, np.ndarray]:
    """Image (H, W, 3) uint8 RGB and label (H, W) uint8 in the publisher's classes, of one size.

    Raises DataError where one cannot be read, or where their sizes differ.
    """
    image, native = scenes.read_image(position), scenes.read_native(position)
    refuse_other_size(scenes.scenes[position], image.shape[1::-1], native.shape[1::-1])
    return image, native


def refuse_other_size(scene: Scene, image: tuple[int, int], label: tuple[int, int]) -> None:
    """Raises DataError where a label has another width and height than its image."""
    if image != label:
        raise DataError(
            f"{scene.image} has {image[0]} × {image[1]} pixels, its label {scene.label} {label[0]} × {label[1]}: "
            "give both in one size"
        )
