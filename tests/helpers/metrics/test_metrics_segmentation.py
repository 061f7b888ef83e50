"""Scores of segmenters, against scikit-learn, torchmetrics, Cityscapes' own evaluator and cases by hand."""

import math

import numpy as np
import pytest
import sklearn.metrics as sk
import torch
import torchmetrics.functional.classification as tm
import torchmetrics.functional.segmentation as tms
from PIL import Image

from helpers.metrics.checks import MetricError
from helpers.metrics.classification import confusion_matrix
from helpers.metrics.segmentation import (
    bootstrap_segmentation,
    class_ious,
    mean_ious,
    segmentation_scores,
)

IGNORE = 255
CITYSCAPES_IDS = (7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33)


def random_masks(seed: int, num_classes: int = 6, shape=(3, 20, 30), absent: int | None = None):
    """Truth (with ignored pixels) and prediction of n images; mistakes are lopsided."""
    rng = np.random.default_rng(seed)
    mix = rng.dirichlet(np.ones(num_classes))
    if absent is not None:
        mix[absent] = 0
        mix /= mix.sum()
    truth = rng.choice(num_classes, shape, p=mix).astype(np.uint8)
    wrong = rng.choice(num_classes, shape, p=mix)
    guess = np.where(rng.random(shape) < 0.7, truth, np.minimum(wrong, truth + 1)).astype(np.uint8)
    if absent is not None:
        guess[guess == absent] = absent - 1
    truth[rng.random(shape) < 0.1] = IGNORE
    return truth, guess


def matrices_of(truth, guess, num_classes: int = 6) -> np.ndarray:
    return np.stack(
        [confusion_matrix(t, g, num_classes, ignore=IGNORE) for t, g in zip(truth, guess, strict=True)]
    )


@pytest.mark.parametrize("seed", range(10))
def test_scores_equal_scikit_learn(seed):
    truth, guess = random_masks(seed)
    ours = segmentation_scores(matrices_of(truth, guess).sum(0))
    kept = truth != IGNORE
    t, g, labels = truth[kept], guess[kept], np.arange(6)
    options = {"labels": labels, "average": None, "zero_division": 0}
    np.testing.assert_allclose(np.nan_to_num(ours.iou), sk.jaccard_score(t, g, **options))
    np.testing.assert_allclose(np.nan_to_num(ours.dice), sk.f1_score(t, g, **options))
    np.testing.assert_allclose(np.nan_to_num(ours.precision), sk.precision_score(t, g, **options))
    np.testing.assert_allclose(np.nan_to_num(ours.recall), sk.recall_score(t, g, **options))
    assert ours.pixel_accuracy == pytest.approx(sk.accuracy_score(t, g))
    # Without `labels`, scikit-learn averages over the classes seen in truth or prediction, as we do.
    assert ours.mean_iou == pytest.approx(sk.jaccard_score(t, g, average="macro", zero_division=0))
    assert ours.mean_recall == pytest.approx(sk.recall_score(t, g, average="macro", zero_division=0))
    weighted = sk.jaccard_score(t, g, average="weighted", zero_division=0)
    assert ours.frequency_weighted_iou == pytest.approx(weighted)


@pytest.mark.parametrize("seed", range(5))
def test_scores_equal_torchmetrics(seed):
    truth, guess = random_masks(seed)
    ours = segmentation_scores(matrices_of(truth, guess).sum(0))
    t, g = torch.from_numpy(truth.astype(np.int64)), torch.from_numpy(guess.astype(np.int64))
    iou = tm.multiclass_jaccard_index(g, t, 6, average=None, ignore_index=IGNORE)
    np.testing.assert_allclose(np.nan_to_num(ours.iou), iou.numpy(), atol=1e-6)
    kept = t != IGNORE
    dice = tms.dice_score(g[kept][None], t[kept][None], 6, average=None, input_format="index")
    np.testing.assert_allclose(np.nan_to_num(ours.dice), np.nan_to_num(dice.numpy()[0]), atol=1e-6)


@pytest.mark.parametrize("absent", [None, 5, 10])
def test_scores_equal_the_evaluator_of_cityscapes(tmp_path, absent):
    """Its own code on files in its own ids. It is no dependency, because it brings a module named `typing`:

    pip install --no-deps cityscapesscripts pyquaternion
    """
    evaluator = pytest.importorskip("cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling")
    evaluator.args.evalInstLevelScore = evaluator.args.JSONOutput = False
    evaluator.args.quiet = True
    truth, guess = random_masks(7, 19, (3, 40, 60), absent)
    to_id = np.zeros(256, np.uint8)  # 0: unlabeled, which its evaluator ignores
    to_id[: len(CITYSCAPES_IDS)] = CITYSCAPES_IDS
    files = {"truth": [], "guess": []}
    for number, masks in enumerate(zip(truth, guess, strict=True)):
        for (name, found), mask in zip(files.items(), masks, strict=True):
            found.append(str(tmp_path / f"{name}{number}.png"))
            Image.fromarray(to_id[mask]).save(found[-1])
    theirs = evaluator.evaluateImgLists(files["guess"], files["truth"], evaluator.args)
    ours = segmentation_scores(matrices_of(truth, guess, 19).sum(0))
    names = [evaluator.id2label[number].name for number in CITYSCAPES_IDS]
    np.testing.assert_allclose(ours.iou, [theirs["classScores"][name] for name in names])
    assert ours.mean_iou == pytest.approx(theirs["averageScoreClasses"])
    assert ours.absent == (() if absent is None else (absent,))


def cityscapes_iou(matrix: np.ndarray, label: int) -> float:
    """Their arithmetic, written down: true positives over these, missed and falsely claimed pixels."""
    tp = int(matrix[label, label])
    fn = int(matrix[label].sum()) - tp
    fp = sum(int(matrix[other, label]) for other in range(len(matrix)) if other != label)
    return math.nan if tp + fn + fp == 0 else tp / (tp + fn + fp)


@pytest.mark.parametrize("absent", [None, 2])
def test_scores_equal_the_arithmetic_of_cityscapes(absent):
    matrix = matrices_of(*random_masks(3, absent=absent)).sum(0)
    expected = [cityscapes_iou(matrix, label) for label in range(6)]
    np.testing.assert_allclose(segmentation_scores(matrix).iou, expected)
    valid = [score for score in expected if not math.isnan(score)]
    assert segmentation_scores(matrix).mean_iou == pytest.approx(sum(valid) / len(valid))


def test_scores_by_hand():
    """Truth: 6 road, 4 car. Two road pixels are taken for car, one car pixel for sky; no pixel is sky."""
    ours = segmentation_scores([[4, 2, 0, 0], [0, 3, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(ours.iou, [4 / 6, 3 / 6, 0, np.nan])
    np.testing.assert_allclose(ours.dice, [8 / 10, 6 / 9, 0, np.nan])
    np.testing.assert_allclose(ours.precision, [1, 3 / 5, 0, np.nan])
    np.testing.assert_allclose(ours.recall, [4 / 6, 3 / 4, 0, np.nan])
    assert ours.pixel_accuracy == 0.7
    assert ours.mean_iou == pytest.approx((4 / 6 + 3 / 6 + 0) / 3)
    assert ours.frequency_weighted_iou == pytest.approx(0.6 * 4 / 6 + 0.4 * 3 / 6)
    assert ours.absent == (3,)
    np.testing.assert_array_equal(ours.truth_pixels, [6, 4, 0, 0])


@pytest.mark.parametrize("cm", [[[1, 2]], [[1, -1], [0, 1]], [[0, 0], [0, 0]]])
def test_scores_refuse_what_is_no_matrix(cm):
    with pytest.raises(MetricError):
        segmentation_scores(cm)


def test_scene_scores_leave_out_classes_that_the_scene_lacks():
    matrices = np.array([[[3, 1, 0], [0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 4, 0], [0, 0, 4]], np.zeros((3, 3))])
    np.testing.assert_allclose(class_ious(matrices), [[0.75, 0, np.nan], [np.nan, 1, 1], [np.nan] * 3])
    np.testing.assert_allclose(mean_ious(matrices), [0.375, 1, np.nan])


def test_scene_iou_is_the_score_of_each_scene():
    matrices = matrices_of(*random_masks(0))
    expected = [segmentation_scores(matrix) for matrix in matrices]
    np.testing.assert_allclose(class_ious(matrices), [one.iou for one in expected])
    np.testing.assert_allclose(mean_ious(matrices), [one.mean_iou for one in expected])


def world(images: int, rng: np.random.Generator, classes: int = 4) -> np.ndarray:
    """Matrices of images that differ: each has its own quality and mix."""
    mix = rng.dirichlet(2 * np.array([8, 4, 2, 1]), size=images)
    right = rng.beta(8, 2, (images, classes))
    off = (1 - np.eye(classes)) / (classes - 1)
    cells = mix[:, :, None] * (right[..., None] * np.eye(classes) + (1 - right[..., None]) * off)
    return np.round(10_000 * cells).astype(np.int64)


@pytest.mark.parametrize("images, least", [(12, 0.9), (60, 0.92)])
def test_intervals_over_images_cover(images, least):
    """How many of 400 intervals at 95 % hold the true value; few images tell too little of their own spread."""
    rng = np.random.default_rng(0)
    truth = segmentation_scores(world(200_000, rng).sum(0))
    found = [bootstrap_segmentation(world(images, rng), replicates=200) for _ in range(400)]
    for name in ("pixel_accuracy", "mean_iou", "mean_dice", "mean_precision", "mean_recall"):
        covered = np.mean([one[name].contains(getattr(truth, name)) for one in found])
        assert least <= covered <= 0.985, name
    rare = np.mean([one["iou"][3].contains(truth.iou[3]) for one in found])
    assert least <= rare <= 0.985


def test_intervals_are_around_the_scores_and_the_seed_decides_the_bounds():
    matrices = world(30, np.random.default_rng(1))
    first, again, other = (bootstrap_segmentation(matrices, 300, seed) for seed in (4, 4, 5))
    measured = segmentation_scores(matrices.sum(0))
    assert first == again
    assert first["mean_iou"].low != other["mean_iou"].low
    for name in ("pixel_accuracy", "mean_iou", "mean_dice", "mean_precision", "mean_recall"):
        assert first[name].value == pytest.approx(getattr(measured, name))
        assert 0 <= first[name].low < first[name].value < first[name].high <= 1
    np.testing.assert_allclose([one.value for one in first["iou"]], measured.iou)


def test_replicates_have_the_spread_of_resampled_images():
    matrices = world(25, np.random.default_rng(2))
    rng = np.random.default_rng(3)
    slow = [segmentation_scores(matrices[rng.integers(0, 25, 25)].sum(0)).mean_iou for _ in range(1500)]
    wide = bootstrap_segmentation(matrices, replicates=3000)["mean_iou"].width
    assert wide == pytest.approx(2 * 1.96 * np.std(slow) * math.sqrt(25 / 24), rel=0.08)


def test_groups_are_resampled_whole():
    once = world(20, np.random.default_rng(4))
    copies = np.repeat(once, 4, axis=0)  # each image four times: no more is known than of 20
    groups = [f"drive {number // 4}" for number in range(80)]
    alone, grouped = bootstrap_segmentation(once, 2000), bootstrap_segmentation(copies, 2000, groups=groups)
    assert grouped["mean_iou"].width == pytest.approx(alone["mean_iou"].width, rel=0.02)
    assert bootstrap_segmentation(copies, 2000)["mean_iou"].width < 0.7 * alone["mean_iou"].width


def test_absent_and_once_seen_classes():
    matrices = np.zeros((8, 3, 3), np.int64)
    matrices[:, 0, 0] = 100
    matrices[2, 1, 1] = 10
    found = bootstrap_segmentation(matrices)["iou"]
    assert found[0].low > 0.6
    assert (found[1].value, found[1].low, found[1].high) == (1, 0, 1)
    assert found[2] is None


def test_one_image_says_nothing_and_none_is_refused():
    found = bootstrap_segmentation(np.array([[[5, 1], [0, 4]]]))
    assert (found["mean_iou"].low, found["mean_iou"].high) == (0, 1)
    with pytest.raises(MetricError):
        bootstrap_segmentation(np.zeros((0, 2, 2), int))
    with pytest.raises(MetricError, match="no pixel"):
        bootstrap_segmentation(np.zeros((3, 2, 2), int))
