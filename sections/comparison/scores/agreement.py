"""On how many images all models are right, some, or none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError


@dataclass(frozen=True)
class Agreement:
    """How M models agree on n images."""

    right_by: np.ndarray  # (n,) int64: how many models get each image right
    counts: np.ndarray  # (M + 1,) int64: images right by 0, 1, …, M models

    @property
    def all_right(self) -> int:
        """Images that every model gets right."""
        return int(self.counts[-1])

    @property
    def none_right(self) -> int:
        """Images that no model gets right."""
        return int(self.counts[0])

    @property
    def some_right(self) -> int:
        """Images that at least one model gets right and at least one gets wrong."""
        return int(self.counts[1:-1].sum())

    def images(self, models_right: int) -> np.ndarray:
        """Numbers of the images that exactly so many models get right."""
        return np.flatnonzero(self.right_by == models_right)


def agreement(correct: ArrayLike) -> Agreement:
    """Which images all, some or no model gets right, from (M, n) bool: a row a model, a column an image."""
    correct = np.asarray(correct)
    if correct.ndim != 2 or correct.dtype != bool or not len(correct):
        raise MetricError("Agreement needs one row of true or false per model, all of one length.")
    right_by = correct.sum(0)
    return Agreement(right_by, np.bincount(right_by, minlength=len(correct) + 1))
