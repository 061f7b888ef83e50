"""How much of each class two sets of scenes hold, side by side (chapter 07)."""

import numpy as np
from matplotlib.axes import Axes

from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.rows import name_rows
from helpers.show.scenes import HOME, LINE, TARGET, class_names
from helpers.show.style import GRID, WIDTH, new_figure, quiet_grid
from helpers.show.words import percent
from sections.street_scenes.class_mix.measured import ClassMix


def shares(home: ClassMix, target: ClassMix) -> Picture:
    """Each class's share of the pixels (on a scale of powers of ten) and of the scenes, in two sets."""
    figure = new_figure(WIDTH, 1.2 + LINE * len(home.classes))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    order = np.argsort(-home.shares, kind="stable")
    _two_dots(left, 100 * home.shares[order], 100 * target.shares[order], (home.title, target.title))
    _two_dots(right, 100 * home.containing[order], 100 * target.containing[order], (home.title, target.title))
    _powers_of_ten(left, np.concatenate([home.shares, target.shares]) * 100)
    name_rows(left, class_names([home.classes[c] for c in order]), "% of the pixels", grid="both")
    right.set(xlabel="% of the scenes", xlim=(-4, 104))
    quiet_grid(right, "both")
    figure.legend(*right.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    rows = [
        f"{name} {percent(one, 2)} and {percent(other, 2)}"
        for name, one, other in zip(home.classes, home.shares, target.shares, strict=True)
    ]
    return Picture(
        figure,
        f"Dots: share of the labelled pixels of each class in {home.title} and in {target.title}: "
        f"{', '.join(rows)}; and share of the scenes that contain it.",
        "Left: share of the labelled pixels; each line to the right means ten times as much, and a cross at the "
        "left edge stands for none at all. Right: share of the scenes that contain the class.",
    )


def _two_dots(axes: Axes, first: np.ndarray, second: np.ndarray, titles: tuple[str, str]) -> None:
    rows = np.arange(len(first))
    axes.hlines(rows, first, second, color=GRID, linewidth=2, zorder=1)
    for values, title, colour, marker in ((first, titles[0], HOME, "o"), (second, titles[1], TARGET, "s")):
        axes.scatter(values, rows, s=30, color=colour, marker=marker, label=short(title, 28), zorder=2)


def _powers_of_ten(axes: Axes, values: np.ndarray) -> None:
    """A logarithmic axis from below the smallest share to 100, with crosses at its edge for what is 0."""
    positive = values[values > 0]
    floor = 10 ** np.floor(np.log10(positive.min())) / 2 if len(positive) else 0.01
    axes.set_xscale("log")
    axes.set_xlim(floor, 150)
    for dots in axes.collections[1:]:
        empty = [row for share, row in dots.get_offsets() if share == 0]
        colour = dots.get_facecolor()
        axes.scatter([floor] * len(empty), empty, marker="x", s=36, color=colour, clip_on=False, zorder=3)
    powers = 10.0 ** np.arange(np.ceil(np.log10(floor)), 3)
    axes.set_xticks(powers, [f"{power:g}" for power in powers])
    axes.minorticks_off()
