"""What a training computes with: batches of images, or of what enters the layers that are trained."""

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from helpers.base.device import full_precision, memory_format
from helpers.base.telling import steps
from helpers.datasets.augment import Augment
from helpers.datasets.loader import ImagePart, batches, epoch_order
from helpers.datasets.mixing import Mixing
from helpers.models.classifier import Classifier
from helpers.study.recipe import Recipe
from helpers.training.balance import balanced_order

log = logging.getLogger("helpers")

EVALUATION_BATCH = 256
MOST_BYTES = 2 << 30  # of frozen inputs kept in memory; beyond that the network runs at every epoch


@dataclass
class Inputs:
    """Images of a part, augmented and mixed if `augment` and `mixing` say so, through the whole network.

    Where the first layers stand still, `frozen` holds what enters those that are trained, (n, …), and the labels
    (n,): both are computed once, and only the trained layers then run.
    """

    model: Classifier
    part: ImagePart
    augment: Augment | None = None
    mixing: Mixing | None = None
    frozen: tuple[Tensor, Tensor] | None = None

    def __len__(self) -> int:
        return len(self.part)

    @property
    def device(self) -> torch.device:
        return self.model.scale.device

    def batches(
        self, order: np.ndarray | None, batch_size: int, generator: torch.Generator | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches (b, …) of inputs for `logits`, and labels (b,), or of mixed images shares of classes (b, C).

        `generator` draws the augmentations.
        """
        if self.frozen:
            order = torch.arange(len(self)) if order is None else torch.from_numpy(order)
            for positions in order.to(self.device).split(batch_size):
                yield tuple(values[positions] for values in self.frozen)
            return
        layout = memory_format(self.device)
        loader = batches(self.part, batch_size, order=order, device=self.device, memory_format=layout)
        for images, labels in loader:
            augmented = self.augment(images, generator) if self.augment else images
            if self.mixing:
                augmented, labels = self.mixing(augmented, labels, generator)
            yield self.model.preprocess(augmented), labels

    def logits(self, batch: Tensor) -> Tensor:
        """Logits (b, classes) of a batch."""
        return self.model.from_top(batch) if self.frozen else self.model(batch)


@torch.no_grad()
def frozen(images: Inputs) -> Inputs | None:
    """The same images as they enter the layers that are trained; None where that would fill the memory."""
    model, values, labels = images.model.eval(), [], []
    count = math.ceil(len(images) / EVALUATION_BATCH)
    for batch, truth in steps(images.batches(None, EVALUATION_BATCH), "features", count, share=(0, 0)):
        with full_precision(images.device):
            values.append(model.top_inputs(batch))
        labels.append(truth)
        if values[0][0].nbytes * len(images) > MOST_BYTES:
            return None
    return replace(images, frozen=(torch.cat(values), torch.cat(labels)))


def parts_as_inputs(images: list[Inputs]) -> list[Inputs]:
    """The parts of a training whose base is frozen: computed once if all of them fit into memory."""
    found = [frozen(one) for one in images]
    if None in found:
        log.info("what enters the trained layers is too large to keep: it is computed at every epoch")
        return images
    return found


def training_order(inputs: Inputs, recipe: Recipe, seed: int, epoch: int) -> np.ndarray:
    """The shuffled order of an epoch, balanced where the recipe says so.

    Batch norm cannot learn from a single image: a lone one gets a second.
    """
    balanced = recipe.balance == "sampling"
    order = balanced_order(inputs.part.labels, seed, epoch) if balanced else epoch_order(len(inputs), seed, epoch)
    return np.append(order, order[0]) if len(order) % recipe.batch_size == 1 else order
