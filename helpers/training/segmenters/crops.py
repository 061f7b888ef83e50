"""Random crops of scenes and their labels: scale, place, mirroring and colour, whole batches on the device."""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from helpers.base.device import memory_format
from helpers.datasets.augment import Augment
from helpers.datasets.streets.types import IGNORE


@dataclass(frozen=True)
class RandomCrops:
    """Square crops, `side` pixels wide, of scenes that were enlarged by a random factor.

    scale: range of the factor, drawn evenly on a logarithmic scale; 1 shows things as large as the scenes do.
    flip: probability of mirroring left and right. jitter: strength of the change of colours (as in
    `datasets.augmentations`). A crop that is larger than the enlarged scene is black and ignored around it.
    """

    side: int
    scale: tuple[float, float] = (1.0, 1.0)
    flip: float = 0.0
    jitter: float = 0.0

    def __call__(self, images: Tensor, labels: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        """Scenes (b, 3, S, S) uint8 with labels (b, S, S) uint8 to (b, 3, side, side) float 0..1 and int64."""
        grid = self._grid(images, generator)
        images = _sample(images.contiguous().float().div_(255), grid, "bilinear")
        # Outside the scene grid_sample gives 0, which therefore has to mean "ignored".
        labels = _sample(labels[:, None].float().sub_(IGNORE), grid, "nearest").add_(IGNORE)[:, 0].long()
        if self.jitter:
            images = Augment({"jitter": self.jitter})(images, generator)
        return images.contiguous(memory_format=memory_format(images.device)), labels

    def _grid(self, images: Tensor, generator: Generator) -> Tensor:
        """Where each pixel of the crops comes from: (b, side, side, 2), x and y in -1..1 of the scene."""

        def uniform(low: float, high: float) -> Tensor:
            return torch.rand(len(images), generator=generator, device=images.device) * (high - low) + low

        extent = self.side / images.shape[-1] / uniform(*map(math.log, self.scale)).exp()  # share of the side
        x, y = ((1 - extent).abs() * uniform(-1, 1) for _ in range(2))
        sign = 1 - 2 * (uniform(0, 1) < self.flip).float()
        zero = torch.zeros_like(extent)
        rows = torch.stack([extent * sign, zero, x, zero, extent, y], dim=1).view(-1, 2, 3)
        return F.affine_grid(rows, [len(images), 1, self.side, self.side], align_corners=False)


def _sample(X: Tensor, grid: Tensor, mode: str) -> Tensor:
    return F.grid_sample(X, grid, mode, padding_mode="zeros", align_corners=False)
