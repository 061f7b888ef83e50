"""Intervals against statsmodels, scipy and cases by hand. Whether they cover: test_metrics_coverage.py."""

import math

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics as sk
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from helpers.metrics import intervals
from helpers.metrics.checks import MetricError
from helpers.metrics.classification import scores
from helpers.metrics.intervals import (
    Interval,
    bootstrap_groups,
    bootstrap_matrix,
    class_intervals,
    effective_wilson,
    f1_wilson,
    mean_interval,
    seed_spread,
    wilson,
)

HEADLINES = ("accuracy", "macro_precision", "macro_recall", "macro_f1")


@pytest.mark.parametrize("successes, total", [(0, 1), (1, 1), (0, 30), (30, 30), (7, 30), (470, 480)])
def test_wilson_equals_statsmodels(successes, total):
    ours = wilson(successes, total)
    expected = proportion_confint(successes, total, method="wilson")
    assert (ours.low, ours.high) == pytest.approx(expected, abs=1e-12)
    assert ours.value == successes / total
    assert ours.contains(ours.value)


def test_wilson_of_nothing_knows_nothing():
    nothing = wilson(0, 0)
    assert math.isnan(nothing.value)
    assert (nothing.low, nothing.high) == (0, 1)


@pytest.mark.parametrize("successes, total", [(3, 2), (-1, 2)])
def test_wilson_refuses_what_is_no_proportion(successes, total):
    with pytest.raises(MetricError):
        wilson(successes, total)


def test_f1_interval_is_the_image_of_the_jaccard_interval():
    ours = f1_wilson(hits=8, false_alarms=3, misses=1)
    low, high = proportion_confint(8, 12, method="wilson")
    assert ours.value == pytest.approx(16 / 20)
    assert (ours.low, ours.high) == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)))


def test_class_intervals_surround_the_scores_in_class_order():
    cm = np.array([[20, 5, 0, 0], [1, 9, 0, 0], [3, 0, 0, 0], [0, 0, 0, 0]])
    found, measured = class_intervals(cm), scores(cm)
    for name in ("precision", "recall", "f1"):
        np.testing.assert_allclose([one.value for one in found[name]], getattr(measured, name))
    expected = proportion_confint(20, 25, method="wilson")
    assert (found["recall"][0].low, found["recall"][0].high) == pytest.approx(expected)
    assert found["precision"][2] == found["recall"][3] == Interval(0, 0, 1)
    assert found["recall"][2].high < 1  # three images, none found: something is known


def mistaken(n: int = 300, num_classes: int = 5, right: float = 0.7, seed: int = 0):
    rng = np.random.default_rng(seed)
    truth = rng.choice(num_classes, n, p=[0.4, 0.3, 0.15, 0.1, 0.05][:num_classes])
    return truth, np.where(rng.random(n) < right, truth, rng.integers(0, num_classes, n))


def bootstrap_scores(truth, guess, num_classes: int, **options):
    return bootstrap_matrix(sk.confusion_matrix(truth, guess, labels=range(num_classes)), **options)


def test_resampling_the_matrix_is_resampling_the_images():
    """The replicates of every score have the mean and deviation of those made image by image."""
    truth, guess = mistaken()
    rng = np.random.default_rng(1)
    cm = sk.confusion_matrix(truth, guess)
    ours = intervals.resampled_images(cm, 4000, rng).totals()
    slow = []
    for _ in range(600):
        index = rng.integers(0, len(truth), len(truth))
        macro = sk.precision_recall_fscore_support(truth[index], guess[index], average="macro", zero_division=0)
        slow.append([sk.accuracy_score(truth[index], guess[index]), *macro[:3]])
    for values, name in zip(np.transpose(slow), HEADLINES, strict=True):
        assert ours[name].mean() == pytest.approx(values.mean(), abs=4 * values.std() / math.sqrt(600))
        assert ours[name].std() == pytest.approx(values.std(), rel=0.12)


def test_accuracy_has_wilsons_interval_which_anybody_can_compute_again():
    truth, guess = mistaken()
    found = bootstrap_scores(truth, guess, 5)["accuracy"]
    low, high = proportion_confint((truth == guess).sum(), len(truth), method="wilson")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


def test_bootstrap_values_are_the_scores_and_the_seed_decides_the_bounds():
    truth, guess = mistaken()
    first, again, other = (bootstrap_scores(truth, guess, 5, seed=seed) for seed in (4, 4, 5))
    measured = scores(sk.confusion_matrix(truth, guess))
    assert tuple(first) == HEADLINES
    assert all(first[name].value == getattr(measured, name) for name in HEADLINES)
    assert first == again
    assert first["macro_f1"].low != other["macro_f1"].low


def test_bootstrap_does_not_depend_on_how_replicates_are_chunked(monkeypatch):
    cm = sk.confusion_matrix(*mistaken())
    whole = bootstrap_matrix(cm, replicates=500)
    monkeypatch.setattr(intervals, "NUMBERS_AT_ONCE", 1000)
    assert bootstrap_matrix(cm, replicates=500) == whole


def test_size_changes_the_width():
    cm = sk.confusion_matrix(*mistaken())
    usual = bootstrap_matrix(cm)["macro_f1"]
    assert usual.low < usual.value < usual.high
    assert bootstrap_matrix(cm * 4)["macro_f1"].width == pytest.approx(usual.width / 2, rel=0.1)


@pytest.mark.parametrize("cm, value", [(np.diag([50, 50]), 1.0), ([[0, 50], [50, 0]], 0.0)])
def test_perfect_and_hopeless_models_still_have_an_interval(cm, value):
    expected = wilson(100 * value, 100)
    for name in HEADLINES:
        found = bootstrap_matrix(cm)[name]
        assert found.value == value
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("cm", [[[1]], [[1, 0], [0, 0]], [[0, 1], [0, 0]]])
def test_one_image_says_almost_nothing(cm):
    assert bootstrap_matrix(cm)["accuracy"].width > 0.7


def in_scenes(scenes: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, prediction and scene of images; of each scene its own share is right."""
    groups = rng.permutation(np.repeat(np.arange(scenes), rng.integers(1, 12, scenes)))
    truth = rng.integers(0, 4, len(groups))
    right = rng.random(len(groups)) < rng.beta(3, 1, scenes)[groups]
    return truth, np.where(right, truth, (truth + 1) % 4), groups


def test_with_groups_the_error_of_accuracy_is_the_cluster_robust_one_of_statsmodels():
    truth, guess, groups = in_scenes(60, np.random.default_rng(0))
    right = (truth == guess).astype(float)
    robust = sm.OLS(right, np.ones(len(right))).fit(cov_type="cluster", cov_kwds={"groups": groups})
    found, expected = bootstrap_groups(truth, guess, 4, groups), effective_wilson(right.mean(), robust.bse[0], 60)
    bounds = found["accuracy"].low, found["accuracy"].high
    assert bounds == pytest.approx((expected.low, expected.high), abs=0.005)
    assert found["accuracy"].width > 1.3 * bootstrap_scores(truth, guess, 4)["accuracy"].width


def test_with_groups_scores_are_resampled_as_a_loop_over_scikit_learn_would():
    truth, guess, groups = in_scenes(20, np.random.default_rng(1))
    rng, drawn = np.random.default_rng(2), []
    for _ in range(600):
        index = np.concatenate([np.flatnonzero(groups == g) for g in rng.integers(0, 20, 20)])
        drawn.append(sk.f1_score(truth[index], guess[index], average="macro"))
    found, f1 = bootstrap_groups(truth, guess, 4, groups)["macro_f1"], sk.f1_score(truth, guess, average="macro")
    expected = effective_wilson(f1, float(np.std(drawn)) * math.sqrt(20 / 19), 20)
    assert found.value == pytest.approx(f1)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.02)


def test_groups_of_one_image_are_no_groups_and_one_group_says_nothing():
    truth, guess, groups = in_scenes(30, np.random.default_rng(3))
    apart, usual = bootstrap_groups(truth, guess, 4, np.arange(len(truth))), bootstrap_scores(truth, guess, 4)
    for name in HEADLINES:
        assert apart[name].value == usual[name].value
        assert apart[name].width == pytest.approx(usual[name].width, rel=0.08)
        together = bootstrap_groups(truth, guess, 4, np.zeros(len(truth)))[name]
        assert (together.low, together.high) == (0, 1)
    with pytest.raises(MetricError, match="groups"):
        bootstrap_groups(truth, guess, 4, groups[1:])
    with pytest.raises(MetricError):
        bootstrap_groups([], [], 4, [])


def test_interval_of_a_mean_is_students():
    values = np.random.default_rng(0).gamma(2, size=12)
    ours, theirs = mean_interval(values), scipy.stats.ttest_1samp(values, 0).confidence_interval()
    assert ours.value == pytest.approx(values.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))
    assert math.isnan(mean_interval([3.0]).low)
    with pytest.raises(MetricError):
        mean_interval([])


def test_seed_spread_is_the_sample_standard_deviation():
    found = seed_spread([0.8, 0.9, 1.0])
    assert (found.mean, found.std, found.n) == (pytest.approx(0.9), pytest.approx(0.1), 3)
    assert math.isnan(seed_spread([0.8]).std)
    with pytest.raises(MetricError):
        seed_spread([])
