"""The split: shares, groups, repeatability, published parts."""

from types import SimpleNamespace

import numpy as np
import pytest

from helpers.datasets.split import grouped_split, leaked, published_split, straddling
from helpers.datasets.types import DataError

SHARES = SimpleNamespace(train=0.7, val=0.1, test=0.2)
NAMES = ("a", "b", "c")


def labels_of(*counts: int) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts)


def random_groups(labels: np.ndarray, seed: int) -> np.ndarray:
    """Groups of one to four images of one class."""
    rng = np.random.default_rng(seed)
    return np.repeat(np.arange(len(labels)), rng.integers(1, 5, len(labels)))[: len(labels)] * 3 + labels


def parts(split) -> list[np.ndarray]:
    return [split.train, split.val, split.test]


def test_every_image_is_in_one_part_and_shares_are_exact():
    labels = labels_of(100, 50, 30)
    split = grouped_split(labels, np.arange(180), SHARES, 0, NAMES)
    assert sorted(np.concatenate(parts(split))) == list(range(180))
    counts = [np.bincount(labels[part]).tolist() for part in parts(split)]
    assert counts == [[70, 35, 21], [10, 5, 3], [20, 10, 6]]
    assert all(np.array_equal(part, np.sort(part)) for part in parts(split))


@pytest.mark.parametrize("seed", range(5))
def test_groups_stay_together_and_shares_stay_close(seed):
    labels = labels_of(200, 100, 60)
    groups = random_groups(labels, seed)
    split = grouped_split(labels, groups, SHARES, seed, NAMES)
    seen = [set(groups[part]) for part in parts(split)]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    shares = np.array([np.bincount(labels[part]) for part in parts(split)]) / [200, 100, 60]
    assert np.abs(shares - [[0.7], [0.1], [0.2]]).max() < 0.05
    assert len(leaked(groups, split)) == 0


def test_a_group_of_two_classes_stays_together():
    labels = labels_of(20, 20, 20)
    groups = np.arange(60)
    groups[[3, 25, 45]] = 3
    split = grouped_split(labels, groups, SHARES, 1, NAMES)
    assert sum({3, 25, 45} <= set(part) for part in parts(split)) == 1


def test_large_groups_reach_every_part_over_seeds():
    labels, groups = labels_of(40, 40), np.arange(80)
    groups[:4] = 0
    homes = set()
    for seed in range(40):
        split = grouped_split(labels, groups, SHARES, seed, NAMES[:2])
        homes |= {number for number, part in enumerate(parts(split)) if 0 in part}
    assert homes == {0, 1, 2}


def test_same_seed_same_split_other_seed_another():
    labels = labels_of(50, 50, 50)
    first, again, other = (grouped_split(labels, np.arange(150), SHARES, seed, NAMES) for seed in (7, 7, 8))
    assert np.array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)


def test_smallest_class_that_can_be_split():
    split = grouped_split(labels_of(3, 10), np.arange(13), SHARES, 0, NAMES[:2])
    assert [sum(i < 3 for i in part) for part in parts(split)] == [1, 1, 1]


def test_one_huge_group_still_leaves_every_part_an_image():
    labels, groups = labels_of(40, 40), np.arange(80)
    groups[:38] = 0
    split = grouped_split(labels, groups, SHARES, 0, NAMES[:2])
    assert all((labels[part] == 0).any() for part in parts(split))


def test_too_few_images_names_the_class():
    with pytest.raises(DataError, match="class 'b' has 2 readable images and the split needs at least 3"):
        grouped_split(labels_of(10, 2), np.arange(12), SHARES, 0, NAMES[:2])


def test_too_few_groups_names_the_class():
    groups = np.arange(20)
    groups[10:] = groups[10:] // 5
    with pytest.raises(DataError, match="class 'b' has 10 images but only 2"):
        grouped_split(labels_of(10, 10), groups, SHARES, 0, NAMES[:2])


def test_plain_split_leaks_and_grouped_split_does_not():
    labels = labels_of(100, 100)
    groups = np.arange(200) // 2
    plain = grouped_split(labels, np.arange(len(labels)), SHARES, 0, NAMES[:2])
    lost = leaked(groups, plain)
    assert set(lost) == {i for i in plain.test if {i ^ 1} & set(plain.train)}
    assert len(lost) > 10
    assert len(leaked(groups, grouped_split(labels, groups, SHARES, 0, NAMES[:2]))) == 0


def test_published_test_set_is_kept_and_validation_comes_from_training():
    labels = np.tile([0, 1], 60)
    published = np.array(["train"] * 80 + ["test"] * 40)
    split = published_split(labels, np.arange(120), published, SHARES, 0, NAMES[:2])
    assert split.test.tolist() == list(range(80, 120))
    assert len(split.val) == 10  # 80 × 0.1 / (0.7 + 0.1)
    assert np.bincount(labels[split.val]).tolist() == [5, 5]


def test_all_published_parts_are_kept():
    labels = np.tile([0, 1], 30)
    published = np.repeat(["train", "val", "test"], 20)
    split = published_split(labels, np.arange(60), published, SHARES, 0, NAMES[:2])
    assert [part.tolist() for part in parts(split)] == [list(range(20)), list(range(20, 40)), list(range(40, 60))]


def test_missing_test_set_is_drawn_from_training():
    labels = np.tile([0, 1], 50)
    published = np.array(["train"] * 90 + ["val"] * 10)
    split = published_split(labels, np.arange(100), published, SHARES, 0, NAMES[:2])
    assert split.val.tolist() == list(range(90, 100))
    assert len(split.test) == 20  # 90 × 0.2 / (0.7 + 0.2)


def test_straddling_lists_pairs_across_parts():
    split = SimpleNamespace(train=np.array([0, 1]), val=np.array([2]), test=np.array([3]))
    assert straddling([(0, 1), (1, 3), (2, 3)], split, 4) == [(1, 3), (2, 3)]
