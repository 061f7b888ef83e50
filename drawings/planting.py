"""What every real collection has and a drawn one must be given: duplicates, wrong labels, damaged files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol, runtime_checkable

import cv2
import numpy as np

from drawings.canvas import chance, generator, pick

Slot = tuple[str, int]  # class, number


class DrawingJob(NamedTuple):
    """Files that are made in one go, and what makes them."""

    paths: tuple[str, ...]  # relative to the sample's folder
    content: Callable[[], tuple[bytes, ...]]  # of each file


@dataclass(frozen=True)
class Flaws:
    """How much of what every real collection has is planted."""

    duplicates: float = 0.03  # share of all files
    wrong_labels: float = 0.015  # share of all files
    unreadable: int = 6  # files (fewer in a small set)


class DrawnSample(Protocol):
    """Something that can be drawn into a folder: `unit` names what its amount counts."""

    name: str
    unit: str
    default: int
    classes: tuple[str, ...]

    def jobs(self, amount: int, seed: int) -> tuple[list[DrawingJob], dict]:
        """Everything to write, and what the manifest says of it."""


@runtime_checkable
class Joined(Protocol):
    """A sample whose files are drawn in pieces and then put together."""

    def join(self, folder: Path, amount: int, seed: int) -> None:
        """Replace the pieces that the jobs wrote into `folder` by the publisher's files."""


@dataclass(frozen=True)
class ClassFolders:
    """A data set of JPEG files in class folders, drawn on demand."""

    name: str
    root: str  # folder that holds the class folders
    classes: tuple[str, ...]
    draw: Callable[[str, np.random.Generator], np.ndarray]  # class, random numbers → uint8 RGB
    look_alikes: Mapping[str, str]  # the class most often taken for another
    flaws: Flaws = Flaws()
    unit: ClassVar[str] = "images_per_class"
    default: ClassVar[int] = 240

    def path(self, slot: Slot) -> str:
        """File of a slot, relative to the data set's folder."""
        folder = slot[0].replace(" ", "_")
        return f"{self.root}/{folder}/{folder}_{slot[1]:04d}.jpg"

    def jobs(self, images_per_class: int, seed: int) -> tuple[list[DrawingJob], dict]:
        """Every file to write, and the manifest: what was planted where."""
        slots = [(name, number) for name in self.classes for number in range(images_per_class)]
        plan = Plan.made(self, slots, seed)
        jobs = [DrawingJob((self.path(slot),), partial(plan.content, slot)) for slot in plan.slots]
        return jobs, plan.manifest()


class Planned(Protocol):
    """A data set of drawn images that a plan can be made for."""

    name: str
    classes: tuple[str, ...]
    draw: Callable[[str, np.random.Generator], np.ndarray]
    look_alikes: Mapping[str, str]
    flaws: Flaws

    def path(self, slot: Slot) -> str:
        """What the manifest calls a slot."""


@dataclass
class Plan:
    """Which slots are what they seem and which are not."""

    data_set: Planned
    seed: int
    slots: list[Slot]
    copies: dict[Slot, tuple[Slot, str]]  # slot → original and how it was altered
    wrong: dict[Slot, str]  # slot → true class
    damaged: dict[Slot, str]  # slot → how

    @classmethod
    def made(cls, data_set: Planned, slots: list[Slot], seed: int) -> "Plan":
        """Choose, for a data set of these slots, which are copies, mislabelled or damaged."""
        rng, flaws = generator(seed, data_set.name, "plan"), data_set.flaws
        shuffled = [slots[i] for i in rng.permutation(len(slots))]
        num_copies, num_wrong = round(flaws.duplicates * len(slots)), round(flaws.wrong_labels * len(slots))
        num_damaged = min(flaws.unreadable, len(slots) // 20)
        taken = [num_copies, num_copies + num_wrong, num_copies + num_wrong + num_damaged]
        to_copy, to_mislabel, to_damage, honest = np.split(np.arange(len(slots)), taken)
        plan, originals = cls(data_set, seed, slots, {}, {}, {}), [shuffled[i] for i in honest]
        own = {name: [slot for slot in originals if slot[0] == name] for name in data_set.classes}
        others = {name: [slot for slot in originals if slot[0] != name] for name in data_set.classes}
        for position, index in enumerate(to_copy):
            astray = position % 30 == 29  # now and then the copy lies in another class's folder
            plan._plant_copy(rng, shuffled[index], (others if astray else own)[shuffled[index][0]], position)
        for index in to_mislabel:
            plan.wrong[shuffled[index]] = plan._other_class(rng, shuffled[index][0])
        for position, index in enumerate(to_damage):
            plan.damaged[shuffled[index]] = tuple(DAMAGES)[position % len(DAMAGES)]
        return plan

    def _plant_copy(self, rng, slot: Slot, originals: list[Slot], position: int) -> None:
        if not originals:  # a very small set: this slot stays what it seems
            return
        original = pick(rng, originals)
        self.copies[slot] = original, tuple(ALTERATIONS)[position % len(ALTERATIONS)]
        if original[0] != slot[0]:
            self.wrong[slot] = original[0]

    def _other_class(self, rng: np.random.Generator, name: str) -> str:
        if name in self.data_set.look_alikes and chance(rng, 0.6):
            return self.data_set.look_alikes[name]
        return pick(rng, [other for other in self.data_set.classes if other != name])

    def content(self, slot: Slot) -> tuple[bytes]:
        """The bytes of one file; they depend on the plan alone, so files can be made in any order."""
        return (self._file(slot),)

    def _file(self, slot: Slot) -> bytes:
        if slot in self.copies:
            original, how = self.copies[slot]
            return ALTERATIONS[how](self._drawn(original), generator(self.seed, self.data_set.name, "copy", *slot))
        content = self._drawn(slot)
        return DAMAGES[self.damaged[slot]](content) if slot in self.damaged else content

    def _drawn(self, slot: Slot) -> bytes:
        rng = generator(self.seed, self.data_set.name, *slot)
        image = self.data_set.draw(self.wrong.get(slot, slot[0]), rng)
        return encoded(image, int(rng.integers(60, 96)))

    def manifest(self) -> dict:
        """What was planted, by file."""
        path = self.data_set.path
        return {
            "near_duplicates": [
                {"file": path(slot), "of": path(original), "how": how}
                for slot, (original, how) in sorted(self.copies.items())
            ],
            "wrong_labels": [
                {"file": path(slot), "true_class": true} for slot, true in sorted(self.wrong.items())
            ],
            "unreadable": [{"file": path(slot), "how": how} for slot, how in sorted(self.damaged.items())],
        }


def encoded(image: np.ndarray, quality: int) -> bytes:
    """JPEG bytes of an RGB image."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def _altered(change: Callable[[np.ndarray, np.random.Generator], np.ndarray]):
    """A function of JPEG bytes that decodes them, changes the image, and encodes it anew."""

    def alter(content: bytes, rng: np.random.Generator) -> bytes:
        image = cv2.cvtColor(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        return encoded(np.ascontiguousarray(change(image, rng)), int(rng.integers(60, 93)))

    return alter


def _cropped(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    height, width = image.shape[:2]
    top, left = rng.integers(1, 1 + height // 25), rng.integers(1, 1 + width // 25)
    return image[top : height - rng.integers(1, 1 + height // 25), left : width - rng.integers(1, 1 + width // 25)]


def _rescaled(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cv2.resize(image, None, fx=(scale := rng.uniform(0.7, 0.9)), fy=scale, interpolation=cv2.INTER_AREA)


ALTERATIONS: dict[str, Callable[[bytes, np.random.Generator], bytes]] = {
    "re-encoded": _altered(lambda image, rng: image),
    "cropped at the edges": _altered(_cropped),
    "brightened": _altered(lambda image, rng: cv2.convertScaleAbs(image, alpha=rng.uniform(1.05, 1.15), beta=6)),
    "rescaled": _altered(_rescaled),
    "cropped and brightened": _altered(lambda image, rng: cv2.convertScaleAbs(_cropped(image, rng), alpha=1.08)),
    "exact copy": lambda content, rng: content,
}

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda content: content[:300],
    "empty": lambda content: b"",
    "a web page named .jpg": lambda content: b"<!DOCTYPE html><title>404 Not Found</title><p>No such image.\n",
    "first bytes overwritten": lambda content: bytes(64) + content[64:],
}
