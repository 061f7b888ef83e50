"""How far apart two sets of images lie in a network's feature space, taken as two normal distributions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_matrix


def frechet_distance(features_a: ArrayLike, features_b: ArrayLike) -> float:
    """|μ_a - μ_b|² + Tr(Σ_a + Σ_b - 2 (Σ_a Σ_b)^½): squared Fréchet distance of two normal distributions.

    Dowson & Landau 1982 (Journal of Multivariate Analysis 12:450); with Inception features it is the "FID" of
    Heusel et al. 2017 (NeurIPS). Features are (n, D) and may differ in n; the unit is that of the features,
    squared. Where a set has fewer images than features, its covariance is shrunk towards a multiple of the
    identity (Ledoit & Wolf 2004, Journal of Multivariate Analysis 88:365). Sets of few images lie apart by
    chance: compare with two halves of one set, as `sections.abroad.drop.appearance.feature_distance` does.

    Raises MetricError for fewer than two images, or features of two widths.
    """
    a, b = (as_matrix(features, "features").astype(np.float64) for features in (features_a, features_b))
    if a.shape[1] != b.shape[1]:
        raise MetricError(f"The sets have {a.shape[1]} and {b.shape[1]} features: take both from one network.")
    covariance_a, covariance_b = _covariance(a), _covariance(b)
    between = ((a.mean(0) - b.mean(0)) ** 2).sum()
    spread = np.trace(covariance_a) + np.trace(covariance_b) - 2 * _trace_of_root(covariance_a, covariance_b)
    return max(0.0, float(between + spread))


def _covariance(features: np.ndarray) -> np.ndarray:
    n, width = features.shape
    if n < 2:
        raise MetricError(f"A Fréchet distance needs at least 2 images a set, not {n}.")
    if n > width:
        return np.atleast_2d(np.cov(features, rowvar=False))
    from sklearn.covariance import ledoit_wolf

    return ledoit_wolf(features)[0] * n / (n - 1)


def _trace_of_root(a: np.ndarray, b: np.ndarray) -> float:
    """Tr (a b)^½ of two covariances: a b has the eigenvalues of a^½ b a^½, which is symmetric."""
    values, vectors = np.linalg.eigh(a)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return float(np.sqrt(np.clip(np.linalg.eigvalsh(root @ b @ root), 0, None)).sum())
