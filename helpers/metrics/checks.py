"""Checks shared by the metrics: arrays that do not fit together stop here, with a sentence that says why."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from helpers.base.errors import CourseError


class MetricError(CourseError, ValueError):
    """The arrays given to a metric do not fit together, or hold values it is not defined for."""


def as_labels(labels: ArrayLike, num_classes: int | None = None, name: str = "labels") -> np.ndarray:
    """Class numbers as one (n,) int64 array, whatever the shape they came in.

    Raises MetricError for values that are no whole numbers, or outside 0 .. num_classes - 1.
    """
    labels = np.asarray(labels).ravel()
    if labels.size and labels.dtype.kind not in "iub":
        raise MetricError(f"{name} must be whole class numbers, not {labels.dtype}; pass the argmax.")
    labels = labels.astype(np.int64)
    if num_classes is not None and labels.size and not 0 <= labels.min() <= labels.max() < num_classes:
        wrong = labels.min() if labels.min() < 0 else labels.max()
        raise MetricError(f"{name} holds {wrong}, but the classes are numbered 0 to {num_classes - 1}.")
    return labels


def as_matrix(values: ArrayLike, name: str) -> np.ndarray:
    """A two-dimensional array of numbers, without NaN or infinity (MetricError otherwise)."""
    values = np.asarray(values)
    if values.ndim != 2:
        raise MetricError(f"{name} must be a matrix with one row per image, but has shape {values.shape}.")
    if not np.isfinite(values).all():
        raise MetricError(f"{name} holds NaN or infinity: the model or the features are broken.")
    return values


def as_bools(values: ArrayLike, name: str) -> np.ndarray:
    """One (n,) bool array (MetricError for anything that is not bool)."""
    values = np.asarray(values)
    if values.ndim != 1 or values.dtype != bool:
        raise MetricError(f"{name} must be one true or false per image, not {values.dtype} {values.shape}.")
    return values


def same_length(**arrays: np.ndarray) -> int:
    """The common length of the arrays (MetricError naming them where they differ)."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise MetricError(f"The arrays must describe the same images, but {told}.")
    return next(iter(lengths.values()))


def not_empty(count: int, what: str = "image") -> None:
    """MetricError where there is nothing to compute a number from."""
    if count == 0:
        raise MetricError(f"There is no {what} to compute this number from.")
