"""How much of each class there is in a set of scenes, and how two sets differ in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from helpers.datasets.streets.survey import LabelSurvey, survey
from helpers.datasets.streets.types import SegmentationSet
from helpers.show.words import short_title

SHOWN = 0.001  # share of a scene's labelled pixels from which an example shows a class


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
    def ignored_share(self) -> float:
        """Share of all pixels that count nowhere."""
        return float(self.ignored.sum() / max(1, self.pixels.sum() + self.ignored.sum()))

    @property
    def classes_per_scene(self) -> float:
        """Median number of classes in a scene."""
        return float(np.median((self.pixels > 0).sum(axis=1)))

    @property
    def absent(self) -> list[str]:
        return [name for name, there in zip(self.classes, self.pixels.any(axis=0), strict=True) if not there]

    def of(self, positions: np.ndarray) -> "ClassMix":
        """The same for some of the scenes."""
        arrays = ("pixels", "ignored", "native", "sizes")
        return replace(self, **{name: getattr(self, name)[positions] for name in arrays})


def mix_of(scenes: SegmentationSet) -> ClassMix:
    """Counted from every label at its own resolution, or loaded. Raises DataError for one that cannot be read."""
    return ClassMix(title=short_title(scenes.info.title), classes=scenes.classes, **vars(survey(scenes)))


def part_of(whole_mix: ClassMix, whole: SegmentationSet, part: SegmentationSet) -> ClassMix:
    """The mix of those scenes of `whole` that `part` has."""
    places = {scene.image: position for position, scene in enumerate(whole.scenes)}
    return whole_mix.of(np.array([places[scene.image] for scene in part.scenes], dtype=np.int64))


def total_variation(one: ClassMix, other: ClassMix) -> float:
    """Half the sum of |difference of shares|: the least part of the pixels that would have to change class."""
    return float(np.abs(one.shares - other.shares).sum() / 2)


def most_different(home: ClassMix, target: ClassMix, most: int = 3) -> tuple[list[int], list[int]]:
    """Classes with the largest ratios of their shares: more frequent in the target, more frequent at home.

    Only classes that both have, and that make up at least 0.1 % of either: of rarer ones the ratio is chance.
    """
    both = (home.shares > 0) & (target.shares > 0) & (np.maximum(home.shares, target.shares) >= SHOWN)
    ratio = np.log(np.where(both, target.shares, 1) / np.where(both, home.shares, 1))
    order = [int(c) for c in np.argsort(-ratio, kind="stable")]
    more = [c for c in order if ratio[c] > 0][:most]
    return more, [c for c in order[::-1] if ratio[c] < 0][:most]


def telling_scenes(pixels: np.ndarray, most: int, sequences: Sequence[str] = ()) -> list[int]:
    """Scenes that show as many classes as possible between them; pixels: (n, C), sequences: (n,) or none.

    Greedy: each adds the most classes that have not been shown yet; of several, one of a sequence not shown yet,
    far from the others in order, with much of those classes. A class is shown where it makes up at least a
    thousandth of the scene; once all are, they count anew.
    """
    shares = pixels / np.maximum(1, pixels.sum(axis=1, keepdims=True))
    names = np.array(sequences) if len(sequences) else np.zeros(len(pixels))
    wanted, chosen = np.ones(pixels.shape[1], bool), []
    for _ in range(min(most, len(pixels))):
        if not ((shares >= SHOWN) & wanted).any():
            wanted[:] = True
        value = ((shares >= SHOWN) & wanted).sum(axis=1) + 0.3 * (shares * wanted).sum(axis=1)
        value += 0.4 * ~np.isin(names, names[chosen]) + 0.2 * _apart(len(pixels), chosen)
        value[chosen] = -1
        chosen.append(int(value.argmax()))
        wanted &= shares[chosen[-1]] < SHOWN
    return chosen


def _apart(count: int, chosen: list[int]) -> np.ndarray:
    """(count,): distance in the order of scenes to the nearest one chosen, as a share of all."""
    if not chosen:
        return np.zeros(count)
    return np.abs(np.arange(count)[:, None] - np.array(chosen)[None]).min(axis=1) / count
