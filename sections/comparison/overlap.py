"""Test images that have a near-duplicate among the training images: what they add to the scores."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.comparison import SIGNIFICANT, holm
from helpers.metrics.intervals import Interval, wilson
from helpers.metrics.tables import fisher_exact
from helpers.show.display import Table
from helpers.show.table import seed_cells
from helpers.show.words import bare_p_value, count, listed, percent, points
from sections.comparison.scores.measured import Comparison, ModelResult

if TYPE_CHECKING:
    from helpers.datasets.types import Splits


@dataclass(frozen=True)
class OverlapScores:
    """Accuracy of one model on all test images, on those without and on those with a twin in training."""

    title: str
    all: Interval
    without: Interval
    on_seen: Interval
    p_value: float  # Fisher's exact test that the last two are equal
    without_by_seed: list[float]  # the second by seed, the first seed's too


@dataclass(frozen=True)
class Overlap:
    """All models by name; `models` is empty where no test image has a twin, or none is left without."""

    images: int  # test images
    seen: int
    models: dict[str, OverlapScores]

    def adjusted(self) -> dict[str, float]:
        """The models' p-values by name, Holm-adjusted: with many models one stands out by luck."""
        return dict(zip(self.models, holm([one.p_value for one in self.models.values()]).tolist(), strict=True))


def measure_overlap(comparison: Comparison, splits: "Splits") -> Overlap:
    """Score the models again without the test images that have a near-duplicate among the training images."""
    is_seen = np.isin(comparison.index, splits.overlapping)
    mixed = bool(is_seen.any() and not is_seen.all())
    models = {name: _scores(one, is_seen) for name, one in comparison.models.items() if mixed}
    return Overlap(len(is_seen), int(is_seen.sum()), models)


def _scores(model: ModelResult, is_seen: np.ndarray) -> OverlapScores:
    on, rest = model.correct[is_seen], model.correct[~is_seen]
    return OverlapScores(
        title=model.title,
        all=wilson(int(model.correct.sum()), len(is_seen)),
        without=wilson(int(rest.sum()), len(rest)),
        on_seen=wilson(int(on.sum()), len(on)),
        p_value=fisher_exact(int(on.sum()), len(on), int(rest.sum()), len(rest)),
        without_by_seed=[float(seed.outputs.correct[~is_seen].mean()) for seed in model.seeds],
    )


def overlap_results(found: Overlap) -> dict[str, Any]:
    """What chapter 06 keeps of twins as JSON."""
    return {
        "test_images": found.images,
        "twins": found.seen,
        "models": {
            name: {
                "all": vars(one.all),
                "without": vars(one.without),
                "on_twins": vars(one.on_seen),
                "p_value": one.p_value,
            }
            for name, one in found.models.items()
        },
    }


def overlap_sentences(found: Overlap) -> list[str]:
    """How many there are, and how much of the scores they are."""
    if not found.seen:
        return [
            "No test image has a near-duplicate among the training images: there is nothing to leave out, and no "
            "score is too high on that account."
        ]
    if not found.models:
        return ["Every test image has a near-duplicate among the training images: no honest score can be given."]
    models = list(found.models.values())
    share = f"{count(found.seen, 'test image')} of {found.images:,} ({percent(found.seen / found.images)})"
    return [f"Twins in training: {share}. {_change(models)}", _easier(found)]


def _change(models: list[OverlapScores]) -> str:
    furthest = max(models, key=lambda one: abs(one.all.value - one.without.value))
    change = furthest.all.value - furthest.without.value
    if round(1000 * change) == 0:
        return "Without them no model's accuracy changes by as much as 0.1 percentage points."
    most = " the most" if len(models) > 1 else ""
    return (
        f"Without them the accuracy of {furthest.title} changes{most}, from {percent(furthest.all.value)} to "
        f"{percent(furthest.without.value)}: {points(change)} {'lower' if change > 0 else 'higher'}."
    )


def _easier(found: Overlap) -> str:
    telling = [found.models[name] for name, p in found.adjusted().items() if p < SIGNIFICANT]
    easier = [one.title for one in telling if one.on_seen.value > one.without.value]
    harder = [one.title for one in telling if one.on_seen.value < one.without.value]
    told = [f"More often right on twins than on the others, beyond chance: {listed(easier)}."] if easier else []
    told += [f"Less often right on twins than on the others, beyond chance: {listed(harder)}."] if harder else []
    return " ".join(told) or "No model is right on twins more often, or less often, than chance explains."


def overlap_tables(found: Overlap) -> list[Table]:
    """One row a model; nothing where there is no twin."""
    adjusted = found.adjusted()
    rows = [
        {
            "Model": one.title,
            "All test images": one.all,
            "Without twins": one.without,
            **seed_cells("Without twins", one.without_by_seed),
            "Twins only": one.on_seen,
            "p (Fisher, Holm)": bare_p_value(adjusted[name]),
        }
        for name, one in found.models.items()
    ]
    caption = (
        f"Accuracy with 95 % intervals; {found.seen:,} of {found.images:,} test images have a near-duplicate "
        "among the training images. p: that twins and the others are got right equally often, corrected for the "
        "number of models."
    )
    return [Table(rows, caption)] if rows else []
