"""Which class is taken for which, in pixels: confusion matrices that stay readable with twenty classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
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
from helpers.show.words import listed, number, percent

MOST_WRITTEN = 24  # classes; with more, the cells are colours only
UNWRITTEN = f"Shares below {percent(SMALLEST_WRITTEN)} have no number."


def pixel_matrices(cm: ArrayLike, classes: Sequence[str]) -> list[Picture]:
    """Three pictures of a (C, C) confusion matrix of pixels, rows the truth: counts, by truth, by prediction."""
    cm = np.asarray(cm)
    counts = [[compact(value) if value else "" for value in row] for row in cm.tolist()]
    steps = np.log10(np.maximum(cm, 1)) / max(1.0, np.log10(max(cm.max(), 1)))
    by_truth, by_prediction = (
        np.divide(cm, sums, where=sums > 0, out=np.zeros(cm.shape)) for sums in (cm.sum(1)[:, None], cm.sum(0))
    )
    return [
        _matrix(
            cm, classes, "Confusion matrix, pixels", counts, steps**2,
            "Pixels by true class (row) and predicted class (column); k thousands, M millions. Each "
            "step in darkness is a factor, not a difference, so that rare confusions show too.",
        ),
        _matrix(
            cm, classes, "% of the true class", _percents(by_truth), np.sqrt(by_truth),
            f"Each row sums up to 100 %: what becomes of a class. The diagonal is its recall. {UNWRITTEN}",
        ),
        _matrix(
            cm, classes, "% of the predicted class", _percents(by_prediction), np.sqrt(by_prediction),
            f"Each column sums up to 100 %: what is behind an answer. The diagonal is its precision. {UNWRITTEN}",
        ),
    ]  # fmt: skip


def compact(pixels: int) -> str:
    """1234567 as "1.2M", 45600 as "46k", 123 as "123": at most four signs up to a thousand million."""
    for limit, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")):
        if pixels >= 0.9995 * limit:
            scaled = pixels / limit
            return f"{number(scaled, 0)}{unit}" if scaled >= 9.95 else f"{number(scaled, 1)}{unit}"
    return str(pixels)


def _percents(shares: np.ndarray) -> list[list[str]]:
    return [[number(100 * share, 0) if share >= SMALLEST_WRITTEN else "" for share in row] for row in shares]


def _matrix(
    cm: np.ndarray, classes: Sequence[str], title: str, texts: list[list[str]], shade: np.ndarray, caption: str
) -> Picture:
    """A heat map with `texts`; grey names have no pixel in the truth (row) or prediction (column)."""
    figure, axes = matrix_axes(len(classes), NAMES, 0.3)
    heat_map(axes, shade, texts if len(classes) <= MOST_WRITTEN else None, 9.5)
    name_classes(axes, classes, 11 if len(classes) <= MOST_NAMED else 8)
    axes.set(title=title, ylabel="truth")
    for labels, sums in ((axes.get_xticklabels(), cm.sum(0)), (axes.get_yticklabels(), cm.sum(1))):
        for place, label in zip(named_classes(len(classes)), labels, strict=True):
            label.set_color(INK if sums[place] else MUTED)
    nowhere = [name for name, pixels in zip(classes, cm.sum(0) + cm.sum(1), strict=True) if not pixels]
    diagonal = [f"{name} {texts[c][c] or 0}" for c, name in enumerate(classes)]
    largest = [
        f"{classes[one.truth]} taken for {classes[one.predicted]} ({one.count:,} pixels)"
        for one in largest_confusions(cm, 3)
    ]
    return Picture(
        figure,
        f"{title}: {len(classes)} classes. On the diagonal: {', '.join(diagonal)}. Most frequent mistakes: "
        f"{'; '.join(largest) or 'none'}.",
        caption + (f" In neither truth nor prediction: {listed(nowhere)}." if nowhere else ""),
    )
