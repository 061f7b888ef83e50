"""Mistakes in feature space: the numbers behind chapter 05, and that its sentences follow them."""

import numpy as np
import pytest
from made_up_runs import MadeUpRun, made_up_run, outputs_of

from helpers.base.errors import CourseError
from sections.distances import sentences as readings
from sections.distances.measured import (
    by_confusion,
    distance_results,
    find_mistakes,
    look_at_own_mistakes,
    look_from_every_space,
    most_moved,
    most_stubborn,
)

CLASSES = ("left", "right")


def on_a_line(name: str, places: list[float], answers: list[int], labels: list[int]) -> MadeUpRun:
    """A model with one feature: 'left' has its centroid at 0, 'right' at 10, both with mean distance 1."""
    train = outputs_of(np.array([[-1.0], [1.0], [9.0], [11.0]]), np.eye(2)[[0, 0, 1, 1]], np.array([0, 0, 1, 1]))
    test = outputs_of(np.array(places)[:, None], np.eye(2)[answers], np.array(labels))
    return MadeUpRun(name, name.title(), CLASSES, {"train": train, "test": test})


@pytest.fixture
def runs() -> dict[str, MadeUpRun]:
    """The CNN takes images 0, 1 and 2 for 'right'; the other puts 0 and 1 near their truth, and is wrong on 3."""
    labels = [0, 0, 0, 1, 1]
    return {
        "cnn": on_a_line("cnn", [8.0, 4.0, 9.0, 10.0, 10.0], [1, 1, 1, 1, 1], labels),
        "other": on_a_line("other", [1.0, 2.0, 7.0, 6.0, 10.0], [0, 0, 1, 0, 1], labels),
    }


def test_distances_are_those_on_paper(runs):
    spaces = look_from_every_space(runs, find_mistakes(runs["cnn"]))
    assert spaces["cnn"].distances.within == 1.0
    np.testing.assert_allclose(spaces["cnn"].distances.to_truth, [8, 4, 9])
    np.testing.assert_allclose(spaces["cnn"].distances.to_predicted, [2, 6, 1])
    np.testing.assert_allclose(spaces["other"].distances.relative_to_truth, [1, 2, 7])
    assert spaces["cnn"].nearer.tolist() == [False, True, False]
    assert spaces["other"].nearer.tolist() == [True, True, False]
    assert spaces["other"].right.tolist() == [True, True, False]
    assert spaces["cnn"].nearest_centroid.value == pytest.approx(3 / 5)


def test_scaling_a_space_changes_raw_distances_only(runs):
    mistakes = find_mistakes(runs["cnn"])
    before = look_from_every_space(runs, mistakes)["other"].distances
    for part in runs["other"].parts.values():
        part.features *= 50
    after = look_from_every_space(runs, mistakes)["other"].distances
    np.testing.assert_allclose(after.to_truth, 50 * before.to_truth)
    np.testing.assert_allclose(after.relative_to_truth, before.relative_to_truth)


def test_own_mistakes_are_each_models_own(runs):
    own = look_at_own_mistakes(runs)
    assert len(own["cnn"].right) == 3
    assert len(own["other"].right) == 2
    assert own["other"].distances.truth.tolist() == [0, 1]
    assert not own["other"].right.any()


def test_images_are_chosen_by_how_they_lie(runs):
    spaces = look_from_every_space(runs, find_mistakes(runs["cnn"]))
    assert most_stubborn(spaces, 1).tolist() == [2]
    assert most_moved(spaces, "cnn", 1).tolist() == [0]
    assert most_moved({"cnn": spaces["cnn"]}, "cnn", 3).tolist() == []


def test_sentences_about_sides(runs):
    mistakes = find_mistakes(runs["cnn"])
    spaces = look_from_every_space(runs, mistakes)
    (made,) = readings.mistakes_made(mistakes)
    assert made.startswith("Cnn misclassifies 3 of 5 test images: 60.0 %")
    own, other = readings.sides(spaces, "cnn")
    assert "1 of them, 33.3 %" in own
    assert other.startswith("Other puts 2 of them, 66.7 %")
    assert other.endswith("it names 2 rightly.")
    (stubborn,) = readings.wrong_everywhere(spaces)
    assert stubborn.startswith("1 of the 3 (33.3 %) lie nearer to the wrong class in every one of the 2 models")
    medians, shift = readings.medians(spaces, "cnn")
    assert "Cnn 8.00 and 2.00 and Other 2.00 and 8.00" in medians
    assert "distance to its true class shrinks by 2.00, that to the class it was taken for grows by 2.00" in shift


def test_many_models_are_told_in_lists(runs):
    many = {"cnn": runs["cnn"]} | {
        name: on_a_line(name, places, [0, 0, 1, 0, 1], [0, 0, 0, 1, 1])
        for name, places in (("one", [1.0, 2.0, 7.0, 6.0, 10.0]), ("two", [1.0, 1.0, 1.0, 9.0, 9.0]),
                             ("three", [9.5, 9.0, 9.5, 9.0, 9.0]))
    }  # fmt: skip
    spaces = look_from_every_space(many, find_mistakes(many["cnn"]))
    _, nearer, rightly = readings.sides(spaces, "cnn")
    assert "One 66.7 %" in nearer and "Two 100.0 %" in nearer and "Three 0.0 %" in nearer
    assert rightly == "Of the same images these models name rightly: One 2, Two 2 and Three 2."
    _, shifts = readings.medians(spaces, "cnn")
    assert shifts == (
        "Against Cnn the median image comes nearer to its true class in One and Two, and moves away from the "
        "class it was taken for in One and Two."
    )


def test_two_others_are_tested_against_each_other(runs):
    labels = [0] * 40
    three = {
        "cnn": on_a_line("cnn", [9.0] * 40, [1] * 40, labels),
        "good": on_a_line("good", [1.0] * 40, [0] * 40, labels),
        "poor": on_a_line("poor", [1.0] * 20 + [9.0] * 20, [0] * 40, labels),
    }
    spaces = look_from_every_space(three, find_mistakes(three["cnn"]))
    (sentence,) = readings.sides_tested(spaces, "cnn")
    assert sentence.startswith("Good alone puts 20 of the images nearer to the truth, Poor alone 0")
    assert sentence.endswith("Good does so more often than chance explains.")
    assert readings.sides_tested({name: spaces[name] for name in ("cnn", "good")}, "cnn") == []


def test_of_many_models_only_those_that_differ_are_named():
    labels, near, far = [0] * 40, [1.0] * 40, [9.0] * 40
    first = {"cnn": on_a_line("cnn", far, [1] * 40, labels)}
    alike = {name: on_a_line(name, near, [0] * 40, labels) for name in ("one", "two", "three")}
    poor = {"poor": on_a_line("poor", far, [0] * 40, labels)}

    def told(runs: dict) -> list[str]:
        return readings.sides_tested(look_from_every_space(runs, find_mistakes(runs["cnn"])), "cnn")

    *tests, left = told(first | alike | poor)
    assert [sentence.endswith("more often than chance explains.") for sentence in tests] == [True] * 3
    assert left == "Between the models of the other 3 of 6 pairs it could be chance."
    none = told(first | alike | {"four": on_a_line("four", near, [0] * 40, labels)})
    assert none == ["No two of these models differ by more than chance explains (exact McNemar tests of 6 pairs)."]


def test_commonest_confusion(runs):
    mistakes = find_mistakes(runs["cnn"])
    spaces = look_from_every_space(runs, mistakes)
    kinds = by_confusion(mistakes, spaces, 5)
    assert [(kind.truth, kind.predicted, kind.count) for kind in kinds] == [(0, 1, 3)]
    (sentence,) = readings.commonest_confusion(kinds, spaces, CLASSES)
    assert "takes “left” for “right” (3 images)" in sentence
    assert "33 % in Cnn and 67 % in Other" in sentence


def test_a_model_without_mistakes_leaves_nothing_to_say(runs):
    perfect = on_a_line("perfect", [0.0, 0.0, 0.0, 10.0, 10.0], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1])
    runs = {"perfect": perfect, **runs}
    mistakes = find_mistakes(perfect)
    spaces = look_from_every_space(runs, mistakes)
    assert readings.mistakes_made(mistakes)[0].endswith("There is no mistake to look at in this chapter.")
    for found in (
        readings.sides(spaces, "perfect"),
        readings.sides_tested(spaces, "perfect"),
        readings.medians(spaces, "perfect"),
        readings.wrong_everywhere(spaces),
        readings.commonest_confusion(by_confusion(mistakes, spaces, 3), spaces, CLASSES),
    ):
        assert found == []
    assert readings.own_mistakes(look_at_own_mistakes(runs))[-1] == "Perfect makes no mistake on the test set."


def test_nearest_centroid_beside_the_last_layer(runs):
    spaces = look_from_every_space(runs, find_mistakes(runs["cnn"]))
    (sentence,) = readings.nearest_centroid(spaces, {"cnn": 0.4, "other": 0.6})
    assert "Cnn 60.0 % (its own last layer: 40.0 %)" in sentence


def test_runs_of_other_splits_are_refused(runs):
    mistakes = find_mistakes(runs["cnn"])
    runs["other"].parts["test"].index[:] += 1
    with pytest.raises(CourseError, match="Other was tested on other images than Cnn"):
        look_from_every_space(runs, mistakes)


def test_results_tell_every_image_and_are_repeatable(runs):
    def once():
        mistakes = find_mistakes(runs["cnn"])
        return distance_results(mistakes, look_from_every_space(runs, mistakes), look_at_own_mistakes(runs))

    assert once() == once()
    assert once()["spaces"]["other"]["to_truth"] == [1, 2, 7]
    assert once()["mistakes"] == {"index": [0, 1, 2], "truth": [0, 0, 0], "predicted": [1, 1, 1]}
    noisy = {name: made_up_run(name, 3.0) for name in ("cnn", "other")}
    assert len(look_at_own_mistakes(noisy)["other"].right)
