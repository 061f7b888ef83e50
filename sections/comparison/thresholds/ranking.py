"""Two classes told apart by one score: how well it ranks, and where to cut.

Scores are numbers that rise with the evidence for the class called positive: probabilities, or their log-odds.
An image is taken for positive where its score is at least the threshold. Images with equal scores cannot be told
apart and cross a threshold together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_bools, same_length
from helpers.metrics.classification import ClassCounts
from helpers.metrics.intervals import Interval, chunks, effective_wilson
from helpers.metrics.pixel_precision import average_precisions, roc_areas


@dataclass(frozen=True)
class ScoreCounts:
    """Images by score and truth: `counts` (2, B) int64, negatives [0], positives [1]; `scores` (B,) ascending."""

    counts: np.ndarray
    scores: np.ndarray

    @property
    def positives(self) -> int:
        """Number of images of the positive class."""
        return int(self.counts[1].sum())

    @property
    def negatives(self) -> int:
        """Number of images of the other class."""
        return int(self.counts[0].sum())


def score_counts(scores: ArrayLike, positive: ArrayLike) -> ScoreCounts:
    """Count images of each different score, from `scores` (n,) and `positive` (n,) bool.

    Raises MetricError for scores that are NaN, and where one of the two classes has no image.
    """
    scores, positive = np.asarray(scores, dtype=np.float64), as_bools(positive, "positive")
    same_length(scores=scores, positive=positive)
    if np.isnan(scores).any():
        raise MetricError("scores hold NaN: the model is broken.")
    if positive.all() or not positive.any():
        raise MetricError("A threshold needs images of both classes, but all are of one.")
    levels, place = np.unique(scores, return_inverse=True)
    cells = np.bincount(place + len(levels) * positive, minlength=2 * len(levels))
    return ScoreCounts(cells.reshape(2, -1), levels)


def roc_curve(found: ScoreCounts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The receiver operating characteristic (Fawcett 2006, Pattern Recognition Letters 27:861).

    As scikit-learn's `roc_curve` without dropped points: shares (T,) of the negatives taken for positive and of
    the positives found, from (0, 0) to (1, 1), and the thresholds, the first of which is infinite.
    """
    taken = np.cumsum(found.counts[:, ::-1], axis=1)
    shares = np.pad(taken / found.counts.sum(1, keepdims=True), ((0, 0), (1, 0)))
    return shares[0], shares[1], np.concatenate([[np.inf], found.scores[::-1]])


def roc_area(found: ScoreCounts) -> float:
    """Area under the ROC curve: the probability that a positive scores above a negative, ties counting half."""
    return float(roc_areas(found.counts[None])[0])


def average_precision_of(found: ScoreCounts) -> float:
    """Average precision of the positive class (see `pixel_precision.average_precisions`)."""
    return float(average_precisions(found.counts[None])[0])


def ranking_intervals(found: ScoreCounts, replicates: int = 1000, seed: int = 0) -> dict[str, Interval]:
    """`roc_area` and `average_precision` of the positive class with their intervals.

    The images are resampled with replacement; the bounds are Wilson's with the effective sample size, for the
    reasons given in `intervals.bootstrap_matrix`. Where the ranking is perfect, the size is that of the smaller
    class for the area (its variance is at most A(1 - A) / min(m, n): Birnbaum & Klose 1957, Annals of
    Mathematical Statistics 28:933), and the number of positives for the average precision.
    """
    areas, precisions = _resampled(found, replicates, np.random.default_rng(seed))
    values = {"roc_area": roc_area(found), "average_precision": average_precision_of(found)}
    sizes = {"roc_area": min(found.positives, found.negatives), "average_precision": found.positives}
    drawn = {"roc_area": areas, "average_precision": precisions}
    return {
        name: effective_wilson(value, float(np.nanstd(drawn[name])), sizes[name]) for name, value in values.items()
    }


def _resampled(found: ScoreCounts, replicates: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """ROC areas and average precisions of resampled images, each (replicates,); NaN where a class fell out."""
    cells = np.repeat(np.arange(found.counts.size), found.counts.ravel())  # one entry an image
    parts = []
    for size in chunks(replicates, 2 * len(cells)):
        drawn = cells[rng.integers(0, len(cells), (size, len(cells)))]
        drawn += found.counts.size * np.arange(size)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=size * found.counts.size)
        counts = counts.reshape(size, *found.counts.shape).astype(np.float64)
        with np.errstate(invalid="ignore"):
            parts.append([roc_areas(counts), average_precisions(counts)])
    areas, precisions = np.concatenate(parts, axis=1)
    return areas, precisions


def matrices_at(found: ScoreCounts, thresholds: ArrayLike) -> np.ndarray:
    """Confusion matrices (T, 2, 2) int64 at `thresholds` (T,): rows the truth, negative first."""
    below = np.pad(np.cumsum(found.counts, axis=1), ((0, 0), (1, 0)))
    missed = below[:, np.searchsorted(found.scores, np.asarray(thresholds), side="left")].T
    return np.stack([missed, found.counts.sum(1) - missed], axis=-1)


def rates_at(found: ScoreCounts, thresholds: ArrayLike) -> ClassCounts:
    """Precision, recall and F1 of both classes at `thresholds` (T,), negative first: arrays (T, 2)."""
    return ClassCounts.of(matrices_at(found, thresholds))


def candidates(found: ScoreCounts, default: float) -> np.ndarray:
    """Thresholds worth trying, ascending: halfway between neighbouring scores, and the default."""
    return np.unique([*(found.scores[1:] + found.scores[:-1]) / 2, default])


def best_threshold(found: ScoreCounts, value: Callable[[ClassCounts], np.ndarray], default: float) -> float | None:
    """The candidate with the largest `value` of its rates (arrays (T, 2), see `rates_at`); None if all are NaN.

    Of several equally good ones the nearest to the default: a threshold is not moved without a reason.
    """
    tried = candidates(found, default)
    values = value(rates_at(found, tried))
    if np.isnan(values).all():
        return None
    best = tried[values == np.nanmax(values)]
    return float(best[np.abs(best - default).argmin()])


def macro_f1(of: ClassCounts) -> np.ndarray:
    """Macro F1 (T,): the criterion under which both classes count alike."""
    return of.macro(of.f1)


def recall_where_precise(precision: float) -> Callable[[ClassCounts], np.ndarray]:
    """Recall of the positives (T,) where their precision is at least `precision`, NaN elsewhere."""

    def value(of: ClassCounts) -> np.ndarray:
        return np.where(of.precision[:, 1] >= precision, of.recall[:, 1], np.nan)

    return value
