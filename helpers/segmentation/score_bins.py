"""Histograms of class scores over pixels, fine where scores are near 0 and near 1, as most are.

The bits of a bfloat16 number rise with it; without the last one they are the bins of scores up to a half, 64 from
any number to its double. Higher scores go by what they lack to 1, mirrored. At most one class of a pixel has such
a score, the one that is chosen, so that one more map is enough for all classes.
"""

import numpy as np
import torch

from helpers.datasets.streets.types import IGNORE
from helpers.segmentation.counting import joint_counts

LOW_BINS = 0x3F02 // 2  # up to the bin of a half, which ends at HIGH
HIGH = 0.505859375
LEAST = 0x3380 // 2  # bin of 2⁻²⁴, the least that a float32 number below 1 lacks
MOST = 0x3EFC // 2  # of 1 - HIGH, the most that is counted in this way
HIGH_BINS = MOST - LEAST + 1
SCORE_BINS = LOW_BINS + HIGH_BINS + 1  # and one for 1 itself


def score_edges() -> np.ndarray:
    """(SCORE_BINS,) float64: the lowest score of each bin, from 0 to 1.

    They never fall; near 1, where float32 numbers are fewer than bins, some are equal and their bins empty.
    """
    low = _values(np.arange(LOW_BINS), rounded=True)
    below = 1 - _values(LEAST + np.arange(HIGH_BINS, 0, -1))
    rounded = below.astype(np.float32)
    high = np.where(rounded > below, rounded, np.nextafter(rounded, np.float32(1)))  # the next above `below`
    high[0] = HIGH
    return np.concatenate([low, high, [1]])


def _values(bins: np.ndarray, rounded: bool = False) -> np.ndarray:
    """The least float32 numbers of which bfloat16 makes those in the bins; cut off or rounded (ties to even)."""
    bits = (bins.astype(np.int64) << 17) - 0x8000 * rounded
    return np.maximum(bits, 0).astype(np.uint32).view(np.float32).astype(np.float64)


def to_bins(probabilities: torch.Tensor) -> torch.Tensor:
    """The bins of scores below HIGH, as int16 of the same shape; those of higher scores are LOW_BINS or more."""
    return probabilities.bfloat16().view(torch.int16).bitwise_right_shift_(1)


def pixel_score_counts(
    bins: np.ndarray, truth_bins: np.ndarray, label: np.ndarray, prediction: np.ndarray, confidence: np.ndarray
) -> np.ndarray:
    """Pixels by the score of each class, without [0] and with [1] that class as truth: (C, 2, B) int64.

    bins: (C, H, W) uint16 as from `to_bins`; truth_bins: (H, W) uint16, of the true class, anything where it is
    ignored; prediction and confidence: the class chosen and its probability, as `counting.choose` gives them;
    label: (H, W) uint8, IGNORE counts nowhere. The probabilities must sum to 1.
    """
    counts = np.empty((len(bins), 2, SCORE_BINS), np.int64)
    of_truth = joint_counts((len(bins), LOW_BINS), label.astype(np.uint16), truth_bins)
    counts[:, 1, :LOW_BINS] = of_truth
    counts[:, 0, :LOW_BINS] = _low(bins.reshape(len(bins), -1), label.reshape(-1)) - of_truth
    counts[:, :, LOW_BINS:] = _high(prediction, confidence, label, len(bins))
    return counts


def _low(bins: np.ndarray, label: np.ndarray) -> np.ndarray:
    """(C, LOW_BINS): labelled pixels by the score of each class."""
    counts = np.stack([joint_counts((LOW_BINS,), plane) for plane in bins])
    ignored = np.flatnonzero(label == IGNORE)
    if ignored.size:
        counts -= np.stack([joint_counts((LOW_BINS,), plane) for plane in np.take(bins, ignored, axis=1)])
    return counts


def _high(prediction: np.ndarray, confidence: np.ndarray, label: np.ndarray, num_classes: int) -> np.ndarray:
    """(C, 2, HIGH_BINS + 1): labelled pixels whose chosen class has a score of HIGH or more."""
    counted = np.flatnonzero((confidence >= HIGH) & (label != IGNORE))
    chosen, score = np.take(prediction, counted), np.take(confidence, counted)
    lacking = (1 - score).view(np.uint32) >> 17
    from_top = np.maximum(lacking, LEAST - 1).astype(np.intp) - (LEAST - 1)  # 0: nothing is lacking
    cell = chosen.astype(np.intp) * 2 + (chosen == np.take(label, counted))
    counts = np.bincount(cell * (HIGH_BINS + 1) + from_top, minlength=num_classes * 2 * (HIGH_BINS + 1))
    return counts.reshape(num_classes, 2, HIGH_BINS + 1)[:, :, ::-1]
