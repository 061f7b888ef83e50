"""What an augmentation that is not true of the data does, told from numbers (chapter 04)."""

import numpy as np

from helpers.datasets.augmentations import AUGMENTATIONS
from helpers.metrics.comparison import SIGNIFICANT, PairResult, gain_of
from helpers.show.words import count, listed, number, p_value, percent, points_bounds, quoted, sentence
from sections.augmentation.counterexample.measured import Counterexample


def guise_name(extra: dict[str, float]) -> str:
    """ "mirrored", or "under rotation and shift"."""
    return "mirrored" if list(extra) == ["flip"] else f"under {listed(list(extra))}"


def changed_images(extra: dict[str, float]) -> str:
    """ "mirrored images", or "images under rotation and shift"."""
    name = guise_name(extra)
    return f"{name} images" if name == "mirrored" else f"images {name}"


def recipe_difference(one: Counterexample) -> list[str]:
    """In what the counterexample differs from the augmented model."""
    if not one.extra:
        return [f"{one.wrong.title} has no augmentation of single images that {one.honest.title} has not."]
    told = listed([f"{name} {value:g} ({AUGMENTATIONS[name].meaning})" for name, value in one.extra.items()])
    if one.other_differences:
        others = listed([f"{key} ({old} and {new})" for key, old, new in one.other_differences])
        return [f"{one.wrong.title} adds {told}. Not a clean comparison: the recipes also differ in {others}."]
    return [f"{one.wrong.title} differs from {one.honest.title} in one thing: {told}."]


def overall_effect(one: Counterexample) -> list[str]:
    """What the extra augmentation does to accuracy, and to which classes."""
    pair, gain = one.overall, gain_of(one.overall)
    verdict = f"over all classes it {'hurt' if gain.value < 0 else 'helped'}"
    if pair.p_value >= SIGNIFICANT:
        verdict = "over all classes this test set shows neither harm nor benefit"
    worse = [row for row in one.recalls if row.p_adjusted < SIGNIFICANT and row.difference.value > 0]
    classes = [
        f"{quoted(one.classes[row.class_index])} ({percent(row.recall_a, 0)} to {percent(row.recall_b, 0)})"
        for row in sorted(worse, key=lambda row: -row.difference.value)
    ]
    falls = f" Recall falls by more than chance explains in {listed(classes)}." if classes else ""
    return [
        f"{one.wrong.title} gets {percent(pair.accuracy_b)} of the test images right, {one.honest.title} "
        f"{percent(pair.accuracy_a)}: a change of {number(100 * gain.value, 1)} percentage points (95 % interval "
        f"{points_bounds(gain)}), {p_value(pair.p_value)} by the exact McNemar test; {verdict}.{falls}"
    ]


def pairs_at_risk(one: Counterexample) -> list[str]:
    """How many pairs of classes become alike, as the model says that never saw it, and which classes do not."""
    if not one.at_risk:
        return [
            f"{sentence(changed_images(one.extra))} look to {one.honest.title} like their own class: there "
            "is no pair that this augmentation should confuse."
        ]
    kept = np.diag(one.guise.changed) >= 0.9 * np.diag(one.guise.plain)
    names = [quoted(name) for name, same in zip(one.classes, kept, strict=True) if same]
    unharmed = (
        f"Recognised as well as before: {listed(names)}" if names else "No class is recognised as well as before"
    )
    return [
        f"To {one.honest.title}, which never saw them, {changed_images(one.extra)} look like another class in "
        f"{count(len(one.at_risk), 'pair')} of classes. {unharmed}."
    ]


def mistakes_at_risk(one: Counterexample) -> list[str]:
    """Mistakes within the pairs at risk against all other mistakes: does the reason given carry?"""
    if not one.at_risk:
        return []
    within, beyond = one.within_risk, one.beyond_risk
    total = len(one.labels)
    told = (
        f"Mistakes within all pairs at risk together {_go(within, total)}, all other mistakes {_go(beyond, total)}"
    )
    return [f"{told}: {_verdict(within, beyond, changed_images(one.extra))}."]


def _go(pair: PairResult, total: int) -> str:
    before, after = (round((1 - free) * total) for free in (pair.accuracy_a, pair.accuracy_b))
    moved = f"go from {before:,} to {after:,}" if before != after else f"remain {before:,}"
    return f"{moved} ({p_value(pair.p_value)})"


def _verdict(within: PairResult, beyond: PairResult, seen: str) -> str:
    if not _grew(within):
        return f"learning from {seen} did no harm here that this test set can show"
    cause = f"told that {seen} keep their label, the network can no longer tell these classes apart"
    if _grew(beyond):
        return f"{cause}, and it makes more of the other mistakes as well"
    return f"{cause}, and elsewhere nothing got worse by more than chance explains"


def _grew(pair: PairResult) -> bool:
    return pair.p_value < SIGNIFICANT and pair.accuracy_b < pair.accuracy_a
