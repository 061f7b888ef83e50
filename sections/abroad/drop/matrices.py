"""Two confusion matrices side by side, and what is different about the second (chapter 09)."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.show.matrix import MOST_NAMED, SMALLEST_WRITTEN, heat_map, matrix_axes, name_classes
from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.style import DIVERGING, new_figure
from helpers.show.words import number, percent
from sections.abroad.drop.measured import answer_shares, largest_changes

if TYPE_CHECKING:
    from sections.abroad.drop.measured import Shift

MOST_NUMBERED = 9  # classes; with more, the two matrices side by side show colours only
PANEL = 3.55  # inches
NAMES = 1.35  # inches for the names beside and below
UNKNOWN = "#E4E7EC"  # rows of classes that a set does not show


def side_by_side(shift: "Shift") -> Picture:
    """Shares of each true class by answer, at home and abroad; darkness grows with the root of the share."""
    figure = new_figure(NAMES + 2 * PANEL + 0.2, NAMES + PANEL + 0.35)
    panels = figure.subplots(1, 2, sharey=True)
    titles = (shift.home_title, shift.target_title)
    for axes, one, title in zip(panels, (shift.home, shift.target), titles, strict=True):
        shares = answer_shares(one)
        heat_map(axes, np.sqrt(shares), _numbers(shares) if len(shift.classes) <= MOST_NUMBERED else None)
        axes.set_title(short(title, 30))
        _frame(axes, shift.classes, 9)
    panels[0].set_ylabel("truth")
    told = [
        f"{title}: {_recalls(shift, one)}" for title, one in zip(titles, (shift.home, shift.target), strict=True)
    ]
    return Picture(
        figure,
        f"Two confusion matrices in % of the true class. Recall on the diagonal, {'. '.join(told)}.",
        "Each row sums up to 100 %: what the network says of a class. The darkness grows with the root of the "
        "share, so that small confusions show. Grey: the set does not show the class.",
    )


def difference(shift: "Shift") -> Picture:
    """What changes from home to abroad in each cell, in percentage points of the true class."""
    change = answer_shares(shift.target) - answer_shares(shift.home)
    worse = np.where(np.eye(len(change), dtype=bool), -change, change)
    span = np.sqrt(max(0.01, float(np.nanmax(np.abs(change)))))
    figure, axes = matrix_axes(len(change), NAMES, 0.35)
    shade = -np.sign(worse) * np.sqrt(np.abs(worse)) / span
    numbers = _numbers(change, "+.0f") if len(change) <= MOST_NAMED else None
    heat_map(axes, shade, numbers, colours=DIVERGING, lowest=-1)
    axes.set(title="Abroad minus at home, percentage points", ylabel="truth")
    _frame(axes, shift.classes, 11)
    found = "; ".join(
        f"{shift.classes[one.truth]} taken for {shift.classes[one.predicted]} {percent(one.home)} to "
        f"{percent(one.target)}"
        for one in largest_changes(shift, 3)
    )
    return Picture(
        figure,
        f"Difference of the two confusion matrices, in percentage points of the true class. Largest changes: "
        f"{found or 'none'}.",
        "Orange is worse abroad: fewer hits on the diagonal, more confusions beside it; blue is better. Changes "
        "of less than half a point have no number; grey rows belong to classes that only one set shows.",
    )


def _numbers(shares: np.ndarray, how: str = ".0f") -> list[list[str]]:
    return [
        [format(100 * x, how).replace("-", "−") if abs(x) >= SMALLEST_WRITTEN else "" for x in row]  # NaN: empty
        for row in shares
    ]


def _frame(axes: Axes, classes: tuple[str, ...], size: float) -> None:
    axes.set_facecolor(UNKNOWN)
    name_classes(axes, classes, size, 14)


def _recalls(shift: "Shift", one) -> str:
    recalls = np.diag(answer_shares(one))
    return ", ".join(
        f"{name} {number(100 * value, 0)}" for name, value in zip(shift.classes, recalls, strict=True)
    )
