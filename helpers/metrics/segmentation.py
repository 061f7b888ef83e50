"""Scores of a segmenter, all derived from confusion matrices of pixels.

One accumulated matrix gives the scores of a set; one matrix an image gives the intervals and the image-wise
scores. Pixels that are ignored are in no matrix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, not_empty, same_length
from helpers.metrics.classification import ClassCounts, checked_matrix
from helpers.metrics.intervals import (
    Interval,
    resampled,
    resampled_counts,
    resampled_interval,
    standard_error,
    student_quantile,
)

REPLICATES = 1000


@dataclass(frozen=True)
class SegmentationScores:
    """Scores of one segmenter on one set. Arrays are (C,); NaN where a class is absent."""

    pixel_accuracy: float
    mean_iou: float
    mean_dice: float
    mean_precision: float
    mean_recall: float
    frequency_weighted_iou: float
    iou: np.ndarray
    dice: np.ndarray  # also called F1
    precision: np.ndarray
    recall: np.ndarray
    present: np.ndarray  # bool: the class occurs in truth or prediction
    truth_pixels: np.ndarray  # int64

    @property
    def absent(self) -> tuple[int, ...]:
        """Classes in neither truth nor prediction: they have no score and are in no mean."""
        return tuple(np.flatnonzero(~self.present).tolist())


def segmentation_scores(cm: ArrayLike) -> SegmentationScores:
    """All scores from a (C, C) confusion matrix of pixels, rows truth.

    With TP, FP and FN of a class: IoU = TP / (TP + FP + FN) (Jaccard 1912; Everingham et al. 2015, IJCV
    111:98, section 4.2), Dice = 2 TP / (2 TP + FP + FN) (Dice 1945), precision TP / (TP + FP), recall
    TP / (TP + FN). Pixel accuracy is the share of pixels that are right; frequency-weighted IoU is the mean of
    IoU weighted by the class's share of the truth (Long et al. 2015, CVPR, section 5).

    A class in neither truth nor prediction has NaN and is left out of the means. One that is there but never
    predicted has precision 0, one that is predicted but never true has recall 0; both count in the means.

    Raises MetricError for a matrix that is not square, has negative counts or no pixel at all.
    """
    counts = ClassCounts.of(checked_matrix(cm))
    known = {
        name: np.where(counts.present, getattr(counts, name), np.nan) for name in ("f1", "precision", "recall")
    }
    iou = _iou(counts)
    return SegmentationScores(
        **{name: float(value) for name, value in _totals(counts).items()},
        frequency_weighted_iou=float(np.nansum(counts.truths * iou) / counts.truths.sum()),
        iou=iou,
        dice=known["f1"],
        precision=known["precision"],
        recall=known["recall"],
        present=counts.present,
        truth_pixels=counts.truths,
    )


def _totals(counts: ClassCounts) -> dict[str, np.ndarray]:
    """The scores over all classes as they are called of pixels, each (...); NaN where there is no pixel."""
    return {
        "pixel_accuracy": counts.totals()["accuracy"],
        "mean_iou": counts.macro(np.nan_to_num(_iou(counts))),
        "mean_dice": counts.macro(counts.f1),
        "mean_precision": counts.macro(counts.precision),
        "mean_recall": counts.macro(counts.recall),
    }


def _by_class(counts: ClassCounts) -> dict[str, np.ndarray]:
    """Precision, recall, F1 and IoU, each (..., C), NaN for 0 / 0."""
    return {
        "precision": share_of(counts.hits, counts.guesses),
        "recall": share_of(counts.hits, counts.truths),
        "f1": np.where(counts.present, counts.f1, np.nan),
        "iou": _iou(counts),
    }


def _iou(counts: ClassCounts) -> np.ndarray:
    """IoU (..., C): NaN where there is neither truth nor prediction."""
    return share_of(counts.hits, counts.truths + counts.guesses - counts.hits)


def share_of(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, NaN where whole is 0."""
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole > 0)


def mean_over(ious: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is not NaN; NaN where nothing is."""
    known = ~np.isnan(ious)
    return share_of(np.where(known, ious, 0).sum(-1), known.sum(-1))


def pixel_accuracy(matrices: np.ndarray) -> np.ndarray:
    """Share of the pixels that are right, (...) of confusion matrices (..., C, C); NaN where there are none."""
    return ClassCounts.of(matrices).totals()["accuracy"]


def bootstrap_segmentation(
    matrices: ArrayLike, replicates: int = REPLICATES, seed: int = 0, groups: Sequence | None = None
) -> dict[str, Interval | list[Interval | None]]:
    """Intervals of `pixel_accuracy`, `mean_iou`, `mean_dice`, `mean_precision`, `mean_recall`, and of every
    class's `precision`, `recall`, `f1` and `iou` (a list each, None for 0 / 0), by bootstrap over images.

    `matrices` is (n, C, C), one an image. Pixels of an image are alike, so images are resampled, not pixels;
    with `groups` (n,), such as sequences, whole groups are, because their images are alike too.

    The bounds are those of `intervals.resampled_interval`: they keep within 0 and 1, and a class that is true in
    one image (or group) only has bounds 0 and 1.
    """
    matrices = np.asarray(matrices)
    if matrices.ndim != 3 or matrices.shape[1] != matrices.shape[2]:
        raise MetricError(f"One square confusion matrix an image is needed, not an array {matrices.shape}.")
    not_empty(len(matrices))
    units = matrices if groups is None else summed_by(matrices, groups)
    whole = ClassCounts.of(units.sum(0))
    not_empty(int(whole.truths.sum()), "pixel")
    drawn = resampled_counts(ClassCounts.of(units), replicates, seed)
    totals, by_class = _totals(drawn), _by_class(drawn)
    found: dict[str, Interval | list[Interval | None]] = {
        name: resampled_interval(float(value), totals[name], len(units)) for name, value in _totals(whole).items()
    }
    seen = (units.sum(2) > 0).sum(0).tolist()
    for name, values in _by_class(whole).items():
        found[name] = [
            None if math.isnan(value) else resampled_interval(value, of_class, len(units), images)
            for value, of_class, images in zip(values.tolist(), by_class[name].T, seen, strict=True)
        ]
    return found


def summed_by(matrices: np.ndarray, groups: Sequence) -> np.ndarray:
    """(g, C, C): the sums of matrices (n, C, C) over each of the `groups` (n,), sorted by name."""
    names, which = np.unique(np.asarray(groups), return_inverse=True)
    same_length(matrices=matrices, groups=which)
    summed = np.zeros((len(names), *matrices.shape[1:]), matrices.dtype)
    np.add.at(summed, which, matrices)
    return summed


def only_errors(matrices: np.ndarray) -> np.ndarray:
    """Confusion matrices (..., C, C) with zeros on the diagonal."""
    return matrices * ~np.eye(matrices.shape[-1], dtype=bool)


def class_ious(matrices: np.ndarray) -> np.ndarray:
    """IoU of each class from confusion matrices (..., C, C): (..., C), NaN in neither truth nor prediction."""
    return _iou(ClassCounts.of(matrices))


def mean_ious(matrices: np.ndarray) -> np.ndarray:
    """Mean IoU over the classes in truth or prediction: (...), NaN where there are none."""
    return mean_over(class_ious(matrices))


def ious_of_shown(matrices: np.ndarray) -> np.ndarray:
    """IoU (..., C) from confusion matrices (..., C, C), NaN where the class is not in the truth."""
    return np.where(matrices.sum(-1) > 0, class_ious(matrices), np.nan)


def mean_iou_difference(
    first: np.ndarray,
    second: np.ndarray,
    classes: np.ndarray | None = None,
    seed: int = 0,
    groups: Sequence | None = None,
) -> Interval:
    """Mean IoU of `second` minus that of `first`, both (n, C, C) on the same n scenes, with its 95 % interval.

    Both means are taken over the same classes: those with true pixels in both, of `classes` (C,) bool if given.
    Paired: each replicate of the bootstrap draws the same scenes for both, or whole `groups` (n,) of them.
    """
    if groups is not None:
        first, second = summed_by(first, groups), summed_by(second, groups)
    common = (first.sum((0, 2)) > 0) & (second.sum((0, 2)) > 0)
    common = common if classes is None else common & classes

    def means(matrices: np.ndarray) -> np.ndarray:
        return mean_over(ious_of_shown(matrices)[..., common])

    drawn = [means(resampled(one, REPLICATES, seed)) for one in (first, second)]
    return difference_interval(float(means(second.sum(0)) - means(first.sum(0))), drawn[1] - drawn[0], len(first))


def difference_interval(value: float, drawn: np.ndarray, units: int) -> Interval:
    """Interval d ± t s of a difference on the same scenes: s from its replicates (r,), Student's t at `units` - 1.

    NaN for a single unit, which says nothing of others.
    """
    reach = student_quantile(units - 1) * standard_error(drawn, units) if units > 1 else math.nan
    return Interval(float(value), float(value - reach), float(value + reach))
