"""What the errors of a segmenter are made of (chapter 08)."""

from collections.abc import Sequence

import numpy as np

from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.rows import dotted_rows, name_rows
from helpers.show.style import CLASS_COLOURS, MUTED, WIDTH, new_axes, new_figure, quiet_grid
from helpers.show.words import count, number, percent
from sections.errors.composition.measured import ClassPair, ClassScores, Part, Trimap

ERRORS, PIXELS = CLASS_COLOURS[1], "#AEB5C0"


def precision_recall_f1(rows: Sequence[ClassScores], drawn: str) -> Picture:
    """Precision, recall and F1 of each class with their intervals, the highest F1 on top.

    drawn: what the intervals are over, such as "15 sequences".
    """
    ordered = sorted(rows, key=lambda row: -(row.f1.value if row.f1 else -1))
    kinds = {"precision": "precision", "recall": "recall", "f1": "F1"}
    series = [(title, [getattr(row, kind) for row in ordered]) for kind, title in kinds.items()]
    figure, axes = dotted_rows([short(row.name, 36) for row in ordered], series, "score", scale=1)
    for place, row in enumerate(ordered):
        if row.f1 is None:
            axes.text(0.01, place, "in neither truth nor prediction", va="center", fontsize=9, color=MUTED)
    axes.set_xlim(-0.02, 1.02)
    told = [
        f"{row.name} "
        + "/".join(number(one.value, 2) if one else "none" for one in (row.precision, row.recall, row.f1))
        for row in ordered
    ]
    return Picture(
        figure,
        f"Precision/recall/F1 of each class with intervals: {', '.join(told)}.",
        f"Lines: 95 % intervals over {drawn}. The recall of a class is also called its accuracy.",
    )


def shares_of_errors(parts: Sequence[Part], title: str, caption: str) -> Picture:
    """Each part with its share of all pixels and of the wrong ones, and how often its pixels are wrong."""
    import pandas as pd
    import seaborn as sns

    frame = pd.DataFrame({
        "name": [_error_rate(part) for part in parts],
        "of all pixels": [100 * part.share for part in parts],
        "of the wrong pixels": [100 * part.wrong_share for part in parts],
    }).melt("name", var_name="kind", value_name="share")  # fmt: skip
    figure, axes = new_axes(WIDTH, 1.3 + 0.42 * len(parts))
    sns.barplot(frame, x="share", y="name", hue="kind", palette=[PIXELS, ERRORS], saturation=1, ax=axes)
    axes.set(title=title, xlabel="share, %", ylabel="")
    quiet_grid(axes, "x")
    axes.get_legend().remove()
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    told = [f"{one.name}: {percent(one.share)} and {percent(one.wrong_share)}" for one in parts]
    return Picture(figure, f"{title}. Share of all pixels and of the wrong ones: {'; '.join(told)}.", caption)


def _error_rate(part: Part) -> str:
    return f"{part.name}: {f'{percent(part.error_rate, 0)} wrong' if part.share else 'none'}"


def errors_by_pair(found: Sequence[ClassPair], most: int = 10) -> Picture:
    """The pairs of classes with the most wrong pixels, in two colours by direction, and all others together."""
    shown, rest = found[:most], float(sum(pair.share for pair in found[most:]))
    names = [f"{pair.first} – {pair.second}" for pair in shown]
    there = [100 * pair.share * pair.there / (pair.there + pair.back) for pair in shown]
    back = [100 * pair.share - first for pair, first in zip(shown, there, strict=True)]
    figure, axes = new_axes(WIDTH, 1.3 + 0.34 * (len(shown) + 1))
    axes.barh(range(len(shown)), there, 0.62, color=ERRORS, label="first taken for second")
    axes.barh(range(len(shown)), back, 0.62, there, color=CLASS_COLOURS[4], label="second taken for first")
    if len(found) > len(shown):
        names.append(f"all {len(found) - len(shown)} other pairs")
        axes.barh(len(shown), 100 * rest, 0.62, color=PIXELS)
    name_rows(axes, [short(name, 36) for name in names], "share of the wrong pixels, %")
    axes.set_title("Errors by pair of classes")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    shares = [*(pair.share for pair in shown), rest]
    told = [f"{name} {percent(share)}" for name, share in zip(names, shares, strict=False)]
    return Picture(
        figure,
        f"Share of the wrong pixels by pair of classes: {', '.join(told) or 'none is wrong'}.",
        "Every wrong pixel belongs to exactly one pair, so the bars add up to 100 %.",
    )


def trimap_curves(curve: Trimap) -> Picture:
    """Accuracy and mean IoU against distance from the nearest border: the strip up to it, and each band alone."""
    figure = new_figure(WIDTH, 3.5)
    left, right = figure.subplots(1, 2, sharex=True)
    places = np.arange(len(curve.widths) + 1)
    for axes, title, within, band, whole in (
        (left, "Pixel accuracy", curve.within_accuracy, curve.band_accuracy, curve.accuracy),
        (right, "Mean IoU", curve.within_mean_iou, curve.band_mean_iou, curve.mean_iou),
    ):
        axes.plot(places[:-1], within, "o-", label="within")
        axes.plot(places, band, "s--", label="band", linewidth=1.4)
        axes.axhline(whole, color=MUTED, linestyle=":", linewidth=1.4, label="all pixels")
        axes.set_xticks(places, [*(f"{width:g}" for width in curve.widths), f">{curve.widths[-1]:g}"])
        axes.set(title=title, xlabel="distance from a border, px")
        quiet_grid(axes, "both")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    told = [f"{w:g} px {percent(a)} and {number(m)}" for w, a, m in
            zip(curve.widths, curve.within_accuracy, curve.within_mean_iou, strict=True)]  # fmt: skip
    return Picture(
        figure,
        f"Accuracy and mean IoU within strips along the borders: {', '.join(told)}; of all pixels "
        f"{percent(curve.accuracy)} and {number(curve.mean_iou)}.",
        "Distances in pixels of the network's image. “Within” takes all pixels up to that distance from a border "
        "between two classes of the truth, the trimap of the literature; “band” only those beyond the mark "
        "before. The last mark of the bands is all that lies farther. Mean IoU: over the same "
        f"{count(len(curve.classes), 'class', 'classes')} everywhere, those with true pixels in every band.",
    )
