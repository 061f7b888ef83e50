"""Is a pixel's confidence worth anything? Everything here derives from counts of pixels in bins of confidence."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helpers.metrics.calibration import ReliabilityBins
from helpers.metrics.thresholds import roc_areas
from helpers.segmentation.types import SegmenterEvaluation

BINS = 20  # of a reliability diagram; must divide the bins that were counted


def pixel_reliability(
    found: SegmenterEvaluation, predicted: int | None = None, bins: int = BINS
) -> ReliabilityBins:
    """Mean confidence and accuracy in equal bins of confidence; of one predicted class, or of all (None)."""
    classes = slice(None) if predicted is None else slice(predicted, predicted + 1)
    counts = _merged(found.confidence_bins[classes].sum(0), bins)
    sums = _merged(found.confidence_sums[classes].sum(0), bins)
    pixels = counts.sum(0)
    with np.errstate(invalid="ignore"):
        return ReliabilityBins(np.linspace(0, 1, bins + 1), pixels, sums / pixels, counts[1] / pixels)


def _merged(values: np.ndarray, bins: int) -> np.ndarray:
    """Sums over neighbouring bins of the last axis: (..., K) to (..., bins)."""
    return values.reshape(*values.shape[:-1], bins, -1).sum(-1)


def calibration_error(bins: ReliabilityBins) -> float:
    """Expected calibration error: mean |confidence - accuracy| over bins, weighted by their pixels; NaN if none.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", ICML, equation 3.
    """
    filled = bins.count > 0
    return float(np.average(np.abs(bins.gap[filled]), weights=bins.count[filled])) if filled.any() else np.nan


@dataclass(frozen=True)
class Confidence:
    """Pixels that were given one class (or any): how sure the network was of them, and how right.

    error_ranking: the chance that of a right and a wrong pixel, picked at random, the right one is the surer (area
    under the ROC curve): 0.5 is worth nothing, 1 tells all errors. Hendrycks & Gimpel 2017, "A baseline for
    detecting misclassified and out-of-distribution examples", ICLR.
    """

    name: str
    pixels: int
    confidence: float
    accuracy: float
    calibration_error: float
    error_ranking: float

    @property
    def gap(self) -> float:
        """Confidence minus accuracy: above 0 where the network is too sure."""
        return self.confidence - self.accuracy


def confidences(found: SegmenterEvaluation) -> list[Confidence]:
    """One row a predicted class, in class order; NaN where the class was never predicted."""
    return [_confidence(found, c, name) for c, name in enumerate(found.classes)]


def overall(found: SegmenterEvaluation) -> Confidence:
    """All pixels together."""
    return _confidence(found, None, "all")


def _confidence(found: SegmenterEvaluation, predicted: int | None, name: str) -> Confidence:
    bins = pixel_reliability(found, predicted)
    classes = slice(None) if predicted is None else slice(predicted, predicted + 1)
    counts = found.confidence_bins[classes].sum(0)
    pixels, sure = int(bins.count.sum()), float(found.confidence_sums[classes].sum())
    return Confidence(
        name, pixels,
        sure / pixels if pixels else np.nan, float(counts[1].sum() / pixels) if pixels else np.nan,
        calibration_error(bins), float(roc_areas(counts[None])[0]),
    )  # fmt: skip


@dataclass(frozen=True)
class Coverage:
    """Accuracy of the pixels kept when the least certain are set aside: `kept` (K,) shares rising to 1.

    Geifman & El-Yaniv 2017, "Selective classification for deep neural networks", NIPS, call 1 - accuracy the risk
    and `kept` the coverage. `thresholds`: the lowest confidence that is kept.
    """

    kept: np.ndarray
    accuracy: np.ndarray
    thresholds: np.ndarray

    def at(self, share: float) -> "Kept":
        """What is kept when about that share of the pixels is (the nearest edge of a bin)."""
        nearest = int(np.argmin(np.abs(self.kept - share)))
        return Kept(float(self.kept[nearest]), float(self.accuracy[nearest]), float(self.thresholds[nearest]))


class Kept(NamedTuple):
    """The share of the pixels kept, how many of them are right, and the lowest confidence among them."""

    share: float
    accuracy: float
    threshold: float


def coverage(found: SegmenterEvaluation) -> Coverage:
    """From the surest pixels alone to all of them."""
    wrong, right = found.confidence_bins.sum(0)[:, ::-1]
    pixels, reached = np.cumsum(wrong + right), wrong + right > 0
    thresholds = np.arange(wrong.size - 1, -1, -1) / wrong.size
    return Coverage(
        (pixels / max(1, pixels[-1]))[reached],
        (np.cumsum(right)[reached] / pixels[reached]),
        thresholds[reached],
    )
