"""Chapter 08 in pictures, tables and sentences: they hold the numbers they are given, whatever these are."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_evaluations import made_up_evaluation

from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.display import Note, Table, to_html
from helpers.show.matrix import NAMES
from sections.errors.analysis import Analysis, error_results, families
from sections.errors.composition import confusion as pixel_confusion
from sections.errors.composition import pictures as plots
from sections.errors.composition import sentences as about
from sections.errors.composition import tables
from sections.errors.confidence import pictures as pixel_confidence
from sections.errors.confidence import sentences as about_confidence
from sections.errors.improvements import pictures as gain_plots
from sections.errors.improvements import sentences as improvements

NINETEEN = (
    "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign", "vegetation",
    "terrain", "sky", "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
)  # fmt: skip


def analysed(evaluation: SegmenterEvaluation) -> Analysis:
    return Analysis(evaluation, "Indian roads")


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
    return [
        *about.confusions(one), *about.classes(one.class_scores),
        *about.borders(one.bands), *about.segments(one.segments),
        *about.pairs(one.pairs, one.classes), *about.trimap(one.trimap), *about_confidence.calibration(one),
        *about_confidence.classes(one.confidences), *about_confidence.worth(one.overall, one.coverage),
        *improvements.ranking(one), *improvements.kinds(one, 12), *improvements.areas(one.areas, one.class_gains),
    ]  # fmt: skip


def test_every_picture_table_and_sentence_of_any_result(analysis):
    pictures = [
        *pixel_confusion.matrices(analysis.found.matrix, analysis.classes),
        plots.class_scores(analysis.class_scores),
        plots.composition(analysis.bands, "title", "caption"),
        plots.pairs(analysis.pairs, analysis.classes),
        plots.trimap(analysis.trimap),
        gain_plots.gains(analysis.ranked, analysis.classes),
        gain_plots.together(analysis.together),
        gain_plots.class_gains(analysis.class_gains),
        pixel_confidence.reliability_diagram(analysis.reliability, analysis.overall),
        pixel_confidence.by_class(analysis.confidences),
        pixel_confidence.coverage(analysis.coverage),
    ]
    found = [
        tables.class_table(analysis), tables.taken_for_table(analysis), tables.confidence_table(analysis),
        tables.improvement_table(analysis, 5), tables.kind_table(analysis, 5), tables.area_table(analysis),
    ]  # fmt: skip
    for item in [*pictures, *found]:
        assert to_html(item)
    for text in [*everything_said(analysis), *(picture.alt for picture in pictures)]:
        assert text and "nan" not in text.lower().split() and "unknown" not in text, text


def test_results_can_be_written(analysis, tmp_path):
    from helpers.base.paths import write_json

    write_json(tmp_path / "results.json", error_results(analysis))
    assert (tmp_path / "results.json").stat().st_size < 100_000


def cell_texts(picture) -> np.ndarray:
    texts = [text.get_text() for text in picture.figure.axes[0].texts]
    return np.array(texts).reshape(round(len(texts) ** 0.5), -1)


def test_the_three_matrices_hold_counts_recall_and_precision():
    cm = np.array([[1_234_000, 45_600, 0], [800, 2400, 4], [0, 0, 0]])
    counts, by_truth, by_prediction = pixel_confusion.matrices(cm, ["road", "car", "train"])
    assert cell_texts(counts).tolist() == [["1.2M", "46k", ""], ["800", "2.4k", "4"], ["", "", ""]]
    assert cell_texts(by_truth).tolist() == [["96", "4", ""], ["25", "75", ""], ["", "", ""]]
    assert cell_texts(by_prediction).tolist() == [["100", "95", ""], ["", "5", "100"], ["", "", ""]]
    assert "road taken for car (46k pixels)" in counts.alt and "train none" in by_truth.alt


@pytest.mark.parametrize(
    ("pixels", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (9960, "10k"), (999_600, "1.0M"), (2_140_000_000, "2.1G")],
)
def test_counts_take_four_signs_at_most(pixels, text):
    assert pixel_confusion.compact(pixels) == text and len(text) <= 4


@pytest.mark.parametrize("num_classes", [2, 19, 60])
def test_matrices_of_many_classes_stay_readable(num_classes):
    cm = np.random.default_rng(0).integers(0, 900, (num_classes, num_classes))
    picture = pixel_confusion.matrices(cm, [f"class {i}" for i in range(num_classes)])[1]
    axes = picture.figure.axes[0]
    assert bool(axes.texts) == (num_classes <= pixel_confusion.MOST_NUMBERED)
    assert picture.figure.get_figwidth() <= 9.5
    if num_classes == 19:  # inches of a cell: two figures of 9.5 points fit even where a phone halves it
        assert (picture.figure.get_figwidth() - NAMES) / 19 >= 0.4


def test_a_class_nowhere_is_named_below_the_matrix(usual):
    caption = pixel_confusion.matrices(usual.found.matrix, usual.classes)[0].caption
    assert "In neither truth nor prediction: train." in caption
    assert any("without a score and in no mean: “train”" in text for text in about.classes(usual.class_scores))


def test_the_matrix_in_words_names_the_largest_confusions(usual):
    rows = {row["Class"]: row for row in tables.taken_for_table(usual).rows()}
    assert rows["train"]["What becomes of it"] == "in none of these scenes"
    assert rows["train"]["What is behind the answer"] == "never given"
    row = usual.found.matrix[-1]
    assert rows["bicycle"]["What becomes of it"].startswith(
        f"right {100 * row[-1] / row.sum():.0f}\N{NO-BREAK SPACE}%; motorcycle"
    )


def test_bars_of_the_composition_add_up(usual):
    axes = plots.composition(usual.bands, "t", "c").figure.axes[0]
    pixels, wrong = ([bar.get_width() for bar in container] for container in axes.containers)
    assert sum(pixels) == pytest.approx(100) and sum(wrong) == pytest.approx(100)
    bars = plots.pairs(usual.pairs, usual.classes).figure.axes[0].patches
    assert sum(bar.get_width() for bar in bars) == pytest.approx(100)


def test_errors_at_borders_are_told_from_those_inside(usual):
    at_border = replace(usual.found, band_matrices=_errors_in(usual.found.band_matrices, 0))
    inside = replace(usual.found, band_matrices=_errors_in(usual.found.band_matrices, -1))
    assert "where exactly one thing ends" in about.borders(analysed(at_border).bands)[0]
    assert "whole regions are taken for something else" in about.borders(analysed(inside).bands)[0]
    assert "no sharper outline can win" in about.trimap(usual.trimap)[0]


def _errors_in(bands: np.ndarray, band: int) -> np.ndarray:
    """All errors in one band, the right pixels spread over all."""
    moved = bands * np.eye(bands.shape[-1], dtype=bool)
    moved[band] += (bands.sum(0) - moved.sum(0)).astype(int)
    return moved


def test_directions_of_pairs_are_told():
    base = made_up_evaluation(scenes=1, classes=("a", "b", "c"))
    matrix = np.array([[50, 40, 10], [0, 60, 0], [9, 0, 70]])
    found = analysed(replace(base, matrices=matrix[None]))
    assert (
        "“a” and “b” (67.8 %, one way only) and “a” and “c” (32.2 %, both ways)"
        in about.pairs(found.pairs, "abc")[0]
    )


def test_seen_too_often_and_overlooked(usual):
    text = " ".join(about.classes(usual.class_scores))
    rows = {row.name: row for row in usual.class_scores}
    assert rows["bicycle"].precision.high + about.UNEVEN < rows["bicycle"].recall.low
    assert f"“bicycle” (precision {rows['bicycle'].precision.value:.2f}" in text.split("Overlooked")[0]


def test_confidence_that_says_nothing_is_called_so(usual):
    flat = np.zeros_like(usual.found.confidence_bins)
    flat[:, :, 40:80] = 10  # right and wrong alike at every confidence
    sums = flat.sum(1) * (np.arange(100) + 0.5) / 100
    found = analysed(replace(usual.found, confidence_bins=flat, confidence_sums=sums))
    assert "in 50 % of the cases" in (text := about_confidence.worth(found.overall, found.coverage)[0])
    assert "worth hardly anything here" in text
    assert "worth a lot here" in about_confidence.worth(usual.overall, usual.coverage)[0]


def test_sure_mistakes_are_counted(usual):
    wrong, right = usual.found.confidence_bins.sum(0)
    text = about_confidence.calibration(usual)[1]
    assert f"{100 * wrong[90:].sum() / (wrong + right)[90:].sum():.1f} % of them are wrong" in text
    assert f"That is {100 * wrong[90:].sum() / wrong.sum():.0f} % of all errors" in text


def test_the_list_gives_what_the_formulas_gave(usual):
    row = tables.improvement_table(usual, 3).rows()[0]
    first = usual.ranked[0]
    assert row["Truth → prediction"] == f"{usual.classes[first.truth]} → {usual.classes[first.predicted]}"
    assert row["Mean IoU won"] is first.gain and row["Could be"] == f"{first.place[0]}–{first.place[1]}"
    assert f"{100 * first.gain.value:.2f} [" in tables.improvement_table(usual, 3).html()
    assert f"{usual.together[0] + first.gain.value:.3f}" in improvements.ranking(usual)[0]


@pytest.mark.parametrize(
    ("changes", "share", "kind"),
    [
        ({"debatable": 0.6, "near": 0.9}, 0.1, "definition"),
        ({"small": 0.7, "near": 0.9}, 0.1, "small or thin things"),
        ({"thin": 0.8, "near": 0.9}, 0.1, "small or thin things"),
        ({"thin": 0.8, "near": 0.1}, 0.1, "another look"),
        ({"near": 0.6}, 0.001, "outlines"),
        ({}, 0.001, "rare class"),
        ({}, 0.1, "another look"),
        ({"near": float("nan"), "small": float("nan"), "thin": float("nan")}, 0.1, "another look"),
    ],
)
def test_the_first_rule_that_holds_names_the_kind(usual, changes, share, kind):
    plain = {"debatable": 0.0, "small": 0.1, "thin": 0.2, "near": 0.3}
    assert improvements.kind_of(replace(usual.ranked[0], **(plain | changes)), share).name == kind
    assert kind in {row["Kind"] for row in improvements.rule_rows()}


def test_kinds_are_counted_and_the_first_gets_its_advice(usual):
    rows = tables.kind_table(usual, 4).rows()
    text = improvements.kinds(usual, 4)[0]
    kinds = [row["Kind"] for row in rows]
    if len(set(kinds)) == 1:
        assert text.startswith(f"The 4 costliest are all of the kind “{kinds[0]}”")
    else:
        assert all(f"{kinds.count(kind)} “{kind}”" in text for kind in kinds)
    advice = {row["Kind"]: row["What could help"] for row in improvements.rule_rows()}[rows[0]["Kind"]]
    assert text.endswith(
        f"What could help: {advice}.".replace("the true class", f"“{usual.classes[usual.ranked[0].truth]}”")
    )


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
    rows, columns = plots.closer(scene[2] == 2)
    assert rows.start <= 60 and rows.stop >= 80 and columns.start <= 100 and columns.stop >= 130
    assert rows.stop - rows.start == 30 and columns.stop - columns.start == 53
    assert plots.closer(np.zeros((9, 16), bool)) == (slice(0, 9), slice(0, 16))
    assert plots.closer(np.ones((9, 16), bool)) == (slice(0, 9), slice(0, 16))


def test_only_the_chosen_pixels_glow(scene):
    image, _, prediction, _ = scene
    shown = plots.highlight(image, prediction == 2)
    assert shown[70, 110, 0] > 1.5 * shown[70, 110, 2] and (shown[40, 40] == 60).all()


def test_each_confusion_is_shown_in_a_scene_of_its_own(usual, scene):
    asked = []

    def look(position: int):
        asked.append(position)
        return scene

    gallery = tables.examples(usual, look, np.zeros((19, 3), np.uint8), 3)
    assert len(gallery.cards) == len(set(asked)) == 3
    first, pixels = usual.ranked[0], usual.found.matrices[:, usual.ranked[0].truth, usual.ranked[0].predicted]
    assert pixels[asked[0]] == pixels.max()
    names = f"{usual.classes[first.truth]} → {usual.classes[first.predicted]}"
    assert gallery.cards[0].title.startswith(f"1. {names}")
    told = gallery.cards[0].paragraph.replace("\N{NO-BREAK SPACE}", " ")
    assert told.endswith(f"{100 * pixels.max() / first.pixels:.1f} % of all pixels with this confusion.")
    assert len(gallery.html()) < 200_000


def test_without_errors_notes_stand_in(perfect):
    assert isinstance(tables.examples(perfect, None, np.zeros((4, 3), np.uint8)), Note)
    assert isinstance(tables.improvement_table(perfect, 5), Note) and isinstance(tables.area_table(perfect), Note)
    assert isinstance(tables.class_table(perfect), Table)
    assert not any(bar.get_width() for bar in plots.pairs([], perfect.classes).figure.axes[0].patches)
    assert about.confusions(perfect)[0].endswith("everything lies on the diagonal.")
