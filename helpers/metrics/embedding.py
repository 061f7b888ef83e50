"""Is a picture of an embedding honest? The share of neighbours that have the same label, as a number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_labels, as_matrix, same_length
from helpers.metrics.intervals import Interval, effective_wilson
from helpers.metrics.neighbours import k_nearest


def neighbour_agreement(
    points: ArrayLike, labels: ArrayLike, k: int = 10, asked: np.ndarray | None = None
) -> np.ndarray:
    """Share of each point's k nearest other points that have its label: (n,) float64.

    `points` is (n, D), any D: an embedding in two or three dimensions, or the features themselves. Of the points
    `asked` (m,) only, if given, (m,). Exact Euclidean neighbours. Raises MetricError where there are not more than
    k points.
    """
    points, labels = as_matrix(points, "points"), as_labels(labels)
    same_length(points=points, labels=labels)
    if asked is None:
        neighbours = k_nearest(points, points, k, queries_are_references=True).index
        return (labels[neighbours] == labels[:, None]).mean(1)
    near = k_nearest(points[asked], points, k + 1).index
    others = near != asked[:, None]
    others[others.all(1), -1] = False  # so many lie at the very same place that it is not among them
    return (labels[near[others].reshape(-1, k)] == labels[asked][:, None]).mean(1)


def chance_purity(labels: ArrayLike) -> float:
    """The purity to expect where labels have nothing to do with places.

    Σ n_c (n_c - 1) / (n (n - 1)): the probability that two different points have the same label.
    """
    counts = np.unique(as_labels(labels), return_counts=True)[1]
    n = int(counts.sum())
    if n < 2:
        raise MetricError("Two points at least are needed to compare neighbours.")
    return float((counts * (counts - 1)).sum() / (n * (n - 1)))


@dataclass(frozen=True)
class Purity:
    """k-nearest-neighbour purity with its interval, and what chance alone would give."""

    interval: Interval
    chance: float
    k: int


def purity(points: ArrayLike, labels: ArrayLike, k: int = 10, asked: np.ndarray | None = None) -> Purity:
    """Mean of `neighbour_agreement`: 1 where classes lie apart, `chance_purity` where they are mixed.

    Resampling the points with their neighbourhoods as they are gives the mean a standard error of
    deviation/√n, and that the bounds (`intervals.effective_wilson`). They tell how much the purity depends on
    which points were looked at, not how much another embedding would differ.
    """
    agreement = neighbour_agreement(points, labels, k, asked)
    error = float(agreement.std() / np.sqrt(len(agreement)))
    interval = effective_wilson(float(agreement.mean()), error, len(agreement))
    return Purity(interval, chance_purity(labels), k)
