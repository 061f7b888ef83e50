"""Two classes that are taken for each other: how often, whether more one way, and by which model more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_labels, not_empty
from helpers.metrics.classification import checked_matrix
from helpers.metrics.comparison import PairResult, on_subsets
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


@dataclass(frozen=True)
class PairDifference(PairResult):
    """Two classes under two models: right is what is not taken for the other one. Holm over all that are compared.

    `difference` is the share mixed up by b minus the share mixed up by a.
    """

    first: int
    second: int
    images: int  # of both classes

    @property
    def mixed_a(self) -> int:
        """Images taken for the other class by model a."""
        return round(self.images * (1 - self.accuracy_a))

    @property
    def mixed_b(self) -> int:
        return round(self.images * (1 - self.accuracy_b))

    @property
    def worse(self) -> str | None:
        """The model that mixes the two up more, by the adjusted test at the 5 % level, if it can tell."""
        return {self.a: self.b, self.b: self.a}.get(self.better)


def pair_differences(
    labels: ArrayLike, predictions: Mapping[str, ArrayLike], pairs: Sequence[tuple[int, int]]
) -> list[PairDifference]:
    """Every pair of models compared on every one of the `pairs` of classes, in the order given.

    labels: (n,); predictions: (n,) by model, on the same images. An image counts as mixed up where it belongs to
    one of the two classes and is taken for the other. Pairs without images are skipped.
    """
    labels, answers = as_labels(labels), {name: as_labels(row) for name, row in predictions.items()}
    own = {pair: np.isin(labels, pair) for pair in pairs}
    apart = {
        pair: {name: row[here] != sum(pair) - labels[here] for name, row in answers.items()}
        for pair, here in own.items()
        if here.any()
    }
    return [
        PairDifference(**vars(found), first=pair[0], second=pair[1], images=int(own[pair].sum()))
        for pair, found in on_subsets(apart)
    ]


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
