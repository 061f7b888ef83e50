"""Readings of test images that have a twin in training (chapter 06)."""

from helpers.metrics.comparison import SIGNIFICANT
from helpers.show.words import count, listed, percent, points
from sections.comparison.twins import Twins, TwinScores


def twins(found: Twins) -> list[str]:
    """How many there are, and how much of the scores they are."""
    if not found.twins:
        return [
            "No test image has a near-duplicate among the training images: there is nothing to leave out, and no "
            "score is too high on that account."
        ]
    if not found.models:
        return ["Every test image has a near-duplicate among the training images: no honest score can be given."]
    models = list(found.models.values())
    share = f"{count(found.twins, 'test image')} of {found.images:,} ({percent(found.twins / found.images)})"
    return [f"Twins in training: {share}. {_change(models)}", _easier(found)]


def _change(models: list[TwinScores]) -> str:
    furthest = max(models, key=lambda one: abs(one.all.value - one.without.value))
    change = furthest.all.value - furthest.without.value
    if round(1000 * change) == 0:
        return "Without them no model's accuracy changes by as much as 0.1 percentage points."
    most = " the most" if len(models) > 1 else ""
    return (
        f"Without them the accuracy of {furthest.title} changes{most}, from {percent(furthest.all.value)} to "
        f"{percent(furthest.without.value)}: {points(change)} {'lower' if change > 0 else 'higher'}."
    )


def _easier(found: Twins) -> str:
    telling = [found.models[name] for name, p in found.adjusted().items() if p < SIGNIFICANT]
    easier = [one.title for one in telling if one.on_twins.value > one.without.value]
    harder = [one.title for one in telling if one.on_twins.value < one.without.value]
    told = [f"More often right on twins than on the others, beyond chance: {listed(easier)}."] if easier else []
    told += [f"Less often right on twins than on the others, beyond chance: {listed(harder)}."] if harder else []
    return " ".join(told) or "No model is right on twins more often, or less often, than chance explains."
