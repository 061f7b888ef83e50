"""Maps of patches under other cameras: what a model loses, and what another training wins back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from helpers.base.paths import plain
from helpers.metrics.intervals import Interval, percentile_interval
from helpers.metrics.segmentation import class_ious, ious_of_shown, mean_over, pixel_accuracy
from helpers.segmentation.patches.patches import Patches
from helpers.segmentation.resampling import drawn_again, mean_iou_gain, mean_iou_of_shown
from helpers.segmentation.types import SegmenterEvaluation
from sections.patches.cameras.elsewhere import TilesNamed
from sections.patches.cameras.simulated import CAMERAS, Camera, SeenBy

AT_HOME = Camera("home", "At home", "as it is")
GROWING = (0.25, 0.5, 1.0, 1.5, 2.0)  # strengths of the worst change


@dataclass(frozen=True)
class MapScores:
    """One model under one camera: what was counted of its maps of the mosaics.

    Means are over the classes in the truth, which is the same under every camera.
    """

    evaluation: SegmenterEvaluation

    @property
    def mean_iou(self) -> float:
        return float(mean_over(ious_of_shown(self.evaluation.matrix)))

    @property
    def accuracy(self) -> float:
        """Share of the pixels that are right."""
        return float(pixel_accuracy(self.evaluation.matrix))

    @property
    def ious(self) -> np.ndarray:
        """(C,) float64, NaN for a class in neither truth nor prediction."""
        return class_ious(self.evaluation.matrix)

    @cached_property
    def drawn(self) -> np.ndarray:
        """(REPLICATES,): mean IoU of sheets or mosaics drawn again, the same ones for all scores."""
        return mean_over(ious_of_shown(drawn_again(self.evaluation)))

    @property
    def interval(self) -> Interval:
        """Mean IoU with its 95 % interval."""
        return mean_iou_of_shown(self.evaluation)

    def minus(self, other: "MapScores") -> Interval:
        """Mean IoU minus the other's, on the same mosaics: a paired bootstrap."""
        return mean_iou_gain(other.evaluation, self.evaluation.matrices)


@dataclass(frozen=True)
class Trip:
    """One camera: the model as it is, and the one that was trained with changed colours."""

    camera: Camera
    plain: MapScores
    remedied: MapScores
    strength: float = 1.0

    @property
    def gain(self) -> Interval:
        """What the other training wins under this camera, in mean IoU."""
        return self.remedied.minus(self.plain)


@dataclass(frozen=True)
class Travels:
    """Both models, named by `titles`, at home and under all cameras."""

    classes: tuple[str, ...]
    titles: tuple[str, str]
    home: Trip
    trips: list[Trip]

    @property
    def stops(self) -> list[Trip]:
        """Home, and then every camera."""
        return [self.home, *self.trips]

    def drop(self, trip: Trip) -> Interval:
        """Mean IoU that the model as it is loses under a camera."""
        return self.home.plain.minus(trip.plain)

    def won_back(self, trip: Trip) -> Interval | None:
        """Share of the drop that the other training wins back; None where there is no drop beyond chance."""
        drop = self.drop(trip)
        if not drop.low > 0:
            return None
        lost = self.home.plain.drawn - trip.plain.drawn
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


def travel(patches: Patches, cameras: Sequence[Camera] = CAMERAS, seed: int | None = None) -> Travels:
    """Map the mosaics with both models, at home and as each camera would show them."""
    titles = tuple(patches.run(name).title for name in _both(patches))
    home, *trips = (_trip(patches, one, seed=seed) for one in (AT_HOME, *cameras))
    return Travels(patches.classes, titles, home, trips)


def travels_over_seeds(patches: Patches, first: Travels) -> list[Travels]:
    """`travel` for every seed of the study, of which the first is there already."""
    return [first, *(travel(patches, seed=seed) for seed in patches.seeds()[1:])]


def _both(patches: Patches) -> tuple[str, str]:
    """The model as it is, and the one that was trained with changed colours."""
    return patches.names[0], patches.remedy


def _trip(patches: Patches, camera: Camera, strength: float = 1.0, seed: int | None = None) -> Trip:
    found = []
    for name in _both(patches):
        predictor, label = patches.predictor(name, seed), name
        if camera is not AT_HOME:
            predictor, label = SeenBy(predictor, camera, strength), f"{name}-{camera.name}-{strength:g}"
        found.append(MapScores(patches.evaluate_with(predictor, "home", label)))
    return Trip(camera, *found, strength)


def sweep(patches: Patches, travels: Travels) -> list[Trip]:
    """How both models fare as the worst single change grows from nothing to twice its usual strength."""
    home, camera = travels.home, travels.worst.camera
    return [
        Trip(camera, home.plain, home.remedied, 0.0),
        *(_trip(patches, camera, strength) for strength in GROWING),
    ]


def camera_results(travels: Travels, steps: Sequence[Trip], tiles: Sequence[TilesNamed]) -> dict[str, Any]:
    """What chapter 09 keeps as JSON."""

    def told(scores: MapScores) -> dict[str, Any]:
        ious = dict(zip(travels.classes, scores.ious, strict=True))
        return {"mean_iou": vars(scores.interval), "pixel_accuracy": scores.accuracy, "iou": ious}

    def of(trip: Trip) -> dict[str, Any]:
        won = travels.won_back(trip)
        return {
            "what": trip.camera.what, "plain": told(trip.plain), "remedied": told(trip.remedied),
            "drop": vars(travels.drop(trip)), "gain": vars(trip.gain), "won_back": won and vars(won),
        }  # fmt: skip

    grown = [{"strength": one.strength, "plain": one.plain.mean_iou, "remedied": one.remedied.mean_iou}
             for one in steps]  # fmt: skip
    return plain({
        "models": dict(zip(("plain", "remedied"), travels.titles, strict=True)),
        "home": of(travels.home),
        "cameras": {trip.camera.name: of(trip) for trip in travels.trips},
        "elsewhere": [vars(one) | {"accuracy": vars(one.accuracy)} for one in tiles],
        "sweep": {"camera": travels.worst.camera.name, "steps": grown},
    })  # fmt: skip


def evaluate_cameras(patches: Patches) -> None:
    """Evaluate all that chapter 09 asks for; see `runner.shards`."""
    patches.evaluate("target")
    first = travel(patches)
    travels_over_seeds(patches, first)
    sweep(patches, first)
