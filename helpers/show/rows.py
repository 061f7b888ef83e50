"""Lists that are read from top to bottom: names down the left side, values with their intervals beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from helpers.metrics.intervals import Interval
from helpers.show.names import letters, plain_text, short
from helpers.show.style import GRID, WIDTH, class_colour, class_marker, new_axes, quiet_grid


def name_rows(
    axes: Axes, names: Sequence[str], xlabel: str = "", *, grid: str = "x", room: float = 0.5, **text: Any
) -> None:
    """Names, the first on top, and what is measured; `room` above the first row and below the last, in rows."""
    axes.set_yticks(range(len(names)), names, **text)
    axes.set(ylim=(max(1, len(names)) - 1 + room, -room), xlabel=xlabel)
    quiet_grid(axes, grid)


def capped_dots(
    axes: Axes,
    intervals: Sequence[Interval],
    places: ArrayLike,
    marker: str,
    colour: str,
    label: str | None = None,
    *,
    scale: float = 100.0,
    **style: Any,
) -> None:
    """Values with capped intervals in the given rows, in per cent unless `scale` says otherwise."""
    bounds = np.array([[one.value, one.low, one.high] for one in intervals]).reshape(-1, 3)
    values, low, high = scale * bounds.T
    reach = np.clip([values - low, high - values], 0, None)  # rounding may put a value beyond its bound
    axes.errorbar(
        values, places, xerr=reach, fmt=marker, color=colour, capsize=3, linewidth=1.6, label=label, **style
    )


def dotted_rows(
    names: Sequence[str],
    series: Sequence[tuple[str, Sequence[Interval | None]]],
    xlabel: str,
    scale: float = 100.0,
) -> tuple[Figure, Axes]:
    """A row for each name, and in it a dot with its interval for each of `series`; none where it is None or NaN.

    series: titles for the legend with the intervals of all rows. They are drawn as `capped_dots` draws them.
    """
    titles = [title for title, _ in series]
    figure, axes = new_axes(WIDTH, 1.0 + legend_height(titles) + len(names) * (0.2 + 0.14 * len(series)))
    for number, (title, intervals) in enumerate(series):
        shift = 0.75 * ((number + 0.5) / len(series) - 0.5)
        known = {place + shift: one for place, one in enumerate(intervals) if one}
        look = class_marker(number), class_colour(number), short(title, 40)
        capped_dots(axes, [*known.values()], [*known], *look, scale=scale)
    for edge in np.arange(0.5, len(names) - 1):
        axes.axhline(edge, color=GRID, linewidth=0.7)
    name_rows(axes, names, xlabel)
    if len(series) > 1:
        figure.legend(loc="outside upper center", ncols=legend_columns(titles))
    return figure, axes


def joined_marks(
    axes: Axes, values: np.ndarray, places: np.ndarray, titles: Sequence[str], size: float = 48
) -> None:
    """A mark for each model in every row, joined by a line; values: (models, rows)."""
    axes.hlines(places, values.min(0), values.max(0), color=GRID, linewidth=3, zorder=1)
    for number, (title, row) in enumerate(zip(titles, values, strict=True)):
        axes.scatter(
            row, places, s=size, color=class_colour(number), marker=class_marker(number), alpha=0.9, linewidth=0,
            zorder=3, label=plain_text(title),
        )  # fmt: skip


def legend_columns(titles: Collection[str]) -> int:
    """As many legend entries side by side as fit the width."""
    longest = max(letters(line) for title in titles for line in title.split("\n"))
    return max(1, min(len(titles), 76 // (longest + 6)))


def legend_height(titles: Collection[str]) -> float:
    """Inches that the legend takes from the figure."""
    return 0.2 * -(-len(titles) // legend_columns(titles))
