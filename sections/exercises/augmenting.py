"""Chapter 04: two images in one, and an image that is looked at twice."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.datasets.types import Splits
from helpers.models import Classifier
from helpers.training.runs import Run
from sections.exercises.checking import exercise, expect, fresh


@exercise
def blended(answer: Callable, splits: Splits) -> None:
    """Mixup: each image, 0 to 1, with its partner from the end of the batch over it, and their labels likewise."""
    draw = torch.Generator().manual_seed(0)
    small = torch.randint(0, 256, (5, 3, 6, 6), dtype=torch.uint8, generator=draw), torch.tensor([0, 1, 2, 2, 1])
    own = splits.part("train").gather(np.arange(min(8, len(splits.train))))
    cases = ((small, 3, "five small images"), (own, len(splits.classes), "this study's images"))
    for (images, labels), classes, on in cases:
        light, hot, w = images / 255, F.one_hot(labels, classes).float(), 0.7
        mixed, targets = w * light + (1 - w) * light.flip(0), w * hot + (1 - w) * hot.flip(0)
        expect(answer(images.clone(), labels.clone(), classes, w), (mixed, targets), {
            "the images are mixed and the labels are not: mix their one-hot rows with the same weights":
                (mixed, hot),
            "the weights are the wrong way round: `weight` is the image's own": (
                (1 - w) * light + w * light.flip(0), (1 - w) * hot + w * hot.flip(0)),
            "the labels' weights are the wrong way round": (mixed, (1 - w) * hot + w * hot.flip(0)),
            "the images are still 0 to 255: divide by 255": (255 * mixed, targets),
            "each image is mixed with its own mirror image: flip(0) turns the batch round, flip(-1) the images":
                (w * light + (1 - w) * light.flip(-1), targets),
            "the weights do not add up to 1: the partner's is 1 - weight": (
                w * light + w * light.flip(0), w * hot + w * hot.flip(0)),
        }, on=on)  # fmt: skip


@exercise
def seen_twice(answer: Callable, run: Run, splits: Splits) -> None:
    """Probabilities (n, classes): the mean of those for the images and for their mirror images."""
    torch.manual_seed(0)
    small = Classifier(nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 3)), "1", "symmetric")
    noise = torch.randint(0, 256, (6, 3, 8, 8), dtype=torch.uint8)
    with torch.no_grad():
        small.head.weight.mul_(5)
    own = splits.part("val").gather(np.arange(min(8, len(splits.val))))[0]
    for network, images, on in ((small, noise, "a small network"), (run.model(), own, run.title)):
        network.eval()
        with torch.no_grad():
            first, mirrored, upside = (
                network(network.preprocess(one)) for one in (images, images.flip(-1), images.flip(-2))
            )
        right = (first.softmax(1) + mirrored.softmax(1)) / 2
        expect(answer(fresh(network)[0], images.clone()), right, {
            "these are logits: make probabilities of them with softmax(1) first": (first + mirrored) / 2,
            "you took the mean of logits: make probabilities of each first": ((first + mirrored) / 2).softmax(1),
            "these are the probabilities of the images alone": first.softmax(1),
            "these are the probabilities of the mirror images alone": mirrored.softmax(1),
            "the images stand on their heads: flip(-2) turns rows round, flip(-1) columns":
                (first.softmax(1) + upside.softmax(1)) / 2,
            "the probabilities of an image add up to 2: it is their mean that is asked for": 2 * right,
            "softmax goes over the classes, which is axis 1, and not over the batch":
                (first.softmax(0) + mirrored.softmax(0)) / 2,
        }, on=on, within=2e-3)  # fmt: skip
