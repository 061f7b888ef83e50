"""Two classes that are taken for each other: how often, whether more one way, and by which model more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_labels, not_empty
from helpers.metrics.classification import checked_matrix
from helpers.metrics.comparison import holm, pairwise
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
class PairDifference:
    """Two classes under two models on the same images of these classes."""

    first: int
    second: int
    images: int  # of both classes
    a: str
    b: str
    mixed_a: int  # images taken for the other class by model a
    mixed_b: int
    difference: Interval  # share mixed up by b minus share mixed up by a
    p_value: float  # exact McNemar test
    p_adjusted: float  # Holm, over all pairs of classes and of models compared together

    @property
    def worse(self) -> str | None:
        """The model that mixes the two up more, by the adjusted test at the 5 % level, if it can tell."""
        if self.p_adjusted >= 0.05:
            return None
        return self.a if self.mixed_a > self.mixed_b else self.b


def pair_differences(
    labels: ArrayLike, predictions: Mapping[str, ArrayLike], pairs: Sequence[tuple[int, int]]
) -> list[PairDifference]:
    """Every pair of models compared on every one of the `pairs` of classes, in the order given.

    labels: (n,); predictions: (n,) by model, on the same images. An image counts as mixed up where it belongs to
    one of the two classes and is taken for the other. Pairs without images are skipped.
    """
    labels, found = as_labels(labels), []
    for first, second in pairs:
        own = np.isin(labels, (first, second))
        if own.any():
            other = first + second - labels[own]
            apart = {name: as_labels(answers)[own] != other for name, answers in predictions.items()}
            found += [(first, second, own.sum(), pair, apart) for pair in pairwise(apart)]
    adjusted = holm([pair.p_value for *_, pair, _ in found])
    return [
        PairDifference(
            first=first,
            second=second,
            images=int(images),
            a=pair.a,
            b=pair.b,
            mixed_a=int((~apart[pair.a]).sum()),
            mixed_b=int((~apart[pair.b]).sum()),
            difference=pair.difference,
            p_value=pair.p_value,
            p_adjusted=float(p),
        )
        for (first, second, images, pair, apart), p in zip(found, adjusted, strict=True)
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
