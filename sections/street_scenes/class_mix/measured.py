"""How much of each class there is in a set of scenes, and how two sets differ in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from helpers.datasets.streets.survey import LabelSurvey, survey
from helpers.datasets.streets.types import SegmentationSet
from helpers.show.words import short_title

LEAST_SEEN = 0.001  # share of a scene's labelled pixels from which an example shows a class


@dataclass(frozen=True, kw_only=True)
class ClassMix(LabelSurvey):
    """What the labels of n scenes hold, with the names of its C classes."""

    title: str
    classes: tuple[str, ...]

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


def mix_of(scenes: SegmentationSet) -> ClassMix:
    """Counted from every label at its own resolution, or loaded. Raises DataError for one that cannot be read."""
    return ClassMix(title=short_title(scenes.info.title), classes=scenes.classes, **vars(survey(scenes)))


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
