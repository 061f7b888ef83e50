"""What resolving a confusion brings: checked by correcting pixels one by one."""

import numpy as np
import pytest

from helpers.metrics.confusion_gains import pair_gains, resolving_gain
from helpers.metrics.segmentation import mean_ious


def resolved_pixel_by_pixel(matrix: np.ndarray, truth: int, predicted: int) -> float:
    """Mean IoU after correcting a list of pixels, without any of the formulas."""
    pairs = [(i, i if (i, j) == (truth, predicted) else j) for i, j in np.ndindex(matrix.shape)
             for _ in range(matrix[i, j])]  # fmt: skip
    y_true, y_pred = np.array(pairs).T
    ious = [
        ((y_true == c) & (y_pred == c)).sum() / ((y_true == c) | (y_pred == c)).sum()
        for c in range(len(matrix))
        if ((y_true == c) | (y_pred == c)).any()
    ]
    return float(np.mean(ious))


def test_gains_of_pairs_equal_correcting_their_pixels():
    matrix = np.random.default_rng(0).integers(0, 9, (5, 5))
    matrix[3] = matrix[:, 3] = 0  # a class that is nowhere
    matrix[4] = [0, 2, 0, 0, 0]  # a class always missed
    now = mean_ious(matrix)
    found = pair_gains(matrix)
    for i, j in np.ndindex(5, 5):
        expected = resolved_pixel_by_pixel(matrix, i, j) - now if i != j else 0
        assert found[i, j] == pytest.approx(expected, abs=1e-12), (i, j)


def test_a_class_of_false_alarms_only_leaves_the_mean_when_resolved():
    matrix = np.array([[8, 2], [0, 0]])  # nothing is of the second class, yet it is seen
    assert mean_ious(matrix) == pytest.approx(0.4)
    assert pair_gains(matrix)[0, 1] == pytest.approx(0.6)
    assert resolving_gain(matrix, matrix) == pytest.approx(0.6)


def test_gains_of_many_matrices_at_once():
    matrices = np.random.default_rng(1).integers(0, 9, (20, 5, 5))
    for one, matrix in zip(pair_gains(matrices), matrices, strict=True):
        np.testing.assert_allclose(one, pair_gains(matrix))
