"""Scores of a segmenter, all derived from confusion matrices of pixels.

One accumulated matrix gives the scores of a set; one matrix an image gives the intervals and the image-wise
scores. Pixels that are ignored are in no matrix.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, not_empty, same_length
from helpers.metrics.classification import checked_matrix, normalise_rows, rates
from helpers.metrics.intervals import Interval, chunks, percentile_interval, resampled_interval

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
    cm = checked_matrix(cm)
    counts = _Counts(np.diag(cm), cm.sum(1), cm.sum(0))
    return SegmentationScores(
        **{name: float(value) for name, value in counts.means().items()},
        frequency_weighted_iou=float(np.nansum(counts.truths * counts.iou) / cm.sum()),
        iou=counts.iou,
        dice=counts.of_present("f1"),
        precision=counts.of_present("precision"),
        recall=counts.of_present("recall"),
        present=counts.rates.present,
        truth_pixels=counts.truths,
    )


class _Counts:
    """Pixels of each class that are hit, true and predicted, each (..., C), and the scores they give."""

    def __init__(self, hits: np.ndarray, truths: np.ndarray, guesses: np.ndarray):
        self.hits, self.truths, self.guesses = hits, truths, guesses
        self.rates = rates(hits, truths, guesses)
        self.iou = iou_from_counts(hits, truths, guesses)

    @classmethod
    def of(cls, matrices: np.ndarray) -> _Counts:
        """From confusion matrices (..., C, C)."""
        return cls(np.diagonal(matrices, axis1=-2, axis2=-1), matrices.sum(-1), matrices.sum(-2))

    def of_present(self, name: str) -> np.ndarray:
        """Precision, recall or F1, NaN where the class is absent."""
        return np.where(self.rates.present, getattr(self.rates, name), np.nan)

    def by_class(self) -> dict[str, np.ndarray]:
        """Precision, recall, F1 and IoU, each (..., C), NaN for 0 / 0."""
        return {
            "precision": np.where(self.guesses > 0, self.rates.precision, np.nan),
            "recall": np.where(self.truths > 0, self.rates.recall, np.nan),
            "f1": self.of_present("f1"),
            "iou": self.iou,
        }

    def means(self) -> dict[str, np.ndarray]:
        """The scores over all classes, each (...), NaN where there is no pixel."""
        with np.errstate(invalid="ignore"):  # 0 / 0, where all images drawn are ignored altogether
            return {
                "pixel_accuracy": self.hits.sum(-1) / self.truths.sum(-1),
                "mean_iou": self.rates.macro(np.nan_to_num(self.iou)),
                "mean_dice": self.rates.macro(self.rates.f1),
                "mean_precision": self.rates.macro(self.rates.precision),
                "mean_recall": self.rates.macro(self.rates.recall),
            }


def iou_from_counts(hits: ArrayLike, truths: ArrayLike, guesses: ArrayLike) -> np.ndarray:
    """IoU from pixels hit, true and predicted, (..., C): NaN where there is neither truth nor prediction."""
    hits = np.asarray(hits)
    return share_of(hits, np.asarray(truths) + np.asarray(guesses) - hits)


def share_of(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, NaN where whole is 0."""
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole > 0)


def mean_over(ious: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is not NaN; NaN where nothing is."""
    known = ~np.isnan(ious)
    return share_of(np.where(known, ious, 0).sum(-1), known.sum(-1))


def pixel_accuracy(matrices: np.ndarray) -> np.ndarray:
    """Share of the pixels that are right, (...) of confusion matrices (..., C, C); NaN where there are none."""
    return share_of(np.trace(matrices, axis1=-2, axis2=-1), matrices.sum((-2, -1)))


def checked_matrices(matrices: ArrayLike) -> np.ndarray:
    """One confusion matrix an image as (n, C, C), or MetricError that says what is wrong."""
    matrices = np.asarray(matrices)
    if matrices.ndim != 3 or matrices.shape[1] != matrices.shape[2]:
        raise MetricError(f"One square confusion matrix an image is needed, not an array {matrices.shape}.")
    not_empty(len(matrices))
    return matrices


def share_above(ious: ArrayLike, thresholds: ArrayLike) -> np.ndarray:
    """Share of images whose IoU is above each threshold, by class: (T, C).

    `ious` is (n, C) as from `class_ious`; only images in which the class has an IoU count, and a class without
    any has NaN.
    """
    ious, thresholds = np.asarray(ious, np.float64), np.asarray(thresholds, np.float64).ravel()
    images = (~np.isnan(ious)).sum(0)
    return share_of((ious[None] > thresholds[:, None, None]).sum(1), images)


def reweighted_iou(cm: ArrayLike, truth_shares: ArrayLike) -> np.ndarray:
    """IoU (C,) that the same network would have were the classes mixed as in another set.

    Each row of the matrix is scaled so that the true classes have the pixels in proportion to `truth_shares`
    (C,), while each true class is mistaken for others as often as it was (label shift: Saerens et al. 2002,
    Neural Computation 14:21). A class that the matrix has no truth of cannot be scaled: NaN.
    """
    cm, shares = checked_matrix(cm), np.asarray(truth_shares, np.float64)
    if shares.shape != (len(cm),) or (shares < 0).any() or not shares.sum() > 0:
        raise MetricError(f"The class mix must be {len(cm)} shares of at least 0, not {shares.tolist()}.")
    scaled = normalise_rows(cm) * shares[:, None]
    iou = iou_from_counts(np.diag(scaled), scaled.sum(1), scaled.sum(0))
    return np.where(cm.sum(1) > 0, iou, np.nan)


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
    matrices = checked_matrices(matrices)
    units = matrices if groups is None else _summed(matrices, groups)
    whole = _Counts.of(units.sum(0))
    not_empty(int(whole.truths.sum()), "pixel")
    drawn = list(_resampled(units, replicates, np.random.default_rng(seed)))
    means, by_class = _joined([one.means() for one in drawn]), _joined([one.by_class() for one in drawn])
    found: dict[str, Interval | list[Interval | None]] = {
        name: resampled_interval(float(value), means[name], len(units)) for name, value in whole.means().items()
    }
    seen = (units.sum(2) > 0).sum(0).tolist()
    for name, values in whole.by_class().items():
        found[name] = [
            None if math.isnan(value) else resampled_interval(value, of_class, len(units), images)
            for value, of_class, images in zip(values.tolist(), by_class[name].T, seen, strict=True)
        ]
    return found


def _joined(chunks_of: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([one[name] for one in chunks_of]) for name in chunks_of[0]}


def _summed(matrices: np.ndarray, groups: Sequence) -> np.ndarray:
    """One matrix a group."""
    names, which = np.unique(np.asarray(groups), return_inverse=True)
    same_length(matrices=matrices, groups=which)
    summed = np.zeros((len(names), *matrices.shape[1:]), matrices.dtype)
    np.add.at(summed, which, matrices)
    return summed


def _resampled(units: np.ndarray, replicates: int, rng: np.random.Generator) -> Iterator[_Counts]:
    """Counts of sets resampled from the units, in chunks. Only row sums, column sums and diagonals matter."""
    n = len(units)
    whole = _Counts.of(units)
    flat = np.concatenate([whole.hits, whole.truths, whole.guesses], axis=1).astype(np.float64)
    for size in chunks(replicates, n + flat.shape[1]):
        times = rng.multinomial(n, np.full(n, 1 / n), size=size).astype(np.float64)
        yield _Counts(*np.split(times @ flat, 3, axis=1))


def only_errors(matrices: np.ndarray) -> np.ndarray:
    """Confusion matrices (..., C, C) with zeros on the diagonal."""
    return matrices * ~np.eye(matrices.shape[-1], dtype=bool)


def class_ious(matrices: np.ndarray) -> np.ndarray:
    """IoU of each class from confusion matrices (..., C, C): (..., C), NaN in neither truth nor prediction."""
    return iou_from_counts(np.diagonal(matrices, axis1=-2, axis2=-1), matrices.sum(-1), matrices.sum(-2))


def mean_ious(matrices: np.ndarray) -> np.ndarray:
    """Mean IoU over the classes in truth or prediction: (...), NaN where there are none."""
    return mean_over(class_ious(matrices))


def resampled(matrices: np.ndarray, replicates: int, seed: int) -> np.ndarray:
    """Confusion matrices of `replicates` sets of scenes drawn with replacement from (n, C, C): (replicates, C, C).

    Scenes are drawn, not pixels: the pixels of one scene resemble each other (Efron 1979, with clusters).
    """
    scenes, classes = len(matrices), matrices.shape[-1]
    flat, rng = matrices.reshape(scenes, -1).astype(np.float64), np.random.default_rng(seed)
    even = np.full(scenes, 1 / scenes)
    drawn = [
        rng.multinomial(scenes, even, size=size).astype(np.float64) @ flat for size in chunks(replicates, scenes)
    ]
    return np.concatenate(drawn).reshape(replicates, classes, classes)


def mean_iou_difference(
    first: np.ndarray, second: np.ndarray, counted: np.ndarray | None = None, replicates: int = REPLICATES
) -> Interval:
    """Mean IoU of `second` minus that of `first`, both (n, C, C) on the same n scenes, with its 95 % interval.

    Paired: each replicate of the bootstrap draws the same scenes for both. counted: (C,) bool, the classes in
    the mean of `second`; all that occur where this is None.
    """

    def means(matrices: np.ndarray, classes: np.ndarray | None) -> np.ndarray:
        ious = class_ious(matrices)
        known = ~np.isnan(ious) if classes is None else ~np.isnan(ious) & classes
        return np.where(known, ious, 0).sum(-1) / np.maximum(1, known.sum(-1))

    value = float(means(second.sum(0), counted) - means(first.sum(0), None))
    drawn = means(resampled(second, replicates, 0), counted) - means(resampled(first, replicates, 0), None)
    return percentile_interval(value, drawn)
