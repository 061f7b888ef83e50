"""Maps of patches under other cameras: what a model loses, and what another training wins back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.intervals import Interval, percentile_interval
from helpers.metrics.segmentation import class_ious, mean_iou_difference, mean_ious, pixel_accuracy, resampled
from sections.patches.cameras.simulated import CAMERAS, Camera, SeenBy

if TYPE_CHECKING:
    from helpers.segmentation.patches.patches import Patches
    from sections.patches.cameras.elsewhere import Tiles

REPLICATES = 1000
STRENGTHS = (0.25, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True)
class Seen:
    """One model under one camera: the confusion matrices (n, C, C) int64 of its maps of the n mosaics."""

    matrices: np.ndarray

    @property
    def mean_iou(self) -> float:
        return float(mean_ious(self.matrices.sum(axis=0)))

    @property
    def accuracy(self) -> float:
        """Share of the pixels that are right."""
        return float(pixel_accuracy(self.matrices.sum(axis=0)))

    @property
    def ious(self) -> np.ndarray:
        """(C,) float64, NaN for a class in neither truth nor prediction."""
        return class_ious(self.matrices.sum(axis=0))

    @cached_property
    def drawn(self) -> np.ndarray:
        """(REPLICATES,): mean IoU of the mosaics drawn again with replacement, the same ones for every `Seen`."""
        return mean_ious(resampled(self.matrices, REPLICATES, 0))

    @property
    def interval(self) -> Interval:
        """Mean IoU with its 95 % interval, a percentile bootstrap over mosaics."""
        return percentile_interval(self.mean_iou, self.drawn)

    def minus(self, other: "Seen") -> Interval:
        """Mean IoU minus the other's, on the same mosaics: a paired bootstrap."""
        return mean_iou_difference(other.matrices, self.matrices, replicates=REPLICATES)


@dataclass(frozen=True)
class Trip:
    """One camera: the model as it is, and the one that was trained with changed colours."""

    camera: Camera
    plain: Seen
    remedied: Seen

    @property
    def gain(self) -> Interval:
        """What the other training wins under this camera, in mean IoU."""
        return self.remedied.minus(self.plain)


@dataclass(frozen=True)
class Travels:
    """All cameras, and both models at home."""

    classes: tuple[str, ...]
    plain_title: str
    remedied_title: str
    home: Seen
    home_remedied: Seen
    trips: list[Trip]

    def drop(self, trip: Trip) -> Interval:
        """Mean IoU that the model as it is loses under a camera."""
        return self.home.minus(trip.plain)

    def left(self, trip: Trip) -> Interval:
        """Mean IoU that the other training loses under a camera, from its own score at home."""
        return self.home_remedied.minus(trip.remedied)

    @property
    def cost_at_home(self) -> Interval:
        """Mean IoU at home: the other training minus the plain one."""
        return self.home_remedied.minus(self.home)

    def won_back(self, trip: Trip) -> Interval | None:
        """Share of the drop that the other training wins back; None where there is no drop beyond chance."""
        drop = self.drop(trip)
        if drop.low <= 0:
            return None
        lost = self.home.drawn - trip.plain.drawn
        known = lost > 0
        shares = (trip.remedied.drawn - trip.plain.drawn)[known] / lost[known]
        return percentile_interval(trip.gain.value / drop.value, shares)

    @property
    def alone(self) -> list[Trip]:
        """The trips with a single change."""
        return [trip for trip in self.trips if trip.camera.name != "together"]

    @property
    def worst(self) -> Trip:
        """The single change under which the model loses most."""
        return max(self.alone, key=lambda trip: self.drop(trip).value)


def travel(patches: "Patches", cameras: Sequence[Camera] = CAMERAS, seed: int | None = None) -> Travels:
    """Map the mosaics with both models, at home and as each camera would show them."""
    titles = [patches.run(name).title for name in _both(patches)]
    homes = [_at_home(patches, name, seed) for name in _both(patches)]
    trips = [Trip(one, *_abroad(patches, one, seed=seed)) for one in cameras]
    return Travels(patches.classes, *titles, *homes, trips)


def _both(patches: "Patches") -> tuple[str, str]:
    """The model as it is, and the one that was trained with changed colours."""
    return patches.names[0], patches.remedy


def over_seeds(patches: "Patches", first: Travels) -> list[Travels]:
    """`travel` for every seed of the study, of which the first is there already."""
    study = patches.study
    return [first, *(travel(patches, seed=study.seed + number) for number in range(1, study.seeds))]


def _at_home(patches: "Patches", name: str, seed: int | None) -> Seen:
    return Seen(patches.evaluate_with(patches.predictor(name, seed), "home", name).matrices)


def _abroad(patches: "Patches", camera: Camera, strength: float = 1.0, seed: int | None = None) -> list[Seen]:
    """Both models under one camera."""
    found = []
    for name in _both(patches):
        predictor = SeenBy(patches.predictor(name, seed), camera, strength)
        label = f"{name}-{camera.name}-{strength:g}"
        found.append(Seen(patches.evaluate_with(predictor, "home", label).matrices))
    return found


@dataclass(frozen=True)
class Step:
    """Both models under one camera at one strength."""

    strength: float
    plain: Seen
    remedied: Seen


def sweep(patches: "Patches", travels: Travels, camera: Camera) -> list[Step]:
    """How both models fare as one change grows from nothing to twice its usual strength."""
    grown = [Step(strength, *_abroad(patches, camera, strength)) for strength in STRENGTHS]
    return [Step(0.0, travels.home, travels.home_remedied), *grown]


def camera_results(travels: Travels, steps: Sequence[Step], tiles: "Sequence[Tiles]") -> dict[str, Any]:
    """What chapter 09 keeps as JSON."""
    return {
        "models": {"plain": travels.plain_title, "remedied": travels.remedied_title},
        "home": _scores(travels.home, travels.classes),
        "home_remedied": _scores(travels.home_remedied, travels.classes),
        "cost_at_home": vars(travels.cost_at_home),
        "cameras": {trip.camera.name: _trip_results(travels, trip) for trip in travels.trips},
        "elsewhere": [
            {"place": one.place, "model": one.model, "accuracy": vars(one.accuracy), "matrix": one.matrix.tolist()}
            for one in tiles
        ],
        "sweep": {
            "camera": travels.worst.camera.name,
            "steps": [
                {"strength": step.strength, "plain": step.plain.mean_iou, "remedied": step.remedied.mean_iou}
                for step in steps
            ],
        },
    }


def _trip_results(travels: Travels, trip: Trip) -> dict[str, Any]:
    won = travels.won_back(trip)
    return {
        "what": trip.camera.what,
        "plain": _scores(trip.plain, travels.classes),
        "remedied": _scores(trip.remedied, travels.classes),
        "drop": vars(travels.drop(trip)),
        "gain": vars(trip.gain),
        "won_back": vars(won) if won else None,
    }


def _scores(seen: Seen, classes: tuple[str, ...]) -> dict[str, Any]:
    ious = dict(zip(classes, seen.ious.tolist(), strict=True))
    return {"mean_iou": vars(seen.interval), "pixel_accuracy": seen.accuracy, "iou": ious}


def evaluate_cameras(patches: "Patches") -> None:
    """Evaluate all that chapter 09 asks for; see `runner.shards`."""
    patches.evaluate("target")
    first = travel(patches)
    over_seeds(patches, first)
    sweep(patches, first, first.worst.camera)
