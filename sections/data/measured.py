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
from helpers.metrics.intervals import Interval, wilson
from sections.data.detection import Detection, pairs_of_groups, score_found

PART_TITLES = {"train": "training", "val": "validation", "test": "test"}


class DuplicatePair(NamedTuple):
    """Two images, i < j, that are the same picture; `exact` where not a byte or not a pixel differs.

    how: what was done to one of them, such as 'mirrored'; empty where both show the whole of it the same way up.
    """

    i: int
    j: int
    distance: float
    how: str = ""
    exact: bool = False


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


def part_counts(splits: Splits) -> np.ndarray:
    """(3, C) int64: images of each class in training, validation and test."""
    size = len(splits.classes)
    return np.stack([np.bincount(splits.labels[getattr(splits, part)], minlength=size) for part in PARTS])


def parts_of_images(splits: Splits) -> np.ndarray:
    """(N,) for each image the name of its part: 'train', 'val' or 'test'."""
    names = np.empty(len(splits.labels), dtype="<U5")
    for part in PARTS:
        names[getattr(splits, part)] = part
    return names


def duplicate_pairs(splits: Splits) -> list[DuplicatePair]:
    """Every pair that was found, the most alike first."""
    exact = [DuplicatePair(i, j, 0.0, exact=True) for i, j in splits.duplicates.exact]
    near = [DuplicatePair(*pair) for pair in splits.duplicates.near]
    return exact + sorted(near, key=lambda pair: (pair.distance, pair.i, pair.j))


def label_conflicts(splits: Splits) -> list[DuplicatePair]:
    """Pairs of the same picture under two different labels of the data set: one of each at least is wrong."""
    labels = splits.original_labels
    return [pair for pair in duplicate_pairs(splits) if labels[pair.i] != labels[pair.j]]


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


def score_finds(splits: Splits) -> dict[str, Detection]:
    """What each search found against what the sample planted; empty where nothing is known to be planted."""
    if splits.manifest is None:
        return {}
    planted = {what: {item["file"] for item in splits.manifest[what]} for what in ("unreadable", "wrong_labels")}
    pairs = _named(pairs_of_groups(splits.duplicate_groups), splits.files)
    conflicts = {splits.files[i] for pair in label_conflicts(splits) for i in (pair.i, pair.j)}
    unreadable = {bad.path for bad in splits.unreadable}
    return {
        "near-duplicates, as pairs of files": score_found(pairs, _planted_pairs(splits.manifest)),
        "unreadable files": score_found(unreadable, planted["unreadable"]),
        "wrong labels, as pictures found in two classes": score_found(conflicts, planted["wrong_labels"]),
    }


def _planted_pairs(manifest: dict[str, list[dict[str, str]]]) -> set[tuple[str, str]]:
    """All pairs of files that show the same picture: two copies of one original are a pair too."""
    source = {item["file"]: item["of"] for item in manifest["near_duplicates"]}
    files = sorted({*source, *source.values()})
    originals = []
    for name in files:
        while name in source:
            name = source[name]
        originals.append(files.index(name))
    return _named(pairs_of_groups(originals), files) if files else set()


def _named(pairs: Iterable[tuple[int, int]], files: Sequence[str]) -> set[tuple[str, str]]:
    return {tuple(sorted((files[i], files[j]))) for i, j in pairs}


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
    read_pixels(paths[0], rendition=splits.rendition)
    started = time.perf_counter()
    for path in paths:
        resize(read_pixels(path, size, splits.rendition).pixels, size, "crop")
    seconds = time.perf_counter() - started
    arrays.release()
    return len(paths) / seconds
