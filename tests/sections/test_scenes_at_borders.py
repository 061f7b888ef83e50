"""Chapters 07 to 09 with results made up at their borders: what is said is sound, and no more than was shown."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from grammar import assert_sound
from made_up_evaluations import made_up_evaluation

from helpers.metrics.intervals import Interval
from helpers.segmentation.resampling import mean_iou_gain
from helpers.segmentation.types import SegmenterEvaluation
from sections.abroad.drop import appearance
from sections.abroad.drop import sentences as about_drop
from sections.abroad.drop.appearance import ColourDistance, FeatureDistance
from sections.abroad.drop.measured import Shift
from sections.abroad.drop.reasons import DropReason, reasons_in_counts, won_back
from sections.abroad.remedies import sentences as about_remedies
from sections.abroad.remedies.tables import _name
from sections.abroad.trials import Outcome, Remedies, Remedy
from sections.errors import composition, confidence, improvements
from sections.errors.analysis import analyse_errors
from sections.patches.cameras import sentences as about_cameras
from sections.patches.cameras.measured import AT_HOME, MapScores, Travels, Trip
from sections.patches.cameras.simulated import CAMERAS
from sections.patches.cutting import sentences as about_cutting
from sections.patches.cutting.measured import WayToCut
from sections.street_scenes import class_mix, failures, learnt, network, scores
from sections.street_scenes.class_mix.measured import ClassMix
from sections.street_scenes.failures.measured import Failures
from sections.street_scenes.failures.sentences import likely_reasons
from sections.street_scenes.scores.measured import Results

NAN = float("nan")


def scenes_of(*matrices, sequences=None, facts=None, debatable=0.0, **more) -> SegmenterEvaluation:
    """An evaluation of these scenes (n, C, C), at one distance from borders and in segments of one size."""
    found = np.array(matrices, np.int64)
    classes = tuple("abcdefgh"[: found.shape[-1]])
    base = made_up_evaluation(scenes=len(found), classes=(*classes, "more"))
    total = found.sum(0)
    sure = np.zeros_like(base.confidence_bins[:-1])
    sure[:, 1, 95], sure[:, 0, 95] = np.diag(total), total.sum(0) - np.diag(total)
    bands, segments = (np.zeros_like(one[:, :-1, :-1]) for one in (base.band_matrices, base.segment_matrices))
    bands[0] = segments[0] = total
    given = {
        "matrices": found, "network_matrices": found, "debatable": (debatable * found).astype(np.int64),
        "band_matrices": bands, "segment_matrices": segments, "confidence_bins": sure,
        "confidence_sums": sure.sum(1) * 0.955, "sequences": sequences or base.sequences,
        "facts": base.facts if facts is None else facts, "classes": classes, "score_bins": base.score_bins[:-1],
    }  # fmt: skip
    return replace(base, **(given | more))


RIGHT = [[80, 0], [0, 20]]
WRONG = [[0, 80], [20, 0]]
USUAL = made_up_evaluation(0.7, 60, classes=tuple("abcdef"))
BORDERS = {
    "usual": USUAL,
    "usual, few sequences": made_up_evaluation(0.7, 12),
    "two scenes of one sequence": made_up_evaluation(0.7, 2),
    "one scene": scenes_of([[60, 20], [5, 15]]),
    "one scene, all right": scenes_of(RIGHT),
    "all right": scenes_of(*[RIGHT] * 12),
    "all wrong": scenes_of(*[WRONG] * 12),
    "one pixel wrong": scenes_of(*[RIGHT] * 11, [[79, 1], [0, 20]]),
    "one pixel in all": scenes_of([[1, 0], [0, 0]]),
    "one class": scenes_of(*[[[50]]] * 6),
    "one class in truth, another seen": scenes_of(*[[[30, 20, 0], [0, 0, 0], [0, 0, 0]]] * 6),
    "one class in truth, two others seen": scenes_of(*[[[30, 10, 10], [0, 0, 0], [0, 0, 0]]] * 6),
    "nothing seen but the last": scenes_of(*[[[0, 0, 80], [0, 0, 20], [0, 0, 0]]] * 6),
    "a class not learnt": scenes_of(*[[[90, 1, 0], [0, 30, 0], [20, 0, 1]]] * 12),
    "scenes alike": scenes_of(*[[[60, 20], [5, 15]]] * 12),
    "a tie of classes": scenes_of(*[[[25, 25], [25, 25]]] * 6),
    "each scene its own sequence": replace(USUAL, sequences=USUAL.files),
    "no debatable label": replace(USUAL, debatable=np.zeros_like(USUAL.debatable)),
    "all labels debatable": scenes_of(*[[[60, 20], [5, 15]]] * 6, debatable=1.0),
    "no facts": scenes_of(*[[[60, 20], [5, 15]]] * 12, facts={}),
    "all in the middle of regions": scenes_of(
        *[[[60, 20], [5, 15]]] * 6,
        band_matrices=np.array([*np.zeros((6, 2, 2), int), [[360, 120], [30, 90]]]),
        segment_matrices=np.array([*np.zeros((4, 2, 2), int), [[360, 120], [30, 90]]]),
    ),
    "half of the errors on small segments": scenes_of(
        *[[[60, 20], [20, 60]]] * 6,
        segment_matrices=np.array([[[9, 60], [60, 9]], *np.zeros((3, 2, 2), int), [[351, 60], [60, 351]]]),
    ),
}


@pytest.fixture(params=BORDERS, scope="module")
def found(request) -> SegmenterEvaluation:
    return BORDERS[request.param]


def test_chapter_07_says_nothing_unsound(found):
    results, failed, about = Results(found, "Net"), Failures(found), scores.sentences
    strict = mean_iou_gain(found, results.strict_matrices, results.strict_classes)
    assert_sound(
        about.totals(results), about.what_explains_classes(results), about.hidden_by_decision(results),
        about.ways_of_counting(results, mean_iou_gain(found, found.network_matrices), strict),
        about.scene_mean_and_whole(results.scene_gap), learnt.unlearnt_classes(learnt.not_learnt(found)),
        failures.sentences.how_many_failed(failed), failures.sentences.what_goes_with_low_scores(failed),
        [likely_reasons(failed, position) for position in failed.scenes.index[:3]],
    )  # fmt: skip
    for table in (scores.tables.total_table(results), scores.tables.scores_by_class(results)):
        assert_sound(table.caption)
    assert_sound(scores.pictures.iou_by_class([results]).caption)


def test_chapter_08_says_nothing_unsound(found):
    one, about = analyse_errors(found, "Here", found), composition.sentences
    assert_sound(
        about.mostly_another(found, "Here"), about.uneven_classes(one.class_scores), about.borders(one.bands),
        about.small_segments(one.segments), about.few_pairs(one.pairs), about.missing_far_from_borders(one.trimap),
        confidence.sentences.sure_pixels(found), confidence.sentences.worth(one.overall, one.coverage),
        improvements.sentences.what_leads(one), composition.pictures.trimap_curves(one.trimap).caption,
        composition.pictures.precision_recall_f1(one.class_scores, one.drawn).caption,
        confidence.tables.confidence_table(one.confidences, one.overall).caption,
        [improvements.tables.improvement_table(one.ranked, most).caption for most in (1, 99) if one.ranked],
    )  # fmt: skip


def test_what_is_not_learnt_at_home_is_named_before_any_cure():
    found = BORDERS["a class not learnt"]
    one = analyse_errors(found, "Here", found)
    assert list(one.unlearnt) == ["c"]
    (confusion,) = (one for one in one.ranked if one.truth == "c")
    assert improvements.sentences.confusion_rule_of(confusion).name == "not learnt"
    assert "The true class of “c → a” is not learnt even at home." in improvements.sentences.what_leads(one)[0]
    assert learnt.not_learnt(BORDERS["one class"]) == {}
    halves = scenes_of([[1, 9], [0, 0]], [[1, 8], [0, 1]])  # IoU 0.105 and 0.056
    assert list(learnt.not_learnt(halves)) == ["b"]


def test_a_scene_has_one_name_on_all_pages():
    """Sets keep their files in folders of parts or of drives: pages name the drive, as 07 does."""
    found = scenes_of(*[WRONG] * 2, files=("images/f1.png", "images/f2.png"), sequences=("drive 1", "drive 2"))
    seen = (np.zeros((8, 8, 3), np.uint8), *(np.zeros((8, 8), np.uint8) for _ in range(2)), np.ones((8, 8)))
    colours = np.zeros((2, 3), np.uint8)
    lowest = failures.tables.failure_gallery(Failures(found), 1, lambda position: seen, colours)
    example = improvements.examples.confusion_examples(
        found, improvements.measured.rank_confusions(found)[:1], lambda position: seen, colours
    )
    scene = SimpleNamespace(image=found.files[0], sequence=found.sequences[0])
    abroad = _name(SimpleNamespace(target=SimpleNamespace(scenes=[scene])), 0)
    assert lowest.cards[0].title == "Mean IoU 0.000 · drive 1/f1.png"
    assert abroad == "drive 1/f1.png" and f"In {abroad} the network" in example.cards[0].paragraph
    assert "drive 1/f1.png" in lowest.cards[0].photos[0].alt


# Chapter 09


PAIRS = [
    ("usual", "usual"), ("all right", "scenes alike"), ("scenes alike", "all right"), ("all wrong", "all wrong"),
    ("one scene", "all wrong"), ("one scene", "one scene, all right"), ("all right", "two classes"),
    ("a class not learnt", "nothing seen"), ("all right", "all right"), ("one class", "one class"),
    ("all labels debatable", "scenes alike"), ("two classes", "one pixel wrong"),
]  # fmt: skip


def of_pair(first: str, second: str) -> Shift:
    own = {
        "two classes": scenes_of(*[[[60, 20], [5, 15]]] * 2),
        "nothing seen": scenes_of(*[[[0, 0, 9], [0, 0, 9], [0, 9, 0]]] * 2),
    }
    home, target = (own.get(name) or BORDERS[name] for name in (first, second))
    return Shift(replace(home, set_name="cityscapes"), target, "Home", "Abroad")


@pytest.fixture(params=PAIRS, ids=" to ".join, scope="module")
def shift(request) -> Shift:
    return of_pair(*request.param)


def outcome(title: str, gain: Interval, shift: Shift) -> Outcome:
    share = won_back(shift, shift.target)[1]
    return Outcome(title, Remedy(title, title, None), shift.target_mean, gain, share, np.zeros(3), shift.target)


def test_chapter_09_says_nothing_unsound(shift):
    looks = appearance.standard_looks(shift)
    helps, harms, neither = (Interval(value, value - 0.01, value + 0.01) for value in (0.05, -0.05, 0.0))
    several = [("One", helps), ("Two", helps), ("Three", harms), ("Four", neither)]
    chosen = [several, several[:1], several[2:3], several[3:], [("Five", Interval(0.1, NAN, NAN))]]
    assert_sound(
        about_drop.drop_verdict(shift), about_drop.class_verdict(shift),
        about_drop.plain_looks(looks, ("Home", "Abroad")),
        about_drop.colour_verdict(appearance.colours_and_scores(shift), "Abroad"), about_drop.squeeze_plan(shift),
        about_drop.reason_verdict(shift, reasons_in_counts(shift)), about_drop.reason_verdict(shift, []),
        *(about_remedies.remedy_verdict(shift, [outcome(*one, shift) for one in some]) for some in chosen),
        *(about_remedies.how_adapted(Remedies({}, many, None), shift) for many in (0, 2, 64)),
    )  # fmt: skip


def test_a_single_scene_shows_neither_drop_nor_gain():
    shift = of_pair("one scene", "all wrong")
    assert not shift.is_clear and "one scene of a set says nothing of others" in about_drop.drop_verdict(shift)[0]
    alone = of_pair("all right", "one scene")
    better = replace(alone.target, matrices=np.array([RIGHT]))
    gain, share = won_back(alone, better)
    assert gain.value > 0 and np.isnan(gain.low) and share is None
    (said,) = about_remedies.remedy_verdict(alone, [outcome("One", gain, alone)])
    assert said == "Of 1 remedy, none helps or harms beyond chance."


def test_reasons_features_and_colours_at_their_borders():
    shift = Shift(replace(made_up_evaluation(0.85, 60, 1), set_name="x"), made_up_evaluation(0.6, 54, 2), "H", "A")
    shares = [Interval(0.3, 0.2, 0.4), Interval(-0.3, -0.4, -0.2), Interval(0.6, NAN, NAN), None]
    for number in range(5):
        some = [DropReason("key", f"No {one}", 0.5, 0.4, share) for one, share in enumerate(shares[:number])]
        assert_sound(about_drop.reason_verdict(shift, some))
    assert "likel" not in about_drop.reason_verdict(shift, [])[0]  # what is left is not explained by being left
    points = {"H": np.zeros((4, 2)), "A": np.zeros((4, 2))}
    for within, between in ((0, 0), (1, 0), (1, 1.19), (1, 1.2), (1, 2), (1, 99)):
        assert_sound(about_drop.feature_verdict(FeatureDistance(within, {"A": between}, 2, 2, points)))
    for rho, p in ((NAN, NAN), (0.5, 0.04), (-0.5, 0.0001), (0.0, 1.0), (0.3, 0.05)):
        table = pd.DataFrame({"distance": [1.0, 2.0], "iou": [0.1, 0.2]})
        assert_sound(about_drop.colour_verdict(ColourDistance(table, rho, p), "A"))
    looks = pd.DataFrame({name: [-1.0, 1.0] for name in appearance.LOOKS})
    for moved in (-1.0, 0.0, 0.5, 1.0):
        both = pd.concat({"home": looks, "target": looks + moved})
        assert_sound(about_drop.plain_looks(both, ("Home", "Abroad")))


def test_colours_are_named_by_their_direction():
    looks = pd.DataFrame({"Lightness (L*)": [-1.0, 1.0], "Green to red (a*)": [-1.0, 1.0]})
    both = pd.concat({"home": looks, "target": looks + [1.2, -0.7]})
    (said,) = about_drop.plain_looks(both, ("Cityscapes", "IDD"))
    assert "the scenes of IDD are lighter (+1.2) and greener (−0.7) than those of Cityscapes" in said


def test_squeezes_that_no_grid_can_tell_are_not_tried():
    def wide(width: float) -> SegmenterEvaluation:
        base = made_up_evaluation(scenes=2)
        return replace(base, size=64, facts=base.facts | {"width": np.full(2, width), "height": np.full(2, 100.0)})

    for width in (50.0, 97.0, 99.0, 100.0, 104.0, 300.0):
        (said,) = about_drop.squeeze_plan(Shift(wide(100.0), wide(width), "Home", "Abroad"))
        assert_sound(said)
        assert ("too nearly the same" in said) == (
            width in {97.0, 99.0, 100.0, 104.0}
        )  # 64 px come in steps of 16


# Before any network, and its training


@pytest.mark.parametrize("scenes", [1, 2, 5])
@pytest.mark.parametrize("shares", [[1], [50, 50], [0, 100], [99, 1], [997, 2, 1], [1, 1, 1], [0, 0]])
def test_mixes_of_classes_are_told_soundly(scenes, shares):
    def mix(title: str, pixels: list[int], remarks: tuple[str, ...]) -> ClassMix:
        counts = np.array([pixels] * scenes)
        names = tuple("abc"[: len(pixels)])
        return ClassMix(title, names, counts, counts[:, 0], counts, np.ones((scenes, 2), int), remarks)

    one, other = mix("Home", shares, ()), mix("Abroad", shares[::-1], ("x: an object",))
    many = mix("Many", shares, ("x: an object", "y: an object", "z: an object"))
    part = replace(one, pixels=one.pixels[:1])
    assert_sound(
        class_mix.sentences.spread(one, other), class_mix.sentences.spread(one, one),
        class_mix.sentences.remarks([one, other, many]), class_mix.sentences.sampling(one, one, 1, 1),
        class_mix.sentences.sampling(part, one, 1, 1), class_mix.sentences.sampling(part, one, 1, 2),
        class_mix.sentences.uncounted_share([one]), class_mix.sentences.uncounted_share([one, other]),
        class_mix.sentences.uncounted_share([replace(one, ignored=0 * one.ignored)]),
    )  # fmt: skip


@pytest.mark.parametrize("rise", [[0.3], [0.3, 0.3, 0.3, 0.3], [0.1, 0.2, 0.3, 0.6], [0.6, 0.5, 0.4, 0.3]])
def test_networks_are_told_soundly(rise):
    facts = {
        "parameters": 5_200_000, "multiply_adds": 17e9, "image_size": 512, "weights": "random numbers",
        "training_scenes": 1200, "training_set": "CamVid", "selection": "the published validation split",
    }  # fmt: skip
    for history in ({}, {"val_mean_iou": np.array(rise)}):
        assert_sound(network.what_it_is(SimpleNamespace(title="Net", history=history, summary=facts)))


# Maps of patches


@pytest.mark.parametrize("home", ["usual", "one scene", "all right", "scenes alike", "a tie of classes"])
@pytest.mark.parametrize("cameras", [1, 2, 6])
def test_cameras_are_told_soundly(home, cameras):
    own = MapScores(BORDERS[home])
    worse = replace(own.evaluation, matrices=own.evaluation.matrices[:, ::-1])
    trips = [
        Trip(camera, *(MapScores(worse) if number % 2 else own for number in (place, place // 2)))
        for place, camera in enumerate(CAMERAS[-cameras - 1 : -1] + CAMERAS[-1:])
    ]
    for some in (trips, trips[:-1], trips[1:2] + trips[-1:]):
        travels = Travels(own.evaluation.classes, ("Plain", "Changed"), Trip(AT_HOME, own, own), some)
        assert_sound(about_cameras.camera_verdict(travels), about_cameras.camera_remedy_verdict(travels))


def way(patch: int, stride: int, iou: float, difference: Interval | None = None) -> WayToCut:
    score = Interval(iou, iou - 0.1, iou + 0.1)
    return WayToCut(patch, stride, 4096 // stride, score, score, difference)


def test_ways_of_cutting_are_told_soundly():
    worse, better, alike, alone = (
        Interval(value, low, high)
        for value, low, high in ((-0.1, -0.2, -0.05), (0.1, 0.05, 0.2), (0.0, -0.1, 0.1), (0.1, NAN, NAN))
    )
    own = way(64, 32, 0.7)
    others = [way(64, 64, 0.6, worse), way(64, 16, 0.8, better), way(32, 16, 0.7, alike), way(32, 32, 0.8, alone)]
    assert about_cutting.cutting_verdict([own]) == []
    for number in range(1, 5):
        for first in range(4):
            assert_sound(about_cutting.cutting_verdict([own, *others[first:number]]))


@pytest.mark.parametrize("tiles", [0.0, 0.5, 1.0])
def test_tiles_and_pixels_are_told_soundly(found, tiles):
    run = SimpleNamespace(outputs=lambda part: SimpleNamespace(correct=np.arange(100) < 100 * tiles))
    (said,) = about_cutting.tiles_and_pixels(run, Results(found, "Net"))
    assert_sound(said)
    assert "of the map's errors lie within" not in said or found.band_matrices[-1].sum() < found.matrix.sum()


@pytest.mark.parametrize(("patch", "stride"), [(64, 64), (64, 32), (64, 48)])
def test_the_work_of_a_map_is_told_soundly(patch, stride):
    for many in (1, 81):
        part = SimpleNamespace(
            spec=SimpleNamespace(mosaic_size=512, patch=patch, stride=stride),
            predictor=lambda many=many: SimpleNamespace(patches_of=lambda *sides: many),
        )
        run = SimpleNamespace(title="Net", summary={"multiply_adds": 4e7})
        assert_sound(about_cutting.work_of_map(run, part))
