"""How far a number may be from the truth: confidence intervals, and the spread over seeds.

All are 95 % intervals, made by procedures that contain the true value for about 95 of 100 test sets drawn from
the same world; `test_metrics_coverage.py` simulates that. They know nothing of other seeds (see `seed_spread`) or
other worlds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_labels, not_empty, same_length
from helpers.metrics.classification import ClassCounts, checked_matrix, confusion_matrix

Z = 1.9599639845400536  # `normal_quantile(0.95)`
NUMBERS_AT_ONCE = 4_000_000  # replicates are made in chunks of about this many numbers: 32 MB


@dataclass(frozen=True)
class Interval:
    """A measured value and the bounds of its confidence interval, in the value's unit."""

    value: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """high - low"""
        return self.high - self.low

    def contains(self, other: float) -> bool:
        """Is `other` within the bounds, both included?"""
        return self.low <= other <= self.high


def wilson(successes: float, total: float) -> Interval:
    """Wilson's score interval of a proportion (Wilson 1927, JASA 22:209).

    With p = successes/total and z the normal quantile: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    Unlike p ± z·SE it keeps within 0 and 1 and has a width even where all or none succeeded. With
    total 0 nothing is known: value NaN, bounds 0 and 1.
    """
    if not 0 <= successes <= total:
        raise MetricError(f"{successes} successes out of {total} is not a proportion.")
    if total == 0:
        return Interval(math.nan, 0.0, 1.0)
    return _wilson(successes / total, total)


def _wilson(share: float, total: float) -> Interval:
    z2_n = Z**2 / total
    middle = (share + z2_n / 2) / (1 + z2_n)
    half = math.sqrt(z2_n * share * (1 - share) + z2_n**2 / 4) / (1 + z2_n)
    return Interval(share, min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half)))


def normal_quantile(level: float) -> float:
    """z such that a standard normal variable lies within ±z with probability `level`."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)


def f1_wilson(hits: int, false_alarms: int, misses: int) -> Interval:
    """Interval of one class's F1, by Wilson's interval for the Jaccard index J = TP/(TP+FP+FN).

    F1 = 2J/(1+J) grows with J, and given TP+FP+FN the hits are binomial, so J's bounds carry over ("Wilson
    indirect" in Lam, Gopal & Qian 2023, arXiv:2309.14621).
    """
    jaccard = wilson(hits, hits + false_alarms + misses)
    return Interval(*(2 * j / (1 + j) for j in (jaccard.value, jaccard.low, jaccard.high)))


def class_intervals(cm: ArrayLike) -> dict[str, list[Interval]]:
    """`precision`, `recall` and `f1` of every class from a (C, C) confusion matrix, in class order.

    Wilson intervals (see `f1_wilson`) around the values of `classification.scores`: where there is nothing
    to divide by, 0 by convention, and bounds 0 and 1 because nothing is known.
    """
    cm = checked_matrix(cm)
    hits, truths, guesses = np.diag(cm).tolist(), cm.sum(1).tolist(), cm.sum(0).tolist()
    counts = list(zip(hits, truths, guesses, strict=True))
    return {
        "precision": [_or_zero(wilson(tp, guessed)) for tp, _, guessed in counts],
        "recall": [_or_zero(wilson(tp, true)) for tp, true, _ in counts],
        "f1": [_or_zero(f1_wilson(tp, guessed - tp, true - tp)) for tp, true, guessed in counts],
    }


def _or_zero(interval: Interval) -> Interval:
    return Interval(0.0, 0.0, 1.0) if math.isnan(interval.value) else interval


def bootstrap_matrix(cm: ArrayLike, replicates: int = 2000, seed: int = 0) -> dict[str, Interval]:
    """Intervals of `accuracy`, `macro_precision`, `macro_recall` and `macro_f1` from a (C, C) confusion matrix.

    Accuracy is a proportion and has Wilson's interval. For the macro scores the images are resampled with
    replacement (Efron 1979). These depend on the images only through the confusion matrix, so we draw its cells
    from a multinomial instead: the same distribution, in milliseconds.

    The bounds are not percentiles of the replicates: those collapse where mistakes are rare (width 0 for a
    perfect model; in our simulations 85 instead of 95 % coverage at 2 mistakes in 100 images, and BCa no
    better). Instead the replicates' standard deviation s gives an effective sample size v(1-v)/s² for
    the score v (as survey statisticians do: Korn & Graubard 1998, Survey Methodology 24:193), and Wilson's
    formula the bounds (`effective_wilson`). Simulated coverage: 93 to 97 % from 40 images of 2 classes to 480
    of 10, at accuracies from 80 to 99 %; about 90 % for macro scores with only four images a class. Macro recall
    has at least the error that `_mean_recall_error` gives it.
    """
    cm = checked_matrix(cm)
    right, total, counts = int(np.trace(cm)), int(cm.sum()), ClassCounts.of(cm)
    drawn = resampled_images(cm, replicates, np.random.default_rng(seed)).totals()
    errors = {name: float(values.std()) for name, values in drawn.items()}
    errors["macro_recall"] = max(errors["macro_recall"], _mean_recall_error(counts))
    totals = counts.totals().items()
    found = {name: effective_wilson(float(value), errors[name], total) for name, value in totals}
    return found | {"accuracy": wilson(right, total)}


def _mean_recall_error(counts: ClassCounts) -> float:
    """Standard error of the mean recall over the classes that have images, each recall by Jeffreys' posterior.

    With k of n found, that is Beta(k + 1/2, n - k + 1/2) (Brown, Cai & DasGupta 2001, Statistical Science 16:101).
    The bootstrap alone has none for a rare class of which all or no images are found: simulated coverage 86 %
    instead of 95 % where a network always names two of three classes.
    """
    n = counts.truths[counts.truths > 0]
    share = (counts.hits[counts.truths > 0] + 0.5) / (n + 1)
    return float(np.sqrt((share * (1 - share) / (n + 2)).sum()) / len(n))


def resampled_images(cm: np.ndarray, replicates: int, rng: np.random.Generator) -> ClassCounts:
    """Counts (replicates, C) of as many images drawn with replacement from those in a confusion matrix (C, C)."""
    cells, total = np.flatnonzero(cm), cm.sum()  # empty cells stay empty: only the others are drawn
    counts, one_hot = cm.ravel()[cells], np.eye(len(cm))
    row, column = (one_hot[axis] for axis in np.divmod(cells, len(cm)))
    of_cell = np.concatenate([row * column, row, column], axis=1)
    drawn = [
        rng.multinomial(total, counts / total, size=size).astype(np.float64) @ of_cell
        for size in chunks(replicates, len(counts))
    ]
    return ClassCounts(*np.split(np.concatenate(drawn), 3, axis=1))


def resampled(units: np.ndarray, replicates: int, seed: int) -> np.ndarray:
    """Sums over as many units drawn with replacement from (n, ...): (replicates, ...) float64.

    A unit is what has to stay whole, such as a confusion matrix of a scene: the pixels of one scene resemble each
    other (Efron 1979, with clusters).
    """
    n, rng = len(units), np.random.default_rng(seed)
    flat, even = units.reshape(n, -1).astype(np.float64), np.full(n, 1 / n)
    drawn = [rng.multinomial(n, even, size=size).astype(np.float64) @ flat for size in chunks(replicates, n)]
    return np.concatenate(drawn).reshape(replicates, *units.shape[1:])


def resampled_counts(units: ClassCounts, replicates: int, seed: int) -> ClassCounts:
    """As `resampled`, of counts (n, C) of n units: (replicates, C)."""
    drawn = resampled(np.stack([units.hits, units.truths, units.guesses], axis=1), replicates, seed)
    return ClassCounts(*np.moveaxis(drawn, 1, 0))


def bootstrap_groups(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    groups: ArrayLike,
    replicates: int = 2000,
) -> dict[str, Interval]:
    """As `bootstrap_matrix`, where images of one of the `groups` (n,) are alike, such as tiles of one scene.

    Whole groups are resampled with replacement (cluster bootstrap: Davison & Hinkley 1997, Bootstrap Methods and
    their Application, 3.8); the bounds are those of `resampled_interval`.
    """
    whole = ClassCounts.of(checked_matrix(confusion_matrix(y_true, y_pred, num_classes)))
    names, which = np.unique(groups, return_inverse=True)
    same_length(y_true=y_true, groups=which)
    truth, guess = as_labels(y_true), as_labels(y_pred)
    hits, truths, guesses = np.zeros((3, len(names), num_classes))
    for counts, label, number in ((hits, truth, truth == guess), (truths, truth, 1), (guesses, guess, 1)):
        np.add.at(counts, (which, label), number)
    drawn = resampled_counts(ClassCounts(hits, truths, guesses), replicates, 0).totals()
    totals = whole.totals().items()
    return {name: resampled_interval(float(value), drawn[name], len(names)) for name, value in totals}


def effective_wilson(value: float, deviation: float, total: int) -> Interval:
    """Wilson's interval of a score between 0 and 1 whose standard error is `deviation`.

    Its sample size is the one at which a proportion would have that error: value (1 - value) / deviation²;
    where that is none, since all `total` images are alike or the score is 0 or 1, `total`.
    """
    varies = deviation > 1e-9 and 0 < value < 1
    return _wilson(value, value * (1 - value) / deviation**2 if varies else total)


def resampled_interval(value: float, drawn: np.ndarray, units: int, seen: int | None = None) -> Interval:
    """Interval of a score from replicates (r,) of which each draws so many `units` (images, scenes, drives) anew.

    Wilson's with the replicates' standard error (see `effective_wilson`) at the number `seen` of units that have a
    say in the score, by default all. The error is taken t/z times, since few units tell little of it: t is
    Student's quantile at one unit less. A single one says nothing of others: bounds 0 and 1.
    """
    seen = units if seen is None else seen
    if seen < 2:
        return Interval(float(value), 0.0, 1.0)
    return effective_wilson(float(value), standard_error(drawn, units) * student_quantile(units - 1) / Z, seen)


def student_quantile(freedom: float) -> float:
    """t such that Student's t with so many degrees of freedom lies within ±t with probability 0.95."""
    from scipy.stats import t

    return float(t.ppf(0.975, freedom))


def welch_interval(value: float, errors: Sequence[float], units: Sequence[int]) -> Interval:
    """Interval of a difference of two independent means, given the standard error and the size n of each sample.

    Welch (1947, Biometrika 34:28): difference ± t √(s₁² + s₂²), where t is Student's quantile at
    (s₁² + s₂²)² / (s₁⁴/(n₁ - 1) + s₂⁴/(n₂ - 1)) degrees of freedom. Bounds NaN where an error is.
    """
    squares = np.square(errors)
    whole = float(squares.sum())
    if whole == 0:
        return Interval(value, value, value)
    freedom = whole**2 / (squares**2 / np.maximum(1, np.subtract(units, 1))).sum()
    reach = student_quantile(freedom) * math.sqrt(whole)
    return Interval(value, value - reach, value + reach)


def standard_error(drawn: np.ndarray, units: int) -> float:
    """Standard error from bootstrap replicates (r,), times √(n / (n - 1)), which the bootstrap of n units lacks.

    NaN for a single unit, which tells nothing of others.
    """
    return float(np.nanstd(drawn)) * math.sqrt(units / (units - 1)) if units > 1 else math.nan


def percentile_interval(value: float, drawn: np.ndarray) -> Interval:
    """The middle 95 % of replicates (r,), NaN ones left out, widened to hold the value itself."""
    low, high = np.nanquantile(drawn, [0.025, 0.975]).tolist()
    return Interval(float(value), min(low, float(value)), max(high, float(value)))


def mean_interval(values: ArrayLike) -> Interval:
    """Student's interval of the mean of (n,) values: mean ± t s/√n, t the quantile at n - 1 degrees of freedom.

    One value says nothing of others: bounds NaN. Raises MetricError where there is none.
    """
    values = np.asarray(values, dtype=np.float64).ravel()
    not_empty(n := len(values))
    half = student_quantile(n - 1) * values.std(ddof=1) / math.sqrt(n) if n > 1 else math.nan
    return Interval(float(values.mean()), float(values.mean() - half), float(values.mean() + half))


def chunks(replicates: int, numbers_each: int) -> Iterator[int]:
    """Sizes of chunks of replicates that keep an array of that many numbers each small; they sum up."""
    size = max(1, NUMBERS_AT_ONCE // max(1, numbers_each))
    for start in range(0, replicates, size):
        yield min(size, replicates - start)


@dataclass(frozen=True)
class SeedSpread:
    """Mean and sample standard deviation (n - 1 below the fraction) of a score over n trained seeds."""

    mean: float
    std: float
    n: int


def seed_spread(values: ArrayLike) -> SeedSpread:
    """How a score varies when only the seed of the training changes. One seed has no spread: std NaN."""
    values = np.asarray(values, dtype=np.float64).ravel()
    not_empty(len(values), "run")
    std = float(values.std(ddof=1)) if len(values) > 1 else math.nan
    return SeedSpread(float(values.mean()), std, len(values))


def opposite(interval: Interval) -> Interval:
    """The interval of the value with the other sign."""
    return Interval(0.0 - interval.value, 0.0 - interval.high, 0.0 - interval.low)
