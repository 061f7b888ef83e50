"""Average precision over pixels from histograms, and the Fréchet distance, against scikit-learn and SciPy."""

import numpy as np
import pytest
import scipy.linalg
import sklearn.metrics as sk

from helpers.metrics.checks import MetricError
from helpers.metrics.frechet import frechet_distance
from helpers.metrics.pixel_precision import average_precision, precision_recall
from sections.abroad.drop.appearance import feature_distance
from sections.abroad.drop.pictures import feature_plane
from sections.abroad.drop.sentences import feature_verdict


def counted(scores: np.ndarray, truth: np.ndarray, bins: int) -> np.ndarray:
    """(2, B) counts of scores 0 … 1 in equal bins."""
    which = np.minimum((scores * bins).astype(int), bins - 1)
    return np.stack([np.bincount(which[truth == kind], minlength=bins) for kind in (0, 1)])


def scored(seed: int, n: int = 4000, share: float = 0.1, separation: float = 2.0):
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < share).astype(int)
    return 1 / (1 + np.exp(-rng.normal(separation * truth - 1, 1))), truth


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.01, 0.5])
def test_average_precision_of_distinct_bins_is_that_of_scikit_learn(seed, share):
    """Scores that are the bins themselves: the same thresholds, the same number."""
    scores, truth = scored(seed, share=share)
    bins = counted(scores, truth, 50)
    rounded = np.minimum((scores * 50).astype(int), 49)
    assert average_precision(bins[None])[0] == pytest.approx(sk.average_precision_score(truth, rounded))


@pytest.mark.parametrize("share", [0.003, 0.03, 0.3, 0.9])
@pytest.mark.parametrize("separation", [0.5, 2.0, 5.0])
def test_binned_scores_lose_less_than_half_a_percent(share, separation):
    scores, truth = scored(1, 20_000, share, separation)
    ours = average_precision(counted(scores, truth, 2000)[None])[0]
    assert ours == pytest.approx(sk.average_precision_score(truth, scores), abs=0.005)


def test_curve_is_that_of_scikit_learn_in_reverse():
    scores, truth = scored(2, 500)
    rounded = np.minimum((scores * 20).astype(int), 19)
    ours = precision_recall(counted(scores, truth, 20), edges=np.arange(20) / 20)
    precision, recall, thresholds = sk.precision_recall_curve(truth, rounded)
    np.testing.assert_allclose(ours.precision, precision[-2::-1])
    np.testing.assert_allclose(ours.recall, recall[-2::-1])
    np.testing.assert_allclose(ours.thresholds, thresholds[::-1] / 20)


def test_curve_by_hand():
    ours = precision_recall([[0, 3, 1, 0], [1, 0, 1, 2]])
    np.testing.assert_allclose(ours.thresholds, [3, 2, 1, 0])
    np.testing.assert_allclose(ours.precision, [1, 3 / 4, 3 / 7, 4 / 8])
    np.testing.assert_allclose(ours.recall, [2 / 4, 3 / 4, 3 / 4, 1])
    assert average_precision([[[0, 3, 1, 0], [1, 0, 1, 2]]])[0] == pytest.approx(0.5 + 0.25 * 3 / 4 + 0.25 / 2)


def test_class_without_truth_has_no_average_precision():
    found = average_precision([[[5, 0], [0, 2]], [[5, 2], [0, 0]], [[0, 0], [0, 0]], [[0, 0], [1, 1]]])
    np.testing.assert_allclose(found, [1, np.nan, np.nan, 1])


@pytest.mark.parametrize("bins", [np.zeros((2, 3), int), np.full((1, 2, 3), -1), np.zeros((1, 2, 3))])
def test_what_is_no_histogram_is_refused(bins):
    with pytest.raises(MetricError):
        average_precision(bins)
    with pytest.raises(MetricError):
        precision_recall(np.zeros((2, 3), int), edges=[0, 1])


def test_frechet_distance_equals_the_formula_with_scipys_root():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(60, 5)) @ rng.normal(size=(5, 5)), rng.normal(1, 2, size=(80, 5))
    covariances = [np.cov(features, rowvar=False) for features in (a, b)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected)
    assert frechet_distance(b, a) == pytest.approx(expected)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-6)


def test_frechet_distance_of_shifted_normals_is_the_shift_squared():
    features = np.random.default_rng(1).normal(size=(500, 8))
    assert frechet_distance(features, features + 3) == pytest.approx(8 * 9)


def test_fewer_images_than_features_are_shrunk():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(40, 100)), rng.normal(size=(40, 100))
    plain = frechet_distance(np.repeat(a, 3, axis=0), np.repeat(b, 3, axis=0))  # the same spread, not shrunk
    assert 0 < frechet_distance(a, b) < plain / 2
    far = rng.normal(0.5, 1, size=(40, 100))
    assert frechet_distance(a, far) == pytest.approx(100 * 0.25, rel=0.3)


def test_halves_of_one_set_are_near_each_other():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(200, 6)), rng.normal(1, 1, size=(200, 6))
    found = feature_distance({"a": a, "b": b})
    assert found.within < 0.1 * found.between["b"]
    assert found.within == feature_distance({"a": a, "b": b}).within


@pytest.mark.parametrize(("home", "target"), [(1, 1), (2, 5), (3, 9), (8, 1)])
def test_too_few_scenes_have_no_distance_and_that_is_said(home, target):
    rng = np.random.default_rng(4)
    found = feature_distance({"a": rng.normal(size=(home, 6)), "b": rng.normal(size=(target, 6))})
    assert np.isnan([found.within, *found.between.values()]).all()
    (said,) = feature_verdict(found)
    assert "fewer than two scenes" in said and "Fréchet" not in feature_plane(found).caption


def test_frechet_distance_refuses_what_it_cannot_compare():
    with pytest.raises(MetricError, match="one network"):
        frechet_distance(np.ones((5, 3)), np.ones((5, 4)))
    with pytest.raises(MetricError, match="at least 2"):
        frechet_distance(np.ones((1, 3)), np.ones((5, 3)))
