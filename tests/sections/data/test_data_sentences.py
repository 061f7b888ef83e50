"""What chapter 01 counts and says: duplicates, leaks, finds, and sentences that follow the numbers."""

import numpy as np
import pytest
from made_up_splits import made_up_splits, unreadable

from helpers.datasets.duplicates import LOOKED_FOR
from helpers.datasets.types import Duplicates
from helpers.metrics.tables import chi_square_homogeneity
from sections.data import measured as audit
from sections.data import sentences as readings
from sections.data.tables import finds_table

PAIRS = Duplicates(exact=[(0, 4)], near=[(1, 2, 0.1, "cropped"), (3, 9, 0.02, "")])


@pytest.fixture
def splits():
    """Ten images; 0 and 4 and 3 and 9 show the same across classes, 1 and 2 within one."""
    return made_up_splits(
        [0, 0, 0, 0, 1, 1, 1, 1, 1, 1],
        train=[0, 1, 2, 4, 5],
        val=[3, 6],
        test=[7, 8, 9],
        groups=[0, 1, 1, 3, 0, 5, 6, 7, 8, 3],
        duplicates=PAIRS,
        unreadable=[unreadable("dog/bad.jpg")],
    )


def test_counts_by_part_and_class(splits):
    assert audit.part_counts(splits).tolist() == [[3, 2], [1, 1], [0, 3]]
    assert audit.parts_of_images(splits).tolist() == [*["train"] * 3, "val", *["train"] * 2, "val", *["test"] * 3]


def test_pairs_are_listed_from_the_most_alike_on(splits):
    assert [pair.distance for pair in audit.duplicate_pairs(splits)] == [0, 0.02, 0.1]
    assert [pair.exact for pair in audit.duplicate_pairs(splits)] == [True, False, False]
    assert [(pair.i, pair.j) for pair in audit.label_conflicts(splits)] == [(0, 4), (3, 9)]


def test_leak_counts_only_near_duplicates_in_training(splits):
    found = audit.measure_leak(splits, range(5))
    assert found.own == 0 and found.own_tests == 3  # the near-duplicate of 9 is in the validation part
    assert found.random.shape == (5,) and found.random_shares.max() <= 1


def test_a_blind_split_of_pairs_leaks_about_as_much_as_chance_says():
    """With every image in a pair, a test image leaks with probability of about the training share."""
    labels = [0, 1] * 200
    groups = np.repeat(np.arange(200), 2)
    order = np.arange(400)
    splits = made_up_splits(labels, order[:280], order[280:320], order[320:], groups=groups)
    shares = audit.measure_leak(splits, range(20)).random_shares
    assert 0.65 < shares.mean() < 0.75 and audit.measure_leak(splits, []).own == 0
    assert (audit.measure_leak(splits, [3]).random == audit.measure_leak(splits, [3]).random).all()


def planted(splits) -> dict:
    name = splits.files
    return {
        "near_duplicates": [{"file": name[4], "of": name[0]}, {"file": name[2], "of": name[1]},
                            {"file": name[5], "of": name[2]}],
        "wrong_labels": [{"file": name[4], "true_class": "cat"}, {"file": name[6], "true_class": "cat"}],
        "unreadable": [{"file": "dog/bad.jpg", "how": "empty"}, {"file": "dog/worse.jpg", "how": "empty"}],
    }  # fmt: skip


def test_finds_are_scored_against_what_was_planted(splits):
    splits = made_up_splits(**_again(splits), manifest=planted(splits))
    pairs, bad, wrong = audit.score_finds(splits).values()
    assert len(pairs.hits) == 2 and len(pairs.missed) == 2  # 1-2-5 are three pairs, one of them found
    assert len(pairs.false_alarms) == 1
    assert (len(bad.hits), len(bad.missed)) == (1, 1)
    assert (len(wrong.hits), len(wrong.missed), len(wrong.false_alarms)) == (1, 1, 3)
    row = finds_table(audit.score_finds(splits)).rows()[0]
    assert (row["planted"], row["found"], row["recall"].value) == (4, 3, 0.5)


def _again(splits) -> dict:
    names = ("train", "val", "test", "duplicates", "unreadable")
    return {name: getattr(splits, name) for name in names} | {
        "labels": splits.labels.tolist(), "groups": splits.groups.tolist()
    }  # fmt: skip


def test_nothing_is_scored_where_nothing_is_known(splits):
    assert audit.score_finds(splits) == {} and finds_table({}) == []


def test_balance_follows_the_counts():
    classes = ("cat", "dog")
    assert "5 images each; " in readings.balance(np.array([[3, 3], [1, 1], [1, 1]]), classes)
    uneven = readings.balance(np.array([[30, 3], [1, 1], [9, 1]]), classes)
    assert "from 5 images of “dog” to 40 of “cat”" in uneven and "90.0 % of the test images" in uneven
    chosen = readings.balance(np.array([[3, 2], [1, 1], [1, 3]]), classes)  # by training images alone
    assert "answering “cat”" in chosen and "25.0 % of the test images" in chosen


@pytest.mark.parametrize(
    ("counts", "published", "expected"),
    [
        ([[70, 70], [10, 10], [20, 20]], False, "no surprise"),
        ([[70, 70], [10, 10], [20, 20]], True, "no more unevenly than chance"),
        ([[90, 10], [10, 90], [50, 50]], True, "not spread alike over the parts: the parts that came"),
    ],
)
def test_stratification_says_what_the_test_can_say(counts, published, expected):
    counts = np.array(counts)
    said = readings.stratification(counts, chi_square_homogeneity(counts), ("cat", "dog"), published)[0]
    assert expected in said


def test_stratification_warns_of_small_counts():
    counts = np.array([[7, 3], [1, 1], [2, 1]])
    assert "below 5" in readings.stratification(counts, chi_square_homogeneity(counts), "ab", False)[0]
    empty = np.array([[1, 1], [0, 1], [1, 0]])
    assert readings.stratification(empty, chi_square_homogeneity(empty), "ab", False)[1] == (
        "Some classes have no image in validation and test: nothing can be said of them there."
    )


def test_sizes_say_what_is_lost():
    said = readings.losses_by_size(np.array([[200, 100], [100, 100]]), 128, "crop")
    assert "loses 25.0 % of an image on average and 50.0 % of the longest" in said
    assert "All images are smaller than the 128 pixels" in said
    assert "square or nearly so" in readings.losses_by_size(np.array([[64, 65]]), 64, "pad")
    assert "square already" in readings.losses_by_size(np.array([[64, 64]]), 64, "pad")
    assert "distorts the longest of them 2.0 times" in readings.losses_by_size(np.array([[50, 100]]), 32, "squash")


def test_duplicates_and_conflicts(splits):
    found, conflict = readings.duplicates(splits, audit.duplicate_pairs(splits), audit.label_conflicts(splits))
    assert (
        "3 pairs" in found
        and "1 exact copy and 2 near-duplicates, of which 1 cropped. They" in found
        and "6 images (60.0 %" in found
    )
    assert "2 pairs lie in two classes at once (“cat” with “dog”)" in conflict
    assert "way up" not in conflict and found.endswith(f"Looked for were images {LOOKED_FOR}.")
    assert readings.duplicates(splits, [], []) == [f"No copies were found. Looked for were images {LOOKED_FOR}."]


@pytest.mark.parametrize("how", ["", "cropped", "mirrored", "turned by 180° and cropped"])
def test_kinds_are_counted_and_a_turned_picture_may_rightly_have_two_labels(splits, how):
    near = [(1, 2, 0.05, how), (3, 9, 0.02, how)]
    again = made_up_splits(**(_again(splits) | {"duplicates": Duplicates(near=near)}))
    found, conflict = readings.duplicates(again, audit.duplicate_pairs(again), audit.label_conflicts(again))
    assert "0 exact copies and 2 near-duplicates" in found
    assert ("of which" in found) == bool(how) and (f"of which 2 {how}. They" in found) == bool(how)
    assert ("as with 6 and 9" in conflict) == (how not in ("", "cropped")) and "1 pair lies" in conflict


def test_leak_sentences():
    leak = audit.Leak(np.array([10, 20]), np.array([100, 100]), 0, 100)
    told = readings.leak(leak, published=False)
    assert "15.0 of 100 test images (15.0 %)" in told and "In the split used here none was found." in told
    assert "up to 15.0 percentage points on average because of them" in told
    nothing = readings.leak(audit.Leak(np.array([0, 0]), np.array([50, 50]), 1, 50), published=True)
    assert nothing.startswith(
        "In none of 2 plain random splits was a near-duplicate of a test image found in training."
    )
    assert "came with the data 1 of 50 have one: 2.0 %" in nothing


def test_scenes_are_named_where_they_bind_images(splits):
    scenes = np.repeat(np.arange(len(splits.files)), 2)[: len(splits.files)]
    bound = made_up_splits(**_again(splits), scenes=scenes)
    leak = audit.Leak(np.array([90, 94]), np.array([100, 100]), 0, 100, scenes=True)
    told = readings.leak(leak, published=False)
    assert "have a near-duplicate or another image of the same scene among" in told
    assert "recognise the scene" in told and "too high" not in told
    assert audit.measure_leak(bound, [0]).scenes and not audit.measure_leak(splits, [0]).scenes
