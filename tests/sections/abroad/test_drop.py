"""A network at home and abroad: the drop, and what of it goes away when the sets are made alike."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_evaluations import made_up_evaluation

from helpers.base.errors import CourseError
from helpers.metrics.checks import MetricError
from helpers.metrics.segmentation import segmentation_scores
from sections.abroad.drop.measured import Measured, Shift, difference_of_samples, largest_changes
from sections.abroad.drop.reasons import (
    alike_in_size,
    definitions,
    home_mix,
    region_sizes,
    reweighted_iou,
    squeeze,
    target_mix,
    width_to_match,
    won_back,
)
from sections.errors.composition.measured import by_segment

CLASSES = ("road", "sky", "car", "person")


def evaluation(matrices, debatable=None, segments=None, **more):
    """An evaluation of the given scenes (n, C, C)."""
    matrices = np.asarray(matrices)
    base = made_up_evaluation(scenes=len(matrices), classes=CLASSES[: matrices.shape[-1]])
    zeros = np.zeros_like(matrices)
    return replace(
        base, matrices=matrices, debatable=zeros if debatable is None else debatable,
        segment_matrices=matrices.sum(0)[None] if segments is None else segments, **more,
    )  # fmt: skip


def shift_of(home, target, **more):
    return Shift(home, target, "Home", "Abroad", **more)


def scenes_of(rates, pixels, count=20, seed=0):
    """Scenes whose true classes have about `pixels` each and are answered with `rates`."""
    rng = np.random.default_rng(seed)
    rows = [
        [rng.multinomial(rng.poisson(n), rate) for n, rate in zip(pixels, rates, strict=True)]
        for _ in range(count)
    ]
    return np.array(rows)


@pytest.fixture(scope="module")
def shift():
    home = made_up_evaluation(0.85, 60, 1, set_name="cityscapes")
    return shift_of(home, made_up_evaluation(0.6, 54, 2))


def test_the_drop_is_on_paper():
    home, target = np.diag([60, 40])[None].repeat(5, 0), np.array([[[30, 30], [10, 30]]]).repeat(4, 0)
    found = shift_of(evaluation(home), evaluation(target))
    assert found.home_mean.value == 1
    assert found.target_mean.value == pytest.approx((30 / 70 + 30 / 70) / 2)
    assert found.drop.value == pytest.approx(1 - 30 / 70) and found.is_clear
    assert [one.value for one in found.accuracies] == pytest.approx([1, 0.6, 0.4])
    assert [row.drop.value for row in found.class_drops] == pytest.approx([1 - 30 / 70] * 2)


def test_the_errors_of_two_samples_add_in_squares(shift):
    home, target, drop = shift.home_mean, shift.target_mean, shift.drop
    assert drop.value == pytest.approx(home.value - target.value)
    assert drop.width == pytest.approx(np.hypot(home.width, target.width), rel=0.05)
    assert drop.contains(drop.value) and drop.width > max(home.width, target.width)


def test_the_interval_contains_the_true_difference_nineteen_times_in_twenty():
    rng, hits = np.random.default_rng(4), 0
    for _ in range(300):
        one, other = rng.normal(0.7, 0.1, 25), rng.normal(0.5, 0.2, 30)
        sides = []
        for sample in (one, other):
            times = rng.multinomial(len(sample), np.full(len(sample), 1 / len(sample)), size=300)
            sides.append(Measured(sample.mean(), times @ sample / len(sample), len(sample)))
        hits += difference_of_samples(*sides).contains(0.2)
    assert 0.91 <= hits / 300 <= 0.985


def test_only_classes_that_both_show_are_compared():
    home = made_up_evaluation(0.9, 30, 1, classes=("road", "sky", "train", "car"))
    target = made_up_evaluation(0.9, 30, 2, classes=("road", "sky", "train", "car"), absent=("train",))
    found = shift_of(home, target)
    assert found.common.tolist() == [0, 1, 3]
    total = target.matrix
    ious = [total[c, c] / (total[c].sum() + total[:, c].sum() - total[c, c]) for c in (0, 1, 3)]
    assert total[:, 2].any() and found.target_mean.value == pytest.approx(np.mean(ious))
    assert found.published[1].value == pytest.approx(sum(ious) / 4)
    last = found.class_drops[-1]
    assert last.name == "train" and last.target is None and last.drop is None and last.home
    assert {one.truth for one in largest_changes(found, 100)} <= {"road", "sky", "car"}


def test_a_class_seen_once_has_a_drop_without_bounds():
    home, target = np.tile(np.diag([50, 50]), (6, 1, 1)), np.tile(np.array([[40, 10], [0, 0]]), (6, 1, 1))
    target[0, 1] = [5, 5]
    rare = next(row for row in shift_of(evaluation(home), evaluation(target)).class_drops if row.name == "sky")
    assert rare.scenes == (6, 1) and np.isnan(rare.drop.low) and rare.drop.value > 0.5


def test_sets_that_cannot_be_compared_are_refused():
    with pytest.raises(CourseError, match="different classes"):
        shift_of(made_up_evaluation(), made_up_evaluation(classes=("road", "sky")))
    nothing = [np.diag([50, 0]), np.diag([0, 50])]
    with pytest.raises(CourseError, match="nothing to compare"):
        shift_of(evaluation([nothing[0]] * 3), evaluation([nothing[1]] * 3))


def test_a_class_mix_alone_explains_the_whole_drop():
    """The same mistakes by true class, other classes: made alike, nothing of the drop is left."""
    rates = [[0.9, 0.1, 0], [0.05, 0.9, 0.05], [0.0, 0.1, 0.9]]
    many = 200
    home = scenes_of(rates, (3000, 3000, 3000), many, 1)
    target = scenes_of(rates, (20000, 3000, 60), many, 2)
    found = shift_of(evaluation(home), evaluation(target))
    assert found.drop.value > 0.1
    for reason in (target_mix(found), home_mix(found)):
        assert reason.explained.value == pytest.approx(1, abs=0.03) and reason.explained.contains(1)
        assert reason.home == pytest.approx(reason.target, abs=0.01)
    assert definitions(found).explained.value == pytest.approx(0)


def test_mistakes_alone_are_not_explained_by_the_class_mix():
    home = scenes_of([[0.9, 0.1], [0.1, 0.9]], (3000, 1000), 60, 1)
    target = scenes_of([[0.6, 0.4], [0.4, 0.6]], (3000, 1000), 60, 2)
    explained = target_mix(shift_of(evaluation(home), evaluation(target))).explained
    assert abs(explained.value) < 0.05 and explained.contains(0)


def test_debatable_labels_alone_explain_the_whole_drop():
    right = np.tile(np.diag([500, 300]), (20, 1, 1))
    wrong = np.zeros_like(right)
    wrong[:, 1, 0] = 300
    reason = definitions(shift_of(evaluation(right), evaluation(right + wrong, debatable=wrong)))
    assert (reason.home, reason.target, reason.explained.value) == (1, 1, 1)


def test_a_class_of_debatable_labels_only_leaves_both_means():
    home, target = np.tile(np.diag([500, 300, 100]), (10, 1, 1)), np.tile(np.diag([500, 300, 100]), (10, 1, 1))
    home[:, 2] = [0, 50, 50]
    target[:, 2] = [100, 0, 0]
    debatable = np.zeros_like(target)
    debatable[:, 2] = target[:, 2]
    reason = definitions(shift_of(evaluation(home), evaluation(target, debatable=debatable)))
    assert reason.home == pytest.approx((1 + 300 / 350) / 2) and reason.target == 1


def test_sizes_of_regions_alone_explain_the_whole_drop():
    """Small regions are answered badly in both places alike; abroad there are more of them."""
    small, large = np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([[0.98, 0.02], [0.02, 0.98]])

    def segments(n_small, n_large):
        return np.rint([n_small * small, n_large * large, *np.zeros((3, 2, 2))]).astype(int)

    home, target = segments(1000, 20000), segments(20000, 20000)
    found = shift_of(
        evaluation(np.tile(home.sum(0) // 20, (20, 1, 1)), segments=home),
        evaluation(np.tile(target.sum(0) // 20, (20, 1, 1)), segments=target),
    )
    assert region_sizes(found).explained.value == pytest.approx(1, abs=0.01)
    shares = [[part.share for part in by_segment(one)[:2]] for one in (found.home, found.target)]
    assert shares == [pytest.approx((1 / 21, 20 / 21), abs=1e-3), pytest.approx((1 / 2, 1 / 2), abs=1e-3)]


def test_a_size_that_one_set_lacks_is_answered_as_the_class_is():
    matrices = np.array([[[0, 0], [0, 0]], [[8, 2], [0, 10]]])
    like = np.array([[[10, 0], [0, 0]], [[10, 0], [0, 20]]])
    assert alike_in_size(matrices, like).tolist() == [[8, 2], [0, 10]]


def test_without_a_drop_no_shares_are_told():
    found = shift_of(made_up_evaluation(0.8, 30, 1), made_up_evaluation(0.8, 30, 2))
    assert not found.is_clear
    assert target_mix(found).explained is None and region_sizes(found).explained is None
    gain, share = won_back(found, made_up_evaluation(0.85, 30, 2))
    assert share is None and gain.value > 0


def test_what_is_won_back_is_a_paired_difference(shift):
    gain, share = won_back(shift, shift.target)
    assert (gain.value, gain.low, gain.high, share.value) == (0, 0, 0, 0)
    better = replace(shift.target, matrices=shift.target.matrices + 20 * np.eye(4, dtype=int))
    gain, share = won_back(shift, better)
    assert 0 < gain.low < gain.value < gain.high and gain.width < shift.target_mean.width
    assert share.value == pytest.approx(gain.value / shift.drop.value)
    whole = won_back(shift_of(shift.home, shift.target), replace(shift.home, files=shift.home.files))[1]
    assert whole.value == pytest.approx(1)


def test_shapes_are_matched_by_width():
    def images(width, height):
        found = made_up_evaluation()
        sides = {"width": np.full(len(found), width), "height": np.full(len(found), height)}
        return replace(found, facts=found.facts | sides)

    assert width_to_match(shift_of(images(2048, 1024), images(1920, 1080))) == 448
    assert width_to_match(shift_of(images(960, 720), images(1280, 960))) is None
    assert squeeze(images(1024, 512)) == 2


def test_reweighting_with_the_own_mix_changes_nothing():
    matrix = np.random.default_rng(1).integers(0, 200, (6, 6))
    np.testing.assert_allclose(reweighted_iou(matrix, matrix.sum(1)), segmentation_scores(matrix).iou)
    np.testing.assert_allclose(reweighted_iou(matrix, 5.0 * matrix.sum(1)), segmentation_scores(matrix).iou)


def test_reweighting_by_hand():
    """Nine in ten of each class are found. Where the second is as large as the first, few are lost to it."""
    matrix = np.array([[900, 100], [1, 9]])
    np.testing.assert_allclose(reweighted_iou(matrix, [0.5, 0.5]), [0.9 / 1.1, 0.9 / 1.1])
    assert segmentation_scores(matrix).iou[1] == pytest.approx(9 / 110)


def test_reweighting_cannot_make_up_a_class():
    assert np.isnan(reweighted_iou([[4, 1, 0], [0, 2, 0], [0, 0, 0]], [1, 1, 1])[2])
    with pytest.raises(MetricError, match="class mix"):
        reweighted_iou([[4, 1], [0, 2]], [1, 1, 1])
