"""Which of several models is better, judged on the same test images.

The models saw the same images, so only images on which two models disagree tell them apart: paired tests
find smaller differences than two separate intervals do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_bools, as_labels, not_empty, same_length
from helpers.metrics.intervals import Interval, Z, opposite, welch_interval

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class McNemar:
    """Images that only model a or only model b got right, and the p-value that both are equally good."""

    only_a: int
    only_b: int
    p_value: float


def mcnemar_exact(correct_a: ArrayLike, correct_b: ArrayLike) -> McNemar:
    """Exact two-sided McNemar test (McNemar 1947, Psychometrika 12:153).

    `correct_a` and `correct_b` are (n,) bool. If the models were equally good, each of the images that only
    one got right would fall to either like a coin: p = 2 · P(Binomial(only_a + only_b, ½) ≤ the smaller),
    at most 1; and 1 where they never disagree.
    """
    from scipy.stats import binomtest

    only_a, only_b = _disagreements(correct_a, correct_b)
    either = only_a + only_b
    return McNemar(only_a, only_b, float(binomtest(only_a, either).pvalue) if either else 1.0)


def _disagreements(correct_a: ArrayLike, correct_b: ArrayLike) -> tuple[int, int]:
    a, b = as_bools(correct_a, "correct_a"), as_bools(correct_b, "correct_b")
    same_length(correct_a=a, correct_b=b)
    return int((a & ~b).sum()), int((b & ~a).sum())


def holm(p_values: ArrayLike) -> np.ndarray:
    """p-values adjusted for having made several tests (Holm 1979), same order, (m,) float64.

    The smallest is multiplied by m, the next by m - 1 and so on, never falling, at most 1. Calling those
    below 5 % significant then calls any true hypothesis false in at most 5 % of such families of tests.
    """
    p_values = np.asarray(p_values, dtype=np.float64).ravel()
    if not ((p_values >= 0) & (p_values <= 1)).all():
        raise MetricError("A p-value lies between 0 and 1.")
    order = np.argsort(p_values, kind="stable")
    multiplied = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(multiplied))
    return adjusted


def paired_difference(correct_a: ArrayLike, correct_b: ArrayLike) -> Interval:
    """Accuracy of a minus accuracy of b on the same images, as a share from -1 to 1, with its interval.

    Bonett & Price (2012, J. Educ. Behav. Stat. 37:479): one image is added to each kind of disagreement, and
    with p = (only_a + 1)/(n + 2) and q = (only_b + 1)/(n + 2) the bounds are
    p - q ± z √((p + q - (p - q)²)/(n + 2)). A bootstrap over images has the same width where the
    models often disagree, but width 0 where they never do.
    """
    only_a, only_b = _disagreements(correct_a, correct_b)
    n = len(np.asarray(correct_a))
    not_empty(n)
    p, q = (only_a + 1) / (n + 2), (only_b + 1) / (n + 2)
    half = Z * math.sqrt((p + q - (p - q) ** 2) / (n + 2))
    return Interval((only_a - only_b) / n, max(-1.0, p - q - half), min(1.0, p - q + half))


@dataclass(frozen=True)
class PairResult:
    """Two models on the same images. `difference` is accuracy of a minus accuracy of b."""

    a: str
    b: str
    accuracy_a: float
    accuracy_b: float
    difference: Interval
    only_a: int
    only_b: int
    p_value: float
    p_adjusted: float  # Holm, over all pairs compared together

    @property
    def better(self) -> str | None:
        """The model that the adjusted test calls better at the 5 % level, None where it cannot tell."""
        if self.p_adjusted >= SIGNIFICANT:
            return None
        return self.a if self.only_a > self.only_b else self.b


def pairwise(correct: Mapping[str, ArrayLike]) -> list[PairResult]:
    """Exact McNemar test and accuracy difference for every pair of models, in the order given.

    `correct` maps model names to (n,) bool arrays over the same images; p-values are Holm-adjusted over all
    pairs. Fewer than two models give an empty list.
    """
    pairs = list(combinations(correct, 2))
    tests = [mcnemar_exact(correct[a], correct[b]) for a, b in pairs]
    adjusted = holm([test.p_value for test in tests])
    return [
        PairResult(
            a=a,
            b=b,
            accuracy_a=float(np.mean(correct[a])),
            accuracy_b=float(np.mean(correct[b])),
            difference=paired_difference(correct[a], correct[b]),
            only_a=test.only_a,
            only_b=test.only_b,
            p_value=test.p_value,
            p_adjusted=float(p),
        )
        for (a, b), test, p in zip(pairs, tests, adjusted, strict=True)
    ]


def on_subsets(correct: Mapping[Any, Mapping[str, np.ndarray]]) -> list[tuple[Any, PairResult]]:
    """Every pair of models on every subset of the images, and which that is: Holm over all subsets and pairs.

    `correct` has by subset what `pairwise` takes.
    """
    found = [(subset, pair) for subset, of_subset in correct.items() for pair in pairwise(of_subset)]
    adjusted = holm([pair.p_value for _, pair in found])
    return [(which, replace(pair, p_adjusted=float(p))) for (which, pair), p in zip(found, adjusted, strict=True)]


@dataclass(frozen=True)
class ClassDifference(PairResult):
    """Two models on the images of one class: recall of a minus recall of b; Holm over all classes and pairs."""

    class_index: int
    support: int

    @property
    def recall_a(self) -> float:
        """Share of the class's images that a gets right."""
        return self.accuracy_a

    @property
    def recall_b(self) -> float:
        return self.accuracy_b


def recall_differences(
    labels: ArrayLike, correct: Mapping[str, ArrayLike], num_classes: int
) -> list[ClassDifference]:
    """Per-class recall of every pair of models, compared by exact McNemar tests with Holm correction.

    `labels` is (n,), `correct` maps names to (n,) bool. Classes without images are skipped. Sorted by pair,
    then by class.
    """
    labels, correct = as_labels(labels, num_classes), {name: np.asarray(row) for name, row in correct.items()}
    same_length(labels=labels, **correct)
    support, names = np.bincount(labels, minlength=num_classes).tolist(), list(correct)
    of_class = {c: {name: row[labels == c] for name, row in correct.items()} for c in np.unique(labels).tolist()}
    rows = [ClassDifference(**vars(pair), class_index=c, support=support[c]) for c, pair in on_subsets(of_class)]
    return sorted(rows, key=lambda row: (names.index(row.a), names.index(row.b), row.class_index))


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


def gain_of(pair: PairResult) -> Interval:
    """What the second model of a pair gains over the first in accuracy, with its interval."""
    return opposite(pair.difference)


def difference_of_means(a: np.ndarray, b: np.ndarray) -> Interval:
    """mean(a) - mean(b) of two independent sets of images, (n_a,) and (n_b,), with Welch's interval.

    Paired differences (n,) of two models make each set's contribution as narrow as it can be. Bounds NaN where a
    set has a single image.
    """
    errors = [one.std(ddof=1) / math.sqrt(len(one)) if len(one) > 1 else math.nan for one in (a, b)]
    return welch_interval(float(a.mean() - b.mean()), errors, (len(a), len(b)))
