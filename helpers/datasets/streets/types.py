"""What a set of labelled scenes hands to training, evaluation and chapters."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from helpers.datasets.types import DataSetInfo

IGNORE = 255  # a pixel that counts nowhere


@dataclass(frozen=True)
class Scene:
    """One image and its label, as POSIX paths relative to the set's root; `sequence` is its drive or city."""

    image: str
    label: str
    sequence: str


@dataclass(frozen=True)
class NativeClass:
    """A class as its publisher names it, and the shared class it counts as (None: ignored)."""

    name: str
    shared: str | None
    debatable: bool = False
    remark: str = ""


@dataclass(frozen=True)
class SegmentationSet:
    """One part of a set of labelled scenes, in a shared list of classes.

    classes: the shared classes, in the order of their numbers 0 … C - 1.
    colours: (C, 3) uint8 RGB, for masks and legends.
    native: the publisher's classes; `read_native` gives positions in this list, or IGNORE.
    """

    name: str
    part: str
    info: DataSetInfo
    is_sample: bool
    root: Path
    classes: tuple[str, ...]
    colours: np.ndarray
    native: tuple[NativeClass, ...]
    scenes: tuple[Scene, ...]
    fingerprint: str
    label_reader: Callable[[Path], np.ndarray]  # a label file → (H, W) uint8, as `read_native` gives it

    def __repr__(self) -> str:
        return f"SegmentationSet({self.name} {self.part}: {len(self)} scenes, {len(self.classes)} classes)"

    def __len__(self) -> int:
        return len(self.scenes)

    @property
    def to_shared(self) -> np.ndarray:
        """(256,) uint8: from the publisher's class to the shared class or IGNORE."""
        table = np.full(256, IGNORE, np.uint8)
        for position, native in enumerate(self.native):
            if native.shared is not None:
                table[position] = self.classes.index(native.shared)
        return table

    @property
    def is_debatable(self) -> np.ndarray:
        """(256,) bool: whether a publisher's class counts as a shared class only debatably."""
        table = np.zeros(256, bool)
        table[[position for position, native in enumerate(self.native) if native.debatable]] = True
        return table

    def read_image(self, position: int) -> np.ndarray:
        """(H, W, 3) uint8 RGB. Raises DataError, naming the file, where it cannot be read."""
        from helpers.datasets.streets.reading import read_image

        return read_image(self.root / self.scenes[position].image)

    def read_native(self, position: int) -> np.ndarray:
        """(H, W) uint8: positions in `native`, or IGNORE. Raises DataError, naming the file and what is wrong."""
        return self.label_reader(self.root / self.scenes[position].label)

    def read_label(self, position: int) -> np.ndarray:
        """(H, W) uint8: numbers of shared classes, or IGNORE."""
        return self.to_shared[self.read_native(position)]

    def choose(self, positions: np.ndarray) -> "SegmentationSet":
        """The same set with only some of its scenes, in the order given."""
        from helpers.base.fingerprint import key_of

        scenes = tuple(self.scenes[int(position)] for position in positions)
        return replace(self, scenes=scenes, fingerprint=key_of(whole=self.fingerprint, scenes=scenes))
