"""Large images of the user's own, of which nobody knows the truth: found, read, and mapped."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers.base.errors import CourseError
from helpers.base.paths import display_path
from helpers.datasets.decode import SUFFIXES
from helpers.datasets.streets.reading import read_image

if TYPE_CHECKING:
    from helpers.segmentation.patches.predictor import PatchPredictor

log = logging.getLogger("helpers")


@dataclass(frozen=True)
class ClassMap:
    """A large image (H, W, 3) uint8, the class (H, W) uint8 of each pixel and its probability (H, W) float32."""

    name: str
    image: np.ndarray
    prediction: np.ndarray
    confidence: np.ndarray
    patches: int

    def shares(self, classes: int) -> np.ndarray:
        """(C,): part of the image that each class covers."""
        return np.bincount(self.prediction.ravel(), minlength=classes) / self.prediction.size

    def sureness(self, classes: int) -> np.ndarray:
        """(C,): mean confidence where each class is seen; NaN where it is nowhere."""
        pixels = np.bincount(self.prediction.ravel(), minlength=classes)
        summed = np.bincount(self.prediction.ravel(), self.confidence.ravel(), minlength=classes)
        return np.divide(summed, pixels, where=pixels > 0, out=np.full(classes, np.nan))


def find_images(folder: Path) -> list[Path]:
    """The images in a folder, sorted by name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())


def map_images(predictor: "PatchPredictor", paths: list[Path]) -> Iterator[ClassMap]:
    """The map of each image, one at a time; one that cannot be read or mapped is said in the log and left out."""
    for path in paths:
        try:
            image = read_image(path)
            prediction, confidence = predictor.map_of(image)
        except CourseError as error:
            log.warning("%s is left out: %s", display_path(path), error)
            continue
        yield ClassMap(path.name, image, prediction, confidence, predictor.patches_of(*image.shape[:2]))
