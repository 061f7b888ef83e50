"""Purity of neighbourhoods, against counts and points placed by hand."""

import numpy as np
import pytest
from made_up_features import blobs, sorted_distances

from helpers.metrics.checks import MetricError
from helpers.metrics.intervals import bootstrap, wilson
from sections.one_model.embedding.purity import chance_purity, neighbour_agreement, purity


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
    again = bootstrap(lambda index: share[index].mean(1), 300)
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
