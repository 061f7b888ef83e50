"""Chapter 08 in pictures, tables and sentences: they hold the numbers they are given, whatever these are."""

from dataclasses import replace

import numpy as np
import pytest
from grammar import assert_sound
from made_up_evaluations import made_up_evaluation

from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.display import Note, to_html
from helpers.show.matrix import NAMES
from sections.errors import composition, confidence, improvements
from sections.errors.analysis import Analysis, analyse_errors, error_results, families
from sections.errors.composition.measured import by_pair
from sections.errors.improvements.sentences import confusion_rule_of
from sections.street_scenes.learnt import unlearnt_classes

NINETEEN = (
    "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign", "vegetation",
    "terrain", "sky", "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
)  # fmt: skip


def analysed(evaluation: SegmenterEvaluation) -> Analysis:
    return analyse_errors(evaluation, "Indian roads", evaluation)


@pytest.fixture(scope="module")
def usual() -> Analysis:
    return analysed(made_up_evaluation(0.7, scenes=30, classes=NINETEEN, absent=("train",)))


@pytest.fixture(scope="module")
def perfect() -> Analysis:
    """Every pixel right, and sure of it."""
    base = made_up_evaluation(scenes=6)
    matrices = base.matrices * np.eye(4, dtype=int)
    groups = {name: getattr(base, name) * np.eye(4, dtype=int) for name in ("band_matrices", "segment_matrices")}
    confidence = base.confidence_bins * np.array([0, 1])[:, None]
    sums = confidence.sum(1) * (np.arange(100) + 0.5) / 100
    debatable = np.zeros_like(matrices)
    return analysed(
        replace(
            base,
            matrices=matrices,
            debatable=debatable,
            confidence_bins=confidence,
            confidence_sums=sums,
            **groups,
        )
    )


@pytest.fixture(scope="module")
def hopeless() -> Analysis:
    """Everything is called the last class, which is nowhere."""
    base = made_up_evaluation(scenes=5, absent=("person",))
    matrices = np.zeros_like(base.matrices)
    matrices[:, :, 3] = base.matrices.sum(2)
    bands = np.zeros_like(base.band_matrices)
    bands[:, :, 3] = base.band_matrices.sum(2)
    confidence = np.zeros_like(base.confidence_bins)
    confidence[3, 0, 95] = matrices.sum()
    sums = confidence.sum(1) * 0.955
    debatable = np.zeros_like(matrices)
    return analysed(
        replace(base, matrices=matrices, band_matrices=bands, segment_matrices=bands[:5], debatable=debatable,
                confidence_bins=confidence, confidence_sums=sums)
    )  # fmt: skip


@pytest.fixture(scope="module")
def single() -> Analysis:
    """One scene only."""
    return analysed(made_up_evaluation(0.6, scenes=1))


@pytest.fixture(params=["usual", "perfect", "hopeless", "single"])
def analysis(request) -> Analysis:
    return request.getfixturevalue(request.param)


def everything_said(one: Analysis) -> list[str]:
    about = composition.sentences
    return [
        *about.mostly_another(one.found, one.set_title), *unlearnt_classes(one.unlearnt),
        *about.uneven_classes(one.class_scores),
        *about.borders(one.bands),
        *about.small_segments(one.segments), *about.few_pairs(one.pairs),
        *about.missing_far_from_borders(one.trimap), confidence.sentences.sure_pixels(one.found),
        *confidence.sentences.worth(one.overall, one.coverage), *improvements.sentences.what_leads(one),
    ]  # fmt: skip


def test_every_picture_table_and_sentence_of_any_result(analysis):
    pictures = [
        *composition.confusion.pixel_matrices(analysis.found.matrix, analysis.found.classes),
        composition.pictures.precision_recall_f1(analysis.class_scores, analysis.drawn),
        composition.pictures.shares_of_errors(analysis.bands, "title", "caption"),
        composition.pictures.errors_by_pair(analysis.pairs),
        composition.pictures.trimap_curves(analysis.trimap),
        improvements.pictures.costliest_confusions(analysis.ranked, analysis.drawn),
        improvements.pictures.costliest_classes(analysis.class_gains, analysis.drawn),
        confidence.pictures.pixel_reliability_diagram(analysis.reliability, analysis.overall),
        confidence.pictures.accuracy_of_the_surest(analysis.coverage),
    ]
    found = [
        confidence.tables.confidence_table(analysis.confidences, analysis.overall),
        improvements.tables.improvement_table(analysis.ranked, 5),
        improvements.tables.area_table(analysis.areas), improvements.tables.confusion_rule_table(),
    ]  # fmt: skip
    for item in [*pictures, *found]:
        assert to_html(item)
    for text in [*everything_said(analysis), *(picture.alt for picture in pictures)]:
        assert text and "nan" not in text.lower().split() and "unknown" not in text, text
    assert_sound(everything_said(analysis))


def test_results_can_be_written(analysis, tmp_path):
    from helpers.base.paths import write_json

    write_json(tmp_path / "results.json", error_results(analysis))
    assert (tmp_path / "results.json").stat().st_size < 100_000


def cell_texts(picture) -> np.ndarray:
    texts = [text.get_text() for text in picture.figure.axes[0].texts]
    return np.array(texts).reshape(round(len(texts) ** 0.5), -1)


def test_the_three_matrices_hold_counts_recall_and_precision():
    cm = np.array([[1_234_000, 45_600, 0], [800, 2400, 4], [0, 0, 0]])
    counts, by_truth, by_prediction = composition.confusion.pixel_matrices(cm, ["road", "car", "train"])
    assert cell_texts(counts).tolist() == [["1.2M", "46k", ""], ["800", "2.4k", "4"], ["", "", ""]]
    assert cell_texts(by_truth).tolist() == [["96", "4", ""], ["25", "75", ""], ["", "", ""]]
    assert cell_texts(by_prediction).tolist() == [["100", "95", ""], ["", "5", "100"], ["", "", ""]]
    assert "road taken for car (45,600 pixels)" in counts.alt and "train 0" in by_truth.alt


@pytest.mark.parametrize(
    ("pixels", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (9960, "10k"), (999_600, "1.0M"), (2_140_000_000, "2.1G")],
)
def test_counts_take_four_signs_at_most(pixels, text):
    assert composition.confusion.compact(pixels) == text and len(text) <= 4


@pytest.mark.parametrize("num_classes", [2, 19, 60])
def test_matrices_of_many_classes_stay_readable(num_classes):
    cm = np.random.default_rng(0).integers(0, 900, (num_classes, num_classes))
    picture = composition.confusion.pixel_matrices(cm, [f"class {i}" for i in range(num_classes)])[1]
    axes = picture.figure.axes[0]
    assert bool(axes.texts) == (num_classes <= composition.confusion.MOST_WRITTEN)
    assert picture.figure.get_figwidth() <= 9.5
    if num_classes == 19:  # inches of a cell: two figures of 9.5 points fit even where a phone halves it
        assert (picture.figure.get_figwidth() - NAMES) / 19 >= 0.4


def test_a_class_nowhere_is_named_below_the_matrix(usual):
    caption = composition.confusion.pixel_matrices(usual.found.matrix, usual.found.classes)[0].caption
    assert "In neither truth nor prediction: train." in caption


def test_bars_of_the_composition_add_up(usual):
    axes = composition.pictures.shares_of_errors(usual.bands, "t", "c").figure.axes[0]
    pixels, wrong = ([bar.get_width() for bar in container] for container in axes.containers)
    assert sum(pixels) == pytest.approx(100) and sum(wrong) == pytest.approx(100)
    bars = composition.pictures.errors_by_pair(usual.pairs).figure.axes[0].patches
    assert sum(bar.get_width() for bar in bars) == pytest.approx(100)


def test_errors_at_borders_are_told_from_those_inside(usual):
    about, bands = composition.sentences, usual.found.band_matrices
    at_border = replace(usual.found, band_matrices=_errors_in(bands, 0))
    inside = replace(usual.found, band_matrices=_errors_in(bands, -1))
    assert "Most of what is wrong lies at outlines" in about.borders(analysed(at_border).bands)[0]
    assert "it lies well inside regions" in about.borders(analysed(inside).bands)[0]
    assert "no sharper outline can win" in about.missing_far_from_borders(usual.trimap)[0]


def test_small_segments_are_told_from_large_ones(usual):
    about, groups = composition.sentences, usual.found.segment_matrices
    small = replace(usual.found, segment_matrices=_errors_in(groups, 0))
    large = replace(usual.found, segment_matrices=_errors_in(groups, -1))
    assert "most of what is wrong lies on these." in about.small_segments(analysed(small).segments)[0]
    assert "hold 0.0 % of the errors" in (text := about.small_segments(analysed(large).segments)[0])
    assert "most of what is wrong lies on larger ones." in text


def _errors_in(bands: np.ndarray, band: int) -> np.ndarray:
    """All errors in one band, the right pixels spread over all."""
    moved = bands * np.eye(bands.shape[-1], dtype=bool)
    moved[band] += (bands.sum(0) - moved.sum(0)).astype(int)
    return moved


def test_directions_of_pairs_are_told():
    base = made_up_evaluation(scenes=1, classes=("a", "b", "c"))
    matrix = np.array([[50, 40, 10], [0, 60, 0], [9, 0, 70]])
    (said,) = composition.sentences.few_pairs(by_pair(replace(base, matrices=matrix[None])))
    assert (
        said
        == "It takes 1 pair of classes for half of all errors and 2 of 2 for 90 %. Mostly one way: “a” for “b”."
    )
    matrix[1, 0] = 40
    (said,) = composition.sentences.few_pairs(by_pair(replace(base, matrices=matrix[None])))
    assert said.endswith("The largest go both ways.")
    matrix[0, 2] = matrix[2, 0] = 0
    (said,) = composition.sentences.few_pairs(by_pair(replace(base, matrices=matrix[None])))
    assert said == "All errors are between “a” and “b”."


def test_classes_that_are_mostly_taken_for_another_are_named(hopeless):
    (said,) = composition.sentences.mostly_another(hopeless.found, hopeless.set_title)
    assert "100.0 % are wrong. More often taken for one other class than recognised: “road” for “person”" in said


def test_seen_too_often_and_overlooked(usual):
    rows = {row.name: row for row in usual.class_scores}
    assert rows["bicycle"].precision.high + composition.sentences.UNEVEN < rows["bicycle"].recall.low
    (said,) = composition.sentences.uneven_classes(usual.class_scores)
    assert said.startswith("Seen where they are not: ") and "“bicycle”" in said.split("Overlooked")[0]
    even = replace(rows["car"], precision=rows["car"].recall)
    assert composition.sentences.uneven_classes([even]) == []
    (said,) = composition.sentences.uneven_classes([replace(even, scenes=3)])
    assert said == "In fewer than 10 scenes, so only rough scores: “car” (3)."


def test_confidence_that_says_nothing_is_called_so(usual):
    flat = np.zeros_like(usual.found.confidence_bins)
    flat[:, :, 40:80] = 10  # right and wrong alike at every confidence
    sums = flat.sum(1) * (np.arange(100) + 0.5) / 100
    found = analysed(replace(usual.found, confidence_bins=flat, confidence_sums=sums))
    assert "in 50 % of the cases" in (text := confidence.sentences.worth(found.overall, found.coverage)[0])
    assert "worth hardly anything here" in text
    assert "worth a lot here" in confidence.sentences.worth(usual.overall, usual.coverage)[0]


def test_sure_mistakes_are_counted(usual):
    wrong, right = usual.found.confidence_bins.sum(0)
    text = confidence.sentences.sure_pixels(usual.found)
    assert f"{100 * wrong[90:].sum() / (wrong + right)[90:].sum():.1f} % of them are wrong" in text
    assert f"That is {100 * wrong[90:].sum() / wrong.sum():.0f} % of all errors" in text


def test_the_list_gives_what_the_formulas_gave(usual):
    table = improvements.tables.improvement_table(usual.ranked, 3)
    row, first = table.rows()[0], usual.ranked[0]
    assert row["Truth → prediction"] == f"{first.truth} → {first.predicted}"
    assert row["Mean IoU won"] is first.gain
    assert row["Could be"] == "–".join(dict.fromkeys(f"{place}" for place in first.place))
    assert f"{100 * first.gain.value:.2f} [" in table.html()
    assert f"{usual.together[0]:.3f} to {usual.together[5]:.3f}" in improvements.sentences.what_leads(usual)[0]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"learnt": False, "debatable": 0.6}, "not learnt"),
        ({"debatable": 0.6, "near": 0.9}, "definition"),
        ({"small": 0.7, "near": 0.9}, "small or thin things"),
        ({"thin": 0.8, "near": 0.9}, "small or thin things"),
        ({"thin": 0.8, "near": 0.1}, "another look"),
        ({"near": 0.6, "truth_share": 0.001}, "outlines"),
        ({"truth_share": 0.001}, "rare class"),
        ({}, "another look"),
        ({"near": float("nan"), "small": float("nan"), "thin": float("nan")}, "another look"),
    ],
)
def test_the_first_rule_that_holds_names_the_kind(usual, changes, kind):
    plain = {"debatable": 0.0, "small": 0.1, "thin": 0.2, "near": 0.3, "truth_share": 0.1, "learnt": True}
    assert confusion_rule_of(replace(usual.ranked[0], **(plain | changes))).name == kind


def test_families_are_kinds_of_things():
    found = dict(zip(NINETEEN, families(NINETEEN), strict=True))
    assert found["car"] == found["bus"] == "vehicles" and found["person"] == found["rider"] == "living things"
    assert found["road"] != found["sidewalk"]


@pytest.fixture
def scene():
    """A scene in which a block of class 0 is taken for class 2."""
    label = np.zeros((90, 160), np.uint8)
    prediction = label.copy()
    prediction[60:80, 100:130] = 2
    prediction[5, 5] = 2
    return np.full((90, 160, 3), 100, np.uint8), label, prediction, np.full((90, 160), 0.6, np.float32)


def test_the_closer_part_holds_the_largest_patch(scene):
    rows, columns = improvements.examples.closer(scene[2] == 2)
    assert rows.start <= 60 and rows.stop >= 80 and columns.start <= 100 and columns.stop >= 130
    assert rows.stop - rows.start == 30 and columns.stop - columns.start == 53
    assert improvements.examples.closer(np.zeros((9, 16), bool)) == (slice(0, 9), slice(0, 16))
    assert improvements.examples.closer(np.ones((9, 16), bool)) == (slice(0, 9), slice(0, 16))


def test_only_the_chosen_pixels_glow(scene):
    image, _, prediction, _ = scene
    shown = improvements.examples.highlight(image, prediction == 2)
    assert shown[70, 110, 0] > 1.5 * shown[70, 110, 2] and (shown[40, 40] == 60).all()


def test_each_confusion_is_shown_in_a_scene_of_its_own(usual, scene):
    asked = []

    def look(position: int):
        asked.append(position)
        return scene

    gallery = improvements.examples.confusion_examples(
        usual.found, usual.ranked[:3], look, np.zeros((19, 3), np.uint8)
    )
    assert len(gallery.cards) == len(set(asked)) == 3
    first, names = usual.ranked[0], usual.found.classes
    pixels = usual.found.matrices[:, names.index(first.truth), names.index(first.predicted)]
    assert pixels[asked[0]] == pixels.max()
    assert gallery.cards[0].title.startswith(f"{first.truth} → {first.predicted}: ")
    told = gallery.cards[0].paragraph.replace("\N{NO-BREAK SPACE}", " ")
    assert told.endswith(f"{100 * pixels.max() / first.pixels:.1f} % of all pixels with this confusion.")
    assert len(gallery.html()) < 200_000


def test_without_errors_notes_stand_in(perfect):
    assert isinstance(
        improvements.examples.confusion_examples(perfect.found, [], None, np.zeros((4, 3), np.uint8)), Note
    )
    assert isinstance(improvements.tables.improvement_table(perfect.ranked, 5), Note)
    assert isinstance(improvements.tables.area_table(perfect.areas), Note)
    assert not any(bar.get_width() for bar in composition.pictures.errors_by_pair([]).figure.axes[0].patches)
    assert composition.sentences.mostly_another(perfect.found, perfect.set_title)[0].endswith(
        "everything lies on the diagonal."
    )
