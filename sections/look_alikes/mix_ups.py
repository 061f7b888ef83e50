"""Two classes that are taken for each other: how often, and whether more one way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, not_empty
from helpers.metrics.classification import checked_matrix
from helpers.metrics.intervals import Interval, wilson
from helpers.metrics.tables import fisher_exact


@dataclass(frozen=True)
class MixUp:
    """How often a model takes images of two classes for each other. Classes are numbers."""

    first: int
    second: int
    first_images: int
    second_images: int
    there_count: int  # images of the first taken for the second
    back_count: int
    there: Interval  # share of the first's images
    back: Interval
    of_mistakes: Interval  # share of all mistakes of the model that lie between the two
    direction_p: float  # Fisher's exact test that both shares are the same

    @property
    def count(self) -> int:
        """Images mixed up, either way."""
        return self.there_count + self.back_count

    @property
    def both(self) -> Interval:
        """Share of the images of both classes that are taken for the other one."""
        return wilson(self.count, self.first_images + self.second_images)


def mix_up(cm: ArrayLike, first: int, second: int) -> MixUp:
    """What a (C, C) confusion matrix, rows truth, says of two classes; Wilson intervals at 95 %."""
    cm = checked_matrix(cm)
    there, back, support = int(cm[first, second]), int(cm[second, first]), cm.sum(1)
    a, b = int(support[first]), int(support[second])
    return MixUp(
        first=first,
        second=second,
        first_images=a,
        second_images=b,
        there_count=there,
        back_count=back,
        there=wilson(there, a),
        back=wilson(back, b),
        of_mistakes=wilson(there + back, int(cm.sum() - np.trace(cm))),
        direction_p=fisher_exact(there, a, back, b),
    )


def rank_sum_test(a: ArrayLike, b: ArrayLike) -> float:
    """Two-sided p-value that values (n,) and (m,) come from one distribution (Mann & Whitney 1947).

    By the normal approximation with corrections for ties and continuity; good from about five values each.
    """
    from scipy.stats import mannwhitneyu

    a, b = np.asarray(a, dtype=np.float64).ravel(), np.asarray(b, dtype=np.float64).ravel()
    not_empty(min(len(a), len(b)), "value in one of the two groups")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise MetricError("A rank test needs numbers; there is NaN or infinity among them.")
    if len(np.unique([*a, *b])) == 1:  # the ranks do not vary, and the approximation has nothing to go by
        return 1.0
    return float(mannwhitneyu(a, b, method="asymptotic").pvalue)
