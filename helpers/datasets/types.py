"""What the data part hands to everything else. Numpy, absent before the set-up, is imported where it is used."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from helpers.base.errors import CourseError

if TYPE_CHECKING:
    import numpy as np

    from helpers.datasets.loader import ImagePart

PARTS = ("train", "val", "test")


class DataError(CourseError):
    """Data that is missing, cannot be read, or is too little for the split."""


class Unreadable(NamedTuple):
    """A file that looks like an image by its name and could not be decoded."""

    path: str
    reason: str


@dataclass(frozen=True)
class DataSetInfo:
    """What a data set is and where it comes from, for pages and for `--list`."""

    title: str
    home: str
    licence: str
    how_to_get: str
    citation: str = ""


@dataclass(frozen=True)
class Duplicates:
    """Pairs of indices (i < j) of images that are the same: in all bytes or pixels (`exact`), or nearly (`near`).

    Near-duplicates come with their distance 0..1 and with how they differ, as `near_pairs` says it: 'mirrored'.
    """

    exact: list[tuple[int, int]] = field(default_factory=list)
    near: list[tuple[int, int, float, str]] = field(default_factory=list)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Exact and near pairs together."""
        return self.exact + [(i, j) for i, j, *_ in self.near]


class SplitShares(Protocol):
    """Shares of the images for each part; they add up to 1."""

    train: float
    val: float
    test: float


class Spread(NamedTuple):
    """The values that become 0 and 255."""

    low: float
    high: float


@dataclass(frozen=True)
class Rendition:
    """How the images of a set become RGB of 8 bits, the same for all of them.

    spread: of those of more than 8 bits; None: of each its own. bands: which three of TIFFs of many, from 1.
    background: the grey, 0 to 255, behind transparent parts.
    """

    spread: Spread | None = None
    bands: tuple[int, int, int] | None = None
    background: int = 255


@dataclass(frozen=True)
class Splits:
    """A data set, decoded, with its near-duplicates found and its parts decided.

    Arrays over images have length N and share one order: that of `files`, sorted by path.
    """

    name: str
    classes: tuple[str, ...]
    info: DataSetInfo
    is_sample: bool
    root: Path
    fingerprint: str
    files: list[str]  # POSIX paths relative to root
    labels: np.ndarray  # (N,) int64
    sizes: np.ndarray  # (N, 2) int32: width and height as a viewer shows the image
    images: np.memmap  # (N, S, S, 3) uint8 RGB
    groups: np.ndarray  # (N,) int64: images with one number stay together, as near-duplicates or of one scene
    unreadable: list[Unreadable]
    ignored: list[str]  # what lies there and is no image of a class, each with the reason
    duplicates: Duplicates
    train: np.ndarray  # sorted int64 indices
    val: np.ndarray
    test: np.ndarray
    published: tuple[str, ...] = ()  # parts that came with the data and were kept
    straddling: list[tuple[int, int]] = field(default_factory=list)  # duplicates across published parts
    manifest: dict | None = None  # what the sample planted
    original_classes: tuple[str, ...] = ()  # as the data came; `classes` where nothing was merged
    original_labels: np.ndarray | None = None  # (N,) int64, into original_classes
    scenes: np.ndarray | None = None  # (N,) int64: images that `group_by` puts together; None without it
    remarks: tuple[str, ...] = ()  # on what is there and not as one would expect, in sentences
    rendition: Rendition = Rendition()  # how images of more than 8 bits or of many bands became RGB
    read_for: dict[str, Any] = field(default_factory=dict)  # `Study.data_settings` that they were read for

    def __post_init__(self) -> None:
        if self.original_labels is None:
            object.__setattr__(self, "original_classes", self.classes)
            object.__setattr__(self, "original_labels", self.labels)

    def __repr__(self) -> str:
        parts = ", ".join(f"{len(getattr(self, name))} {name}" for name in PARTS)
        size = " × ".join(map(str, self.images.shape[1:3]))
        return (
            f"Splits({self.name}: {len(self.files)} images of {size} px in {len(self.classes)} classes; {parts})"
        )

    @cached_property
    def array(self) -> str:
        """Names the pixels as networks see them: the shape of the array, and a checksum of what is in it."""
        from helpers.datasets.cache import checksum

        return f"{self.images.shape} {checksum(self.images)}"

    @cached_property
    def duplicate_groups(self) -> np.ndarray:
        """(N,) int64: images with one number show the same picture; what `group_by` says does not count."""
        import numpy as np

        from helpers.datasets.duplicates import group

        pairs = np.array(self.duplicates.pairs, dtype=np.int64).reshape(-1, 2)
        return group(len(self.files), pairs)

    @cached_property
    def overlapping(self) -> np.ndarray:
        """Sorted int64 indices of the test images that have a duplicate among the training images."""
        import numpy as np

        groups = self.duplicate_groups
        return self.test[np.isin(groups[self.test], groups[self.train])]

    def resplit(self, train: np.ndarray, val: np.ndarray, test: np.ndarray) -> Splits:
        """The same images in other parts, given as indices. Raises ValueError for an image in two parts."""
        import numpy as np

        parts = [np.sort(np.asarray(part, dtype=np.int64)) for part in (train, val, test)]
        every = np.concatenate(parts)
        if len(np.unique(every)) < len(every):
            raise ValueError("an image is in two parts, or twice in one")
        return replace(self, train=parts[0], val=parts[1], test=parts[2], published=(), straddling=[])

    def part(self, name: str) -> ImagePart:
        """One part (`train`, `val` or `test`) as a torch Dataset."""
        from helpers.datasets.loader import ImagePart

        if name not in PARTS:
            raise ValueError(f"no part '{name}'; the parts are {', '.join(PARTS)}")
        return ImagePart(self.images, self.labels, self.files, getattr(self, name))
