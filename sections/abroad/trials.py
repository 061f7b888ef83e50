"""Chapter 09 put together: one network at home and abroad, and every remedy tried on the same target scenes.

Which remedies are tried, and with what settings, was decided before any was scored; none is chosen by its score.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.base.paths import plain
from helpers.metrics.intervals import Interval
from helpers.metrics.segmentation import ious_of_shown
from helpers.models.segmenters.predictor import Predicts
from helpers.segmentation.streets import Streets
from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.words import short_title
from sections.abroad.drop.appearance import FeatureDistance, feature_distance, features_of, look_differences
from sections.abroad.drop.measured import Shift, largest_changes
from sections.abroad.drop.reasons import DropReason, reasons_in_counts, squeeze, width_to_match, won_back
from sections.abroad.unlabelled import Unlabelled
from sections.abroad.variants import (
    LEAST_SCENES,
    Averaged,
    Readjusted,
    Recoloured,
    Stretched,
    colour_table,
    colours_of,
)
from sections.errors.composition.measured import by_segment
from sections.street_scenes.scores.measured import Results, segmenter_headline

MOST_ADAPTING = 64  # unlabelled scenes from which statistics are taken: enough for means over 64 × S × S pixels


@dataclass(frozen=True)
class Remedy:
    """A variant of a network that needs no labels of the target."""

    title: str
    short: str  # for the head of a column
    predictor: Predicts


@dataclass(frozen=True)
class Remedies:
    """What is tried; `adapting` unlabelled target scenes were looked at for it, none of them evaluated."""

    by_key: dict[str, Remedy]
    adapting: int
    table: np.ndarray | None  # of `variants.recolour`, (256, 3) uint8


@dataclass(frozen=True)
class Outcome:
    """What a remedy does to the target's scores. `share` of the drop is None where there is no clear drop."""

    key: str
    remedy: Remedy
    mean_iou: Interval
    gain: Interval  # in mean IoU, paired over the scenes
    share: Interval | None
    class_gains: np.ndarray  # (C,) of IoU, NaN for classes that the target does not show
    evaluation: SegmenterEvaluation

    @property
    def title(self) -> str:
        return self.remedy.title


def domain_shift(streets: Streets, name: str | None = None, seed: int | None = None) -> Shift:
    """A network of the study on the home scenes and on the target scenes."""
    return Shift(streets.evaluate("home", name, seed), streets.evaluate("target", name, seed), *_titles(streets))


def shifts_over_seeds(streets: Streets) -> list[Shift]:
    """`domain_shift` for every seed of the first network."""
    return [domain_shift(streets, seed=seed) for seed in streets.seeds()]


def _titles(streets: Streets) -> tuple[str, str]:
    """Home's and target's; with the part, or a word, where they are alike."""
    home, target = (short_title(one.info.title) for one in (streets.home, streets.target))
    if home != target:
        return home, target
    return f"{home}, home ({streets.home.part})", f"{target}, target ({streets.target.part})"


def remedies_of(streets: Streets) -> Remedies:
    """The remedies, from the images of home and of the target scenes that are not evaluated."""
    base, run = streets.predictor(), streets.run()
    averaging = {"averaging": Remedy("Flip and scale averaging", "Averaging", Averaged(base))}
    others = Unlabelled.some_of(streets.target_rest, streets.spec.size, MOST_ADAPTING)
    if len(others) < LEAST_SCENES:
        return Remedies(averaging, 0, None)
    home = Unlabelled.some_of(streets.home, streets.spec.size, MOST_ADAPTING)
    table = colour_table(colours_of(others), colours_of(home))
    normalised = Readjusted(run.model, run.key, streets.classes, others, places=streets.shared.places)
    both = Readjusted(run.model, run.key, streets.classes, others, table, streets.shared.places)
    tried = {
        "normalisation": Remedy("Batch-norm statistics of the target", "Batch norm", normalised),
        "colours": Remedy("Colours matched to home", "Colours", Recoloured(base, table)),
        **averaging,
        "together": Remedy("All three together", "Together", Averaged(Recoloured(both, table))),
    }
    return Remedies(tried, len(others), table)


def try_out(streets: Streets, shift: Shift, remedies: Remedies) -> list[Outcome]:
    """Score every remedy on the target scenes that the network was scored on."""
    found = []
    for key, remedy in remedies.by_key.items():
        changed = streets.evaluate_with(remedy.predictor, "target", key)
        after = replace(shift, target=changed).target_mean
        gains = ious_of_shown(changed.matrix) - ious_of_shown(shift.target.matrix)
        found.append(Outcome(key, remedy, after, *won_back(shift, changed), gains, changed))
    return found


def drop_reasons(streets: Streets, shift: Shift) -> list[DropReason]:
    """Every respect in which the sets can be made alike, the largest share of the drop first."""
    found = [*reasons_in_counts(shift), *squeeze_reason(streets, shift)]
    return sorted(found, key=lambda one: -one.explained.value if one.explained else 0.0)


def squeeze_reason(streets: Streets, shift: Shift) -> list[DropReason]:
    """The target's mean IoU with its images squeezed as home's are; none where both have the same shape."""
    width = width_to_match(shift)
    if width is None:
        return []
    changed = streets.evaluate_with(Stretched(streets.predictor(), width), "target", "home-squeeze")
    gain, share = won_back(shift, changed)
    home, before = shift.means
    title = "Squeeze of the image: abroad as at home"
    return [DropReason("squeeze", title, home.value, before.value + gain.value, share)]


def set_features(streets: Streets, remedies: Remedies) -> FeatureDistance:
    """How far apart the network's features put home and target, and the target in home's colours."""
    base, size = streets.predictor(), streets.spec.size
    home, target = _titles(streets)
    found = {home: features_of(base, streets.home, size), target: features_of(base, streets.target, size)}
    if "colours" in remedies.by_key:
        recoloured = features_of(remedies.by_key["colours"].predictor, streets.target, size)
        found[f"{target} in home's colours"] = recoloured
    return feature_distance(found)


def abroad_results(
    shift: Shift,
    reasons: Sequence[DropReason],
    looks: pd.DataFrame,
    distance: FeatureDistance,
    outcomes: Sequence[Outcome],
    title: str,
) -> dict[str, Any]:
    """What chapter 09 keeps as JSON: nothing that differs between two identical runs."""

    def told(*scores: Interval) -> dict[str, Any]:
        return {name: asdict(score) for name, score in zip(("home", "target", "drop"), scores, strict=False)}

    return plain({
        **{name: {"set": one.set_name, "part": one.part, "images": len(one), "squeeze": squeeze(one),
                  "sizes": [asdict(size) for size in by_segment(one)]}
           for name, one in (("home", shift.home), ("target", shift.target))},
        "not_learnt_at_home": shift.unlearnt,
        "mean_iou_of": [shift.classes[c] for c in shift.common],
        "mean_iou": told(shift.home_mean, shift.target_mean, shift.drop),
        "mean_iou_as_published": told(*shift.published),
        "pixel_accuracy": told(*shift.accuracies),
        "classes": [asdict(row) for row in shift.class_drops],
        "changes": [asdict(one) for one in largest_changes(shift, 20)],
        "reasons": [asdict(one) for one in reasons],
        "looks": look_differences(looks).to_dict(),
        "frechet": {"halves_of_home": distance.within, "sets": distance.between, "scenes": distance.scenes},
        "remedies": {one.key: {"mean_iou": vars(one.mean_iou), "gain": vars(one.gain),
                           "share_of_drop": one.share and vars(one.share), "class_gains": one.class_gains}
                     for one in outcomes},
        "headline": segmenter_headline(Results(shift.home, title)),
    })  # fmt: skip


def evaluate_abroad(streets: Streets) -> None:
    """Evaluate all that chapter 09 asks for; see `runner.shards`."""
    streets.evaluate("target")
    shift = shifts_over_seeds(streets)[0]
    for name in streets.names:
        domain_shift(streets, name)
    squeeze_reason(streets, shift)
    try_out(streets, shift, remedies_of(streets))
