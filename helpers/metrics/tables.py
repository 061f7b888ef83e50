"""Tests on tables of counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_matrix, not_empty


@dataclass(frozen=True)
class ChiSquare:
    """Result of a chi-square test of a table of counts."""

    statistic: float
    dof: int
    p_value: float
    min_expected: float  # smallest count expected; the p-value is rough where it is below 5

    @property
    def reliable(self) -> bool:
        """Every expected count is at least 5 (Cochran's rule): the p-value can be trusted."""
        return self.min_expected >= 5


def chi_square_homogeneity(counts: ArrayLike) -> ChiSquare:
    """Are the classes spread alike over the parts? Pearson's chi-square test on (P, C) counts.

    statistic = Σ (count - expected)² / expected, expected = row sum · column sum / total, with
    (P - 1)(C - 1) degrees of freedom. A small p-value says the parts differ. A stratified split is *more*
    alike than chance would make it: its statistic lies far below the degrees of freedom and its p-value near 1.

    Parts and classes without any count are left out; with one part or class left nothing can differ
    (statistic 0, p-value 1). Raises MetricError for negative, fractional or no counts.
    """
    from scipy.stats import chi2_contingency

    counts = as_matrix(counts, "The table of counts").astype(np.float64)
    if (counts < 0).any() or (counts != np.floor(counts)).any():
        raise MetricError("A table of counts holds whole numbers from 0 up.")
    not_empty(int(counts.sum()), "count")
    counts = counts[counts.sum(1) > 0][:, counts.sum(0) > 0].astype(np.int64)
    found = chi2_contingency(counts, correction=False)
    return ChiSquare(float(found.statistic), found.dof, float(found.pvalue), float(found.expected_freq.min()))


def fisher_exact(hits_a: int, total_a: int, hits_b: int, total_b: int) -> float:
    """Two-sided p-value of Fisher's exact test (1922) that two shares differ only by chance."""
    from scipy import stats

    return float(stats.fisher_exact([[hits_a, total_a - hits_a], [hits_b, total_b - hits_b]]).pvalue)
