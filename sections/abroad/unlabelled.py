"""Scenes as images only: what a remedy may look at, without their labels."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from helpers.base.fingerprint import key_of
from helpers.datasets.reading import in_threads
from helpers.datasets.streets.resized import resize_image
from helpers.datasets.streets.types import SegmentationSet

SCENES_AT_ONCE = 8


@dataclass(frozen=True)
class Unlabelled:
    """The images of some scenes at the network's size, in batches that each span the whole set."""

    scenes: SegmentationSet
    size: int

    @classmethod
    def some_of(cls, scenes: SegmentationSet, size: int, most: int) -> "Unlabelled":
        """At most so many scenes, evenly chosen, so that every drive has its share."""
        count = min(most, len(scenes))
        return cls(scenes.choose(np.arange(count) * len(scenes) // max(1, count)), size)

    def __len__(self) -> int:
        return len(self.scenes)

    @property
    def key(self) -> str:
        """Which images, at what size."""
        return key_of(scenes=self.scenes.fingerprint, size=self.size)

    def batches(self, batch_size: int = SCENES_AT_ONCE) -> Iterator[torch.Tensor]:
        """(b, 3, S, S) uint8. Batch k of m takes every m-th scene from the k-th on: all drives are in each."""
        number = -(-len(self) // batch_size)
        for first in range(number):
            images = list(in_threads(self._image, range(first, len(self), number)))
            yield torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)

    def images(self) -> Iterator[np.ndarray]:
        """(S, S, 3) uint8 RGB, one after another."""
        return in_threads(self._image, range(len(self)))

    def _image(self, position: int) -> np.ndarray:
        return resize_image(self.scenes.read_image(position), self.size)
