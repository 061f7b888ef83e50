"""Where images lie in a model's feature space: near which class's centre.

Features are (n, D), one row an image, as `Run.outputs(part).features` has them. Distances are Euclidean and
in the unit of the features, which differs from model to model; divided by the model's own mean distance
within classes they can be compared across models.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_labels, as_matrix, not_empty, same_length
from helpers.metrics.intervals import Interval, wilson


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


def distances_to(features: ArrayLike, centroids: ArrayLike) -> np.ndarray:
    """Euclidean distance of each image to each centroid: (n, C) float64, without an (n, C, D) array."""
    features, centroids = as_matrix(features, "features"), as_matrix(centroids, "centroids")
    from sklearn.metrics import euclidean_distances

    _same_width(features, centroids)
    if not len(features):
        return np.empty((0, len(centroids)))
    middle = centroids.mean(0)  # moving both leaves the distances and takes away most of the rounding
    return euclidean_distances(features - middle, centroids - middle)


def _same_width(features: np.ndarray, centroids: np.ndarray) -> None:
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
    _same_width(features, centroids)
    return np.linalg.norm(features - centroids[labels], axis=1)


def within_class_distance(features: ArrayLike, labels: ArrayLike, centroids: ArrayLike) -> float:
    """Mean over images of the distance to the centroid of their own class: the model's yardstick.

    Every image counts alike, so large classes count more. Use the training images that made the centroids.
    """
    distance = distances_to_own(features, labels, centroids)
    not_empty(len(distance))
    return float(distance.mean())


@dataclass(frozen=True)
class MistakeDistances:
    """Distances of m misclassified images in one model's feature space. Arrays have shape (m,)."""

    truth: np.ndarray  # int64, true class
    predicted: np.ndarray  # int64, the class that the images were taken for
    to_truth: np.ndarray  # float64, distance to the true class's centroid, unit of the features
    to_predicted: np.ndarray  # float64, distance to the predicted class's centroid
    within: float  # mean distance within classes of this model

    @property
    def relative_to_truth(self) -> np.ndarray:
        """`to_truth` in mean within-class distances: comparable across models."""
        return self.to_truth / self.within

    @property
    def relative_to_predicted(self) -> np.ndarray:
        """`to_predicted` in mean within-class distances."""
        return self.to_predicted / self.within

    @property
    def nearer_to_truth(self) -> np.ndarray:
        """(m,) bool: this model puts the image strictly nearer to its true class than to the predicted."""
        return self.to_truth < self.to_predicted

    @property
    def margin(self) -> np.ndarray:
        """Relative distance to the predicted class minus that to the true class: above 0 is right."""
        return self.relative_to_predicted - self.relative_to_truth

    def share_nearer_to_truth(self) -> Interval:
        """Share of the images nearer to their true class, with its Wilson interval (NaN for no images)."""
        return wilson(int(self.nearer_to_truth.sum()), len(self.truth))


def mistake_distances(
    features: ArrayLike, truth: ArrayLike, predicted: ArrayLike, centroids: ArrayLike, within: float
) -> MistakeDistances:
    """Are misclassified images nearer to what they are or to what they were taken for?

    `features` (m, D) and `centroids` (C, D) come from the model asked, `within` is its
    `within_class_distance`; `truth` and `predicted` (m,) come from the model that made the mistakes, which
    may be another one. Raises MetricError where an image was not misclassified or `within` is not above 0.
    """
    num_classes = len(np.asarray(centroids))
    truth, predicted = as_labels(truth, num_classes, "truth"), as_labels(predicted, num_classes, "predicted")
    same_length(truth=truth, predicted=predicted)
    if (truth == predicted).any():
        raise MetricError("Only misclassified images belong here; some have their true class as prediction.")
    if not within > 0:
        raise MetricError(f"The mean distance within classes is {within}: the features do not vary.")
    to_truth = distances_to_own(features, truth, centroids)
    to_predicted = distances_to_own(features, predicted, centroids)
    return MistakeDistances(truth, predicted, to_truth, to_predicted, float(within))
