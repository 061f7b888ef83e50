"""Is a pixel's confidence worth anything? Everything here derives from counts of pixels in bins of confidence."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helpers.metrics.calibration import ReliabilityBins
from helpers.metrics.pixel_precision import roc_areas
from helpers.metrics.segmentation import share_of
from helpers.segmentation.types import SegmenterEvaluation

DIAGRAM_BINS = 20  # of a reliability diagram; must divide the bins that were counted


def pixel_reliability(found: SegmenterEvaluation, predicted: int | None = None) -> ReliabilityBins:
    """Mean confidence and accuracy in equal bins of confidence; of one predicted class, or of all (None)."""
    counts, sums = (
        values.reshape(*values.shape[:-1], DIAGRAM_BINS, -1).sum(-1) for values in _counted(found, predicted)
    )
    pixels = counts.sum(0)
    edges = np.linspace(0, 1, DIAGRAM_BINS + 1)
    return ReliabilityBins(edges, pixels, share_of(sums, pixels), share_of(counts[1], pixels))


def _counted(found: SegmenterEvaluation, predicted: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Pixels wrong and right (2, K) and sums of confidence (K,), of one predicted class or of all."""
    classes = slice(None) if predicted is None else slice(predicted, predicted + 1)
    return found.confidence_bins[classes].sum(0), found.confidence_sums[classes].sum(0)


@dataclass(frozen=True)
class Confidence:
    """Pixels that were given one class (or any): how sure the network was of them, and how right.

    calibration_error: mean |confidence - accuracy| over bins, weighted by their pixels (Guo et al. 2017, "On
    Calibration of Modern Neural Networks", ICML, equation 3).
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


def confidence_of(found: SegmenterEvaluation, predicted: int | None = None) -> Confidence:
    """The pixels of one predicted class, or of all together; NaN where the class was never predicted."""
    bins, (counts, sums) = pixel_reliability(found, predicted), _counted(found, predicted)
    name, pixels = "all" if predicted is None else found.classes[predicted], int(counts.sum())
    if not pixels:
        return Confidence(name, 0, np.nan, np.nan, np.nan, np.nan)
    return Confidence(
        name, pixels, float(sums.sum() / pixels), float(counts[1].sum() / pixels),
        float(np.nansum(np.abs(bins.gap) * bins.count) / pixels), float(roc_areas(counts[None])[0]),
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


def measure_coverage(found: SegmenterEvaluation) -> Coverage:
    """From the surest pixels alone to all of them."""
    wrong, right = found.confidence_bins.sum(0)[:, ::-1]
    reached = wrong + right > 0
    pixels = np.cumsum(wrong + right)[reached]
    thresholds = np.arange(wrong.size - 1, -1, -1) / wrong.size
    return Coverage(pixels / pixels[-1:], np.cumsum(right)[reached] / pixels, thresholds[reached])
