"""Chapter 07: scores, what goes with low IoU, class mixes, and the words, tables and pictures made of them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from made_up_evaluations import made_up_evaluation
from street_trees import box_object, polygon_scene, tree_paths, write_image, write_polygons

from helpers.datasets.streets.catalogue import open_set
from helpers.datasets.streets.tables import level_classes
from helpers.metrics.segmentation import class_ious, mean_iou_difference, segmentation_scores
from helpers.show.display import to_html, to_text
from helpers.show.words import change, short_title
from sections.street_scenes import network as about_training
from sections.street_scenes.class_mix import pictures as mix_plots
from sections.street_scenes.class_mix import sentences as about_mix
from sections.street_scenes.class_mix import tables as street_sets
from sections.street_scenes.class_mix.measured import (
    ClassMix,
    mix_of,
    most_different,
    part_of,
    telling_scenes,
    total_variation,
)
from sections.street_scenes.failures import pictures as failure_plots
from sections.street_scenes.failures import sentences as about_failures
from sections.street_scenes.failures.measured import Failures, correlations, failure_results, spearman_interval
from sections.street_scenes.network import training_curves
from sections.street_scenes.scores import pictures as plots
from sections.street_scenes.scores import sentences as about
from sections.street_scenes.scores import tables
from sections.street_scenes.scores.measured import TOTALS, Results, headline
from sections.street_scenes.scores.measured import segmenter_results as scores_of
from sections.street_scenes.scores.scene_gap import mean_of, split_gap
from sections.street_scenes.scores.sentences import absent, classes, precision, scenes, thresholds

NINETEEN = level_classes("fine")
ODD = "a $x_1$ <b>&"


def results(**more) -> Results:
    return Results(made_up_evaluation(**more), f"Net {ODD}")


def of_matrices(*matrices: list[list[int]], **more) -> Results:
    """Two classes, a scene a matrix."""
    found = made_up_evaluation(classes=("a", "b"), scenes=len(matrices))
    stacked = np.array(matrices, np.int64)
    values = {"matrices": stacked, "network_matrices": stacked, "debatable": np.zeros_like(stacked)} | more
    return Results(replace(found, **values), "Net")


def test_scores_come_from_one_accumulated_matrix():
    found = of_matrices([[8, 2], [0, 0]], [[1, 0], [3, 6]])
    assert found.scores.pixel_accuracy == pytest.approx(15 / 20)
    assert found.scores.iou == pytest.approx([9 / 14, 6 / 11])
    assert found.scene_ious == pytest.approx(np.array([[0.8, 0.0], [0.25, 6 / 9]]))
    assert found.scene_means == pytest.approx([0.4, (0.25 + 6 / 9) / 2])
    assert found.shares_above[4].tolist() == [0.5, 0.5]  # above 0.5


def test_a_class_that_is_debatable_throughout_leaves_the_mean_without_debatable_rows():
    matrices = np.array([[[6, 4], [5, 5]], [[9, 1], [0, 0]]])
    debatable = np.zeros_like(matrices)
    debatable[0, 1] = matrices[0, 1]
    found = of_matrices(*matrices.tolist(), debatable=debatable)
    assert found.strict_classes.tolist() == [True, False]
    assert found.strict_scores.mean_iou == pytest.approx(15 / 20)  # not the mean of it and a 0
    assert np.isnan(found.strict_scores.iou[1])
    difference = mean_iou_difference(matrices, found.strict_matrices, found.strict_classes)
    assert difference.value == pytest.approx(found.strict_scores.mean_iou - found.scores.mean_iou)
    (said,) = about.debatable(found, difference)
    assert "“b” has no other pixels here and leaves the mean" in said


def test_differences_are_paired():
    good, bad = (made_up_evaluation(quality, 40).matrices for quality in (0.9, 0.5))
    same = mean_iou_difference(good, good)
    assert (same.low, same.value, same.high) == (0, 0, 0)
    worse = mean_iou_difference(good, bad)
    expected = segmentation_scores(bad.sum(0)).mean_iou - segmentation_scores(good.sum(0)).mean_iou
    assert worse.value == pytest.approx(expected) and worse.high < 0


def test_the_parts_of_the_scene_gap_add_up():
    for missing in ((), ("person",)):
        matrices = made_up_evaluation(0.7, 30, absent=missing).matrices
        gap = split_gap(matrices)
        assert gap.size + gap.false_alarms + gap.mix == pytest.approx(gap.total, abs=1e-12)
        assert gap.data_set == pytest.approx(segmentation_scores(matrices.sum(0)).mean_iou)


def test_each_part_of_the_scene_gap_has_its_own_cause():
    large_is_better = split_gap(np.array([[[900, 0], [0, 90]], [[2, 8], [1, 90]]]))
    assert large_is_better.size < -0.1 and large_is_better.false_alarms == 0 and large_is_better.mix == 0
    one_wrong_pixel = split_gap(np.array([[[999, 1], [0, 0]], [[500, 0], [0, 500]]]))
    assert one_wrong_pixel.false_alarms == pytest.approx(-0.25)  # of two classes, one has IoU (0 + 1) / 2
    assert one_wrong_pixel.alarm_scenes == 0.5
    rare_is_bad = split_gap(np.array([[[100, 0], [0, 0]]] * 9 + [[[100, 0], [10, 0]]]))
    assert rare_is_bad.mix > 0.4


def test_whole_sequences_are_drawn_where_there_are_enough():
    assert results(scenes=24).sequence_intervals is None  # four sequences
    found = results(scenes=60)
    assert found.sequence_intervals["mean_iou"].value == pytest.approx(found.scores.mean_iou)


def test_results_and_headline_are_plain_and_small():
    import json

    found = results(scenes=40, classes=NINETEEN, absent=("train",))
    rows = headline(found)
    assert [row["metric"] for row in rows] == ["mean_iou", "pixel_accuracy"]
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)
    kept = scores_of(found) | {"failures": failure_results(Failures(found.evaluation), 6)}
    assert len(json.dumps(kept)) < 60_000
    assert kept["absent_classes"] == ["train"] and kept["failures"]["count"] <= kept["failures"]["of"] == 40
    assert len(kept["failures"]["lowest"]) == 6


# What goes with low IoU


def planted(scenes: int = 60) -> Failures:
    """Dark scenes go wrong; contrast is the same everywhere; the rest is chance."""
    found = made_up_evaluation(0.7, scenes)
    light = np.argsort(np.argsort(Failures(found).ious)) / scenes + np.random.default_rng(1).normal(0, 0.1, scenes)
    facts = found.facts | {"brightness": light, "contrast": np.full(scenes, 0.2)}
    return Failures(replace(found, facts=facts))


def test_a_planted_correlation_is_found_and_one_without_variation_is_left_out():
    first, *rest = planted().correlations
    assert first.measure.key == "brightness" and first.holds and first.rho.low > 0.7
    assert all(one.measure.key != "contrast" for one in rest)
    assert "number of classes" not in [one.measure.title for one in rest]  # the same in every scene


def test_few_scenes_have_no_correlation():
    assert planted(6).correlations == []
    assert correlations({"brightness": np.arange(20.0)}, np.full(20, 0.5)) == []
    (said,) = about_failures.correlations(planted(6))
    assert "no correlation could be told from chance" in said


def test_spearman_intervals_cover_the_truth():
    from scipy.stats import spearmanr

    rng, truth = np.random.default_rng(0), 0.5
    rank_truth = 6 / np.pi * np.arcsin(truth / 2)  # of two normal variables with this correlation
    drawn = rng.multivariate_normal([0, 0], [[1, truth], [truth, 1]], (400, 40))
    found = [spearman_interval(float(spearmanr(*one.T).statistic), 40) for one in drawn]
    assert 0.92 <= np.mean([one.contains(rank_truth) for one in found]) <= 0.98
    assert spearman_interval(1.0, 10).high == 1.0


def test_the_worst_scenes_come_first_with_their_costliest_confusion():
    found = of_matrices([[50, 0], [0, 50]], [[10, 40], [0, 50]], [[45, 5], [0, 50]], facts={})
    failures = Failures(found.evaluation)
    assert failures.scored.tolist() == [1, 2, 0] and failures.poor.tolist() == [1]
    worst, _, perfect = failures.worst(3)
    assert (worst.confusion.truth, worst.confusion.predicted, worst.confusion.share) == ("a", "b", 0.4)
    assert worst.iou + worst.confusion.cost == pytest.approx(1.0)
    assert list(worst.ious) == ["a", "b"] and perfect.confusion is None


def test_a_scene_without_labels_is_no_failure():
    found = of_matrices([[0, 0], [0, 0]], [[5, 5], [0, 9]], facts={})
    failures = Failures(found.evaluation)
    assert failures.scored.tolist() == [1] and len(failures.worst(5)) == 1


def test_likely_reasons_name_what_stands_out_and_whether_it_goes_with_low_scores():
    failures = planted()
    (worst,) = failures.worst(1)
    dark = replace(worst, ranks=dict.fromkeys(worst.ranks, 50.0) | {"brightness": 3.0})
    said = about_failures.likely_reasons(dark, failures.correlations)
    assert "darker than 97 % of the scenes, and dark scenes score lower over the whole set" in said
    assert f"“{worst.confusion.truth}” taken for “{worst.confusion.predicted}”" in said
    bright = replace(worst, ranks=dict.fromkeys(worst.ranks, 50.0) | {"brightness": 98.0})
    assert (
        "but such scenes do not clearly score lower in general: it is brighter than 98 %"
        in about_failures.likely_reasons(bright, failures.correlations)
    )
    ordinary = replace(worst, ranks=dict.fromkeys(worst.ranks, 50.0), confusion=None)
    assert about_failures.likely_reasons(ordinary, []).startswith("Nothing that was measured")


def test_it_is_said_whether_any_scene_failed():
    assert (
        "No scene has a mean IoU of 0.5 or less"
        in about_failures.how_many(Failures(of_matrices([[9, 0], [0, 9]]).evaluation))[0]
    )
    assert (
        "1 scene has a mean IoU of 0.5 or less, 50.0 % of 2"
        in about_failures.how_many(Failures(of_matrices([[9, 0], [0, 9]], [[1, 9], [9, 1]]).evaluation))[0]
    )


# How much of each class there is


def mix(shares: list[list[int]], title: str = "Here") -> ClassMix:
    pixels = np.array(shares, np.int64)
    count, classes = pixels.shape
    names = tuple(f"{ODD} {number}" for number in range(classes))
    return ClassMix(
        title=title, classes=names, pixels=pixels, ignored=np.full(count, 10), native=pixels,
        sizes=np.full((count, 2), [64, 32]), remarks=("x.json: an object",),
    )  # fmt: skip


def test_class_mixes_differ_by_the_pixels_that_would_have_to_change():
    one, other = mix([[50, 50, 0]]), mix([[80, 10, 10]])
    assert total_variation(one, one) == 0 and total_variation(one, other) == pytest.approx(0.4)
    assert most_different(one, other) == ([0], [1])  # of the third class, home has none
    assert one.absent == [one.classes[2]] and one.ignored_share == pytest.approx(10 / 110)


def test_examples_show_every_class_between_them():
    pixels = np.array([[100, 0, 0, 0], [50, 50, 0, 0], [40, 0, 30, 30], [99, 0, 1, 0]])
    assert telling_scenes(pixels, 2) == [2, 1]
    assert sorted(telling_scenes(pixels, 9)) == [0, 1, 2, 3]
    alike = np.full((6, 3), 10)
    assert telling_scenes(alike, 3, list("aaaabc")) == [0, 5, 4]


def test_titles_are_short():
    assert short_title("Indian Driving Dataset (IDD), segmentation") == "IDD"
    assert short_title("CamVid, 11 classes") == "CamVid"


@pytest.mark.parametrize("pair", [([[1, 0]], [[0, 1]]), ([[5, 3], [2, 0]], [[5, 3]]), ([[0, 0]], [[1, 1]])])
def test_any_two_mixes_are_drawn_and_read(pair):
    home, target = mix(pair[0]), mix(pair[1], "There")
    assert mix_plots.shares(home, target).pixels(dpi=40).std() > 0
    said = [*about_mix.class_mix(home, target), *about_mix.labels([home, target])]
    assert all("nan" not in one for one in said)
    assert "<b>&" not in to_html(street_sets.mix_table(home, target))


# Pictures, tables and words


@pytest.mark.parametrize(
    "more",
    [{}, {"classes": NINETEEN, "absent": ("train", "bus"), "scenes": 40}, {"classes": ("a", ODD), "scenes": 2}],
)
def test_pictures_tables_and_readings_of_any_evaluation(more):
    found, other = results(**more), results(quality=0.6, **more)
    failures = Failures(found.evaluation)
    pictures = [
        plots.class_ious([found, other]), plots.precision_recall_curves(found), plots.shares_above(found),
        plots.scene_histogram(found, 0.5), plots.total_scores([found, other], TOTALS),
    ]  # fmt: skip
    for drawn in (failure_plots.correlations(failures.correlations), failure_plots.scatters(failures)):
        pictures += [drawn] if drawn else []
    assert all(picture.pixels(dpi=40).std() > 0 and "nan" not in picture.alt for picture in pictures)
    difference = mean_iou_difference(found.evaluation.matrices, other.evaluation.matrices)
    items = [
        tables.total_table(found), tables.class_table(found), tables.change_table(found),
        *tables.measure_tables(failures),
        *tables.model_items([found, other], [difference], [{"parameters": 5}] * 2),
    ]  # fmt: skip
    assert all("<b>&" not in to_html(item) and "nan" not in to_text(item) for item in items)
    said = [
        *about.totals(found), *absent(found), *classes(found),
        *precision(found),
        *about.resolution(found, difference), *about.debatable(found, difference), *thresholds(found),
        *scenes(found.scene_gap), *about.models([found, other], [difference]),
        *about_failures.how_many(failures), *about_failures.correlations(failures),
    ]  # fmt: skip
    assert all("nan" not in one and "unknown" not in one for one in said)


def test_absent_classes_are_said():
    found = results(absent=("sky",))
    assert found.absent == ["sky"] and np.isnan(found.scores.iou[1])
    assert absent(found) == [
        "“sky” is in neither truth nor prediction and left out of every mean: nothing can be said of it here."
    ]
    assert "absent" in [text.get_text() for text in plots.class_ious([found]).figure.axes[0].texts]
    seen = of_matrices([[8, 2], [0, 0]])
    assert "No scene shows “b”" in absent(seen)[0]


def test_one_network_is_compared_with_none():
    (note,) = tables.model_items([results()], [], [{}])
    assert "one network" in to_text(note)
    assert about.models([results()], []) == []


def test_thinned_curves_keep_their_area():
    found = results(scenes=24)
    for c, expected in enumerate(found.average_precision):
        from helpers.metrics.pixel_precision import precision_recall

        precision, recall, _ = precision_recall(found.evaluation.score_bins[c])
        recall, precision = plots._thinned(recall, precision)
        assert len(recall) <= plots.MOST_POINTS + 2
        assert (np.diff(recall, prepend=0) * precision).sum() == pytest.approx(expected, abs=0.01)


def test_differences_that_round_to_nothing_have_no_sign():
    assert [change(value) for value in (-0.0001, 0.0004, -0.02, 0.5)] == [
        "0.000",
        "0.000",
        "−0.020",
        "+0.500",
    ]


def test_the_mean_of_nothing_is_nan():
    assert np.isnan(mean_of(np.array([np.nan]))) and mean_of(np.array([np.nan, 2.0])) == 2
    assert np.isnan(class_ious(np.zeros((1, 2, 2), np.int64))).all()


def training(epochs: int) -> SimpleNamespace:
    rise = np.linspace(0.1, 0.6, epochs)
    history = {"epoch": np.arange(1, epochs + 1), "train_loss": 2 - rise, "val_loss": 2 - rise}
    history |= {"val_accuracy": rise + 0.2, "val_mean_iou": rise}
    facts = {
        "parameters": 5_200_000, "multiply_adds": 17e9, "image_size": 512, "weights": "random numbers",
        "training_scenes": 1200, "training_set": "CamVid", "selection": "the published validation split",
    }  # fmt: skip
    return SimpleNamespace(title="Net", seed=0, history=history, best_epoch=epochs, summary=facts)


def test_training_is_told_and_ready_weights_have_no_curves():
    run = training(8)
    assert "highest with 0.60 after epoch 8" in training_curves(run).alt
    assert "longer training may help" in about_training.training(run)[0]
    assert "on 1,200 scenes of CamVid" in about_training.network(run)[0]
    assert training_curves(training(1)).pixels(dpi=40).std() > 0
    ready = SimpleNamespace(title="Net", history={}, summary=run.summary | {"weights": "the weights in x.pth"})
    assert training_curves(ready) == [] and about_training.training(ready) == []
    assert "It was not trained here: it comes with the weights in x.pth" in about_training.network(ready)[0]


# On sets of scenes


@pytest.fixture
def target(tmp_path):
    """Three scenes of two drives; the second drive has a class that is debatable and one that is not counted."""
    polygon_scene(tmp_path, frame="000001")
    polygon_scene(tmp_path, frame="000002")
    image, label = tree_paths(tmp_path, "val", "8", "000003", "polygons.json")
    boxes = [("road", 0, 0, 31, 15), ("non-drivable fallback", 0, 0, 31, 3), ("autorickshaw", 0, 12, 7, 15)]
    write_image(image)
    write_polygons(label, [box_object(box) for box in boxes])
    return open_set("idd", tmp_path, "val", NINETEEN)


def test_a_set_is_told_in_tables(target):
    counted = mix_of(target)
    assert counted.title == "IDD" and len(counted) == 3
    assert part_of(counted, target, target.choose(np.array([2]))).pixels.sum() == 512 - 32
    table = to_text(street_sets.shared_class_table(target, target))
    assert "non-drivable fallback*" in table and "autorickshaw" in table
    nothing = target.choose(np.arange(0)), counted.of(np.arange(0))
    uncounted = {
        row["Class"]: row["Pixels"] for row in street_sets.uncounted_table(target, counted, *nothing).rows()
    }
    assert uncounted["autorickshaw (IDD)"] == pytest.approx(32 / (3 * 512))
    assert "sky (IDD)" not in uncounted and sum(uncounted.values()) <= counted.ignored_share + 1e-12
    rows = street_sets.sequence_table(target.choose(np.array([0, 2])), target).rows()
    assert [(row["Sequence"], row["Evaluated"], row["Labelled scenes"]) for row in rows] == [
        ("7", 1, 2), ("8", 1, 1), ("all", 2, 3)
    ]  # fmt: skip
    assert to_html(street_sets.sets_table(target, target, target))
    loaded = {row[""]: row["Target"] for row in street_sets.loaded_table(target, target).rows()}
    assert loaded["Image"] == "16 × 32 × 3, uint8" and loaded["Values in the label"].endswith("255")


def test_examples_and_failures_are_shown_with_their_pictures(target):
    shown = to_html(street_sets.examples(target, mix_of(target), 2))
    assert shown.count("<img") == 6
    evaluation = made_up_evaluation(classes=NINETEEN, scenes=3)
    gallery = tables.failure_gallery(
        Failures(evaluation), 2, lambda position: scene_of(target, position), target.colours
    )
    assert to_html(gallery).count("<img") == 10
    assert "Mean IoU" in to_text(gallery) and "taken for" in to_text(gallery)


def scene_of(scenes, position):
    label = scenes.read_label(position)
    return scenes.read_image(position), label, np.zeros_like(label), np.full(label.shape, 0.5, np.float32)
