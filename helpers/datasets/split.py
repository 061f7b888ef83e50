"""Which images train, which validate and which test.

Stratified: every class has the same shares in every part. Grouped: near-duplicates stay together, since a
test image of which a near-duplicate was trained on measures memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.datasets.types import PARTS, DataError, Splits, SplitShares


class TooFewGroups(DataError):
    """A class has images enough for all parts, but too many of them have to stay together; `why` says so."""

    def __init__(self, why: str, cure: str):
        super().__init__(f"{why[0].lower()}{why[1:-1]}; {cure}")
        self.why = why


@dataclass(frozen=True)
class SplitIndices:
    """Sorted int64 indices of each part."""

    train: np.ndarray
    val: np.ndarray
    test: np.ndarray

    @classmethod
    def of(cls, parts: np.ndarray) -> "SplitIndices":
        """From the number of its part (0 train, 1 validation, 2 test) for each image."""
        return cls(*(np.flatnonzero(parts == number) for number in range(len(PARTS))))


def grouped_split(
    labels: np.ndarray, groups: np.ndarray, shares: SplitShares, seed: int, classes: Sequence[str]
) -> SplitIndices:
    """Stratified random split in which every group lies in one part.

    labels, groups: (N,) integers. Raises DataError naming a class with too few images or groups.
    """
    return SplitIndices.of(_assign(labels, groups, _fractions(shares), seed, classes))


def published_split(
    labels: np.ndarray,
    groups: np.ndarray,
    published: np.ndarray,
    shares: SplitShares,
    seed: int,
    classes: Sequence[str],
) -> SplitIndices:
    """Keep the parts that came with the data, and draw from the training images those that are missing.

    published: (N,) str, 'train', 'val' or 'test' for each image.
    """
    fractions = _fractions(shares)
    missing = [number for number, part in enumerate(PARTS) if number and part not in published]
    wanted = np.where(np.isin(np.arange(3), [0, *missing]), fractions, 0)
    parts = np.array([PARTS.index(part) for part in published])
    train = np.flatnonzero(parts == 0)
    parts[train] = _assign(labels[train], groups[train], wanted / wanted.sum(), seed, classes)
    return SplitIndices.of(parts)


def leaked(groups: np.ndarray, split: SplitIndices) -> np.ndarray:
    """Indices of the test images that have a near-duplicate among the training images."""
    return split.test[np.isin(groups[split.test], groups[split.train])]


def straddling(pairs: Sequence[tuple[int, int]], split: SplitIndices, count: int) -> list[tuple[int, int]]:
    """Those pairs of duplicates whose two images lie in different parts of a split of `count` images."""
    part = np.zeros(count, dtype=np.int64)
    part[split.val], part[split.test] = 1, 2
    return [(i, j) for i, j in pairs if part[i] != part[j]]


def _fractions(shares: SplitShares) -> np.ndarray:
    return np.array([shares.train, shares.val, shares.test], dtype=np.float64)


def _assign(
    labels: np.ndarray,
    groups: np.ndarray,
    fractions: np.ndarray,
    seed: int,
    classes: Sequence[str],
    everywhere: bool = True,
) -> np.ndarray:
    """(N,) int64 part numbers. A group that mixes classes is placed with the class most of it has.

    everywhere: whether a class has to have images in each part.
    """
    parts = np.zeros(len(labels), dtype=np.int64)
    members = _members(groups)
    owner = np.array([np.bincount(labels[indices]).argmax() for indices in members])
    for label, name in enumerate(classes):
        own = [members[i] for i in np.flatnonzero(owner == label)]
        having = len(np.unique(groups[labels == label]))
        if everywhere:
            _check_enough(name, int((labels == label).sum()), having, int((fractions > 0).sum()))
        if not own:  # of each of its groups another class has more
            continue
        for indices, part in zip(own, _place(own, fractions, np.random.default_rng([seed, label])), strict=True):
            parts[indices] = part
    if everywhere:
        _check_parts(labels, parts, fractions, classes)
    return parts


def _members(groups: np.ndarray) -> list[np.ndarray]:
    """Indices of each group, groups in the order of their first member."""
    order = np.argsort(groups, kind="stable")
    cuts = np.flatnonzero(np.diff(groups[order])) + 1
    return sorted(np.split(order, cuts), key=lambda indices: indices[0])


def _check_enough(name: str, images: int, groups: int, parts: int) -> None:
    if images < parts:
        raise DataError(
            f"class '{name}' has {images} readable images and the split needs at least {parts}; add some"
        )
    if groups < parts:
        raise TooFewGroups(
            f"Class '{name}' has {images:,} images but only {groups:,} that are not near-duplicates of each other "
            f"or of one scene, where the split needs at least {parts}.", "add some"
        )  # fmt: skip


def _place(groups: Sequence[np.ndarray], fractions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A part for each group: groups of several images first, single images then fill what is left exactly."""
    sizes = np.array([len(indices) for indices in groups])
    room = _targets(int(sizes.sum()), fractions)
    placed = np.zeros(len(groups), dtype=np.int64)
    for i in rng.permutation(np.flatnonzero(sizes > 1)):
        placed[i] = _draw_part(room, sizes[i], rng)
        room[placed[i]] -= sizes[i]
    singles = rng.permutation(np.flatnonzero(sizes == 1))
    while room.clip(0).sum() > len(singles):  # a group was larger than any room
        room[np.argmax(room)] -= 1
    placed[singles] = np.repeat(np.arange(len(room)), room.clip(0))[: len(singles)]
    return placed


def _draw_part(room: np.ndarray, size: int, rng: np.random.Generator) -> int:
    """Among the parts with room for a group, one at random in proportion to the room; else the roomiest."""
    weights = np.where(room >= size, room, 0).astype(np.float64)
    return int(rng.choice(len(room), p=weights / weights.sum())) if weights.any() else int(np.argmax(room))


def _targets(count: int, fractions: np.ndarray) -> np.ndarray:
    """Whole numbers nearest to the fractions that add up to `count`, none of the wanted parts empty."""
    exact = fractions * count
    targets = np.floor(exact).astype(np.int64)
    for i in np.argsort(targets - exact, kind="stable")[: count - targets.sum()]:
        targets[i] += 1
    for i in np.flatnonzero((targets == 0) & (fractions > 0)):
        targets[np.argmax(targets)] -= 1
        targets[i] += 1
    return targets


def _check_parts(labels: np.ndarray, parts: np.ndarray, fractions: np.ndarray, classes: Sequence[str]) -> None:
    for label, name in enumerate(classes):
        for number in np.flatnonzero(fractions > 0):
            if not ((labels == label) & (parts == number)).any():
                raise TooFewGroups(
                    f"Class '{name}' has {(labels == label).sum():,} images, too many of them near-duplicates of "
                    f"each other or of one scene to leave one for the {PARTS[number]} part.", "add different ones"
                )  # fmt: skip


def blind_split(splits: Splits, seed: int) -> Splits:
    """The same images in parts of the same sizes, dealt out by a plain stratified random split."""
    split = plain_split(splits, seed)
    return splits.resplit(split.train, split.val, split.test)


def plain_split(splits: Splits, seed: int) -> SplitIndices:
    """Parts of these sizes by a stratified random split, blind to near-duplicates: for comparison only."""
    labels = splits.original_labels
    fractions = np.array([len(getattr(splits, part)) for part in PARTS]) / len(labels)
    alone = np.arange(len(labels))
    return SplitIndices.of(_assign(labels, alone, fractions, seed, splits.original_classes, everywhere=False))
