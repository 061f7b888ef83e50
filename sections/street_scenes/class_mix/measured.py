"""How much of each class there is in a set of scenes, and how two sets differ in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from helpers.base.fingerprint import code_of
from helpers.base.kept import kept
from helpers.datasets.reading import in_threads
from helpers.datasets.streets.types import IGNORE, SegmentationSet
from helpers.segmentation.streets import Streets
from helpers.show.words import short_title

LEAST_SEEN = 0.001  # share of a scene's labelled pixels from which an example shows a class


@dataclass(frozen=True)
class ClassMix:
    """What the labels of n scenes hold of C classes, in the order of the set.

    pixels: (n, C) int64, pixels of each shared class.    ignored: (n,) int64, pixels that count nowhere.
    native: (n, K) int64, pixels of each of the publisher's classes, in the order of `SegmentationSet.native`.
    sizes: (n, 2) int64, width and height of the labels.
    remarks: what in the label files draws nothing, and where.
    """

    title: str
    classes: tuple[str, ...]
    pixels: np.ndarray
    ignored: np.ndarray
    native: np.ndarray
    sizes: np.ndarray
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def shares(self) -> np.ndarray:
        """(C,): each class's share of the labelled pixels of all scenes together."""
        return self.pixels.sum(axis=0) / max(1, self.pixels.sum())

    @property
    def containing(self) -> np.ndarray:
        """(C,): share of the scenes with at least one pixel of the class."""
        return (self.pixels > 0).mean(axis=0)

    @property
    def absent(self) -> list[str]:
        return [name for name, there in zip(self.classes, self.pixels.any(axis=0), strict=True) if not there]


def mixes_of(streets: Streets) -> list[ClassMix]:
    """Of all that a study shows before any network; where these are parts of one set, the titles say which."""
    mixes = [mix_of(scenes) for scenes in streets.shown]
    if streets.spec.is_abroad:
        return mixes
    return [replace(mix, title=f"{mix.title} ({of.part})") for mix, of in zip(mixes, streets.shown, strict=True)]


def mix_of(scenes: SegmentationSet) -> ClassMix:
    """Counted from every label at its own resolution, or loaded. Raises DataError for one that cannot be read."""
    found = kept("scenes", partial(_count, scenes), scenes=scenes.fingerprint, code=code_of(_count))
    counts, shared = found["counts"], scenes.to_shared
    return ClassMix(
        title=short_title(scenes.info.title),
        classes=scenes.classes,
        pixels=np.stack([counts[:, shared == number].sum(1) for number in range(len(scenes.classes))], axis=1),
        ignored=counts[:, shared == IGNORE].sum(1),
        native=counts[:, : len(scenes.native)],
        sizes=found["sizes"],
        remarks=tuple(found["remarks"].tolist()),
    )


def _count(scenes: SegmentationSet) -> dict[str, np.ndarray]:
    """Pixels by publisher's class (n, 256), the last one ignored, sizes (n, 2), and remarks on the files."""

    def count_one(position: int) -> tuple[np.ndarray, tuple[int, int]]:
        native = scenes.read_native(position)
        return np.bincount(native.ravel(), minlength=256), native.shape[1::-1]

    found = list(in_threads(count_one, range(len(scenes)), "counting pixels of classes: %d of %d scenes"))
    counts, sizes = (np.array([one[place] for one in found], np.int64) for place in (0, 1))
    by_file = getattr(scenes.label_reader, "remarks", {})  # in the order of the scenes, not of the threads
    remarks = [remark for scene in scenes.scenes for remark in by_file.get(scenes.root / scene.label, ())]
    return {"counts": counts, "sizes": sizes, "remarks": np.array(remarks, str)}


def mix_of_part(mix: ClassMix, whole: SegmentationSet, part: SegmentationSet) -> ClassMix:
    """The mix of those scenes of `whole` that `part` has, without another look at their labels."""
    places = {scene.image: position for position, scene in enumerate(whole.scenes)}
    chosen = np.array([places[scene.image] for scene in part.scenes], dtype=np.int64)
    return replace(mix, **{name: getattr(mix, name)[chosen] for name in ("pixels", "ignored", "native", "sizes")})


def total_variation(one: ClassMix, other: ClassMix) -> float:
    """Half the sum of |difference of shares|: the least part of the pixels that would have to change class."""
    return float(np.abs(one.shares - other.shares).sum() / 2)


def telling_scenes(pixels: np.ndarray, most: int, sequences: Sequence[str]) -> list[int]:
    """Scenes that show as many classes as possible between them; pixels: (n, C), sequences: (n,).

    Greedy: each adds the most classes that have not been shown yet; of several, one of a sequence not shown yet,
    with much of those classes. Once all are shown, they count anew.
    """
    shares, names = pixels / np.maximum(1, pixels.sum(axis=1, keepdims=True)), np.array(sequences)
    shown, wanted, chosen = shares >= LEAST_SEEN, np.ones(pixels.shape[1], bool), []
    for _ in range(min(most, len(pixels))):
        wanted = wanted if (shown & wanted).any() else np.ones_like(wanted)
        value = (shown & wanted).sum(axis=1) + 0.3 * (shares * wanted).sum(axis=1)
        value += 0.4 * ~np.isin(names, names[chosen])
        value[chosen] = -1
        chosen.append(int(value.argmax()))
        wanted &= ~shown[chosen[-1]]
    return chosen
