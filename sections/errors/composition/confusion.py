"""Which class is taken for which, in pixels: confusion matrices that stay readable with twenty classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers.metrics.classification import largest_confusions
from helpers.show.matrix import (
    MOST_NAMED,
    NAMES,
    SMALLEST_WRITTEN,
    heat_map,
    matrix_axes,
    name_classes,
    named_classes,
)
from helpers.show.picture import Picture
from helpers.show.style import INK, MUTED
from helpers.show.words import listed, percent

MOST_NUMBERED = 24  # classes; with more, the cells are colours only


@dataclass(frozen=True)
class _Look:
    """One way to draw the matrix: what is written in the cells, and how dark they are (0 to 1)."""

    title: str
    texts: list[list[str]]
    shade: np.ndarray
    caption: str
    alt: str


def matrices(cm: ArrayLike, classes: Sequence[str]) -> list[Picture]:
    """Three pictures of a (C, C) confusion matrix of pixels, rows the truth: counts, by truth, by prediction."""
    cm = np.asarray(cm)
    by_truth = _shares(
        cm, classes, 1, "% of the true class", "recall", "Each row sums up to 100 %: what becomes of a class."
    )
    by_prediction = _shares(
        cm, classes, 0, "% of the predicted class", "precision",
        "Each column sums up to 100 %: what is behind a prediction.",
    )  # fmt: skip
    return [_picture(look, cm, classes) for look in (_counts(cm), by_truth, by_prediction)]


def _counts(cm: np.ndarray) -> _Look:
    shade = np.log10(np.maximum(cm, 1)) / max(1.0, np.log10(max(cm.max(), 1)))
    texts = [[compact(value) if value else "" for value in row] for row in cm.tolist()]
    caption = (
        "Pixels by true class (row) and predicted class (column); k thousands, M millions. Each step in darkness "
        "is a factor, not a difference, so that rare confusions show too. An empty cell: not one pixel."
    )
    right = f"{compact(int(np.trace(cm)))} of {compact(int(cm.sum()))} pixels lie on the diagonal."
    return _Look("Confusion matrix, pixels", texts, shade**2, caption, right)


def _shares(cm: np.ndarray, classes: Sequence[str], axis: int, title: str, score: str, meaning: str) -> _Look:
    """Cells as shares of the sums along `axis`, so that the diagonal is `score`."""
    sums = cm.sum(axis, keepdims=True)
    shares = np.divide(cm, sums, where=sums > 0, out=np.zeros(cm.shape))
    texts = [[f"{100 * x:.0f}" if x >= SMALLEST_WRITTEN else "" for x in row] for row in shares.tolist()]
    unwritten = f"Shares below {percent(SMALLEST_WRITTEN)} have no number."
    told = ", ".join(
        f"{name} {percent(share, 0)}" if total else f"{name} none"
        for name, share, total in zip(classes, np.diag(shares), sums.ravel(), strict=True)
    )
    return _Look(
        title, texts, np.sqrt(shares), f"{meaning} The diagonal is its {score}. {unwritten}",
        f"{score.capitalize()} on the diagonal: {told}.",
    )  # fmt: skip


def compact(pixels: int) -> str:
    """1234567 as "1.2M", 45600 as "46k", 123 as "123": at most four signs up to a thousand million."""
    for limit, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")):
        if pixels >= 0.9995 * limit:
            scaled = pixels / limit
            return f"{scaled:.0f}{unit}" if scaled >= 9.95 else f"{scaled:.1f}{unit}"
    return str(pixels)


def _picture(look: _Look, cm: np.ndarray, classes: Sequence[str]) -> Picture:
    figure, axes = matrix_axes(len(classes), NAMES, 0.3)
    heat_map(axes, look.shade, look.texts if len(classes) <= MOST_NUMBERED else None, 9.5)
    _name_classes(axes, cm, classes)
    axes.set(title=look.title, ylabel="truth")
    absent = [
        name for name, row, column in zip(classes, cm, cm.T, strict=True) if not row.any() and not column.any()
    ]
    nowhere = f" In neither truth nor prediction: {listed(absent)}." if absent else ""
    return Picture(
        figure,
        f"{look.title}: {len(classes)} classes. {look.alt} {_largest(cm, classes)}".strip(),
        look.caption + nowhere,
    )


def _name_classes(axes: Axes, cm: np.ndarray, classes: Sequence[str]) -> None:
    """Names on two sides; grey where a class has no pixel in the truth (row) or prediction (column)."""
    name_classes(axes, classes, 11 if len(classes) <= MOST_NAMED else 8)
    for labels, sums in ((axes.get_xticklabels(), cm.sum(0)), (axes.get_yticklabels(), cm.sum(1))):
        for place, label in zip(named_classes(len(classes)), labels, strict=True):
            label.set_color(INK if sums[place] else MUTED)
            label.set_fontstyle("normal" if sums[place] else "italic")


def _largest(cm: np.ndarray, classes: Sequence[str]) -> str:
    found = [
        f"{classes[one.truth]} taken for {classes[one.predicted]} ({compact(one.count)} pixels)"
        for one in largest_confusions(cm, 3)
    ]
    return f"Most frequent mistakes: {'; '.join(found)}." if found else "There are no mistakes."
