"""Neighbours and centroids, against SciPy and points placed by hand."""

import numpy as np
import pytest
from made_up_features import blobs, sorted_distances

from helpers.metrics.checks import MetricError
from helpers.metrics.distances import centroids
from helpers.metrics.neighbours import k_nearest


@pytest.mark.parametrize("k", [1, 4, 12])
def test_neighbours_are_the_nearest_of_all(k):
    points, _ = blobs()
    queries, references = points[:30], points[30:]
    ours = k_nearest(queries, references, k)
    assert k_nearest(queries[:0], references, k).index.shape == (0, k)
    distance, index = sorted_distances(queries, references, k)
    np.testing.assert_array_equal(ours.index, index)
    np.testing.assert_allclose(ours.distance, distance)


@pytest.mark.parametrize("k", [1, 5, 89])
def test_no_point_is_its_own_neighbour(k):
    points, _ = blobs()
    ours = k_nearest(points, points, k, queries_are_references=True)
    distance, index = sorted_distances(points, points, k, same=True)
    np.testing.assert_array_equal(ours.index, index)
    np.testing.assert_allclose(ours.distance, distance)


def test_near_duplicates_are_each_others_neighbours_at_distance_zero():
    points, _ = blobs()
    points[17] = points[60]
    ours = k_nearest(points, points, 1, queries_are_references=True)
    assert (ours.index[17, 0], ours.index[60, 0]) == (60, 17)
    assert ours.distance[17, 0] == ours.distance[60, 0] == 0.0


def test_first_of_equally_near_references_is_taken():
    assert k_nearest(np.zeros((1, 2)), np.array([[3.0, 4.0], [0, 5], [5, 0]])).index.tolist() == [[0]]


@pytest.mark.parametrize(
    ("queries", "references", "k", "same"),
    [
        (np.ones((2, 3)), np.ones((2, 4)), 1, False),
        (np.ones((2, 3)), np.ones((2, 3)), 3, False),
        (np.ones((2, 3)), np.ones((2, 3)), 2, True),
        (np.ones((2, 3)), np.ones((2, 3)), 0, False),
        (np.ones((2, 3)), np.ones((0, 3)), 1, False),
        (np.full((2, 3), np.nan), np.ones((2, 3)), 1, False),
        (np.ones(3), np.ones((2, 3)), 1, False),
    ],
)
def test_neighbours_that_cannot_be_found_are_refused(queries, references, k, same):
    with pytest.raises(MetricError):
        k_nearest(queries, references, k, same)


def test_centroids_are_class_means_in_double_precision():
    features, labels = blobs()
    ours = centroids(features, labels, 3)
    assert ours.dtype == np.float64
    for c in range(3):
        np.testing.assert_allclose(ours[c], features[labels == c].astype(float).mean(0), rtol=1e-12)


def test_class_without_images_has_no_centroid():
    with pytest.raises(MetricError, match="Class 1 has no training image"):
        centroids(np.ones((2, 4)), [0, 2], 3)
