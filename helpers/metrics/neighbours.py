"""Exact nearest neighbours by Euclidean distance, a block at a time, so that memory stays small."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_matrix, not_empty

QUERIES_AT_ONCE, REFERENCES_AT_ONCE = 512, 4096  # a block of distances is 16 MB


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
    at the same place may be). Among equally near references the earlier one comes first. Candidates are found
    by |q|² - 2qr + |r|² in float64; the distances returned are computed from the differences themselves, so
    that identical features have distance 0 exactly.

    Raises MetricError where there are fewer than k references or the widths differ.
    """
    queries, references = as_matrix(queries, "queries"), as_matrix(references, "references")
    _check(queries, references, k, queries_are_references)
    middle = references.mean(0, dtype=np.float64)  # distances do not change, rounding errors shrink
    found = [
        _block(queries[start : start + QUERIES_AT_ONCE], references, k, middle, start, queries_are_references)
        for start in range(0, len(queries), QUERIES_AT_ONCE)
    ]
    if not found:
        return Neighbours(np.empty((0, k), np.int64), np.empty((0, k)))
    index, distance = zip(*found, strict=True)
    return Neighbours(np.concatenate(index), np.concatenate(distance))


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


def _block(
    queries: np.ndarray, references: np.ndarray, k: int, middle: np.ndarray, start: int, same: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Index and distance (q, k) of the nearest references of one block of queries."""
    index, squared = np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0))
    centred = queries - middle
    for first in range(0, len(references), REFERENCES_AT_ONCE):
        block = squared_distances(centred, references[first : first + REFERENCES_AT_ONCE] - middle)
        if same:
            _mask_self(block, start - first)
        near = _smallest(block, k)
        index = np.concatenate([index, near + first], axis=1)
        squared = np.concatenate([squared, np.take_along_axis(block, near, 1)], axis=1)
        kept = _smallest(squared, k)
        index, squared = np.take_along_axis(index, kept, 1), np.take_along_axis(squared, kept, 1)
    return _exactly_sorted(queries, references, index)


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances (len(a), len(b)) float64 between rows of two float64 matrices."""
    squared = (a**2).sum(1)[:, None] - 2 * (a @ b.T) + (b**2).sum(1)
    return np.maximum(squared, 0, out=squared)


def _mask_self(block: np.ndarray, shift: int) -> None:
    """Row i of the block is the same point as column i + shift: never a neighbour of itself."""
    rows = np.arange(len(block))
    inside = (rows + shift >= 0) & (rows + shift < block.shape[1])
    block[rows[inside], rows[inside] + shift] = np.inf


def _smallest(values: np.ndarray, k: int) -> np.ndarray:
    """Columns of the k smallest values of each row, in column order (all columns where there are fewer)."""
    if values.shape[1] <= k:
        return np.broadcast_to(np.arange(values.shape[1]), values.shape)
    if k == 1:
        return values.argmin(1)[:, None]
    return np.sort(np.argpartition(values, k - 1, axis=1)[:, :k], axis=1)


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
