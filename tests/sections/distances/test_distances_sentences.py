"""Mistakes in feature space: the numbers behind chapter 05, and that its sentences follow them."""

import numpy as np
import pytest
from made_up_runs import MadeUpRun, made_up_run, outputs_of

from helpers.base.errors import CourseError
from helpers.base.paths import plain
from sections.distances import sentences as readings
from sections.distances.measured import (
    distance_results,
    find_mistakes,
    look_at_own_mistakes,
    look_from_every_space,
    most_moved,
    most_stubborn,
)
from sections.distances.tables import confusion_table, space_table

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
    assert spaces["cnn"].ordinary == pytest.approx((8 + 4 + 9 + 0 + 0) / 5)  # all test images, in units of 1
    (row, _) = space_table(spaces, "Seen").rows()
    assert row["All test images ÷ s"] == spaces["cnn"].ordinary


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
    apart, alike = np.arange(3), np.array([7, 8, 7])  # image 2 is a near-duplicate of image 0
    assert most_stubborn(spaces, apart, 3).tolist() == [2, 0, 1]
    assert most_stubborn(spaces, alike, 3).tolist() == [2, 1]
    assert most_moved(spaces, "cnn", apart, 1).tolist() == [0]
    assert most_moved(spaces, "cnn", alike, 3).tolist() == [0, 1]
    assert most_moved({"cnn": spaces["cnn"]}, "cnn", apart, 3).tolist() == []


def test_sentences_about_sides(runs):
    mistakes = find_mistakes(runs["cnn"])
    spaces = look_from_every_space(runs, mistakes)
    assert readings.how_few(mistakes)[0].startswith("Cnn makes few mistakes")
    (own,) = readings.sides(spaces, "cnn")
    assert "itself 33.3 % (95 % interval" in own and own.endswith("half-way between the two centroids.")
    (stubborn,) = readings.wrong_everywhere(spaces)
    assert stubborn.startswith("1 of the 3 (33.3 %) lie nearer to the wrong class in every one of the 2 models")


def test_centroids_that_agree_with_the_last_layer(runs):
    runs["cnn"] = on_a_line("cnn", [8.0, 7.0, 9.0, 10.0, 10.0], [1, 1, 1, 1, 1], [0, 0, 0, 1, 1])
    (own,) = readings.sides(look_from_every_space(runs, find_mistakes(runs["cnn"])), "cnn")
    assert own.endswith("its last layer and its centroids agree.")


def as_seen(**places: list[float]):
    """40 images of 'left' that the CNN has at 9, near 'right'; the other models put them elsewhere."""
    labels = [0] * 40
    runs = {"cnn": on_a_line("cnn", [9.0] * 40, [1] * 40, labels)}
    runs |= {name: on_a_line(name, where, [0] * 40, labels) for name, where in places.items()}
    return look_from_every_space(runs, find_mistakes(runs["cnn"]))


def test_models_that_differ_beyond_chance_are_named():
    (told,) = readings.sides(as_seen(good=[1.0] * 40, poor=[1.0] * 20 + [9.0] * 20), "cnn")
    assert told.endswith("put nearer to the truth by Good than Poor (p < 0.001) (exact McNemar tests, Holm).")
    (alike,) = readings.sides(as_seen(one=[1.0] * 40, two=[1.0] * 40), "cnn")
    assert "No two of the other models differ" in alike
    (alone,) = readings.sides(as_seen(good=[1.0] * 40), "cnn")
    assert "McNemar" not in alone


def test_what_moves_the_images_is_told_where_it_is_more_than_chance():
    (told,) = readings.ways(
        as_seen(both=[4.0] * 40, away=[-9.5] * 40, nowhere=[9.0] * 40, chance=[8.0] * 25 + [9.0] * 15), "cnn"
    )
    assert told.startswith("Against Cnn these 40 images come nearer to their true class and leave the one")
    assert "they were taken for in Both (100 % nearer to the truth, 100 % further from the mistake);" in told
    assert "not shown to come nearer to their true one in Away (0 % nearer to the truth, 100 %" in told
    assert "they do neither beyond chance in Nowhere (0 % " in told and "Chance (63 % nearer" in told
    assert "corrected for 8 by Holm" in told
    assert readings.ways({"cnn": as_seen()["cnn"]}, "cnn") == []


def test_kinds_of_mistake_are_listed_with_the_share_that_each_model_mends(runs):
    mistakes = find_mistakes(runs["cnn"])
    (row,) = confusion_table(mistakes, look_from_every_space(runs, mistakes), CLASSES).rows()
    assert row == {"True class": "left", "Taken for": "right", "Images": 3, "Cnn": 1 / 3, "Other": 2 / 3}


def test_a_model_without_mistakes_leaves_nothing_to_say(runs):
    perfect = on_a_line("perfect", [0.0, 0.0, 0.0, 10.0, 10.0], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1])
    runs = {"perfect": perfect, **runs}
    mistakes = find_mistakes(perfect)
    spaces = look_from_every_space(runs, mistakes)
    assert readings.how_few(mistakes)[0].endswith("there is no mistake to look at in this chapter.")
    assert readings.sides(spaces, "perfect") == readings.ways(spaces, "perfect") == []
    assert readings.wrong_everywhere(spaces) == []
    assert "no mistake to list" in confusion_table(mistakes, spaces, CLASSES).text()


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
        found = distance_results(mistakes, look_from_every_space(runs, mistakes), look_at_own_mistakes(runs))
        return plain(found)

    assert once() == once()
    assert once()["spaces"]["other"]["distances"]["to_truth"] == [1, 2, 7]
    assert once()["spaces"]["other"]["share"]["value"] == pytest.approx(2 / 3)
    assert once()["mistakes"]["index"] == [0, 1, 2] and once()["mistakes"]["predicted"] == [1, 1, 1]
    noisy = {name: made_up_run(name, 3.0) for name in ("cnn", "other")}
    assert len(look_at_own_mistakes(noisy)["other"].right)
