"""Which class is taken for which: the confusion matrix as pictures."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.classification import largest_confusions, normalise_rows
from helpers.show.matrix import LONGEST, heat_map, name_cells
from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.style import WIDTH, new_axes

MOST_NUMBERED = 16  # classes; with more, numbers in the cells would be too small to read


def matrices(cm: ArrayLike, classes: Sequence[str]) -> list[Picture]:
    """Two pictures of a (C, C) confusion matrix, rows the truth: counts, and shares of each row."""
    return [counts(cm, classes), shares(cm, classes)]


def counts(cm: ArrayLike, classes: Sequence[str]) -> Picture:
    """Number of images in each cell; the colours go by share of the row, so that small classes show too."""
    cm = np.asarray(cm)
    texts = [[str(value) if value else "" for value in row] for row in cm.tolist()]
    caption = (
        "Test images by true class (row) and predicted class (column). On the diagonal: those that are right."
    )
    return _picture(cm, texts, classes, "Confusion matrix, images", caption)


def shares(cm: ArrayLike, classes: Sequence[str]) -> Picture:
    """Per cent of each true class in each cell: the diagonal is the recall."""
    cm = np.asarray(cm)
    texts = [[f"{100 * value:.0f}" if value else "" for value in row] for row in normalise_rows(cm).tolist()]
    caption = "The same in per cent of each row. The diagonal is the recall of each class."
    return _picture(cm, texts, classes, "Confusion matrix, % of the true class", caption)


def _picture(cm: np.ndarray, texts: list[list[str]], classes: Sequence[str], title: str, caption: str) -> Picture:
    figure, axes = new_axes(WIDTH, _height(len(classes)))
    share = normalise_rows(cm)
    heat_map(axes, share, texts if len(classes) <= MOST_NUMBERED else None, 10 if len(share) <= 10 else 8)
    names = [short(name, LONGEST) for name in classes]
    slanted = {} if _fit_beside(names) else {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    name_cells(axes, names, names, 10 if len(classes) <= 20 else 7, **slanted)
    axes.set(title=title, xlabel="predicted", ylabel="truth")
    return Picture(figure, _alt(title, cm, classes), caption)


def _height(num_classes: int) -> float:
    """Inches: room for the names below, and cells that are neither slits nor halls."""
    return float(np.clip(1.9 + 0.36 * num_classes, 3.0, 6.4))


def _fit_beside(names: Sequence[str]) -> bool:
    """Whether the names can be read below the columns without being turned."""
    return max(map(len, names)) * len(names) <= 60


def _alt(title: str, cm: np.ndarray, classes: Sequence[str]) -> str:
    right = f"{int(np.trace(cm))} of {int(cm.sum())} images lie on the diagonal."
    largest = [
        f"{classes[one.truth]} taken for {classes[one.predicted]} ({one.count})"
        for one in largest_confusions(cm, 3)
    ]
    frequent = f" Most frequent mistakes: {'; '.join(largest)}." if largest else ""
    return f"{title}: {len(classes)} classes. {right}{frequent}"
