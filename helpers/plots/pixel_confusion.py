"""Which class is taken for which, in pixels: confusion matrices that stay readable with twenty classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers.metrics.classification import largest_confusions
from helpers.plots.confusion import MOST_NAMED, shortened
from helpers.plots.picture import Picture
from helpers.plots.style import GRID, INK, MUTED, SEQUENTIAL, new_figure
from helpers.readings.words import listed, percent

MOST_NUMBERED = 24  # classes; with more, the cells are colours only
CELL = (0.4, 0.62)  # inches: a number of four signs still fits into the smallest; two classes need no hall
NAMES = 1.45  # inches for the names beside and below
SMALLEST_WRITTEN = 0.005  # share from which a cell has a number: less would read 0


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
    return [
        _picture(look, cm, classes) for look in (_counts(cm), _by_truth(cm, classes), _by_prediction(cm, classes))
    ]


def _counts(cm: np.ndarray) -> _Look:
    shade = np.log10(np.maximum(cm, 1)) / max(1.0, np.log10(max(cm.max(), 1)))
    texts = [[compact(value) if value else "" for value in row] for row in cm.tolist()]
    caption = (
        "Pixels by true class (row) and predicted class (column); k thousands, M millions. Each step in darkness "
        "is a factor, not a difference, so that rare confusions show too. An empty cell: not one pixel."
    )
    return _Look("Confusion matrix, pixels", texts, shade**2, caption, _frequent(cm))


def _by_truth(cm: np.ndarray, classes: Sequence[str]) -> _Look:
    shares = _divided(cm, cm.sum(1, keepdims=True))
    caption = f"Each row sums up to 100 %: what becomes of a class. The diagonal is its recall. {_unwritten()}"
    return _Look(
        "% of the true class", _percentages(shares), np.sqrt(shares), caption,
        f"Recall on the diagonal: {_diagonal(shares, cm.sum(1), classes)}.",
    )  # fmt: skip


def _by_prediction(cm: np.ndarray, classes: Sequence[str]) -> _Look:
    shares = _divided(cm, cm.sum(0, keepdims=True))
    caption = (
        f"Each column sums up to 100 %: what is behind a prediction. The diagonal is its precision. {_unwritten()}"
    )
    return _Look(
        "% of the predicted class", _percentages(shares), np.sqrt(shares), caption,
        f"Precision on the diagonal: {_diagonal(shares, cm.sum(0), classes)}.",
    )  # fmt: skip


def _divided(cm: np.ndarray, sums: np.ndarray) -> np.ndarray:
    return np.divide(cm, sums, where=sums > 0, out=np.zeros(cm.shape))


def _percentages(shares: np.ndarray) -> list[list[str]]:
    return [[f"{100 * x:.0f}" if x >= SMALLEST_WRITTEN else "" for x in row] for row in shares.tolist()]


def _unwritten() -> str:
    return f"Shares below {percent(SMALLEST_WRITTEN)} have no number."


def _diagonal(shares: np.ndarray, sums: np.ndarray, classes: Sequence[str]) -> str:
    rows = zip(classes, np.diag(shares), sums, strict=True)
    return ", ".join(f"{name} {percent(share, 0)}" if total else f"{name} none" for name, share, total in rows)


def _frequent(cm: np.ndarray) -> str:
    return f"{compact(int(np.trace(cm)))} of {compact(int(cm.sum()))} pixels lie on the diagonal."


def compact(pixels: int) -> str:
    """1234567 as "1.2M", 45600 as "46k", 123 as "123": at most four signs up to a thousand million."""
    for limit, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")):
        if pixels >= 0.9995 * limit:
            scaled = pixels / limit
            return f"{scaled:.0f}{unit}" if scaled >= 9.95 else f"{scaled:.1f}{unit}"
    return str(pixels)


def _picture(look: _Look, cm: np.ndarray, classes: Sequence[str]) -> Picture:
    side = len(classes) * float(np.clip(4.2 / len(classes), *CELL))
    figure = new_figure(NAMES + side, NAMES + 0.3 + side) if len(classes) <= MOST_NAMED else new_figure(9, 9.3)
    axes = figure.subplots()
    axes.imshow(look.shade, cmap=SEQUENTIAL, vmin=0, vmax=1)
    if len(classes) <= MOST_NUMBERED:
        _write_numbers(axes, look)
    _name_classes(axes, cm, classes)
    axes.set_title(look.title)
    absent = [
        name for name, row, column in zip(classes, cm, cm.T, strict=True) if not row.any() and not column.any()
    ]
    nowhere = f" In neither truth nor prediction: {listed(absent)}." if absent else ""
    return Picture(
        figure,
        f"{look.title}: {len(classes)} classes. {look.alt} {_largest(cm, classes)}".strip(),
        look.caption + nowhere,
    )


def _write_numbers(axes: Axes, look: _Look) -> None:
    for (row, column), shade in np.ndenumerate(look.shade):
        colour = "white" if shade > 0.5 else INK
        axes.text(column, row, look.texts[row][column], ha="center", va="center", fontsize=9.5, color=colour)


def _name_classes(axes: Axes, cm: np.ndarray, classes: Sequence[str]) -> None:
    """Names on two sides; grey where a class has no pixel in the truth (row) or prediction (column)."""
    step = 1 if len(classes) <= MOST_NAMED else 5
    places, size = range(0, len(classes), step), 11 if len(classes) <= MOST_NAMED else 8
    names = [shortened(classes[place]) for place in places]
    axes.set_xticks(places, names, rotation=45, ha="right", rotation_mode="anchor", fontsize=size)
    axes.set_yticks(places, names, fontsize=size)
    for labels, sums in ((axes.get_xticklabels(), cm.sum(0)), (axes.get_yticklabels(), cm.sum(1))):
        for place, label in zip(places, labels, strict=True):
            label.set_color(INK if sums[place] else MUTED)
            label.set_fontstyle("normal" if sums[place] else "italic")
    axes.set(xlabel="predicted", ylabel="truth")
    axes.set_xticks(np.arange(0.5, len(classes) - 1), minor=True)
    axes.set_yticks(np.arange(0.5, len(classes) - 1), minor=True)
    axes.grid(which="minor", color=GRID, linewidth=0.5)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)


def _largest(cm: np.ndarray, classes: Sequence[str]) -> str:
    found = [
        f"{classes[one.truth]} taken for {classes[one.predicted]} ({compact(one.count)} pixels)"
        for one in largest_confusions(cm, 3)
    ]
    return f"Most frequent mistakes: {'; '.join(found)}." if found else "There are no mistakes."
