"""Did augmentation narrow the gap between training and validation, and did it help?"""

from typing import TYPE_CHECKING, Any

from helpers.show.words import count, in_words, listed, number, number_interval, p_value, percent, points_bounds
from helpers.training.runs import other_differences
from sections.augmentation.gap.measured import GapChange
from sections.one_model.learning.sentences import phases_text

if TYPE_CHECKING:
    from helpers.metrics.intervals import Interval, SeedSpread
    from helpers.training.runs import Run


def fairness(change: GapChange) -> list[str]:
    """Whether the two recipes differ in augmentation only."""
    if not change.after.spec.augment:
        return [
            f"{change.after.title} has no augmentation in its recipe: nothing that follows is an effect of it."
        ]
    differences = other_differences(change.before, change.after)
    if not differences and not change.before.spec.augment:
        return [f"{change.before.title} and {change.after.title} differ in augmentation only."]
    told = [_difference(change, *difference) for difference in differences]
    told += ["augmentation on both sides"] if change.before.spec.augment else []
    return [f"Not a clean comparison: the two recipes also differ in {listed(told)}."]


def _difference(change: GapChange, key: str, old: Any, new: Any) -> str:
    if key == "phases":  # a list of settings: told in words
        old, new = phases_text(change.before.spec), phases_text(change.after.spec)
    return f"{key} ({old} and {new})"


def narrowing(change: GapChange) -> list[str]:
    """Whether the gap narrowed, by how much and how surely; and the curves: minimum, gap at the end."""
    return [_gap(change), _curves(change), _as_trained(change.after)]


def _gap(change: GapChange) -> str:
    loss, accuracy = change.loss_gap_change, change.accuracy_gap_change
    before, after = change.loss_gap_before.value, change.loss_gap_after.value
    a, b = (number(100 * gap.value, 1) for gap in (change.accuracy_gap_before, change.accuracy_gap_after))
    return (
        f"At the kept weights the gap between validation and training loss {_verb(loss)}: {number(before)} "
        f"without augmentation, {number(after)} with it, a change of {number_interval(loss)}{_doubt(loss)}. "
        f"The gap of the accuracies is {a} percentage points without and {b} with augmentation, a change of "
        f"{_points_interval(accuracy)}{_doubt(accuracy)}."
    )


def _verb(change: "Interval") -> str:
    if change.high < 0:
        return "narrowed"
    return "widened" if change.low > 0 else "did not change for certain"


def _doubt(change: "Interval") -> str:
    return "; the interval includes 0, so it may be chance" if change.low <= 0 <= change.high else ""


def _points_interval(interval: "Interval") -> str:
    return f"{number(100 * interval.value, 1)} percentage points (95 % interval {points_bounds(interval)})"


def _curves(change: GapChange) -> str:
    old, new = change.fit_before, change.fit_after
    moved = new.best_epoch - old.best_epoch
    later = f"{count(abs(moved), 'epoch')} {'later' if moved > 0 else 'earlier'}"
    when = f"after epoch {new.best_epoch} instead of {old.best_epoch}, {later}"
    when = when if moved else f"after the same epoch, {old.best_epoch},"
    lower = "lower" if new.lowest_val_loss < old.lowest_val_loss else "not lower"
    gap_moved = new.gap_at_end.loss - old.gap_at_end.loss
    narrower = f"{'narrower' if gap_moved < 0 else 'wider'} by {number(abs(gap_moved))}"
    return (
        f"Along the curves validation loss is lowest {when} and {lower} ({number(new.lowest_val_loss)} against "
        f"{number(old.lowest_val_loss)}). After the last epoch the gap of the losses is "
        f"{number(new.gap_at_end.loss)} against {number(old.gap_at_end.loss)}, {narrower}. The verdict on the "
        f"curves is “{old.verdict.value}” without augmentation and “{new.verdict.value}” with it."
    )


def _as_trained(run: "Run") -> str:
    seen, clean = run.history["train_accuracy"][-1], run.history["train_eval_accuracy"][-1]
    return (
        f"In the last epoch {run.title} got {percent(seen)} of its training images right as it was "
        f"shown them, and {percent(clean)} of a fixed part of them as they are: the first is what training works "
        "on, only the second can be compared with validation."
    )


def effect_on_test(change: GapChange) -> list[str]:
    """Accuracy with against without augmentation on the same test images, and whether chance explains it."""
    test, difference = change.test, change.test_change
    told = (
        f"On the same test images {change.after.title} gets {test.only_b} right that {change.before.title} gets "
        f"wrong, and {test.only_a} the other way round: accuracy changes by {_points_interval(difference)}, "
        f"{p_value(test.p_value)} (exact McNemar test)."
    )
    if test.p_value >= 0.05:
        return [f"{told} This test set cannot tell the two apart."]
    return [f"{told} Augmentation {'helped' if difference.value > 0 else 'hurt'}."]


def over_seeds(spread: "SeedSpread") -> list[str]:
    """The change of the gap from seed to seed; nothing for a single seed."""
    if spread.n < 2:
        return []
    return [
        f"Over {in_words(spread.n)} seeds the gap of the losses after the last epoch changes by "
        f"{number(spread.mean)} ± {number(spread.std)} (mean ± standard deviation)."
    ]
