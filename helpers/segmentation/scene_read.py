"""A scene as an evaluation needs it: at the network's size, and with its label as it was published."""

from dataclasses import dataclass

import numpy as np

from helpers.datasets.streets.reading import read_scene
from helpers.datasets.streets.resized import resize_image, resize_label
from helpers.datasets.streets.types import SegmentationSet


@dataclass(frozen=True)
class SceneRead:
    """A scene as the network sees it, and its label as it was published."""

    small: np.ndarray  # (S, S, 3) uint8 RGB
    label: np.ndarray  # (H, W) uint8, shared classes or IGNORE
    small_label: np.ndarray  # (S, S) uint8, the class at the nearest pixel
    debatable: np.ndarray | None  # (H, W) bool: the label's class is a debatable one; None where none is


def read_for_network(scenes: SegmentationSet, position: int, size: int) -> SceneRead:
    """One scene. Raises DataError, naming the file, where image or label cannot be read."""
    image, native = read_scene(scenes, position)
    label = lookup(native, scenes.to_shared)
    debatable = lookup(native, scenes.is_debatable.astype(np.uint8)).view(bool)
    return SceneRead(
        small=resize_image(image, size),
        label=label,
        small_label=resize_label(label, size),
        debatable=debatable if debatable.any() else None,
    )


def lookup(values: np.ndarray, table: np.ndarray) -> np.ndarray:
    """`table[values]` for uint8 values and a uint8 table of 256, quicker than NumPy's."""
    import cv2

    return cv2.LUT(values, table)
