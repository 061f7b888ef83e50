"""Precision, recall and average precision of a class's score over pixels, from histograms of the score.

A histogram has two rows for each class: pixels of which the class is not the truth [0] and of which it is [1],
by score; scores rise with the bin. Histograms of parts add up. Average precision is a property of the ranking
alone, so the bins need not be equally wide; pixels within one bin count as equal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError


class PrecisionRecall(NamedTuple):
    """One point for each threshold that changes something, highest first; all (T,) float64."""

    precision: np.ndarray
    recall: np.ndarray  # never falls
    thresholds: np.ndarray  # pixels with at least this score are taken for the class


def precision_recall(score_bins: ArrayLike, edges: ArrayLike | None = None) -> PrecisionRecall:
    """Precision and recall of one class when all pixels above a threshold are given to it.

    `score_bins` is (2, B) counts, `edges` (B,) the lowest score of each bin (default: the bins' numbers). The
    points are those of scikit-learn's `precision_recall_curve`, in reverse, without its added end point
    (precision 1, recall 0). Recall is NaN where no pixel has the class as truth.
    """
    bins = _checked(score_bins, 2)
    edges = np.arange(bins.shape[1]) if edges is None else np.asarray(edges)
    if len(edges) != bins.shape[1]:
        raise MetricError(f"There are {len(edges)} edges for {bins.shape[1]} bins of the score.")
    filled = np.flatnonzero(bins.sum(0))[::-1]
    taken = np.cumsum(bins[:, filled], axis=1)
    positives = bins[1].sum() or np.nan
    return PrecisionRecall(taken[1] / taken.sum(0), taken[1] / positives, edges[filled].astype(np.float64))


def average_precision(score_bins: ArrayLike) -> np.ndarray:
    """Average precision of each class from (C, 2, B) counts: (C,), NaN where no pixel has it as truth.

    Σ (R_n - R_{n-1}) P_n over thresholds from high to low, a sum of steps without interpolation, as
    scikit-learn's `average_precision_score` has it (Manning, Raghavan & Schütze 2008, Introduction to
    Information Retrieval, section 8.4).
    """
    return average_precisions(_checked(score_bins, 3))


def average_precisions(counts: np.ndarray) -> np.ndarray:
    """The same of any histograms (r, 2, B), unchecked: (r,)."""
    falling = counts[:, :, ::-1]
    found, taken = np.cumsum(falling[:, 1], axis=1), np.cumsum(falling.sum(1), axis=1)
    precision = np.divide(found, taken, out=np.zeros(found.shape), where=taken > 0)
    with np.errstate(invalid="ignore"):
        return (falling[:, 1] * precision).sum(1) / falling[:, 1].sum(1)


def _checked(score_bins: ArrayLike, ndim: int) -> np.ndarray:
    bins = np.asarray(score_bins)
    if bins.ndim != ndim or bins.shape[-2] != 2 or bins.dtype.kind not in "iu" or (bins < 0).any():
        wanted = "(2, B)" if ndim == 2 else "(C, 2, B)"
        raise MetricError(f"Histograms of scores are counts of shape {wanted}, not {bins.dtype} {bins.shape}.")
    return bins.astype(np.int64, copy=False)


def roc_areas(counts: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of each histogram (r, 2, B), scores rising: (r,), NaN where a class is empty."""
    negatives, positives = np.moveaxis(counts.astype(np.float64), 1, 0)
    below = np.cumsum(negatives, axis=1) - negatives / 2
    with np.errstate(invalid="ignore"):
        return (positives * below).sum(1) / (positives.sum(1) * negatives.sum(1))
