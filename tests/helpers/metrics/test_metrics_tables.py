"""Tests of tables against scipy, and tables with nothing in a row or column."""

import numpy as np
import pytest
import scipy.stats

from helpers.metrics.checks import MetricError
from helpers.metrics.tables import chi_square_homogeneity, fisher_exact


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("shape", [(2, 2), (3, 10), (4, 2)])
def test_equals_scipy(seed, shape):
    counts = np.random.default_rng(seed).integers(1, 60, shape)
    theirs = scipy.stats.chi2_contingency(counts, correction=False)
    ours = chi_square_homogeneity(counts)
    assert ours.statistic == pytest.approx(theirs.statistic)
    assert ours.p_value == pytest.approx(theirs.pvalue)
    assert ours.dof == theirs.dof
    assert ours.min_expected == pytest.approx(theirs.expected_freq.min())


def test_an_empty_class_or_part_changes_nothing():
    counts = np.array([[30, 10, 20], [10, 30, 20]])
    with_empty = np.insert(np.insert(counts, 1, 0, axis=1), 2, 0, axis=0)
    assert chi_square_homogeneity(with_empty) == chi_square_homogeneity(counts)


def test_a_stratified_split_is_more_alike_than_chance():
    found = chi_square_homogeneity([[70, 140, 21], [10, 20, 3], [20, 40, 6]])
    assert found.statistic == pytest.approx(0)
    assert found.p_value == pytest.approx(1)
    assert not found.reliable  # 3.3 expected in the smallest cell
    assert chi_square_homogeneity([[70, 140], [10, 20]]).reliable


def test_parts_that_share_no_class_are_as_different_as_can_be():
    found = chi_square_homogeneity([[10, 0], [0, 10]])
    assert found.p_value == pytest.approx(scipy.stats.chi2.sf(20, 1))


@pytest.mark.parametrize("counts", [[[5, 3]], [[5], [3]], [[5, 0], [3, 0]]])
def test_nothing_can_differ_with_one_part_or_one_class(counts):
    found = chi_square_homogeneity(counts)
    assert (found.statistic, found.dof, found.p_value) == (0, 0, 1)


@pytest.mark.parametrize(
    "counts", [[[0, 0], [0, 0]], [[1, -1], [2, 2]], [[0.5, 1], [1, 1]], [1, 2], [[np.nan, 1]]]
)
def test_what_is_no_table_of_counts_is_refused(counts):
    with pytest.raises(MetricError):
        chi_square_homogeneity(counts)


def test_fisher_exact_equals_scipy():
    rng = np.random.default_rng(0)
    for _ in range(200):
        total_a, total_b = rng.integers(1, 60, 2)
        a, b = rng.integers(0, total_a + 1), rng.integers(0, total_b + 1)
        expected = scipy.stats.fisher_exact([[a, total_a - a], [b, total_b - b]]).pvalue
        assert fisher_exact(a, total_a, b, total_b) == pytest.approx(expected, rel=1e-6)
