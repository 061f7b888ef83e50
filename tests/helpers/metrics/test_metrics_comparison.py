"""Paired comparison of models against statsmodels, scipy and counts by hand."""

import numpy as np
import pytest
import scipy.stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from helpers.metrics.checks import MetricError
from helpers.metrics.comparison import (
    difference_of_means,
    holm,
    mcnemar_exact,
    paired_difference,
    pairwise,
    recall_differences,
)


def models(seed: int, n: int = 120) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    hard = rng.random(n)
    return {name: rng.random(n) * 0.5 + skill > hard for name, skill in (("a", 0.3), ("b", 0.6), ("c", 0.65))}


@pytest.mark.parametrize("seed", range(10))
def test_mcnemar_equals_statsmodels_and_scipy(seed):
    correct = models(seed)
    a, b = correct["a"], correct["b"]
    ours = mcnemar_exact(a, b)
    table = [[np.sum(a & b), np.sum(a & ~b)], [np.sum(~a & b), np.sum(~a & ~b)]]
    assert ours.p_value == pytest.approx(mcnemar(table, exact=True).pvalue)
    both = ours.only_a + ours.only_b
    assert ours.p_value == pytest.approx(scipy.stats.binomtest(ours.only_a, both, 0.5).pvalue)
    assert (ours.only_a, ours.only_b) == (table[0][1], table[1][0])


def test_mcnemar_by_hand():
    a, b = np.array([1, 1, 1, 1, 0, 0], bool), np.array([0, 0, 0, 0, 1, 0], bool)
    ours = mcnemar_exact(a, b)
    assert (ours.only_a, ours.only_b) == (4, 1)
    assert ours.p_value == pytest.approx(2 * (1 + 5) / 32)


@pytest.mark.parametrize("a", [[True, False], [True], []])
def test_models_that_never_disagree_have_p_one(a):
    a = np.array(a, dtype=bool)
    assert mcnemar_exact(a, a).p_value == 1.0


def test_as_many_disagreements_either_way_have_p_one():
    assert mcnemar_exact(np.array([True, False]), np.array([False, True])).p_value == 1.0


@pytest.mark.parametrize("seed", range(10))
def test_holm_equals_statsmodels(seed):
    p_values = np.random.default_rng(seed).random(9) ** 3
    p_values[3] = p_values[5]
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1])


def test_holm_by_hand_and_of_nothing():
    np.testing.assert_allclose(holm([0.04, 0.01, 0.03]), [0.06, 0.03, 0.06])
    assert holm([]).shape == (0,)
    with pytest.raises(MetricError):
        holm([0.5, np.nan])


def test_paired_difference_by_hand_and_reversed():
    a, b = np.array([1] * 14 + [0] * 6, bool), np.array([0] * 6 + [1] * 8 + [1] * 2 + [0] * 4, bool)
    ours, reverse = paired_difference(a, b), paired_difference(b, a)
    assert ours.value == pytest.approx(4 / 20)
    p, q = 7 / 22, 3 / 22
    half = 1.959964 * np.sqrt((p + q - (p - q) ** 2) / 22)
    assert (ours.low, ours.high) == pytest.approx((p - q - half, p - q + half), abs=1e-6)
    assert (reverse.value, reverse.low, reverse.high) == pytest.approx((-ours.value, -ours.high, -ours.low))


def test_paired_difference_is_as_wide_as_a_bootstrap_over_images():
    correct = models(0, n=600)
    difference = correct["b"].astype(float) - correct["a"]
    index = np.random.default_rng(0).integers(0, 600, (4000, 600))
    low, high = np.quantile(difference[index].mean(1), [0.025, 0.975])
    ours = paired_difference(correct["b"], correct["a"])
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.006)


def test_never_disagreeing_is_not_certainty():
    same = np.ones(50, bool)
    ours = paired_difference(same, same)
    assert ours.value == 0
    assert ours.low < 0 < ours.high
    assert paired_difference(np.ones(500, bool), np.ones(500, bool)).width < ours.width / 5


def test_pairwise_compares_every_pair_and_adjusts_over_them():
    correct = models(3)
    found = pairwise(correct)
    assert [(one.a, one.b) for one in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    np.testing.assert_allclose([one.p_adjusted for one in found], holm([one.p_value for one in found]))
    first = found[0]
    assert first.accuracy_a == correct["a"].mean() < first.accuracy_b == correct["b"].mean()
    assert first.difference.value == pytest.approx(first.accuracy_a - first.accuracy_b)
    assert first.p_value == mcnemar_exact(correct["a"], correct["b"]).p_value
    assert pairwise({"alone": correct["a"]}) == []


def test_better_is_named_only_where_the_adjusted_test_says_so():
    good, bad = np.ones(40, bool), np.arange(40) < 30
    assert pairwise({"bad": bad, "good": good})[0].better == "good"
    assert pairwise({"good": good, "bad": bad})[0].better == "good"
    assert pairwise({"x": good, "y": np.arange(40) < 39})[0].better is None
    # p = 0.03125 for one pair; one of three pairs no longer
    six = {"x": good, "y": np.arange(40) < 34}
    assert pairwise(six)[0].better == "x"
    assert pairwise(six | {"z": good})[0].better is None


def test_recall_differences_by_hand():
    labels = np.array([0] * 8 + [2] * 4)
    a = np.array([1] * 8 + [1, 0, 1, 0], bool)
    b = np.array([1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0], bool)
    first, second = recall_differences(labels, {"a": a, "b": b}, num_classes=3)
    assert (first.class_index, first.support, first.recall_a, first.recall_b) == (0, 8, 1.0, 0.25)
    assert (second.class_index, second.support, second.recall_a, second.recall_b) == (2, 4, 0.5, 0.5)
    assert first.difference.value == 0.75
    assert (first.p_value, second.p_value) == (2 / 64, 1.0)
    assert (first.p_adjusted, second.p_adjusted) == (4 / 64, 1.0)


def test_recall_differences_of_three_models_are_adjusted_over_all():
    correct = models(1)
    labels = np.arange(120) % 4
    found = recall_differences(labels, correct, num_classes=4)
    assert [(one.a, one.b, one.class_index) for one in found][3:6] == [("a", "b", 3), ("a", "c", 0), ("a", "c", 1)]
    assert len(found) == 12
    np.testing.assert_allclose([one.p_adjusted for one in found], holm([one.p_value for one in found]))


@pytest.mark.parametrize(
    ("a", "b"), [(np.ones(3, bool), np.ones(2, bool)), (np.ones(2), np.ones(2)), ([0, 1], [1, 1])]
)
def test_what_is_not_the_same_images_is_refused(a, b):
    with pytest.raises(MetricError):
        mcnemar_exact(a, b)


@pytest.mark.parametrize("sizes", [(4, 7), (80, 60), (2, 300)])
def test_the_difference_of_means_has_welchs_interval_with_its_t(sizes):
    rng = np.random.default_rng(sum(sizes))
    a, b = rng.normal(1, 2, sizes[0]), rng.normal(0.5, 1, sizes[1])
    ours = difference_of_means(a, b)
    theirs = scipy.stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    assert ours.value == pytest.approx(a.mean() - b.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_a_set_of_one_image_says_nothing_of_a_difference_and_equal_values_all():
    assert np.isnan(difference_of_means(np.ones(1), np.arange(5.0)).low)
    same = difference_of_means(np.ones(4), np.zeros(3))
    assert (same.low, same.value, same.high) == (1, 1, 1)
