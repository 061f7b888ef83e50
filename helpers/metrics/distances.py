"""Where images lie in a model's feature space: near which class's centre.

Features are (n, D), one row an image, as `Run.outputs(part).features` has them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_labels, as_matrix, same_length


def centroids(features: ArrayLike, labels: ArrayLike, num_classes: int) -> np.ndarray:
    """Mean feature vector of each class: (C, D) float64. Take them from training images.

    Raises MetricError where a class has no image.
    """
    features, labels = as_matrix(features, "features"), as_labels(labels, num_classes)
    same_length(features=features, labels=labels)
    missing = np.setdiff1d(np.arange(num_classes), labels)
    if missing.size:
        raise MetricError(f"Class {missing[0]} has no training image, so it has no centroid.")
    return np.stack([features[labels == c].mean(0, dtype=np.float64) for c in range(num_classes)])


def same_width(features: np.ndarray, centroids: np.ndarray) -> None:
    """MetricError where features and centroids are of different models."""
    if features.shape[1] != centroids.shape[1]:
        raise MetricError(
            f"Features have {features.shape[1]} numbers and centroids {centroids.shape[1]}: "
            "take both from the same model."
        )


def distances_to_own(features: ArrayLike, labels: ArrayLike, centroids: ArrayLike) -> np.ndarray:
    """Euclidean distance of each image to the centroid of the class in `labels`: (n,) float64."""
    features, centroids = as_matrix(features, "features"), as_matrix(centroids, "centroids")
    labels = as_labels(labels, len(centroids))
    same_length(features=features, labels=labels)
    same_width(features, centroids)
    return np.linalg.norm(features - centroids[labels], axis=1)
