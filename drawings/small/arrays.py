"""A data set of small images whose publisher keeps them together in a few files."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar, Protocol

import cv2
import numpy as np

from drawings.canvas import generator
from drawings.planting import DrawingJob, Flaws, Plan, Slot

SIDE = 32  # pixels


class ArrayLayout(Protocol):
    """How a publisher keeps images of one size in files."""

    def containers(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Files in order, and how many images each holds, for counts of the parts "train" and "test"."""

    def content(self, name: str, number: int, images: np.ndarray, labels: np.ndarray, titles: list[str]) -> bytes:
        """The bytes of one file.

        Args:
            name: of the file; number: its place among the files, from 0.
            images: (N, 32, 32, 3) uint8 RGB; labels: (N,) int64, places in the tuple of classes.
            titles: what each image was called before it was put in here.
        """

    def extras(self, classes: tuple[str, ...], container: int) -> dict[str, bytes]:
        """Other files; `container` images lie in a file."""


@dataclass(frozen=True)
class SmallImages:
    """Small images in a few files, drawn on demand, first each for itself and then put together.

    The manifest calls an image by its file and its place there, from 0: `train_32x32.mat/000123`.
    """

    name: str
    classes: tuple[str, ...]
    draw: Callable[[str, np.random.Generator], np.ndarray]  # class, random numbers → uint8 RGB, larger than 32
    look_alikes: Mapping[str, str]
    layout: ArrayLayout
    test_share: float
    shares: tuple[float, ...] = ()  # of the classes among the images; equal if not given
    flaws: Flaws = field(default_factory=lambda: Flaws(unreadable=0))
    unit: ClassVar[str] = "images_per_class"  # on average
    default: ClassVar[int] = 240

    def jobs(self, images_per_class: int, seed: int) -> tuple[list[DrawingJob], dict]:
        """Every image to draw, and the manifest: what was planted where."""
        arranged = _Arranged(self, images_per_class, seed)
        jobs = [DrawingJob((path,), partial(arranged.piece, slot)) for slot, path in arranged.paths.items()]
        return jobs, arranged.plan.manifest()

    def join(self, folder: Path, images_per_class: int, seed: int) -> None:
        """Put the images that were drawn into `folder` together into the publisher's files."""
        _Arranged(self, images_per_class, seed).join(folder)


class _Arranged:
    """Which image lies where."""

    def __init__(self, data_set: SmallImages, images_per_class: int, seed: int) -> None:
        self.data_set = data_set
        self.name, self.classes, self.draw = data_set.name, data_set.classes, data_set.draw
        self.look_alikes, self.flaws = data_set.look_alikes, data_set.flaws
        parts = self._parts(images_per_class, seed)
        self.containers = data_set.layout.containers({part: len(slots) for part, slots in parts.items()})
        places = (f"{name}/{i:06d}" for name, count in self.containers.items() for i in range(count))
        self.paths = dict(zip(parts["train"] + parts["test"], places, strict=True))
        self.plan = Plan.made(self, sorted(self.paths), seed)

    def _parts(self, images_per_class: int, seed: int) -> dict[str, list[Slot]]:
        """The slots of either part, mixed. Of each class the same share is for testing."""
        data_set, rng = self.data_set, generator(seed, self.data_set.name, "order")
        shares = data_set.shares or (1 / len(data_set.classes),) * len(data_set.classes)
        total, parts = images_per_class * len(data_set.classes), {"train": [], "test": []}
        for name, share in zip(data_set.classes, shares, strict=True):
            count = max(1, round(share * total))
            test = min(count - 1, max(1, round(data_set.test_share * count)))
            parts["train"] += [(name, number) for number in range(count - test)]
            parts["test"] += [(name, number) for number in range(count - test, count)]
        return {part: [slots[i] for i in rng.permutation(len(slots))] for part, slots in parts.items()}

    def path(self, slot: Slot) -> str:
        """What the manifest calls an image."""
        return self.paths[slot]

    def piece(self, slot: Slot) -> tuple[bytes]:
        """The pixels of one image."""
        content = np.frombuffer(self.plan.content(slot)[0], np.uint8)
        image = cv2.cvtColor(cv2.imdecode(content, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        return (reduced(image).tobytes(),)

    def join(self, folder: Path) -> None:
        slots = iter(self.paths)
        for number, (name, count) in enumerate(self.containers.items()):
            members = [next(slots) for _ in range(count)]
            pixels = b"".join((folder / self.paths[slot]).read_bytes() for slot in members)
            images = np.frombuffer(pixels, np.uint8).reshape(count, SIDE, SIDE, 3)
            labels = np.array([self.classes.index(slot[0]) for slot in members], np.int64)
            titles = [f"{slot[0]}_s_{slot[1]:06d}.png" for slot in members]
            content = self.data_set.layout.content(name, number, images, labels, titles)
            shutil.rmtree(folder / name, ignore_errors=True)  # not there where it holds no image
            (folder / name).write_bytes(content)
        for name, content in self.data_set.layout.extras(self.classes, max(self.containers.values())).items():
            (folder / name).write_bytes(content)


def reduced(image: np.ndarray) -> np.ndarray:
    """The image at the size that is kept, (32, 32, 3) uint8."""
    return cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
