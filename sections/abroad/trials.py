"""Chapter 09 put together: one network at home and abroad, and every remedy tried on the same target scenes.

Which remedies are tried, and with what settings, was decided before any was scored; none is chosen by its score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.intervals import Interval
from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.words import short_title
from sections.abroad.drop.appearance import FeatureDistance, LookDifference, feature_distance, features_of
from sections.abroad.drop.measured import ClassDrop, Shift, class_ious_of_truth, largest_changes
from sections.abroad.drop.reasons import DropReason, Shape, shapes, size_groups, width_to_match, won_back
from sections.street_scenes.scores.measured import Results, segmenter_headline

if TYPE_CHECKING:
    from helpers.models.segmenters.predictor import Predicts
    from helpers.segmentation.streets import Streets

MOST_ADAPTING = 64  # unlabelled scenes from which statistics are taken: enough for means over 64 × S × S pixels


@dataclass(frozen=True)
class Remedy:
    """A variant of a network that needs no labels of the target."""

    key: str
    title: str
    short: str  # for the head of a column
    predictor: "Predicts"


@dataclass(frozen=True)
class Remedies:
    """What is tried; `adapting` unlabelled target scenes were looked at for it, none of them evaluated."""

    tried: tuple[Remedy, ...]
    adapting: int
    table: np.ndarray | None  # of `remedies.recolour`, (256, 3) uint8

    def __getitem__(self, key: str) -> Remedy:
        return next(one for one in self.tried if one.key == key)


@dataclass(frozen=True)
class Outcome:
    """What a remedy does to the target's scores. `share` of the drop is None where there is no clear drop."""

    key: str
    title: str
    short: str
    mean_iou: Interval
    gain: Interval  # in mean IoU, paired over the scenes
    share: Interval | None
    class_gains: np.ndarray  # (C,) of IoU, NaN for classes that the target does not show
    evaluation: SegmenterEvaluation


def compare(streets: "Streets", name: str | None = None, seed: int | None = None) -> Shift:
    """A network of the study on the home scenes and on the target scenes."""
    return Shift(streets.evaluate("home", name, seed), streets.evaluate("target", name, seed), *_titles(streets))


def over_seeds(streets: "Streets") -> list[Shift]:
    """`compare` for every seed of the first network."""
    return [compare(streets, seed=seed) for seed in streets.seeds()]


def _titles(streets: "Streets") -> tuple[str, str]:
    """Home's and target's; with the part, or a word, where they are alike."""
    home, target = (short_title(one.info.title) for one in (streets.home, streets.target))
    if home != target:
        return home, target
    return f"{home}, home ({streets.home.part})", f"{target}, target ({streets.target.part})"


def remedies_of(streets: "Streets", name: str | None = None) -> Remedies:
    """The remedies, from the images of home and of the target scenes that are not evaluated."""
    from sections.abroad.remedies.measured import (
        LEAST_SCENES,
        Averaged,
        Colours,
        Readjusted,
        Recoloured,
        colour_table,
    )
    from sections.abroad.remedies.unlabelled import Unlabelled

    base, run = streets.predictor(name), streets.run(name)
    averaged = Remedy("averaging", "Flip and scale averaging", "Averaging", Averaged(base))
    others = Unlabelled.some_of(streets.target_rest, streets.spec.size, MOST_ADAPTING)
    if len(others) < LEAST_SCENES:
        return Remedies((averaged,), 0, None)
    home = Unlabelled.some_of(streets.home, streets.spec.size, MOST_ADAPTING)
    table = colour_table(Colours.of(others), Colours.of(home))
    normalised = Readjusted(run.model, run.key, streets.classes, others)
    both = Readjusted(run.model, run.key, streets.classes, others, table)
    tried = (
        Remedy("normalisation", "Batch-norm statistics of the target", "Batch norm", normalised),
        Remedy("colours", "Colours matched to home", "Colours", Recoloured(base, table)),
        averaged,
        Remedy("together", "All three together", "Together", Averaged(Recoloured(both, table))),
    )
    return Remedies(tried, len(others), table)


def try_out(streets: "Streets", shift: Shift, remedies: Remedies) -> list[Outcome]:
    """Score every remedy on the target scenes that the network was scored on."""
    return [outcome(shift, one, streets.evaluate_with(one.predictor, "target", one.key)) for one in remedies.tried]


def outcome(shift: Shift, remedy: Remedy, changed: SegmenterEvaluation) -> Outcome:
    """What a remedy won; `changed` is of the scenes of `shift.target`, in their order."""
    gain, share = won_back(shift, changed)
    after = Shift(shift.home, changed, shift.home_title, shift.target_title).target_mean
    gains = class_ious_of_truth(changed.matrix) - class_ious_of_truth(shift.target.matrix)
    return Outcome(remedy.key, remedy.title, remedy.short, after, gain, share, gains, changed)


def squeeze_reason(streets: "Streets", shift: Shift, name: str | None = None) -> DropReason | None:
    """The target's mean IoU with its images squeezed as home's are; None where both have the same shape."""
    from sections.abroad.remedies.measured import Stretched

    width = width_to_match(*shapes(shift))
    if width is None:
        return None
    changed = streets.evaluate_with(Stretched(streets.predictor(name), width), "target", "home-squeeze")
    gain, share = won_back(shift, changed)
    home, before = shift.means
    title = "Squeeze of the image: abroad as at home"
    return DropReason("squeeze", title, home.value, before.value + gain.value, share)


def features(streets: "Streets", remedies: Remedies, name: str | None = None) -> FeatureDistance:
    """How far apart the network's features put home and target, and the target in home's colours."""
    base, size = streets.predictor(name), streets.spec.size
    home, target = _titles(streets)
    found = {
        home: features_of(base, streets.home, size),
        target: features_of(base, streets.target, size),
    }
    if remedies.table is not None:
        recoloured = features_of(remedies["colours"].predictor, streets.target, size)
        found[f"{target} in home's colours"] = recoloured
    return feature_distance(found)


def abroad_results(
    shift: Shift,
    reasons: Sequence[DropReason],
    looks: Sequence[LookDifference],
    distance: FeatureDistance,
    outcomes: Sequence[Outcome],
    title: str,
) -> dict[str, Any]:
    """What chapter 09 keeps as JSON: nothing that differs between two identical runs."""
    return {
        "home": {"set": shift.home.set_name, "part": shift.home.part, "images": len(shift.home)},
        "target": {"set": shift.target.set_name, "part": shift.target.part, "images": len(shift.target)},
        "mean_iou_of": [shift.classes[c] for c in shift.common],
        "mean_iou": {"home": vars(shift.home_mean), "target": vars(shift.target_mean), "drop": vars(shift.drop)},
        "mean_iou_as_published": dict(zip(("home", "target"), map(vars, shift.published), strict=True)),
        "pixel_accuracy": dict(zip(("home", "target", "drop"), map(vars, shift.accuracies), strict=True)),
        "classes": {row.name: _class_results(row) for row in shift.class_drops},
        "changes": [
            vars(one) | {"truth": shift.classes[one.truth], "predicted": shift.classes[one.predicted]}
            for one in largest_changes(shift, 20)
        ],
        "reasons": {one.key: {"home": one.home, "target": one.target, "explained": _plain(one.explained)}
                    for one in reasons},
        "looks": {one.key: {"home": one.means[0], "target": one.means[1], "in_spreads": one.in_spreads}
                  for one in looks},
        "frechet": {"halves_of_home": distance.within, "scenes": distance.scenes,
                    "sets": dict(zip(distance.names[1:], distance.between, strict=True))},
        "sizes": {one.name: {"home": one.home.share, "target": one.target.share} for one in size_groups(shift)},
        "shapes": dict(zip(("home", "target"), map(_shape, shapes(shift)), strict=True)),
        "remedies": {one.key: {"mean_iou": _plain(one.mean_iou), "gain": _plain(one.gain),
                               "share_of_drop": _plain(one.share)} for one in outcomes},
        "headline": segmenter_headline(Results(shift.home, title)),
    }  # fmt: skip


def timings_of(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """What differs between two identical runs: how long each remedy took."""
    return {one.key: one.evaluation.timings for one in outcomes}


def _class_results(row: ClassDrop) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in ("home", "target", "drop")} | {
        "shares": row.shares,
        "scenes": row.scenes,
    }


def _shape(shape: Shape) -> dict[str, float]:
    return vars(shape) | {"squeeze": shape.squeeze}


def _plain(interval: Interval | None) -> dict[str, float] | None:
    return vars(interval) if interval else None


def evaluate_abroad(streets: "Streets") -> None:
    """Evaluate all that chapter 09 asks for; see `runner.shards`."""
    streets.evaluate("target")
    shift = over_seeds(streets)[0]
    for name in streets.names:
        compare(streets, name)
    squeeze_reason(streets, shift)
    try_out(streets, shift, remedies_of(streets))
