"""Chapter 07: a loss that counts classes and not pixels, and windows that vote."""

from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from helpers.datasets.streets.types import IGNORE
from helpers.segmentation.places import LookedAt
from sections.exercises.checking import exercise, expect

SIDE = 48  # pixels of the masks and images that are tried


@exercise
def dice_loss(answer: Callable, part: LookedAt) -> None:
    """1 - the mean over classes of 2 Σ p y / (Σ p + Σ y), over all pixels that are counted."""
    draw = torch.Generator().manual_seed(0)
    made_up = torch.randint(0, 3, (2, 8, 8), generator=draw)
    made_up[0, :6], made_up[1, :, :2] = IGNORE, IGNORE
    read = cv2.resize(part.target.read_label(0), (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    own = torch.from_numpy(read.astype(np.int64))[None]
    cases = ((made_up, 3, "two small masks"), (own, len(part.target.classes), "the first scene's mask"))
    for mask, classes, on in cases:
        logits = 3 * torch.randn(len(mask), classes, *mask.shape[1:], generator=draw)
        y = F.one_hot(mask.where(mask != IGNORE, 0), classes).permute(0, 3, 1, 2).float()
        kept = (mask != IGNORE)[:, None].float()
        p, hard = logits.softmax(1), F.one_hot(logits.argmax(1), classes).permute(0, 3, 1, 2).float()
        given = logits.clone().requires_grad_()
        found = answer(given, mask.clone())
        wrong = {
            "pixels that are not counted (255) got into the sum of p: take them out": 1 - _dice(p, y * kept),
            "pixels that are not counted became pixels of class 0: take them out of p and y": 1 - _dice(p, y),
            "that is the Dice score, and a loss falls as it rises: take it from 1": _dice(p * kept, y * kept),
            "a loss needs a slope, and argmax has none: use the probabilities": 1 - _dice(hard * kept, y * kept),
            "logits are no probabilities: softmax(1) first": 1 - _dice(logits * kept, y * kept),
            "the classes exclude each other, so their probabilities come from softmax(1), not from a sigmoid":
                1 - _dice(logits.sigmoid() * kept, y * kept),
            "a factor of 2 is missing above the line": 1 - _dice(p * kept, y * kept) / 2,
            "you took the sums image by image, and they go over the whole batch": 1 - torch.stack(
                [_dice(p[i:i + 1] * kept[i:i + 1], y[i:i + 1] * kept[i:i + 1]) for i in range(len(mask))]).mean(),
            "that is one Dice of all classes together: take the sums class by class, then the mean":
                1 - 2 * (p * y * kept).sum() / (2 * kept.sum()),
        }  # fmt: skip
        expect(found, 1 - _dice(p * kept, y * kept), wrong, on=on, within=1e-5)
        assert getattr(found, "requires_grad", False), "the number is right, but no gradient leads to the logits"


def _dice(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (2 * (p * y).sum((0, 2, 3)) / (p.sum((0, 2, 3)) + y.sum((0, 2, 3))).clamp_min(1e-9)).mean()


@exercise
def votes_of_windows(answer: Callable, part: LookedAt) -> None:
    """Probabilities (C, H, W) of a large image: the mean of what `predict` says of all windows over a pixel."""
    noise = np.random.default_rng(0).integers(0, 256, (29, 38, 3)).astype(np.uint8)
    own = cv2.resize(part.target.read_image(0), (SIDE + 5, SIDE), interpolation=cv2.INTER_AREA)
    for image, on in ((noise, "a small image"), (own, "the first scene, made small")):
        window, stride = 16, 8
        height, width = image.shape[:2]
        last = [[*range(0, size - window, stride), size - window] for size in (height, width)]
        short = [list(range(0, size - window + 1, stride)) for size in (height, width)]
        total, number, newest = _votes(image, window, last)
        cut, cut_number, _ = _votes(image, window, short)
        with np.errstate(invalid="ignore"):
            holes = cut / cut_number
        expect(answer(image.copy(), _says, window, stride), total / number, {
            "the last row and column of windows must end with the image: pixels at the margin got no vote": holes,
            "pixels at the margin are in no window: the last row and column must end with the image":
                np.nan_to_num(holes),
            "votes are to be averaged: divide by how many windows lie over each pixel": total,
            "a window has overwritten those before it: add up, and divide at the end": newest,
            "the height and the width have changed places": (total / number).transpose(0, 2, 1),
            "the classes come first: (classes, height, width)": (total / number).transpose(1, 2, 0),
        }, on=on)  # fmt: skip


def _says(window: np.ndarray) -> np.ndarray:
    """A made-up network of two classes: what is bright, more surely so in the middle of the window."""
    side = window.shape[0]
    middle = np.hanning(side + 2)[1:-1]
    bright = window.mean(2) / 255 * np.outer(middle, middle)
    return np.stack([bright, 1 - bright])


def _votes(image: np.ndarray, window: int, corners: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Summed votes (2, H, W), how many there are (H, W), and the latest of them."""
    total, newest, number = *np.zeros((2, 2, *image.shape[:2])), np.zeros(image.shape[:2])
    for top in corners[0]:
        for left in corners[1]:
            here = np.s_[..., top : top + window, left : left + window]
            votes = _says(image[here[1:]])
            total[here] += votes
            newest[here] = votes
            number[here[1:]] += 1
    return total, number, newest
