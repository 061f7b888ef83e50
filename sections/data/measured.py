"""What chapter 01 finds out about a data set: how it is spread, what is in it twice, what would have leaked."""

import time
from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from helpers.datasets.decode import resize
from helpers.datasets.split import SplitIndices, leaked, plain_split
from helpers.datasets.types import PARTS, Splits
from helpers.metrics.detection import Detection, pairs_of_groups, score_found
from helpers.metrics.intervals import Interval, wilson

PART_TITLES = {"train": "training", "val": "validation", "test": "test"}


class DuplicatePair(NamedTuple):
    """Two images, i < j, that are the same picture; `distance` 0 is an exact copy."""

    i: int
    j: int
    distance: float


@dataclass(frozen=True)
class Leak:
    """Test images with a near-duplicate among the training images.

    random: (seeds,) their number in plain random splits, and random_tests (seeds,) the size of the test part;
    own, own_tests: the same for the split in use. With `scenes`, another image of the same scene counts too.
    """

    random: np.ndarray
    random_tests: np.ndarray
    own: int
    own_tests: int
    scenes: bool = False

    @property
    def random_shares(self) -> np.ndarray:
        """(seeds,) share of each random split's test images."""
        return self.random / self.random_tests

    @property
    def own_share(self) -> Interval:
        """Share of the test images in use, with its 95 % interval."""
        return wilson(self.own, self.own_tests)


@dataclass(frozen=True)
class SearchScore:
    """How well one search did against what was planted; `partial` says what it cannot see, if anything."""

    what: str
    score: Detection
    partial: str = ""


def part_counts(splits: Splits) -> np.ndarray:
    """(3, C) int64: images of each class in training, validation and test."""
    size = len(splits.classes)
    return np.stack([np.bincount(splits.labels[getattr(splits, part)], minlength=size) for part in PARTS])


def part_of(splits: Splits) -> np.ndarray:
    """(N,) for each image the name of its part: 'train', 'val' or 'test'."""
    names = np.empty(len(splits.labels), dtype="<U5")
    for part in PARTS:
        names[getattr(splits, part)] = part
    return names


def duplicate_pairs(splits: Splits) -> list[DuplicatePair]:
    """Every pair that was found, the most alike first."""
    exact = [DuplicatePair(i, j, 0.0) for i, j in splits.duplicates.exact]
    near = sorted(
        (DuplicatePair(*pair) for pair in splits.duplicates.near), key=lambda pair: (pair.distance, pair.i, pair.j)
    )
    return exact + near


def label_conflicts(splits: Splits) -> list[DuplicatePair]:
    """Pairs of the same picture under two different labels of the data set: one of each at least is wrong."""
    labels = splits.original_labels
    return [pair for pair in duplicate_pairs(splits) if labels[pair.i] != labels[pair.j]]


def kept_together(splits: Splits) -> int:
    """How many groups (two images or more) of near-duplicates, or of one scene, lie whole in one part."""
    _, first, number, sizes = np.unique(splits.groups, return_index=True, return_inverse=True, return_counts=True)
    parts, whole = part_of(splits), sizes > 1
    whole[number[parts != parts[first[number]]]] = False
    return int(whole.sum())


def measure_leak(splits: Splits, seeds: Iterable[int]) -> Leak:
    """What plain stratified random splits with the same shares would have leaked, one split a seed."""
    random = [plain_split(splits, seed) for seed in seeds]
    own = SplitIndices(splits.train, splits.val, splits.test)
    return Leak(
        random=np.array([len(leaked(splits.groups, split)) for split in random]),
        random_tests=np.array([len(split.test) for split in random]),
        own=len(leaked(splits.groups, own)),
        own_tests=len(own.test),
        scenes=splits.scenes is not None,
    )


def score_finds(splits: Splits) -> list[SearchScore]:
    """On the sample: what was found against what was planted. Empty where nothing is known to be planted."""
    if splits.manifest is None:
        return []
    duplicates = _named(pairs_of_groups(splits.duplicate_groups), splits.files)
    conflicts = {splits.files[i] for pair in label_conflicts(splits) for i in (pair.i, pair.j)}
    unreadable = {bad.path for bad in splits.unreadable}
    return [
        SearchScore("near-duplicates, as pairs of files", score_found(duplicates, planted_pairs(splits))),
        SearchScore("unreadable files", score_found(unreadable, _planted(splits, "unreadable"))),
        SearchScore(
            "wrong labels, as pictures found in two classes",
            score_found(conflicts, _planted(splits, "wrong_labels")),
            partial="This search sees only wrong labels of images that lie in another class as well, and it "
            "cannot tell which of two files is right; the others are left for a trained network to point at.",
        ),
    ]


def planted_pairs(splits: Splits) -> set[tuple[str, str]]:
    """All pairs of files that show the same picture: two copies of one original are a pair too."""
    original = {item["file"]: item["of"] for item in (splits.manifest or {}).get("near_duplicates", [])}
    files = sorted({*original, *original.values()})
    names = {name: number for number, name in enumerate(files)}
    groups = [names[_first(name, original)] for name in files]
    pairs = pairs_of_groups(groups) if files else set()
    return _named(pairs, files)


def images_per_second(loader: Iterable[tuple[Sized, Any]], most: int = 20) -> float:
    """How fast a loader hands out images, measured over its first `most` batches."""
    started = time.perf_counter()
    seen = sum(len(images) for images, _ in islice(loader, most))
    return seen / (time.perf_counter() - started)


def decoded_per_second(splits: Splits, most: int = 200) -> float:
    """How many training images a second can be read from their files, decoded and resized, in one thread.

    Of images that lie in a file of many, the file is read once, as any program would, and does not count.
    """
    from helpers.datasets import arrays
    from helpers.datasets.reading import read_pixels

    size, paths = splits.images.shape[1], [splits.root / splits.files[i] for i in splits.train[:most]]
    read_pixels(paths[0])
    started = time.perf_counter()
    for path in paths:
        resize(read_pixels(path, size).pixels, size, "crop")
    seconds = time.perf_counter() - started
    arrays.release()
    return len(paths) / seconds


def _first(name: str, original: dict[str, str]) -> str:
    while name in original:
        name = original[name]
    return name


def _planted(splits: Splits, what: str) -> set[str]:
    return {item["file"] for item in (splits.manifest or {}).get(what, [])}


def _named(pairs: Iterable[tuple[int, int]], files: Sequence[str]) -> set[tuple[str, str]]:
    return {tuple(sorted((files[i], files[j]))) for i, j in pairs}
