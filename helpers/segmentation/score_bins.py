"""Histograms of class scores over pixels, fine where scores are near 0 and near 1, as most are.

The upper two bytes of a float32 number rise with it. Two such steps make a bin, 64 from any number to its double,
so that scores up to a half are counted without any arithmetic. Higher scores go by what they lack to 1, mirrored. At most
one class of a pixel has such a score, the one that is chosen, so that one more map is enough for all classes.
"""

import numpy as np

from helpers.datasets.segmentation.types import IGNORE
from helpers.segmentation.counting import joint_counts

UPPER_BYTES = 1  # of the two halves of a float32 number, on the little-endian machines that PyTorch runs on
STEPS = 2  # of the upper bytes in a bin
LOW_STEPS = 0x3F02  # up to a half and its bin, which ends at HIGH
LOW_BINS = LOW_STEPS // STEPS
HIGH = 0.5078125
LEAST = 0x3380  # upper bytes of 2⁻²⁴, the least that a float32 number below 1 lacks
MOST = 0x3EFC  # of 1 - HIGH, the most that is counted in this way
HIGH_BINS = (MOST - LEAST) // STEPS + 1
SCORE_BINS = LOW_BINS + HIGH_BINS + 1  # and one for 1 itself


def score_edges() -> np.ndarray:
    """(SCORE_BINS,) float64: the lowest score of each bin, from 0 to 1.

    They never fall; near 1, where float32 numbers are fewer than bins, some are equal and their bins empty.
    """
    low = _values(np.arange(LOW_BINS) * STEPS)
    below = 1 - _values(LEAST + STEPS * np.arange(HIGH_BINS, 0, -1))
    rounded = below.astype(np.float32)
    high = np.where(rounded > below, rounded, np.nextafter(rounded, np.float32(1)))  # the next above `below`
    high[0] = HIGH
    return np.concatenate([low, high, [1]])


def _values(upper_bytes: np.ndarray) -> np.ndarray:
    return (upper_bytes.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


def score_counts(
    probabilities: np.ndarray, label: np.ndarray, prediction: np.ndarray, confidence: np.ndarray
) -> np.ndarray:
    """Pixels by the score of each class, without [0] and with [1] that class as truth: (C, 2, B) int64.

    probabilities: (C, H, W) float32, plane after plane, summing to 1; prediction and confidence: the class
    chosen and its probability, as `counting.choose` gives them; label: (H, W) uint8, IGNORE counts nowhere.
    """
    bits, label = _upper_bytes(probabilities.reshape(len(probabilities), -1)), label.reshape(-1)
    counts = np.empty((len(bits), 2, SCORE_BINS), np.int64)
    counts[:, 1, :LOW_BINS] = _low_of_truth(bits, label)
    counts[:, 0, :LOW_BINS] = _low(bits, label) - counts[:, 1, :LOW_BINS]
    counts[:, :, LOW_BINS:] = _high(prediction.reshape(-1), confidence.reshape(-1), label, len(bits))
    return counts


def _upper_bytes(values: np.ndarray) -> np.ndarray:
    """(..., n) uint16 of (..., n) float32; copied, because OpenCV counts neighbours in memory much faster."""
    return np.ascontiguousarray(values.view(np.uint16)[..., UPPER_BYTES::2])


def _low(bits: np.ndarray, label: np.ndarray) -> np.ndarray:
    """(C, LOW_BINS): labelled pixels by the score of each class."""
    counts = np.stack([joint_counts((LOW_STEPS,), plane) for plane in bits])
    ignored = np.flatnonzero(label == IGNORE)
    if ignored.size:
        counts -= np.stack([joint_counts((LOW_STEPS,), plane) for plane in np.take(bits, ignored, axis=1)])
    return _in_bins(counts)


def _in_bins(counts: np.ndarray) -> np.ndarray:
    return counts.reshape(len(counts), LOW_BINS, STEPS).sum(axis=2)


def _low_of_truth(bits: np.ndarray, label: np.ndarray) -> np.ndarray:
    """(C, LOW_BINS): pixels by the score of their true class."""
    truth = label.astype(np.uint16)
    place = np.where(label == IGNORE, 0, label).astype(np.intp) * label.size
    place += np.arange(label.size)
    return _in_bins(joint_counts((len(bits), LOW_STEPS), truth, np.take(bits.reshape(-1), place)))


def _high(prediction: np.ndarray, confidence: np.ndarray, label: np.ndarray, num_classes: int) -> np.ndarray:
    """(C, 2, HIGH_BINS + 1): labelled pixels whose chosen class has a score of HIGH or more."""
    counted = np.flatnonzero((confidence >= HIGH) & (label != IGNORE))
    chosen = prediction[counted]
    lacking = _upper_bytes(1 - confidence[counted]).astype(np.intp)
    from_top = np.maximum((lacking - LEAST) // STEPS + 1, 0)  # 0: nothing is lacking
    cell = chosen.astype(np.intp) * 2 + (chosen == label[counted])
    counts = np.bincount(cell * (HIGH_BINS + 1) + from_top, minlength=num_classes * 2 * (HIGH_BINS + 1))
    return counts.reshape(num_classes, 2, HIGH_BINS + 1)[:, :, ::-1]
