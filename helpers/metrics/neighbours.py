"""Nearest neighbours by Euclidean distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_matrix, not_empty


@dataclass(frozen=True)
class Neighbours:
    """The k nearest references of each of n queries, nearest first."""

    index: np.ndarray  # (n, k) int64 into the references
    distance: np.ndarray  # (n, k) float64, Euclidean, in the unit of the features


def k_nearest(
    queries: ArrayLike, references: ArrayLike, k: int = 1, queries_are_references: bool = False
) -> Neighbours:
    """The k nearest of `references` (m, D) for each of `queries` (n, D).

    With `queries_are_references` both are the same points and no point is its own neighbour (another point
    at the same place may be). Among equally near references the earlier one comes first. Distances are computed
    from the differences themselves, so that identical features have distance 0 exactly.

    Raises MetricError where there are fewer than k references or the widths differ.
    """
    from sklearn.neighbors import NearestNeighbors

    queries, references = as_matrix(queries, "queries"), as_matrix(references, "references")
    _check(queries, references, k, queries_are_references)
    if not len(queries):
        return Neighbours(np.empty((0, k), np.int64), np.empty((0, k)))
    middle = references.mean(0, dtype=np.float64)  # distances do not change, rounding errors shrink
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(references - middle)
    index = search.kneighbors(None if queries_are_references else queries - middle, return_distance=False)
    return Neighbours(*_exactly_sorted(queries, references, index))


def _check(queries: np.ndarray, references: np.ndarray, k: int, same: bool) -> None:
    not_empty(len(references), "reference image")
    if queries.shape[1] != references.shape[1]:
        raise MetricError(
            f"Features of {queries.shape[1]} and {references.shape[1]} numbers cannot be compared: "
            "both must come from the same model."
        )
    available = len(references) - same
    if not 1 <= k <= available:
        raise MetricError(f"{k} neighbours were asked for, but there are {available} to choose from.")


def _exactly_sorted(
    queries: np.ndarray, references: np.ndarray, index: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    distance = np.empty(index.shape)
    for column, chosen in enumerate(index.T):
        difference = queries.astype(np.float64) - references[chosen]
        distance[:, column] = np.sqrt((difference**2).sum(1))
    order = np.lexsort((index, distance), axis=1)
    return np.take_along_axis(index, order, 1), np.take_along_axis(distance, order, 1)


def sample_parts(labels: list[np.ndarray], most: int, seed: int) -> list[np.ndarray]:
    """Positions within each part, so that every class keeps the same share of its images; at least one each."""
    rng = np.random.default_rng([seed, 3])
    share = min(1.0, most / sum(len(part) for part in labels))
    chosen = []
    for part in labels:
        shuffled = [rng.permutation(np.flatnonzero(part == label)) for label in np.unique(part)]
        chosen.append(np.sort(np.concatenate([few[: max(1, round(share * len(few)))] for few in shuffled])))
    return chosen
