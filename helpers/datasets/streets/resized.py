"""Scenes at the network's size: read and resized once, then mapped from disk. What lies there may be deleted.

data/.cache/scenes-<what they depend on>/images.npy   (n, S, S, 3) uint8 RGB
data/.cache/scenes-<what they depend on>/labels.npy   (n, S, S) uint8 numbers of shared classes, or IGNORE
"""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from helpers.base.fingerprint import code_of, key_of
from helpers.base.telling import steps
from helpers.datasets.cache import cache_dir, held, keep_maps, kept_maps, need_room
from helpers.datasets.decode import resize
from helpers.datasets.reading import ArrayFile, in_threads
from helpers.datasets.streets.types import SegmentationSet

log = logging.getLogger("helpers")

NAMES = ("images", "labels")


@dataclass(frozen=True)
class SceneArrays:
    """Scenes and labels at one size, for `helpers.datasets.loader.batches`.

    images (n, S, S, 3) and labels (n, S, S), uint8, on disk; `index` (m,) says which of them belong here.
    """

    images: np.ndarray
    labels: np.ndarray
    index: np.ndarray

    def __len__(self) -> int:
        return len(self.index)

    def choose(self, positions: np.ndarray) -> "SceneArrays":
        """Only the scenes at these positions."""
        return SceneArrays(self.images, self.labels, self.index[positions])

    def gather(self, positions: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (b, 3, S, S) uint8, in channels-last memory as they lie on disk, and labels (b, S, S) uint8."""
        places = self.index[positions]
        images = torch.from_numpy(self.images[places]).permute(0, 3, 1, 2)
        return images, torch.from_numpy(self.labels[places])


def resize_image(pixels: np.ndarray, size: int) -> np.ndarray:
    """(H, W, 3) uint8 to (size, size, 3) uint8: both sides to `size`, as the network sees every scene."""
    return resize(pixels, size, "squash")


def resize_label(label: np.ndarray, size: int) -> np.ndarray:
    """(H, W) uint8 to (size, size) uint8: the class at the nearest pixel."""
    return cv2.resize(label, (size, size), interpolation=cv2.INTER_NEAREST_EXACT)


def open_scenes(scenes: SegmentationSet, size: int) -> SceneArrays:
    """All scenes of a set at the network's size, from disk or made now; one process makes them, others wait.

    Raises DataError for a scene that cannot be read, or a disk that is full.
    """
    facts = {"data": scenes.fingerprint, "classes": scenes.classes, "native": scenes.native, "size": size}
    folder = cache_dir() / f"scenes-{key_of(**facts, code=code_of(_make))}"
    needed = len(scenes) * size * size * 4
    with held(folder, "the resized scenes", needed):
        arrays = kept_maps(folder, *NAMES)
        if arrays is None:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            need_room(needed)
            _make(scenes, size, folder)
            arrays = kept_maps(folder, *NAMES)
    return SceneArrays(*arrays, np.arange(len(scenes)))


def _make(scenes: SegmentationSet, size: int, folder: Path) -> None:
    def read(position: int) -> tuple[np.ndarray, np.ndarray]:
        image, label = scenes.read_image(position), scenes.read_label(position)
        return resize_image(image, size), resize_label(label, size)

    log.info("reading %d scenes of %s (%s) at %d × %d", len(scenes), scenes.name, scenes.part, size, size)
    with (
        ArrayFile(folder / "images.npy", (size, size, 3)) as images,
        ArrayFile(folder / "labels.npy", (size, size)) as labels,
    ):
        for image, label in steps(in_threads(read, range(len(scenes))), "reading scene", len(scenes)):
            images.append(image)
            labels.append(label)
    keep_maps(folder, *NAMES)
