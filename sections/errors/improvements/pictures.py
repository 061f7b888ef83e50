"""What a segmenter would gain without one kind of mistake (chapter 08)."""

from collections.abc import Sequence

from helpers.metrics.intervals import Interval
from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.rows import dotted_rows
from helpers.show.words import number
from sections.errors.improvements.measured import ClassGain, Improvement


def costliest_confusions(ranked: Sequence[Improvement], drawn: str, most: int = 12) -> Picture:
    """Mean IoU won by resolving each of the costliest confusions by itself, with intervals over what is drawn."""
    names = [one.arrow for one in ranked[:most]]
    return _gains(
        names, [("mean IoU won", [one.gain for one in ranked[:most]])],
        "Mean IoU won by resolving each confusion by itself, truth → prediction. Lines: 95 % intervals over "
        f"{drawn}.",
    )  # fmt: skip


def costliest_classes(rows: Sequence[ClassGain], drawn: str, most: int = 20) -> Picture:
    """Mean IoU won per class: if never missed, if nothing else were taken for it, and if both held.

    drawn: what the intervals are over.
    """
    kinds = {"missed": "never missed", "false_alarms": "no false alarms", "both": "both"}
    return _gains(
        [one.name for one in rows[:most]],
        [(title, [getattr(one, kind) for one in rows[:most]]) for kind, title in kinds.items()],
        "Mean IoU won if a class were never missed, if nothing else were taken for it, and if both held. Lines: "
        f"95 % intervals over {drawn}.",
    )


def _gains(names: Sequence[str], series: Sequence[tuple[str, Sequence[Interval]]], caption: str) -> Picture:
    figure, axes = dotted_rows([short(name, 36) for name in names], series, "mean IoU won, points of 100")
    axes.set_xlim(0, None)
    told = [f"{name} {number(100 * one.value, 2)}" for name, one in zip(names, series[-1][1], strict=True)]
    return Picture(figure, f"{caption} In points, {series[-1][0]}: {', '.join(told) or 'none'}.", caption)
