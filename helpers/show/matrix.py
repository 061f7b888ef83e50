"""Matrices as heat maps: cells that are coloured and written in, with the names of classes beside them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure

from helpers.show.names import short
from helpers.show.style import GRID, SEQUENTIAL, new_axes

MOST_NAMED = 40  # classes; with more, every fifth name is written
MOST_DRAWN = 400  # cells; with more they are one image of the picture, which stays light
LONGEST = 18  # letters of a name
CELL = (0.4, 0.62)  # inches: a number of four signs still fits into the smallest; two classes need no hall
TITLE = 2.4  # inches, in which a title is written whole
NAMES = 1.45  # inches for the names beside and below
SMALLEST_WRITTEN = 0.005  # share from which a cell has a number: less would read 0


def heat_map(
    axes: Axes,
    shade: np.ndarray,
    texts: Sequence[Sequence[str]] | None = None,
    size: float = 9.0,
    colours: Colormap = SEQUENTIAL,
    lowest: float = 0.0,
) -> None:
    """Cells coloured by `shade` (rows, columns), from `lowest` to 1, with `texts` in them, white on dark ones.

    A cell without a value (NaN) shows what is behind it, and its text. `size`: of the texts, in points.
    """
    import seaborn as sns  # late: half of its time is needed by no other picture

    written = False if texts is None else np.array(texts, dtype=object)
    sns.heatmap(
        shade, vmin=lowest, vmax=1, cmap=colours, annot=written, fmt="", annot_kws={"size": size}, cbar=False,
        linewidths=0.5, linecolor=GRID, xticklabels=False, yticklabels=False, ax=axes,
        rasterized=shade.size > MOST_DRAWN,
    )  # fmt: skip
    for row, column in np.argwhere(np.isnan(shade)) if texts is not None else ():
        axes.text(column + 0.5, row + 0.5, texts[row][column], ha="center", va="center", fontsize=size)
    axes.tick_params(length=0)


def name_cells(axes: Axes, rows: Sequence[str], columns: Sequence[str], size: float | None = None, **look) -> None:
    """Names beside the rows and below the columns, at most `MOST_NAMED`; `look`: of those below."""
    for names, axis, how in ((rows, axes.yaxis, {"rotation": 0}), (columns, axes.xaxis, {"rotation": 0, **look})):
        places = named_classes(len(names))
        axis.set_ticks([place + 0.5 for place in places], [names[place] for place in places], fontsize=size, **how)


def name_classes(axes: Axes, classes: Sequence[str], size: float, longest: int = LONGEST) -> None:
    """The names of classes on both sides of a confusion matrix, those below slanted."""
    names = [short(name, longest) for name in classes]
    name_cells(axes, names, names, size, rotation=45, ha="right", rotation_mode="anchor")
    axes.set(xlabel="predicted")


def named_classes(num_classes: int) -> range:
    """The classes whose names are written beside a matrix: all, or every fifth of very many."""
    return range(0, num_classes, 1 if num_classes <= MOST_NAMED else 5)


def matrix_axes(num_classes: int, names: float, title: float) -> tuple[Figure, Axes]:
    """Axes for a matrix with cells of a legible size; `names` and `title`: inches for what stands around it."""
    if num_classes > MOST_NAMED:
        return new_axes(9, 9.3)
    side = max(TITLE, num_classes * float(np.clip(4.2 / num_classes, *CELL)))
    return new_axes(names + side, names + title + side)
