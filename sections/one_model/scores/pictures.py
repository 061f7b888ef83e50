"""Which class is taken for which: the confusion matrix as a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.classification import largest_confusions, normalise_rows
from helpers.show.matrix import LONGEST, heat_map, name_cells
from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.style import WIDTH, new_axes

MOST_WITH_NUMBERS = 16  # classes; with more, numbers in the cells would be too small to read


def confusion_heat_map(cm: ArrayLike, classes: Sequence[str]) -> Picture:
    """Images in each cell of a (C, C) confusion matrix, rows the truth; colours by share of the row."""
    cm = np.asarray(cm)
    figure, axes = new_axes(WIDTH, float(np.clip(1.9 + 0.36 * len(classes), 3.0, 6.4)))
    texts = [[str(value) if value else "" for value in row] for row in cm.tolist()]
    written = texts if len(classes) <= MOST_WITH_NUMBERS else None
    heat_map(axes, normalise_rows(cm), written, 10 if len(classes) <= 10 else 8)
    names = [short(name, LONGEST) for name in classes]
    fit = (
        max(len(line) for name in names for line in name.split("\n")) * len(names) <= 60
    )  # below the columns without being turned
    slanted = {} if fit else {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    name_cells(axes, names, names, 10 if len(classes) <= 20 else 7, **slanted)
    axes.set(xlabel="predicted", ylabel="truth")
    largest = [
        f"{classes[one.truth]} taken for {classes[one.predicted]} ({one.count:,})"
        for one in largest_confusions(cm, 3)
    ]
    return Picture(
        figure,
        alt=f"Confusion matrix of {len(classes)} classes: {int(np.trace(cm))} of {int(cm.sum()):,} images lie on "
        f"the diagonal. Most frequent mistakes: {'; '.join(largest) or 'none'}.",
        caption="Test images by true class (row) and predicted class (column). On the diagonal: those that are "
        "right. The darker a cell, the larger its share of the row; on the diagonal that is the recall of the "
        "class.",
    )
