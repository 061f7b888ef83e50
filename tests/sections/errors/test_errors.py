"""What errors are made of, what resolving them brings: checked against counts made by hand or pixel by pixel."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_evaluations import made_up_evaluation

from helpers.metrics.confusion_gains import resolving_gain
from helpers.metrics.intervals import resampled
from helpers.metrics.segmentation import class_ious, mean_ious
from sections.errors.composition import measured as errors
from sections.errors.confidence import measured as confidence
from sections.errors.improvements import measured as gains

TWO = np.array([[60, 20], [5, 15]])


@pytest.fixture(scope="module")
def found():
    return made_up_evaluation(0.7, scenes=30, classes=("road", "sky", "car", "bus", "person"))


def with_matrices(matrices: np.ndarray, **more):
    """An evaluation of the given scenes (n, C, C)."""
    classes = tuple("abcdefgh"[: matrices.shape[-1]])
    base = made_up_evaluation(scenes=len(matrices), classes=classes)
    return replace(base, matrices=matrices, debatable=np.zeros_like(matrices), **more)


def cell_of(found, *names: str) -> tuple[int, ...]:
    return tuple(map(found.classes.index, names))


def test_scores_of_two_classes_are_those_on_paper():
    first, second = errors.score_classes(with_matrices(np.stack([TWO, TWO])))
    assert first.precision.value == 60 / 65 and first.recall.value == 60 / 80
    assert first.f1.value == pytest.approx(120 / 145) and first.iou.value == 60 / 85
    assert first.scenes == second.scenes == 2
    assert second.precision.value == 15 / 35 and second.recall.value == 15 / 20


def test_a_class_that_is_nowhere_has_no_score():
    found = made_up_evaluation(classes=("road", "train", "car", "person"), absent=("train",))
    row = errors.score_classes(found, replicates=50)[1]
    assert row.scenes == 0 and row.precision is row.recall is row.f1 is row.iou is None
    assert class_ious(found.matrix)[1] != class_ious(found.matrix)[1]
    others = np.delete(np.delete(found.matrix, 1, 0), 1, 1)
    assert mean_ious(found.matrix) == pytest.approx(mean_ious(others))


def test_intervals_widen_where_scenes_differ():
    """The same pixels, spread evenly over the scenes or heaped on some."""
    even = np.stack([TWO] * 20)
    uneven = np.stack([np.diag([80, 20])] * 10 + [2 * TWO - np.diag([80, 20])] * 10)
    assert (even.sum(0) == uneven.sum(0)).all()
    narrow, wide = (errors.score_classes(with_matrices(one))[0].recall for one in (even, uneven))
    assert narrow.value == wide.value and wide.low < wide.value < wide.high
    found = made_up_evaluation(0.7, scenes=40)
    for row in errors.score_classes(found):
        assert 0 <= row.f1.low <= row.f1.value <= row.f1.high <= 1


def test_intervals_of_iou_are_those_of_chapter_07(found):
    from helpers.segmentation.resampling import score_intervals

    expected = score_intervals(found)["iou"]
    for row, interval in zip(errors.score_classes(found), expected, strict=True):
        assert vars(row.iou) == pytest.approx(vars(interval))


def test_resampled_sets_are_made_of_whole_scenes():
    scenes = np.zeros((3, 2, 2), int)
    scenes[:, 0, 0], scenes[:, 0, 1] = [1, 10, 100], [2, 20, 200]
    drawn = resampled(scenes, 200, seed=0)
    assert (drawn[:, 0, 1] == 2 * drawn[:, 0, 0]).all() and not drawn[:, 1].any()
    digits = drawn[:, 0, 0].astype(int)
    assert {sum(map(int, str(value))) for value in digits} == {3}
    assert (drawn == resampled(scenes, 200, seed=0)).all()


@pytest.mark.parametrize("account", [errors.by_band, errors.by_segment])
def test_accounts_add_up(found, account):
    parts = account(found)
    wrong = int(found.matrix.sum() - np.trace(found.matrix))
    assert sum(part.pixels for part in parts) == found.matrix.sum() and sum(part.wrong for part in parts) == wrong
    assert sum(part.share for part in parts) == pytest.approx(1)
    assert sum(part.wrong_share for part in parts) == pytest.approx(1)
    assert parts[0].error_rate == parts[0].wrong / parts[0].pixels


def test_every_band_and_group_has_a_name(found):
    bands, segments = ([part.name for part in account(found)] for account in (errors.by_band, errors.by_segment))
    assert bands[:2] == ["up to 1 px", "1 to 2 px"] and bands[-1] == "over 32 px"
    assert segments[:2] == ["up to 0.05 %", "0.05 to 0.2 %"] and segments[-1] == "over 5 %"


def test_pairs_hold_every_error_once(found):
    pairs = errors.by_pair(found)
    assert sum(pair.share for pair in pairs) == pytest.approx(1)
    assert len({frozenset((pair.first, pair.second)) for pair in pairs}) == len(pairs)
    for pair in pairs:
        assert pair.there == found.matrix[cell_of(found, pair.first, pair.second)] >= pair.back
    assert [pair.share for pair in pairs] == sorted((pair.share for pair in pairs), reverse=True)


def test_without_errors_there_is_nothing_to_account_for():
    perfect = with_matrices(np.stack([np.diag([5, 3, 0])] * 2))
    assert errors.by_pair(perfect) == [] and gains.rank_confusions(perfect) == []
    assert gains.resolve_together(perfect, []).tolist() == [1.0]


def test_the_trimap_is_that_of_its_bands(found):
    curve = errors.measure_trimap(found)
    strip = found.band_matrices[:3].sum(0)
    assert curve.widths[2] == 4
    assert curve.within_accuracy[2] == np.trace(strip) / strip.sum()
    assert curve.within_mean_iou[2] == mean_ious(strip)
    assert len(curve.band_accuracy) == len(curve.widths) + 1 and curve.band_accuracy[0] < curve.band_accuracy[-1]
    assert curve.mean_iou == pytest.approx(mean_ious(found.matrix)) and curve.classes == found.classes


def test_all_of_the_trimap_is_over_the_same_classes(found):
    """A class that has no pixel far from borders, being small, must not make the mean there higher."""
    bands = found.band_matrices.copy()
    bands[-1, 4] = 0  # nobody is that far from a border
    curve = errors.measure_trimap(replace(found, band_matrices=bands))
    assert curve.classes == found.classes[:4]
    assert curve.band_mean_iou[0] == pytest.approx(class_ious(bands[0])[:4].mean())
    assert curve.mean_iou == pytest.approx(class_ious(bands.sum(0))[:4].mean())
    nowhere = errors.measure_trimap(replace(found, band_matrices=bands * (np.arange(7) < 6)[:, None, None]))
    assert nowhere.classes == () and np.isnan(nowhere.mean_iou)


def test_the_ranking_is_by_gain_with_intervals_around_it(found):
    ranked = gains.rank_confusions(found, replicates=300)
    values = [one.gain.value for one in ranked]
    assert values == sorted(values, reverse=True) and values[-1] > 0
    assert sum(one.share for one in ranked) == pytest.approx(1)
    for place, one in enumerate(ranked, start=1):
        assert one.gain.low <= one.gain.value <= one.gain.high
        assert 1 <= one.place[0] <= one.place[1] <= len(ranked)
        assert place > 1 or one.place[0] == 1


def test_one_scene_says_nothing_of_others():
    alone = made_up_evaluation(0.6, scenes=1)
    first = gains.rank_confusions(alone, replicates=20)[0]
    assert first.gain.value > 0 and np.isnan([first.gain.low, first.gain.high]).all()
    row = errors.score_classes(alone, replicates=20)[0]
    assert (row.f1.low, row.f1.high) == (0, 1) and first.place is None


def test_shares_of_a_confusion_come_from_its_own_pixels(found):
    first = gains.rank_confusions(found, replicates=20)[0]
    cell = cell_of(found, first.truth, first.predicted)
    assert first.truth_share == pytest.approx(found.matrix[cell[0]].sum() / found.matrix.sum())
    bands = found.band_matrices[:, *cell]
    assert first.near == bands[:3].sum() / bands.sum()
    segments = found.segment_matrices[:, *cell]
    assert first.small == segments[:2].sum() / segments.sum()
    road = next(one for one in gains.rank_confusions(found, replicates=20) if one.truth == "road")
    debatable = found.debatable[:, *cell_of(found, "road", road.predicted)].sum()
    assert road.debatable == pytest.approx(debatable / road.pixels)


def test_resolving_everything_leads_to_one(found):
    ranked = gains.rank_confusions(found, replicates=20)
    steps = gains.resolve_together(found, ranked)
    assert steps[0] == mean_ious(found.matrix) and steps[-1] == pytest.approx(1)
    assert (np.diff(steps) > 0).all() and steps[1] - steps[0] == pytest.approx(ranked[0].gain.value)


def test_areas_of_one_kind_divide_the_errors(found):
    families = ("flat", "sky", "vehicle", "vehicle", "human")
    grouped = gains.group_errors(found, families, replicates=50)
    for kind in ("Place", "Size", "Kind of thing"):
        assert sum(area.share for area in grouped if area.kind == kind) == pytest.approx(1), kind
    names = {area.name for area in grouped}
    assert {"within 4 px of a border", "on segments up to 0.2 % of the image", "within vehicle"} <= names
    assert all(area.gain.value > 0 for area in grouped)
    vehicle = next(area for area in grouped if area.name == "within vehicle")
    both = np.zeros_like(found.matrix)
    both[2:4, 2:4] = found.matrix[2:4, 2:4]
    assert vehicle.gain.value == pytest.approx(resolving_gain(found.matrix, both))
    assert vehicle.gain.low <= vehicle.gain.value <= vehicle.gain.high
    assert np.isnan(next(area for area in grouped if area.kind == "Place").gain.low)


@pytest.mark.parametrize("families", [("x",) * 5, tuple("abcde")])
def test_families_that_divide_nothing_are_left_out(found, families):
    assert "Kind of thing" not in {area.kind for area in gains.group_errors(found, families, replicates=10)}


def test_a_class_that_is_never_wrong_again_has_an_iou_of_one(found):
    rows = gains.gains_by_class(found, replicates=50)
    assert {row.name for row in rows} == set(found.classes)
    person = next(row for row in rows if row.name == "person")
    fixed = found.matrix.copy()
    fixed[np.diag_indices(5)] += np.where(np.arange(5) == 4, 0, fixed[:, 4]) + (np.arange(5) == 4) * (
        fixed[4].sum() - fixed[4, 4]
    )
    fixed[4, :4] = fixed[:4, 4] = 0
    assert person.both.value == pytest.approx(mean_ious(fixed) - mean_ious(found.matrix))
    assert max(person.missed.value, person.false_alarms.value) < person.both.value
    assert rows[0].both.value == max(row.both.value for row in rows)


def counted_pixels(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Class, confidence and rightness of single pixels, the confidences in the middle of hundredths."""
    rng = np.random.default_rng(seed)
    sure = (rng.integers(40, 100, 4000) + 0.5) / 100
    return rng.integers(0, 3, 4000), sure, rng.random(4000) < sure**2


def in_bins(classes: np.ndarray, sure: np.ndarray, right: np.ndarray):
    counts = np.zeros((3, 2, 100), np.int64)
    np.add.at(counts, (classes, right.astype(int), (100 * sure).astype(int)), 1)
    return with_matrices(np.stack([np.eye(3, dtype=int)]), confidence_bins=counts,
                         confidence_sums=counts.sum(1) * (np.arange(100) + 0.5) / 100)  # fmt: skip


def test_calibration_from_bins_equals_that_from_pixels():
    from helpers.metrics.calibration import expected_calibration_error

    classes, sure, right = counted_pixels()
    found = in_bins(classes, sure, right)
    probabilities = np.stack([sure, 1 - sure], axis=1)
    probabilities[sure < 0.5] = 0  # below one half two classes cannot express it: compare the others
    kept = sure >= 0.5
    expected = expected_calibration_error(probabilities[kept], (~right[kept]).astype(int), bins=20)
    measured = confidence.confidence_of(in_bins(classes[kept], sure[kept], right[kept]))
    assert measured.calibration_error == pytest.approx(expected)
    assert measured.confidence == pytest.approx(sure[kept].mean()) and measured.accuracy == right[kept].mean()
    third = confidence.confidence_of(found, 2)
    assert third.pixels == (classes == 2).sum() and third.accuracy == right[classes == 2].mean()
    assert third.gap == pytest.approx(sure[classes == 2].mean() - right[classes == 2].mean())


def test_ranking_of_errors_equals_scikit_learn():
    from sklearn.metrics import roc_auc_score

    classes, sure, right = counted_pixels(1)
    assert confidence.confidence_of(in_bins(classes, sure, right)).error_ranking == pytest.approx(
        roc_auc_score(right, sure)
    )


def test_coverage_keeps_the_surest_first():
    classes, sure, right = counted_pixels(2)
    curve = confidence.measure_coverage(in_bins(classes, sure, right))
    assert curve.kept[-1] == 1 and curve.accuracy[-1] == pytest.approx(right.mean())
    assert (np.diff(curve.kept) > 0).all()
    half = curve.at(0.5)
    assert half.accuracy == pytest.approx(right[sure > half.threshold].mean()) and half.accuracy > right.mean()
    assert half.share == pytest.approx((sure > half.threshold).mean()) and abs(half.share - 0.5) < 0.03


def test_a_class_never_predicted_has_no_confidence():
    classes, sure, right = counted_pixels(3)
    nowhere = confidence.confidence_of(in_bins(np.zeros_like(classes), sure, right), 1)
    values = (nowhere.confidence, nowhere.accuracy, nowhere.calibration_error, nowhere.error_ranking)
    assert nowhere.pixels == 0 and np.isnan(values).all()
