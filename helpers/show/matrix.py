"""What matrices of classes have in common: the size of their cells, names beside them, texts in them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.show.names import short
from helpers.show.style import GRID, INK, new_axes

MOST_NAMED = 40  # classes; with more, every fifth name is written
LONGEST = 18  # letters of a name

CELL = (0.4, 0.62)  # inches: a number of four signs still fits into the smallest; two classes need no hall
NAMES = 1.45  # inches for the names beside and below
SMALLEST_WRITTEN = 0.005  # share from which a cell has a number: less would read 0


def write_cells(axes: Axes, texts: Sequence[Sequence[str]], is_dark: np.ndarray, size: float) -> None:
    """Texts in the cells of a matrix, white where `is_dark` (rows, columns); an empty one writes nothing."""
    for (row, column), dark in np.ndenumerate(is_dark):
        colour = "white" if dark else INK
        axes.text(column, row, texts[row][column], ha="center", va="center", fontsize=size, color=colour)


def named_classes(num_classes: int) -> range:
    """The classes whose names are written beside a matrix: all, or every fifth of very many."""
    return range(0, num_classes, 1 if num_classes <= MOST_NAMED else 5)


def matrix_axes(num_classes: int, names: float, title: float) -> tuple[Figure, Axes]:
    """Axes for a matrix with cells of a legible size; `names` and `title`: inches for what stands around it."""
    if num_classes > MOST_NAMED:
        return new_axes(9, 9.3)
    side = num_classes * float(np.clip(4.2 / num_classes, *CELL))
    return new_axes(names + side, names + title + side)


def frame_cells(axes: Axes, classes: Sequence[str], size: float, length: int = LONGEST) -> None:
    """Names on two sides, thin lines between the cells."""
    places = named_classes(len(classes))
    names = [short(classes[place], length) for place in places]
    axes.set_xticks(places, names, rotation=45, ha="right", rotation_mode="anchor", fontsize=size)
    axes.set_yticks(places, names, fontsize=size)
    axes.set_xlabel("predicted")
    axes.set_xticks(np.arange(0.5, len(classes) - 1), minor=True)
    axes.set_yticks(np.arange(0.5, len(classes) - 1), minor=True)
    axes.grid(which="minor", color=GRID, linewidth=0.5)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
