"""What a segmenter would gain without one kind of mistake (chapter 08)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.show.picture import Picture
from helpers.show.style import CLASS_COLOURS, GRID, INK, MUTED, WIDTH, new_axes, quiet_grid
from helpers.show.words import number
from sections.errors.composition.pictures import LINE, list_names

if TYPE_CHECKING:
    from sections.errors.improvements.measured import ClassGain, Improvement


def gains(ranked: "Sequence[Improvement]", classes: Sequence[str], most: int = 12) -> Picture:
    """Mean IoU won by resolving each of the costliest confusions by itself, with intervals."""
    shown = ranked[:most]
    figure, axes = new_axes(WIDTH, 1.1 + 0.34 * len(shown))
    values, low, high = (
        100 * np.array([getattr(one.gain, key) for one in shown]) for key in ("value", "low", "high")
    )
    places = np.arange(len(shown))
    axes.barh(places, values, 0.62, color=CLASS_COLOURS[5])
    axes.hlines(places, low, high, color=INK, linewidth=1.4)
    names = [f"{classes[one.truth]} → {classes[one.predicted]}" for one in shown]
    list_names(axes, names, "mean IoU won, points of 100", 36)
    axes.set(xlim=(0, None), title="What one confusion costs")
    told = [f"{name} {value:.2f}" for name, value in zip(names, values, strict=True)]
    return Picture(
        figure,
        f"Mean IoU won, in points, by resolving each confusion by itself: {', '.join(told)}.",
        "Truth → prediction. Lines: 95 % intervals by bootstrap over scenes.",
    )


def together(steps: np.ndarray, most: int = 40) -> Picture:
    """Mean IoU while the confusions are resolved one after the other in the order of the ranking."""
    shown = np.asarray(steps)[: most + 1]
    figure, axes = new_axes(WIDTH, 2.9)
    axes.step(np.arange(len(shown)), shown, where="post", color=CLASS_COLOURS[0])
    axes.axhline(shown[0], color=MUTED, linestyle=":", linewidth=1.4)
    axes.text(len(shown) - 1, shown[0], "now ", ha="right", va="bottom", color=MUTED)
    axes.set(xlabel="confusions resolved, costliest first", ylabel="mean IoU", xlim=(0, max(1, len(shown) - 1)))
    axes.set_ylim(max(0, shown[0] - 0.05), min(1.02, shown[-1] + 0.05))
    quiet_grid(axes, "both")
    marks = [place for place in (1, 5, 10, 20) if place < len(shown)]
    told = ", ".join(f"{number(shown[place])} after {place}" for place in marks)
    return Picture(
        figure,
        f"Mean IoU rises from {number(shown[0])}: {told or 'nothing to resolve'}; {len(steps) - 1} confusions in "
        "all.",
        "Resolved together, in the order of the ranking above.",
    )


def class_gains(rows: "Sequence[ClassGain]", most: int = 20) -> Picture:
    """Mean IoU won per class: if never missed, if nothing else were taken for it, and if both held."""
    shown = rows[:most]
    figure, axes = new_axes(WIDTH, 1.2 + LINE * len(shown))
    places = np.arange(len(shown))
    both = [100 * one.both.value for one in shown]
    axes.barh(places, both, 0.62, color=GRID, label="both")
    for kind, marker, colour in (("missed", "s", CLASS_COLOURS[1]), ("false_alarms", "o", CLASS_COLOURS[0])):
        values = [100 * getattr(one, kind).value for one in shown]
        title = "never missed" if kind == "missed" else "no false alarms"
        axes.scatter(values, places, s=30, marker=marker, color=colour, label=title, zorder=3)
    list_names(axes, [one.name for one in shown], "mean IoU won, points of 100", grid="both")
    axes.set_xlim(0, None)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    told = [f"{one.name} {value:.1f}" for one, value in zip(shown, both, strict=True)]
    return Picture(
        figure,
        f"Mean IoU won, in points, if all mistakes about a class were resolved: {', '.join(told)}.",
        "Bars: all mistakes about the class resolved. A marker far to the right says which side of them costs "
        "more.",
    )
