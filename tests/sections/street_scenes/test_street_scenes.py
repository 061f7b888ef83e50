"""Chapter 07: scores, what goes with low IoU, class mixes, and the words, tables and pictures made of them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from grammar import assert_sound
from made_up_evaluations import made_up_evaluation
from street_trees import (
    STREET,
    box_object,
    mask_scene,
    painted,
    polygon_scene,
    tree_paths,
    write_image,
    write_polygons,
)

from helpers.base.paths import runs_dir
from helpers.datasets.streets.catalogue import open_set
from helpers.datasets.streets.tables import level_classes
from helpers.datasets.types import DataError
from helpers.metrics.pixel_precision import precision_recall
from helpers.metrics.segmentation import mean_iou_difference, segmentation_scores
from helpers.segmentation.resampling import mean_iou_gain, mean_iou_of_shown, seed_of, what_is_drawn
from helpers.show.display import to_html
from helpers.show.words import change, short_title
from sections.abroad.drop.measured import Shift
from sections.errors.composition.measured import score_classes
from sections.street_scenes import class_mix, failures, network, scores
from sections.street_scenes.class_mix.measured import (
    ClassMix,
    mix_of,
    mix_of_part,
    telling_scenes,
    total_variation,
)
from sections.street_scenes.failures.measured import Failures, failure_results, spearman_interval
from sections.street_scenes.failures.sentences import how_many_failed, likely_reasons, what_goes_with_low_scores
from sections.street_scenes.scores.measured import Results, segmenter_headline, segmenter_results, share_above
from sections.street_scenes.scores.scene_gap import split_gap

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
    difference = mean_iou_gain(found.evaluation, found.strict_matrices, found.strict_classes)
    assert difference.value == pytest.approx(found.strict_scores.mean_iou - found.scores.iou[0])  # like with like
    (said,) = scores.sentences.ways_of_counting(found, difference, difference)
    assert "“b” has no other pixels here and leaves the mean, which makes it 0.750" in said


def test_differences_are_paired():
    good, bad = (made_up_evaluation(quality, 40).matrices for quality in (0.9, 0.5))
    same = mean_iou_difference(good, good)
    assert (same.low, same.value, same.high) == (0, 0, 0)
    worse = mean_iou_difference(good, bad)
    expected = segmentation_scores(bad.sum(0)).mean_iou - segmentation_scores(good.sum(0)).mean_iou
    assert worse.value == pytest.approx(expected) and worse.high < 0


def test_networks_are_compared_over_the_classes_of_the_truth():
    """A class that is nowhere, and that one network sees, must not change what its mean is taken over."""
    found = made_up_evaluation(scenes=20, absent=("sky",))
    seeing = found.matrices.copy()
    seeing[:, 0, 1] += 1
    lower = mean_iou_gain(found, seeing)
    before, after = (found_mean(one, [0, 2, 3]) for one in (found.matrices, seeing))
    assert mean_iou_of_shown(found).value == pytest.approx(before)
    assert -0.01 < lower.value < 0 and lower.value == pytest.approx(after - before)


def found_mean(matrices: np.ndarray, classes: list[int]) -> float:
    return segmentation_scores(matrices.sum(0)).iou[classes].mean()


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
    rare_is_bad = split_gap(np.array([[[100, 0], [0, 0]]] * 9 + [[[100, 0], [10, 0]]]))
    assert rare_is_bad.mix > 0.4


def test_whole_sequences_are_drawn_where_there_are_enough():
    few = results(scenes=24)  # of four sequences
    assert few.scene_intervals is None and what_is_drawn(few.evaluation) == "24 scenes"
    found = results(scenes=60)
    assert what_is_drawn(found.evaluation) == "10 sequences"
    assert found.intervals["mean_iou"] != found.scene_intervals["mean_iou"]
    assert found.intervals["mean_iou"].value == pytest.approx(found.scores.mean_iou)
    alone = Results(replace(found.evaluation, sequences=found.evaluation.files), "Net")
    assert alone.scene_intervals is None and what_is_drawn(alone.evaluation) == "60 scenes"


def test_scenes_that_resemble_each_other_make_the_headline_wider_and_that_is_said():
    base = made_up_evaluation(scenes=60)
    alike = Results(replace(base, matrices=np.repeat(base.matrices[::6], 6, axis=0)), "Net")
    narrow, wide = alike.scene_intervals["mean_iou"].width, alike.intervals["mean_iou"].width
    assert wide > 2 * narrow
    (_, said) = scores.sentences.totals(alike)
    assert "there are 10" in said and f"{wide / narrow:.1f} times narrower, as if" in said
    (_, said) = scores.sentences.totals(results(scenes=24))
    assert "come from 4 sequences, too few to say how much others differ" in said
    assert segmenter_headline(alike)[0]["low"] == alike.intervals["mean_iou"].low


def test_a_score_has_one_interval_whatever_asks_for_it():
    """Chapters 07, 08 and 09 draw the same sequences of the same scenes, and others of other scenes."""
    home, target = made_up_evaluation(0.8, 60, 1, set_name="cityscapes"), made_up_evaluation(0.6, 54, 2)
    shift, found = Shift(home, target, "Home", "Abroad"), Results(target, "Net")
    assert vars(shift.accuracies[1]) == pytest.approx(vars(found.intervals["pixel_accuracy"]))
    assert vars(shift.target_mean) == pytest.approx(vars(found.intervals["mean_iou"]))
    assert vars(shift.home_mean) == pytest.approx(vars(Results(home, "Net").intervals["mean_iou"]))
    assert vars(score_classes(target)[2].iou) == pytest.approx(vars(found.intervals["iou"][2]))
    assert seed_of(home) == seed_of(home) != seed_of(target)


def test_results_and_headline_are_plain_and_small():
    import json

    found = results(scenes=40, classes=NINETEEN, absent=("train",))
    rows = segmenter_headline(found)
    assert [row["metric"] for row in rows] == ["mean_iou", "pixel_accuracy"]
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)
    kept = segmenter_results(found) | {"failures": failure_results(Failures(found.evaluation), 6)}
    assert len(json.dumps(kept)) < 60_000
    assert kept["scores"]["iou"][kept["classes"].index("train")] is None
    assert kept["failures"]["count"] <= kept["failures"]["of"] == 40
    assert len(kept["failures"]["lowest"]) == 6


# What goes with low IoU


def planted(scenes: int = 60) -> Failures:
    """Dark scenes go wrong; contrast is the same everywhere; the rest is chance."""
    found = made_up_evaluation(0.7, scenes)
    order = np.argsort(np.argsort(Results(found, "Net").scene_means))
    light = order / scenes + np.random.default_rng(1).normal(0, 0.1, scenes)
    facts = found.facts | {"brightness": light, "contrast": np.full(scenes, 0.2)}
    return Failures(replace(found, facts=facts))


def test_a_planted_correlation_is_found_and_one_without_variation_is_left_out():
    found = planted()
    first, *rest = found.correlations
    assert first.measure.key == "brightness" and first.holds and first.rho.low > 0.7
    assert all(one.measure.key != "contrast" for one in rest)
    assert "number of classes" not in [one.measure.title for one in rest]  # the same in every scene
    (said,) = what_goes_with_low_scores(found)
    assert f"Scenes with little light (ρ = {first.rho.value:.2f})" in said and "this accounts for" in said


def test_few_scenes_or_equal_ones_have_no_correlation():
    assert planted(6).correlations == []
    (said,) = what_goes_with_low_scores(planted(6))
    assert said == "6 scenes: too few, or too much alike, to measure a correlation."
    alike = of_matrices(*[[[9, 1], [0, 9]]] * 20).evaluation
    assert Failures(alike).correlations == []


def test_spearman_intervals_cover_the_truth():
    from scipy.stats import spearmanr

    rng, truth = np.random.default_rng(0), 0.5
    rank_truth = 6 / np.pi * np.arcsin(truth / 2)  # of two normal variables with this correlation
    drawn = rng.multivariate_normal([0, 0], [[1, truth], [truth, 1]], (400, 40))
    found = [spearman_interval(float(spearmanr(*one.T).statistic), 40) for one in drawn]
    assert 0.92 <= np.mean([one.contains(rank_truth) for one in found]) <= 0.98
    assert spearman_interval(1.0, 10).high == 1.0


def test_the_worst_scenes_come_first_with_their_costliest_confusion():
    found = Failures(of_matrices([[50, 0], [0, 50]], [[10, 40], [0, 50]], [[45, 5], [0, 50]], facts={}).evaluation)
    assert found.scenes.index.tolist() == [1, 2, 0] and found.poor.index.tolist() == [1]
    worst = found.costliest(1)
    assert (worst.truth, worst.predicted, worst.share) == ("a", "b", 0.4)
    assert found.scenes.loc[1, "mean_iou"] + worst.cost == pytest.approx(1.0)
    assert found.costliest(0) is None


def test_a_scene_without_labels_is_no_failure():
    found = Failures(of_matrices([[0, 0], [0, 0]], [[5, 5], [0, 9]], facts={}).evaluation)
    assert found.scenes.index.tolist() == [1]


def test_ranks_are_percentiles_among_the_scenes_with_a_label():
    from scipy.stats import percentileofscore

    found = planted()
    values = found.scenes["brightness"]
    np.testing.assert_allclose(found.ranks["brightness"], percentileofscore(values, values, "mean"))


def ranked(found: Failures, position: int, **ranks: float) -> Failures:
    """The same with these ranks for a scene, and 50 for all that is not named."""
    changed = found.ranks.copy()
    changed.loc[position] = 50.0
    changed.loc[position, list(ranks)] = list(ranks.values())
    other = Failures(found.evaluation)
    other.__dict__["ranks"] = changed
    return other


def test_likely_reasons_name_what_stands_out_and_whether_it_goes_with_low_scores():
    found = planted()
    worst = found.scenes.index[0]
    said = likely_reasons(ranked(found, worst, brightness=3.0), worst)
    assert said.startswith("Unusual, and such scenes score lower in general: little light (rank 3, ρ = 0.9")
    confusion = found.costliest(worst)
    assert f"“{confusion.truth}” taken for “{confusion.predicted}”" in said
    said = likely_reasons(ranked(found, worst, brightness=98.0), worst)
    assert "but such scenes do not clearly score lower in general: much light (rank 98)" in said
    assert likely_reasons(ranked(found, worst), worst).startswith(
        "Nothing that was measured lies in the outer 10 %"
    )


def test_it_is_said_whether_any_scene_failed():
    (said,) = how_many_failed(Failures(of_matrices([[9, 0], [0, 9]]).evaluation))
    assert "No scene has a mean IoU of 0.5 or less" in said
    (said,) = how_many_failed(Failures(of_matrices([[9, 0], [0, 9]], [[1, 9], [9, 1]]).evaluation))
    assert said == "Of 2 scenes, 1 has a mean IoU of 0.5 or less. The lowest has 0.053."
    (said,) = how_many_failed(Failures(of_matrices(*[[[1, 9], [9, 1]]] * 3).evaluation))
    assert said == "All 3 scenes have a mean IoU of 0.5 or less: 0.053."


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
    assert one.absent == [one.classes[2]]


def test_examples_show_every_class_between_them():
    pixels = np.array([[100, 0, 0, 0], [50, 50, 0, 0], [40, 0, 30, 30], [99, 0, 1, 0]])
    assert telling_scenes(pixels, 2, list("aaaa")) == [2, 1]
    assert sorted(telling_scenes(pixels, 9, list("aaaa"))) == [0, 1, 2, 3]
    assert telling_scenes(np.full((6, 3), 10), 3, list("aaaabc")) == [0, 4, 5]


def test_titles_are_short():
    assert short_title("Indian Driving Dataset (IDD), segmentation") == "IDD"
    assert short_title("CamVid, 11 classes") == "CamVid"


@pytest.mark.parametrize("pair", [([[1, 0]], [[0, 1]]), ([[5, 3], [2, 0]], [[5, 3]]), ([[0, 0]], [[1, 1]])])
def test_any_two_mixes_are_drawn_and_read(pair):
    home, target = mix(pair[0]), mix(pair[1], "There")
    assert class_mix.pictures.class_shares(home, target).pixels(dpi=40).std() > 0
    assert_sound(class_mix.sentences.spread(home, target), class_mix.sentences.remarks([home, target]))
    (sampled,) = class_mix.sentences.sampling(target, home, 1, 2)
    assert ("from 1 of 2 sequences" in sampled) == (len(target) < len(home))
    assert_sound(sampled)


# Pictures, tables and words


@pytest.mark.parametrize(
    "more",
    [{}, {"classes": NINETEEN, "absent": ("train", "bus"), "scenes": 40}, {"classes": ("a", ODD), "scenes": 2}],
)
def test_pictures_tables_and_readings_of_any_evaluation(more):
    found, other = results(**more), results(quality=0.6, **more)
    failed = Failures(found.evaluation)
    difference = mean_iou_difference(found.evaluation.matrices, other.evaluation.matrices)
    table, by_model = scores.tables.networks_side_by_side([found, other], [difference], [{"parameters": 5}] * 2)
    pictures = [
        scores.pictures.iou_by_class([found]), scores.pictures.pixel_precision_recall(found),
        scores.pictures.found_well_enough(found), scores.pictures.scene_histogram(found), by_model,
    ]  # fmt: skip
    pictures += [drawn] if (drawn := failures.pictures.measure_scatters(failed)) else []
    assert all(picture.pixels(dpi=40).std() > 0 and "nan" not in picture.alt for picture in pictures)
    items = [
        scores.tables.total_table(found), scores.tables.scores_by_class(found), table,
        scores.tables.counted_otherwise(found), failures.tables.measure_table(failed),
    ]  # fmt: skip
    assert all("<b>&" not in to_html(item) and "nan" not in item.text() for item in items)
    about = scores.sentences
    said = [
        *about.totals(found), *about.what_explains_classes(found), *about.hidden_by_decision(found),
        *about.ways_of_counting(found, difference, difference), *about.scene_mean_and_whole(found.scene_gap),
        *how_many_failed(failed), *what_goes_with_low_scores(failed),
    ]  # fmt: skip
    assert all("nan" not in one and "unknown" not in one for one in said)


def test_absent_classes_are_said():
    found = results(absent=("sky",))
    assert np.isnan(found.scores.iou[1])
    drawn = scores.pictures.iou_by_class([found]).figure
    assert "absent" in [text.get_text() for text in drawn.axes[0].texts]
    (said,) = scores.sentences.what_explains_classes(of_matrices([[8, 2], [0, 0]]))
    assert said.startswith("No scene shows “b”, but the network sees it: this 0 counts in the mean.")


def test_a_score_that_ranks_better_than_it_decides_is_named():
    bins = np.zeros((2, 2, 200), np.int64)
    bins[:, 0, 0], bins[:, 1, 1] = 50, 50  # every pixel of the class above every other
    (said,) = scores.sentences.hidden_by_decision(of_matrices([[10, 40], [0, 50]], score_bins=bins))
    assert "“a” (1.00 against an IoU of 0.20)" in said
    right = of_matrices([[50, 0], [0, 50]], score_bins=bins)
    assert scores.sentences.hidden_by_decision(right) == []


def test_whether_the_way_of_counting_matters_is_said():
    found, nothing = of_matrices([[8, 2], [1, 9]]), mean_iou_difference(*[np.array([[[8, 2], [1, 9]]])] * 2)
    (said,) = scores.sentences.ways_of_counting(found, nothing, nothing)
    assert "no class changes by as much as 0.005" in said and "No pixel of these scenes" in said
    small = of_matrices([[8, 2], [1, 9]], network_matrices=np.array([[[4, 1], [0, 5]]]))
    (said,) = scores.sentences.ways_of_counting(small, nothing, nothing)
    assert "“b” changes most, by +0.083, and the mean IoU by 0.000" in said and "thin and small things" in said


def test_thinned_curves_keep_their_area():
    found = results(scenes=24)
    for c, expected in enumerate(found.average_precision):
        precision, recall, _ = precision_recall(found.evaluation.score_bins[c])
        recall, precision = scores.pictures.thinned(recall, precision)
        assert len(recall) <= scores.pictures.MOST_STEPS + 2
        assert (np.diff(recall, prepend=0) * precision).sum() == pytest.approx(expected, abs=0.01)


def test_differences_that_round_to_nothing_have_no_sign():
    assert [change(value) for value in (-0.0001, 0.0004, -0.02, 0.5)] == [
        "0.000",
        "0.000",
        "−0.020",
        "+0.500",
    ]


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
    assert "whose weights are kept, 8: the highest mean IoU on the validation scenes, 0.60" in (
        network.segmenter_curves(run).caption
    )
    (said,) = network.what_it_is(run)
    assert "training that is planned longer may help" in said and "on 1,200 scenes of CamVid" in said
    assert "planned longer" not in network.what_it_is(training(1))[0]
    assert network.segmenter_curves(training(1)).pixels(dpi=40).std() > 0
    ready = SimpleNamespace(title="Net", history={}, summary=run.summary | {"weights": "the weights in x.pth"})
    assert network.segmenter_curves(ready) == []
    assert "It was not trained here: it comes with the weights in x.pth" in network.what_it_is(ready)[0]


# On sets of scenes


@pytest.fixture(autouse=True)
def own_place(tmp_path_factory, monkeypatch):
    """What is remembered of scenes goes into a folder of the test."""
    for name in ("data", "runs"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name.upper()}", str(tmp_path_factory.mktemp(name)))


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


def test_a_mix_counts_shared_and_published_classes(tmp_path):
    boxes = (("road", 0, 8, 31, 15), ("autorickshaw", 0, 8, 3, 9), ("non-drivable fallback", 10, 0, 19, 1))
    polygon_scene(tmp_path, boxes)
    found = mix_of(open_set("idd", tmp_path, "val", NINETEEN))
    shared = dict(zip(NINETEEN, found.pixels[0], strict=True))
    assert {name: count for name, count in shared.items() if count} == {"road": 248, "terrain": 20}
    assert found.ignored.tolist() == [32 * 16 - 268]
    names = [native.name for native in open_set("idd", tmp_path, "val", NINETEEN).native]
    assert found.native[0, names.index("autorickshaw")] == 8
    assert found.sizes.tolist() == [[32, 16]]


def test_a_mix_is_loaded_the_second_time_and_made_again_when_damaged(tmp_path, caplog):
    label = mask_scene(tmp_path, painted(STREET, {"sky": 23, "building": 11, "road": 7, "car": 26}, 0), "labelIds")
    scenes = open_set("cityscapes", tmp_path, "val", NINETEEN)
    first = mix_of(scenes)
    hidden = label.rename(label.with_suffix(".away"))
    assert np.array_equal(mix_of(scenes).pixels, first.pixels)
    (stored,) = (runs_dir() / "kept").glob("scenes-*.npz")
    stored.write_bytes(stored.read_bytes()[:40])
    with pytest.raises(DataError, match="cannot be read"):
        mix_of(scenes)
    hidden.rename(label)
    assert np.array_equal(mix_of(scenes).pixels, first.pixels)
    assert "damaged" in caplog.text


def test_a_mix_keeps_the_remarks_on_labels(tmp_path):
    label = polygon_scene(tmp_path)
    write_polygons(label, [box_object(("road", 0, 9, 31, 15)), {"label": "car", "polygon": [[1, 1]]}])
    scenes = open_set("idd", tmp_path, "val", NINETEEN)
    for _ in range(2):
        (remark,) = mix_of(scenes).remarks
        assert "object 2 ('car') has 1 point, fewer than three" in remark
        scenes = open_set("idd", tmp_path, "val", NINETEEN)


def test_a_set_is_told_in_tables(target):
    counted = mix_of(target)
    assert counted.title == "IDD" and len(counted) == 3
    assert mix_of_part(counted, target, target.choose(np.array([2]))).pixels.sum() == 512 - 32
    tables = class_mix.tables
    table = tables.shared_class_table(target, target).text()
    assert "non-drivable fallback*" in table and "autorickshaw" in table
    empty = target.choose(np.arange(0))
    both = [target, empty], [counted, mix_of_part(counted, target, empty)]
    uncounted = {row["Class"]: row["Pixels"] for row in tables.uncounted_table(*both).rows()}
    assert uncounted["autorickshaw (IDD)"] == pytest.approx(32 / (3 * 512))
    assert "sky (IDD)" not in uncounted and sum(uncounted.values()) <= counted.ignored.sum() / (3 * 512) + 1e-12
    assert tables.sequences(target) == 2
    streets = {"home": target, "target": target, "target_whole": target, "spec": SimpleNamespace(is_abroad=True)}
    assert to_html(tables.sets_table(SimpleNamespace(**streets)))


def test_examples_and_failures_are_shown_with_their_pictures(target):
    shown = to_html(class_mix.tables.example_scenes(target, mix_of(target), 2))
    assert shown.count("<img") == 6
    evaluation = made_up_evaluation(classes=NINETEEN, scenes=3)
    gallery = failures.tables.failure_gallery(
        Failures(evaluation), 2, lambda position: scene_of(target, position), target.colours
    )
    assert to_html(gallery).count("<img") == 10
    assert "Mean IoU" in gallery.text() and "taken for" in gallery.text()


def scene_of(scenes, position):
    label = scenes.read_label(position)
    return scenes.read_image(position), label, np.zeros_like(label), np.full(label.shape, 0.5, np.float32)


def test_share_above_counts_images_that_have_the_class():
    ious = np.array([[0.5, np.nan, np.nan], [0.6, 0.2, np.nan], [0.9, 0.8, np.nan]])
    found = share_above(ious, [0.1, 0.5, 0.9])
    np.testing.assert_allclose(found[:, 0], [1, 2 / 3, 0])  # above, not at
    np.testing.assert_allclose(found[:, 1], [1, 1 / 2, 0])
    assert np.isnan(found[:, 2]).all()
