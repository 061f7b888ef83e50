"""Classes taken together: mistakes by original class, what they resemble, the overlap, on known answers."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from made_up_runs import MadeUpRun, outputs_of
from made_up_splits import made_up_splits

from helpers.base.paths import plain
from helpers.datasets.duplicates import LOOKED_FOR
from helpers.datasets.types import Duplicates
from sections.comparison import overlap
from sections.comparison.original_classes import measured as ours
from sections.comparison.original_classes import sentences as about
from sections.comparison.original_classes import tables
from sections.comparison.original_classes.pictures import wrong_shares
from sections.comparison.overlap import overlap_sentences, overlap_tables
from sections.comparison.scores.measured import compare_models

ORIGINALS = ("airplane", "bird", "cat", "ship")
GROUP_OF = np.array([0, 1, 1, 0])  # vehicle: airplane and ship; animal: bird and cat
TRAIN, TEST = 80, 120  # a quarter each of every original class, in turn
PLACES = np.array([[0.0, 0], [0, 1], [9, 9], [9, 0]])  # features: birds lie beside airplanes


def made_up(duplicates: Duplicates | None = None):
    originals = np.arange(TRAIN + TEST) % 4
    parts = [list(range(8)), list(range(8, TRAIN)), list(range(TRAIN, TRAIN + TEST))]
    splits = made_up_splits(
        GROUP_OF[originals].tolist(), parts[1], parts[0], parts[2],
        classes=("vehicle", "animal"), duplicates=duplicates,
    )  # fmt: skip
    return replace(splits, original_classes=ORIGINALS, original_labels=originals)


def run_with(name: str, splits, wrong_of: dict[str, int]) -> MadeUpRun:
    """A model that gets so many test images of each original class wrong, the first ones."""
    parts = {}
    for part in ("train", "test"):
        index = getattr(splits, part)
        originals, labels = splits.original_labels[index], splits.labels[index]
        answers = labels.copy()
        for original, wrong in wrong_of.items() if part == "test" else ():
            rows = np.flatnonzero(originals == ORIGINALS.index(original))[:wrong]
            answers[rows] = 1 - labels[rows]
        sureness = np.linspace(3, 2, len(index))[:, None]
        outputs = outputs_of(PLACES[originals], sureness * np.eye(2)[answers], labels)
        parts[part] = replace(outputs, index=index)
    return MadeUpRun(name, name.title(), ("vehicle", "animal"), parts)


@pytest.fixture(scope="module")
def splits():
    return made_up()


@pytest.fixture(scope="module")
def runs(splits):
    mistakes = {"good": {"bird": 12, "ship": 1}, "poor": {"bird": 15, "cat": 3, "airplane": 20}}
    return {name: run_with(name, splits, wrong) for name, wrong in mistakes.items()}


@pytest.fixture(scope="module")
def found(runs, splits):
    return ours.by_original_class(compare_models({name: [run] for name, run in runs.items()}), splits)


def test_mistakes_are_counted_by_original_class(found):
    assert {ORIGINALS[one.original]: one.wrong for one in found.best.errors} == {
        "airplane": 0, "bird": 12, "cat": 0, "ship": 1,
    }  # fmt: skip
    assert found.best.title == "Good"
    assert found.shares[0].tolist() == pytest.approx([0, 0.4, 0, 1 / 30])


def test_the_rest_of_a_group_is_what_a_class_is_compared_with(found):
    bird = next(one for one in found.best.errors if ORIGINALS[one.original] == "bird")
    assert bird.rest == 0 < bird.share.value and bird.p_value < 0.001
    (unlike,) = about.standing_out(found)
    assert unlike == (
        "For Good: Harder than the rest of its group, beyond chance: “bird” (p < 0.001). "
        "Easier than the rest of its group, beyond chance: “cat” (p < 0.001)."
    )


def test_one_that_is_only_harder_and_none_that_stands_out(splits):
    uneven, even = {"airplane": 10, "bird": 4, "cat": 4}, {"bird": 5, "cat": 4}
    expected = "Harder than the rest of its group, beyond chance: “airplane” (p", "none of them differs"
    for wrong, told in zip((uneven, even), expected, strict=True):
        found = ours.by_original_class(compare_models({"one": [run_with("one", splits, wrong)]}), splits)
        assert told in about.standing_out(found)[0]


def test_birds_taken_for_vehicles_resemble_airplanes(runs, splits, found):
    looks = ours.resemblance(runs["good"], splits)
    pairs = {(one.original, one.like): one for one in ours.likenesses(looks, ORIGINALS)}
    bird = pairs["bird", "airplane"]
    assert (bird.count, bird.total, bird.expected) == (12, 12, 0.5)
    assert set(pairs) == {("bird", "airplane"), ("ship", "cat")}
    assert "1.00 [0.76, 1.00]" in tables.likeness_table(found, looks).text()
    assert (splits.labels[looks.nearest] != splits.labels[splits.test[looks.position]]).all()
    assert np.isin(looks.nearest, splits.train).all()


def test_of_a_large_training_set_some_are_searched_and_the_page_says_so(runs, splits, found, monkeypatch):
    monkeypatch.setattr(ours, "MOST_SEARCHED", 60)
    looks = ours.resemblance(runs["good"], splits)
    assert looks.searched < looks.available == len(splits.train)
    assert len(np.unique(looks.nearest)) <= looks.searched and np.isin(looks.nearest, splits.train).all()
    assert (
        f"among {looks.searched:,} of {looks.available:,} training" in tables.likeness_table(found, looks).text()
    )


def test_examples_show_the_surest_mistakes_first(runs, splits, monkeypatch):
    monkeypatch.setattr(
        tables, "activation_maps", lambda model, images, targets: np.zeros(images.shape[:3], np.float32)
    )
    runs["good"].model = lambda: torch.nn.Identity()
    looks = ours.resemblance(runs["good"], splits)
    gallery = tables.confused_gallery(runs["good"], splits, looks, per_class=2)
    assert [card.title.split(" (")[0] for card in gallery.cards] == ["bird → vehicle"] * 2 + ["ship → animal"]
    sureness = [float(card.title.split("(")[1].split()[0]) for card in gallery.cards[:2]]
    assert sureness[0] >= sureness[1]
    assert "Training image labelled airplane" in gallery.html()


def test_a_model_without_mistakes(splits):
    run = run_with("perfect", splits, {})
    found = ours.by_original_class(compare_models({"perfect": [run]}), splits)
    looks = ours.resemblance(run, splits)
    assert about.standing_out(found) == ["Perfect takes no test image for another group."]
    assert "no mistake" in tables.likeness_table(found, looks).text()
    assert "no mistake" in tables.confused_gallery(run, splits, looks).text()
    assert wrong_shares(found).alt


def test_pictures_tables_and_results_hold_the_numbers(found, runs, splits):
    looks = ours.resemblance(runs["good"], splits)
    picture = wrong_shares(found)
    assert "bird 40/50" in picture.alt and picture.pixels(60).ndim == 3
    first = tables.error_table(found).rows()[0]
    assert (first["Original class"], first["Part of"], first["Wrong"]) == ("bird", "animal", 12)
    assert first["Share, mean of all models"] == pytest.approx(0.45)
    assert tables.likeness_table(found, looks).rows()[0]["Nearest"] == "airplane"
    kept = ours.original_class_results(found, looks)
    assert json.loads(json.dumps(plain(kept)))["models"]["good"]["bird"]["wrong"] == 12


def test_seeds_are_told_in_the_tables(splits):
    seeds = [run_with("one", splits, {"bird": wrong}) for wrong in (12, 15)]
    comparison = compare_models({"one": seeds})
    found = ours.by_original_class(comparison, splits)
    assert found.best.shares_by_seed[:, 1].tolist() == pytest.approx([0.4, 0.5])
    first = tables.error_table(found).rows()[0]
    assert first["Share, 2 seeds"] == "0.450 ± 0.071"
    overlapping = with_overlap(40)
    again = compare_models({"one": [run_with("one", overlapping, {"bird": wrong}) for wrong in (12, 15)]})
    (table,) = overlap_tables(overlap.measure_overlap(again, overlapping))
    assert table.rows()[0]["Without overlap, 2 seeds"] == "0.956 ± 0.027"  # 78 and 75 of 80


def with_overlap(count: int):
    """So many of the first test images are near-duplicates of training images."""
    pairs = [(8 + number, TRAIN + number, 0.01, "") for number in range(count)]
    return made_up(Duplicates(near=pairs))


def test_the_overlap_is_left_out():
    splits = with_overlap(40)
    run = run_with("good", splits, {"bird": 25})  # the birds among them: ten
    found = overlap.measure_overlap(compare_models({"good": [run]}), splits)
    scores = found.models["good"]
    assert (found.overlapping, found.images) == (40, 120)
    assert scores.all.value == pytest.approx(95 / 120)
    assert scores.without.value == pytest.approx(65 / 80)
    assert scores.overlapping.value == pytest.approx(30 / 40)
    (told,) = overlap_sentences(found)
    assert told.startswith("No model is right on the overlap more often")
    assert len(overlap_tables(found)[0].rows()) == 1
    assert json.loads(json.dumps(asdict(found)))["overlapping"] == 40


def test_an_overlap_that_is_easier_is_called_so():
    splits = with_overlap(40)
    run = run_with("good", splits, {})
    run.parts["test"].probabilities[60:] = run.parts["test"].probabilities[60:, ::-1]
    (told,) = overlap_sentences(overlap.measure_overlap(compare_models({"good": [run]}), splits))
    assert told == "More often right on the overlap than on the other test images, beyond chance: Good."


def test_the_tests_of_the_overlap_are_corrected_for_the_number_of_models(runs):
    splits = with_overlap(40)
    found = overlap.measure_overlap(
        compare_models({name: [run_with(name, splits, {"bird": 25})] for name in "abc"}), splits
    )
    (p, *_) = [one.p_value for one in found.models.values()]
    assert found.adjusted()[0] == pytest.approx(min(1, 3 * p)) and p < 1


def test_nothing_to_leave_out(runs, splits):
    found = overlap.measure_overlap(compare_models({"good": [runs["good"]]}), splits)
    assert found.models == {} and overlap_tables(found) == []
    assert overlap_sentences(found)[0].endswith(f"none is left out. Looked for were images {LOOKED_FOR}.")
    everything = with_overlap(TRAIN - 8)
    everything = replace(everything, test=everything.test[: TRAIN - 8])
    comparison = compare_models({"good": [run_with("good", everything, {})]})
    assert "no honest score" in overlap_sentences(overlap.measure_overlap(comparison, everything))[0]
