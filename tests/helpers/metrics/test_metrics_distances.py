"""Neighbours, centroids, distances and purity against SciPy and points placed by hand."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from statsmodels.stats.proportion import proportion_confint

from helpers.metrics.checks import MetricError
from helpers.metrics.distances import (
    centroids,
    distances_to,
    distances_to_own,
    mistake_distances,
    within_class_distance,
)
from helpers.metrics.embedding import chance_purity, neighbour_agreement, purity
from helpers.metrics.intervals import mean_interval, wilson
from helpers.metrics.neighbours import k_nearest


def blobs(seed: int = 0, n: int = 90, width: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Features far from the origin (as after ReLU), where careless float32 arithmetic would show."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 3)
    return (100 + labels[:, None] + rng.normal(size=(n, width))).astype(np.float32), labels


def sorted_distances(queries, references, k, same=False) -> tuple[np.ndarray, np.ndarray]:
    """Distances and places of the k nearest, from all distances there are."""
    full = cdist(queries.astype(float), references.astype(float))
    if same:
        np.fill_diagonal(full, np.inf)
    index = full.argsort(axis=1, kind="stable")[:, :k]
    return np.take_along_axis(full, index, 1), index


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


@pytest.mark.parametrize("k", [1, 5, 20])
def test_agreement_is_the_share_of_neighbours_with_the_label(k):
    points, labels = blobs()
    _, index = sorted_distances(points, points, k, same=True)
    ours = neighbour_agreement(points, labels, k)
    np.testing.assert_allclose(ours, (labels[index] == labels[:, None]).mean(1))
    assert purity(points, labels, k).interval.value == pytest.approx(ours.mean())


def test_purity_of_separate_and_of_mixed_classes():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], [150, 50])
    apart = purity(rng.normal(size=(200, 2)) + 100 * labels[:, None], labels)
    mixed = purity(rng.normal(size=(200, 2)), labels)
    assert apart.interval == wilson(200, 200)
    assert mixed.chance == apart.chance == pytest.approx((150 * 149 + 50 * 49) / (200 * 199))
    assert mixed.interval.contains(mixed.chance)
    assert mixed.k == 10


def test_chance_is_what_shuffled_labels_have_on_average():
    points, labels = blobs(n=60)
    labels = np.minimum(labels, 1)
    rng = np.random.default_rng(1)
    shuffled = [purity(points, rng.permutation(labels), k=5).interval.value for _ in range(300)]
    error = np.std(shuffled) / np.sqrt(300)
    assert np.mean(shuffled) == pytest.approx(chance_purity(labels), abs=3.5 * error)


def test_purity_interval_is_that_of_a_mean():
    points, labels = blobs(n=300, width=2)
    share = neighbour_agreement(points, labels)
    found = purity(points, labels).interval
    assert found.value == pytest.approx(share.mean())
    assert found.width == pytest.approx(2 * 1.96 * share.std() / np.sqrt(300), rel=0.02)
    again = mean_interval(share)
    assert (found.low, found.high) == pytest.approx((again.low, again.high), abs=0.004)


@pytest.mark.parametrize(("n", "k"), [(10, 10), (1, 1), (0, 1)])
def test_purity_needs_more_points_than_neighbours(n, k):
    with pytest.raises(MetricError):
        purity(np.ones((n, 2)), np.zeros(n, int), k)


def test_chance_needs_two_points():
    assert chance_purity([3, 3]) == 1
    assert chance_purity([3, 4]) == 0
    with pytest.raises(MetricError):
        chance_purity([3])
