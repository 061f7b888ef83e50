"""Distances of mistakes to centroids, against SciPy and points placed by hand."""

import numpy as np
import pytest
from made_up_features import blobs
from scipy.spatial.distance import cdist
from statsmodels.stats.proportion import proportion_confint

from helpers.metrics.checks import MetricError
from helpers.metrics.distances import centroids, distances_to_own
from sections.distances.feature_space import distances_to, mistake_distances, within_class_distance


def test_distances_equal_scipy():
    features, labels = blobs()
    centres = centroids(features, labels, 3)
    ours, full = distances_to(features, centres), cdist(features.astype(float), centres)
    np.testing.assert_allclose(ours, full, rtol=1e-9)
    np.testing.assert_allclose(distances_to_own(features, labels, centres), full[np.arange(90), labels])
    within = within_class_distance(features, labels, centres)
    assert within == pytest.approx(full[np.arange(90), labels].mean())
    assert distances_to(features[:0], centres).shape == (0, 3)


def test_distances_to_the_first_class_stand_in_the_first_column():
    ours = distances_to(np.array([[0.0, 0], [3, 4], [6, 8]]), np.array([[0.0, 0], [6, 8]]))
    np.testing.assert_allclose(ours, [[0, 10], [5, 5], [10, 0]], atol=1e-9)


def test_within_class_distance_counts_images_alike():
    features = np.array([[-1.0], [1], [-1], [1], [10], [16]])
    labels = [0, 0, 0, 0, 1, 1]
    assert within_class_distance(features, labels, centroids(features, labels, 2)) == pytest.approx(10 / 6)


def test_mistakes_by_hand():
    centres = np.array([[0.0, 0], [6, 8], [100, 0]])
    found = mistake_distances(np.array([[3.0, 0], [0, 0], [3, 4]]), [0, 1, 1], [2, 0, 0], centres, within=2.0)
    np.testing.assert_allclose(found.to_truth, [3, 10, 5])
    np.testing.assert_allclose(found.to_predicted, [97, 0, 5])
    np.testing.assert_allclose(found.relative_to_truth, [1.5, 5, 2.5])
    np.testing.assert_allclose(found.relative_to_predicted, [48.5, 0, 2.5])
    np.testing.assert_allclose(found.margin, [47, -5, 0])
    assert found.nearer_to_truth.tolist() == [True, False, False]  # as near to both is not nearer
    share = found.share_nearer_to_truth()
    assert share.value == pytest.approx(1 / 3)
    assert (share.low, share.high) == pytest.approx(proportion_confint(1, 3, method="wilson"))


def test_relative_distances_do_not_know_the_unit():
    features, labels = blobs()
    wrong = (labels + 1) % 3
    results = []
    for unit in (1.0, 1000.0):
        centres = centroids(features * unit, labels, 3)
        within = within_class_distance(features * unit, labels, centres)
        results.append(mistake_distances(features * unit, labels, wrong, centres, within).relative_to_truth)
    np.testing.assert_allclose(*results, rtol=1e-4)


def test_no_mistakes_leave_the_share_unknown():
    share = mistake_distances(np.empty((0, 2)), [], [], np.eye(2), within=1.0).share_nearer_to_truth()
    assert np.isnan(share.value)
    assert (share.low, share.high) == (0, 1)


@pytest.mark.parametrize(
    ("features", "truth", "predicted", "within"),
    [
        (np.ones((1, 2)), [0], [0], 1.0),
        (np.ones((1, 2)), [0], [1], 0.0),
        (np.ones((1, 2)), [0], [1], np.nan),
        (np.ones((1, 2)), [0], [2], 1.0),
        (np.ones((1, 3)), [0], [1], 1.0),
        (np.ones((2, 2)), [0], [1], 1.0),
    ],
)
def test_what_is_no_mistake_is_refused(features, truth, predicted, within):
    with pytest.raises(MetricError):
        mistake_distances(features, truth, predicted, np.eye(2), within)
