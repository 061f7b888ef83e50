"""A colour for each class of a map: one of a palette that all readers can tell apart, near to the class's own."""

import cv2
import numpy as np

from helpers.datasets.types import Splits

# Okabe & Ito's palette ("Color Universal Design", 2008) with a light grey in place of black, which stands for "not
# counted", lengthened by colours of Tol's "muted" scheme (SRON/EPS/TN/09-002, 2021).
PALETTE = np.array(
    [
        (0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233),
        (240, 228, 66), (200, 204, 210), (136, 34, 85), (17, 119, 51), (91, 63, 160),
    ], np.uint8,
)  # fmt: skip
LOOKED_AT = 40  # training images of a class
VIVID = 3.0  # times that mean colours are made stronger, for a palette's are


def colours_like(splits: Splits) -> np.ndarray:
    """(C, 3) uint8 RGB: the assignment of `PALETTE` to the classes that is nearest to their mean colours.

    Where there are more classes than colours, they are given in turn.
    """
    from scipy.optimize import linear_sum_assignment

    classes = len(splits.classes)
    if classes > len(PALETTE):
        return PALETTE[np.arange(classes) % len(PALETTE)]
    means = np.stack([_mean_colour(splits, number) for number in range(classes)])
    apart = np.linalg.norm((_perceived(means) * (1, VIVID, VIVID))[:, None] - _perceived(PALETTE)[None], axis=2)
    return PALETTE[linear_sum_assignment(apart)[1]]


def _mean_colour(splits: Splits, number: int) -> np.ndarray:
    own = splits.train[splits.labels[splits.train] == number][:LOOKED_AT]
    return splits.images[own].mean(axis=(0, 1, 2)) if len(own) else np.full(3, 127.0)


def _perceived(colours: np.ndarray) -> np.ndarray:
    """CIELAB (n, 3), in which distances are about as large as they look."""
    return cv2.cvtColor(np.float32(colours)[None] / 255, cv2.COLOR_RGB2Lab)[0]
