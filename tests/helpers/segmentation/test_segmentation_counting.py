"""Counting in one scene: borders, regions, scores and colours, against SciPy, scikit-learn and PyTorch."""

import numpy as np
import pytest
import scipy.ndimage
import sklearn.metrics as sk
import torch

from helpers.datasets.streets.types import IGNORE
from helpers.metrics.pixel_precision import average_precision
from helpers.segmentation import counting
from helpers.segmentation.evaluation import with_bins
from helpers.segmentation.score_bins import HIGH, SCORE_BINS, pixel_score_counts, score_edges
from helpers.segmentation.types import BANDS, SEGMENT_SHARES


def blobs(seed: int, size: int = 96, classes: int = 4) -> np.ndarray:
    """A label of smooth regions, the upper left ignored."""
    rng = np.random.default_rng(seed)
    fields = [scipy.ndimage.gaussian_filter(rng.normal(size=(size, size)), 4) for _ in range(classes)]
    label = np.argmax(fields, axis=0).astype(np.uint8)
    label[:10, :20] = IGNORE
    return label


def softmax(seed: int, sharpness: float, classes: int = 4, size: int = 96) -> np.ndarray:
    """Probabilities of a fair segmenter of `blobs`, surer the larger the sharpness: (C, S, S) float32."""
    rng, label = np.random.default_rng(seed), blobs(seed, size, classes)
    scores = [
        scipy.ndimage.gaussian_filter((label == c) + rng.normal(0, 0.8, label.shape), 1.5) for c in range(classes)
    ]
    return torch.softmax(torch.tensor(np.array(scores), dtype=torch.float32) * sharpness, dim=0).numpy()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_joint_counts_equal_a_plain_count(dtype, monkeypatch):
    rng = np.random.default_rng(0)
    values = [rng.integers(0, 9, (50, 70)).astype(dtype) for _ in range(3)]
    expected = np.zeros((5, 9, 7), np.int64)
    kept = (values[0] < 5) & (values[2] < 7)
    np.add.at(expected, tuple(one[kept] for one in values), 1)
    np.testing.assert_array_equal(counting.joint_counts((5, 9, 7), *values), expected)
    monkeypatch.setattr(counting, "COUNTED_AT_ONCE", 999)
    np.testing.assert_array_equal(counting.joint_counts((5, 9, 7), *values), expected)


def test_more_pixels_than_float32_can_count():
    many = np.zeros((4200, 4100), np.uint8)  # more than 2²⁴
    assert counting.confusion(many, many, 2).tolist() == [[many.size, 0], [0, 0]]


def test_the_first_of_equal_classes_is_chosen():
    probabilities = np.array([[[0.2, 0.5]], [[0.4, 0.5]], [[0.4, 0.0]]], np.float32)
    prediction, confidence = counting.choose(probabilities)
    np.testing.assert_array_equal(prediction, [[1, 0]])
    np.testing.assert_array_equal(confidence, np.float32([[0.4, 0.5]]))


@pytest.mark.parametrize("seed", range(3))
def test_chosen_classes_equal_argmax(seed):
    probabilities = softmax(seed, 5)
    prediction, confidence = counting.choose(probabilities)
    np.testing.assert_array_equal(prediction, probabilities.argmax(0))
    np.testing.assert_array_equal(confidence, probabilities.max(0))


def counted(probabilities: np.ndarray, label: np.ndarray) -> np.ndarray:
    """As an evaluation counts them."""
    ((_, bins, truth_bins),) = with_bins(torch.from_numpy(probabilities)[None], [label])
    maps = [one.numpy().view(np.uint16) for one in (bins, truth_bins)]
    return pixel_score_counts(*maps, label, *counting.choose(probabilities))


def test_score_edges_rise_from_0_to_1():
    edges = score_edges()
    assert (edges[0], edges[-1], len(edges)) == (0, 1, SCORE_BINS)
    odds = edges[1:-1] / (1 - edges[1:-1])
    usual = (edges[1:-1] > 1e-5) & (edges[1:-1] < 1 - 1e-5)
    assert (np.diff(edges) >= 0).all() and (np.diff(odds[usual]) / odds[usual][:-1]).max() < 0.035


@pytest.mark.parametrize("sharpness", [0, 0.5, 5, 15, 60, 1000])
def test_average_precision_is_within_half_a_percent_of_scikit_learn(sharpness):
    """From a segmenter that knows nothing to one that says 0 or 1 only."""
    probabilities, label = softmax(1, sharpness), blobs(1)
    kept = label != IGNORE
    theirs = [sk.average_precision_score(label[kept] == c, probabilities[c][kept]) for c in range(4)]
    np.testing.assert_allclose(average_precision(counted(probabilities, label)), theirs, atol=0.002)


@pytest.mark.parametrize("sharpness", [0, 2, 10, 60])
def test_score_bins_equal_a_search_of_the_edges(sharpness):
    probabilities, label = softmax(2, sharpness), blobs(2)
    probabilities[:, 40, 40:44] = np.array(
        [[0.5, 0.5, 0, 0], [1, 0, 0, 0], [0.503, 0.497, 0, 0], [HIGH, 1 - HIGH, 0, 0]], np.float32
    ).T
    expected = np.zeros((4, 2, SCORE_BINS), np.int64)
    kept = label != IGNORE
    for c in range(4):
        bins = np.searchsorted(score_edges(), probabilities[c][kept].astype(np.float64), side="right") - 1
        np.add.at(expected[c], ((label[kept] == c).astype(int), bins), 1)
    ours = counted(probabilities, label)
    np.testing.assert_array_equal(ours, expected)


def test_scores_of_ignored_pixels_count_nowhere():
    probabilities, label = softmax(3, 5), blobs(3)
    assert not counted(probabilities, np.full_like(label, IGNORE)).any()
    half = np.where(np.arange(96) % 2, label, IGNORE)
    rest = np.where(np.arange(96) % 2, IGNORE, label)
    both = counted(probabilities, half) + counted(probabilities, rest)
    np.testing.assert_array_equal(both, counted(probabilities, label))


@pytest.mark.parametrize("seed", range(3))
def test_bands_equal_scipys_distances(seed):
    label = blobs(seed)
    at_border = np.zeros(label.shape, bool)
    for row, column in np.ndindex(label.shape):
        for other in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
            if min(other) >= 0 and max(other) < len(label):
                pair = {label[row, column], label[other]}
                at_border[row, column] |= len(pair) == 2 and IGNORE not in pair
    distance = scipy.ndimage.distance_transform_edt(~at_border) + 0.5
    exact = np.searchsorted(BANDS, distance)
    ours = counting.border_bands(label)
    np.testing.assert_array_equal(ours == 0, at_border)
    near_a_bound = np.abs(distance[..., None] / np.array(BANDS) - 1).min(-1) < 0.03
    np.testing.assert_array_equal(ours[~near_a_bound], exact[~near_a_bound])
    assert np.mean(ours == exact) > 0.97


def test_where_there_is_no_border_all_is_far():
    label = np.zeros((64, 64), np.uint8)
    label[:5] = IGNORE
    assert (counting.border_bands(label) == len(BANDS)).all()


@pytest.mark.parametrize("seed", range(3))
def test_regions_equal_scipys(seed):
    label = blobs(seed)
    label[50, 50] = (label[50, 50] + 1) % 4  # one pixel that is a region of its own
    expected, count = np.full(label.shape, IGNORE), 0
    for number in range(4):
        regions, found = scipy.ndimage.label(label == number, structure=np.ones((3, 3)))
        for region in range(1, found + 1):
            inside = regions == region
            expected[inside] = np.searchsorted(SEGMENT_SHARES, inside.sum() / label.size)
        count += found
    ours = counting.segments(label)
    np.testing.assert_array_equal(ours.groups, expected)
    assert ours.count == count


@pytest.mark.parametrize("regions", [3, 300, 70_000])
def test_any_number_of_regions(regions):
    """One class in so many single pixels, and one all around them."""
    label = np.zeros((600, 600), np.uint8)
    label[1::2, 1::2].flat[:regions] = 1
    found = counting.segments(label)
    assert found.count == regions + 1
    assert (found.groups[label == 1] == 0).all() and (found.groups[label == 0] == len(SEGMENT_SHARES)).all()


def test_regions_of_a_class_do_not_join_across_another():
    label = np.zeros((20, 20), np.uint8)
    label[:, 9] = 1
    label[4:6, 12:14] = IGNORE
    found = counting.segments(label)
    assert found.count == 3
    assert set(np.unique(found.groups)) == {3, len(SEGMENT_SHARES), IGNORE}  # 5 % of the image, and above


def test_facts_of_plain_pictures():
    black = counting.image_facts(np.zeros((8, 8, 3), np.uint8))
    assert set(black.values()) == {0.0}
    red = counting.image_facts(np.full((8, 8, 3), (255, 0, 0), np.uint8))
    assert red["brightness"] == pytest.approx(0.299, abs=0.003)
    assert red["saturation"] == 1
    # CIELAB of sRGB red under D65: 53.2, 80.1, 67.2 (Lindbloom, http://www.brucelindbloom.com)
    assert (red["lightness_mean"], red["a_mean"], red["b_mean"]) == pytest.approx((53.2, 80.1, 67.2), abs=0.7)
    halves = np.zeros((8, 8, 3), np.uint8)
    halves[:4] = 255
    found = counting.image_facts(halves)
    assert (found["contrast"], found["lightness_mean"], found["lightness_std"]) == pytest.approx((0.5, 50, 50))
