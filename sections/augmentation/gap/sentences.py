"""Did augmentation narrow the gap between training and validation, and did it help?"""

from typing import Any

from helpers.metrics.comparison import SIGNIFICANT
from helpers.metrics.intervals import Interval, SeedSpread
from helpers.show.words import in_words, listed, number, number_interval, p_value, points_bounds
from helpers.training.runs import other_differences
from sections.augmentation.gap.measured import GapChange
from sections.one_model.learning.sentences import phases_text, setting


def fairness(change: GapChange) -> list[str]:
    """Whether the two recipes differ in augmentation only."""
    if not change.after.spec.augment:
        return [
            f"{change.after.title} has no augmentation in its recipe: nothing that follows is an effect of it."
        ]
    if not change.after.spec.epochs:
        return [f"{change.after.title} was not trained here: nothing that follows is an effect of augmentation."]
    differences = other_differences(change.before, change.after)
    if not differences and not change.before.spec.augment:
        return [f"{change.before.title} and {change.after.title} differ in augmentation only."]
    told = [_difference(change, *difference) for difference in differences]
    told += ["augmentation on both sides"] if change.before.spec.augment else []
    return [f"Not a clean comparison: the two recipes also differ in {listed(told)}."]


def _difference(change: GapChange, key: str, old: Any, new: Any) -> str:
    if key == "phases":  # a list of settings: told in words
        old, new = phases_text(change.before.spec), phases_text(change.after.spec)
    return f"{key} ({setting(old)} and {setting(new)})"


def narrowing(change: GapChange) -> list[str]:
    """Whether the gap narrowed, by how much and how surely."""
    loss, accuracy = change.loss, change.accuracy
    a, b = (number(100 * gap.value, 1) for gap in (accuracy.before, accuracy.after))
    moved = (
        f"{a} percentage points without and {b} with augmentation, a change of {_points_interval(accuracy.change)}"
    )
    if accuracy.change.low == accuracy.change.high == 0:
        moved = f"{a} percentage points with and without it, image by image"
    return [
        f"At the kept weights the gap between validation and training loss {_verb(loss.change)}: "
        f"{number(loss.before.value)} without augmentation, {number(loss.after.value)} with it, a change of "
        f"{number_interval(loss.change)}{_doubt(loss.change)}. The gap of the accuracies is {moved}"
        f"{_doubt(accuracy.change)}."
    ]


def _verb(change: Interval) -> str:
    if change.high < 0:
        return "narrowed"
    return "widened" if change.low > 0 else "did not change for certain"


def _doubt(change: Interval) -> str:
    includes = change.low <= 0 <= change.high and change.low < change.high
    return "; the interval includes 0, so it may be chance" if includes else ""


def _points_interval(interval: Interval) -> str:
    return f"{number(100 * interval.value, 1)} percentage points (95 % interval {points_bounds(interval)})"


def effect_on_test(change: GapChange) -> list[str]:
    """Accuracy with against without augmentation on the same test images, and whether chance explains it."""
    test, difference = change.test, change.test_change
    told = (
        f"On the same test images {change.after.title} gets {test.only_b} right that {change.before.title} gets "
        f"wrong, and {test.only_a} the other way round: accuracy changes by {_points_interval(difference)}, "
        f"{p_value(test.p_value)} (exact McNemar test of this pair alone)."
    )
    if test.p_value >= SIGNIFICANT:
        return [f"{told} This test set cannot tell the two apart."]
    better = change.after.title if difference.value > 0 else change.before.title
    return [f"{told} Of these two networks {better} is the better; of the recipes only more seeds could tell."]


def gap_over_seeds(spread: SeedSpread) -> list[str]:
    """The change of the gap from seed to seed; nothing for a single seed."""
    if spread.n < 2:
        return []
    return [
        f"Over {in_words(spread.n)} seeds the gap of the losses after the last epoch changes by "
        f"{number(spread.mean)} ± {number(spread.std)} (mean ± standard deviation)."
    ]
