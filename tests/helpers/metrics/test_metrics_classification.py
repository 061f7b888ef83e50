"""Scores from confusion matrices, against scikit-learn, torchmetrics and cases worked out by hand."""

import numpy as np
import pytest
import sklearn.metrics as sk
import torch
import torchmetrics.functional.classification as tm

from helpers.base.errors import CourseError
from helpers.metrics.checks import MetricError
from helpers.metrics.classification import (
    Confusion,
    confusion_matrix,
    image_log_loss,
    largest_confusions,
    normalise_rows,
    scores,
)


def random_case(seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Unequal classes and lopsided mistakes, so that swapping truth and prediction changes every score."""
    rng = np.random.default_rng(seed)
    num_classes, n = int(rng.integers(2, 12)), int(rng.integers(1, 300))
    truth = rng.choice(num_classes, n, p=rng.dirichlet(np.ones(num_classes)))
    guess = np.where(rng.random(n) < 0.6, truth, rng.choice(num_classes, n))
    return truth, np.minimum(guess, truth + 1), num_classes


@pytest.mark.parametrize("seed", range(25))
def test_scores_equal_scikit_learn(seed):
    truth, guess, num_classes = random_case(seed)
    ours = scores(confusion_matrix(truth, guess, num_classes))
    labels = np.arange(num_classes)
    assert ours.accuracy == pytest.approx(sk.accuracy_score(truth, guess))
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        truth, guess, labels=labels, zero_division=0
    )
    np.testing.assert_allclose(ours.precision, precision)
    np.testing.assert_allclose(ours.recall, recall)
    np.testing.assert_allclose(ours.f1, f1)
    np.testing.assert_array_equal(ours.support, support)
    there = np.unique(truth)
    macro = sk.precision_recall_fscore_support(truth, guess, labels=there, average="macro", zero_division=0)
    assert (ours.macro_precision, ours.macro_recall, ours.macro_f1) == pytest.approx(macro[:3])
    assert set(ours.absent) == set(labels) - set(truth)


@pytest.mark.parametrize("seed", range(8))
def test_scores_equal_torchmetrics(seed):
    truth, guess, num_classes = random_case(seed)
    ours = scores(confusion_matrix(truth, guess, num_classes))
    t, g = torch.from_numpy(truth), torch.from_numpy(guess)
    f1 = tm.multiclass_f1_score(g, t, num_classes, average=None)[t.unique()].mean()
    recall = tm.multiclass_recall(g, t, num_classes, average=None)
    assert ours.macro_f1 == pytest.approx(float(f1), abs=1e-6)
    np.testing.assert_allclose(ours.recall, recall.numpy(), atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_confusion_matrix_equals_scikit_learn_and_is_not_its_transpose(seed):
    truth, guess, num_classes = random_case(seed)
    ours = confusion_matrix(truth, guess, num_classes)
    np.testing.assert_array_equal(ours, sk.confusion_matrix(truth, guess, labels=np.arange(num_classes)))
    assert ours.dtype == np.int64


def test_rows_are_the_truth():
    cm = confusion_matrix([0, 0, 0, 1], [1, 1, 0, 1], 3)
    np.testing.assert_array_equal(cm, [[1, 2, 0], [0, 1, 0], [0, 0, 0]])
    found = scores(cm)
    np.testing.assert_allclose(found.precision, [1, 1 / 3, 0])
    np.testing.assert_allclose(found.recall, [1 / 3, 1, 0])
    np.testing.assert_array_equal(found.support, [3, 1, 0])
    np.testing.assert_array_equal(found.predicted, [1, 3, 0])
    assert found.total == 4


def test_matrices_of_parts_add_up_to_that_of_the_whole():
    truth, guess, num_classes = random_case(3)
    parts = zip(np.array_split(truth, 4), np.array_split(guess, 4), strict=True)
    summed = sum(confusion_matrix(t, g, num_classes) for t, g in parts)
    np.testing.assert_array_equal(summed, confusion_matrix(truth, guess, num_classes))


def test_no_images_give_a_matrix_of_zeros_that_can_be_added():
    np.testing.assert_array_equal(confusion_matrix([], [], 2), np.zeros((2, 2)))
    np.testing.assert_array_equal(
        confusion_matrix(np.full((2, 2), 255, np.uint8), np.ones((2, 2), int), 2, 255), 0
    )


def test_ignored_positions_count_nowhere_whatever_was_predicted_there():
    truth, guess = np.array([[0, 255], [1, 255]], np.uint8), np.array([[0, 1], [0, 7]], np.uint8)
    np.testing.assert_array_equal(confusion_matrix(truth, guess, 2, ignore=255), [[1, 0], [1, 0]])


def test_absent_class_is_left_out_of_the_mean_and_named():
    found = scores([[3, 0, 0], [0, 0, 0], [0, 0, 2]])
    assert found.absent == (1,)
    assert found.macro_f1 == found.macro_precision == found.macro_recall == 1.0


def test_models_are_averaged_over_the_same_classes_whatever_they_predict():
    """Who takes an image for a class that the test set lacks has missed it, and is not averaged over one more."""
    astray, mixed_up = scores([[3, 0, 1], [0, 4, 0], [0, 0, 0]]), scores([[3, 1, 0], [0, 4, 0], [0, 0, 0]])
    assert astray.absent == mixed_up.absent == (2,)
    assert astray.macro_recall == mixed_up.macro_recall == pytest.approx((3 / 4 + 1) / 2)
    assert astray.macro_precision == 1.0 and mixed_up.macro_precision == pytest.approx((1 + 4 / 5) / 2)


@pytest.mark.parametrize(
    ("cm", "expected"),
    [([[5]], 1.0), ([[1, 0], [0, 0]], 1.0), ([[0, 4], [3, 0]], 0.0), ([[4, 0], [0, 3]], 1.0)],
)
def test_single_class_one_sample_all_wrong_and_perfect(cm, expected):
    found = scores(cm)
    assert found.accuracy == found.macro_f1 == found.macro_precision == found.macro_recall == expected


@pytest.mark.parametrize(
    ("truth", "guess", "told"),
    [
        ([0, 3], [0, 1], "y_true holds 3"),
        ([0, 1], [0, -1], "y_pred holds -1"),
        ([0, 1], [0], "y_true has 2, y_pred has 1"),
        ([0.5, 1.0], [0, 1], "whole class numbers"),
    ],
)
def test_labels_that_do_not_fit_are_refused(truth, guess, told):
    with pytest.raises(MetricError, match=told) as caught:
        confusion_matrix(truth, guess, 3)
    assert isinstance(caught.value, CourseError)


@pytest.mark.parametrize("cm", [[[1, 2]], [[1, -1], [0, 1]], [[0.5, 0], [0, 1]], [[0, 0], [0, 0]], [1, 2]])
def test_scores_refuses_what_is_no_confusion_matrix(cm):
    with pytest.raises(MetricError):
        scores(cm)


def test_normalised_rows_equal_scikit_learn_even_for_an_empty_class():
    truth, guess = np.array([0, 0, 0, 2]), np.array([1, 1, 0, 2])
    cm = confusion_matrix(truth, guess, 3)
    expected = np.nan_to_num(sk.confusion_matrix(truth, guess, labels=[0, 1, 2], normalize="true"))
    np.testing.assert_allclose(normalise_rows(cm), expected)
    np.testing.assert_allclose(normalise_rows(cm).sum(1), [1, 0, 1])


def test_largest_confusions_tell_direction_and_share():
    cm = np.array([[90, 7, 3], [2, 5, 3], [0, 0, 20]])
    assert largest_confusions(cm, 3) == [
        Confusion(0, 1, 7, 7 / 100),
        Confusion(1, 2, 3, 3 / 10),  # as many as 0 → 2, but a larger share of its class
        Confusion(0, 2, 3, 3 / 100),
    ]
    assert len(largest_confusions(cm, 99)) == 4
    assert largest_confusions(np.diag([3, 4]), 5) == []


def random_probabilities(seed: int, n: int = 50, num_classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(num_classes), n), rng.integers(0, num_classes, n)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_loss_equals_scikit_learn(dtype):
    probabilities, labels = random_probabilities(0)
    probabilities = probabilities.astype(dtype)
    probabilities[0] = np.eye(4)[(labels[0] + 1) % 4]  # certain and wrong
    expected = sk.log_loss(labels, probabilities, labels=range(4))
    assert image_log_loss(probabilities, labels).mean() == pytest.approx(expected, rel=1e-5)


def test_log_loss_per_image_by_hand():
    loss = image_log_loss(np.array([[0.25, 0.75], [1.0, 0.0]]), [0, 0])
    np.testing.assert_allclose(loss, [np.log(4), 0])


@pytest.mark.parametrize(
    ("probabilities", "labels"),
    [
        (np.array([[2.0, -1.0]]), [0]),
        (np.array([[3.0, 5.0]]), [0]),
        (np.array([[0.5, np.nan]]), [0]),
        (np.array([[0.5, 0.5]]), [2]),
        (np.array([[0.5, 0.5]]), [0, 1]),
        (np.zeros((0, 2)), []),
    ],
)
def test_log_loss_refuses_logits_nan_and_strange_labels(probabilities, labels):
    with pytest.raises(MetricError):
        image_log_loss(probabilities, labels)
