"""Two images in one, and their labels: mixup and cutmix, over batches that are augmented already."""

from collections.abc import Mapping

import torch
from torch import Generator, Tensor

from helpers.datasets.augment import drawing_like
from helpers.datasets.augmentations import MIXED


class Mixing:
    """torchvision's MixUp or CutMix for whole batches: `Mixing({"mixup": 0.2}, num_classes=10)`.

    Each image of a batch is mixed with the one before it, and its label becomes the share of either in the result.
    mixup lays one over the other, with a weight from Beta(alpha, alpha) (Zhang et al., "mixup: beyond empirical
    risk minimization", 2018); cutmix pastes in a rectangle (Yun et al., "CutMix", 2019). Of both, one is drawn for
    each batch. A strength, which is alpha, of 0 means none.
    """

    def __init__(self, strengths: Mapping[str, float], num_classes: int):
        from torchvision.transforms import v2  # importing it takes a second

        kinds = {"mixup": v2.MixUp, "cutmix": v2.CutMix}
        given = {name: float(strengths[name]) for name in MIXED if strengths.get(name)}
        self.kinds = [kinds[name](alpha=alpha, num_classes=num_classes) for name, alpha in given.items()]

    def __call__(self, images: Tensor, labels: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        """Images (b, 3, S, S) float with labels (b,) int64 to such images and shares of classes (b, C) float32."""
        with drawing_like(generator):
            mixed, shares = self.kinds[int(torch.randint(len(self.kinds), ()))](images, labels)
        return torch.empty_like(images).copy_(mixed), shares  # in memory as they lay there
