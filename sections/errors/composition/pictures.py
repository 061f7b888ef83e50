"""What the errors of a segmenter are made of (chapter 08)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
from matplotlib.axes import Axes

from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.rows import lined_dots, name_rows
from helpers.show.style import CLASS_COLOURS, INK, MUTED, WIDTH, new_axes, new_figure, quiet_grid
from helpers.show.words import number, percent

if TYPE_CHECKING:
    from sections.errors.composition.measured import ClassPair, ClassScores, Part, Trimap

LINE = 0.3  # inches a class or part takes in a list
ERRORS, PIXELS = CLASS_COLOURS[1], "#AEB5C0"
ROOM = 1.5  # sides of a patch shown from close by
SCORES = (("precision", "o", CLASS_COLOURS[0]), ("recall", "s", CLASS_COLOURS[1]), ("f1", "|", INK))
TITLES = {"precision": "precision", "recall": "recall", "f1": "F1"}


def class_scores(rows: "Sequence[ClassScores]") -> Picture:
    """Precision, recall and F1 of each class with their intervals, the highest F1 on top."""
    ordered = sorted(rows, key=lambda row: -(row.f1.value if row.f1 else -1))
    figure, axes = new_axes(WIDTH, 1.2 + LINE * len(ordered))
    for shift, (kind, marker, colour) in zip((-0.2, 0.2, 0), SCORES, strict=True):
        _draw_scores(axes, ordered, kind, shift, marker, colour)
    for place, row in enumerate(ordered):
        if row.f1 is None:
            axes.text(0.01, place, "in neither truth nor prediction", va="center", fontsize=9, color=MUTED)
    axes.set_xlim(-0.02, 1.02)
    list_names(axes, [row.name for row in ordered], "score", grid="both")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return Picture(
        figure, _scores_alt(ordered), "Lines: 95 % intervals by bootstrap over scenes. F1 is the black bar."
    )


def _draw_scores(
    axes: Axes, rows: "Sequence[ClassScores]", kind: str, shift: float, marker: str, colour: str
) -> None:
    found = [(place, getattr(row, kind)) for place, row in enumerate(rows) if getattr(row, kind)]
    places, values = [place + shift for place, _ in found], [one for _, one in found]
    if kind == "f1":
        middles = [one.value for one in values]
        axes.scatter(middles, places, s=230, marker=marker, color=colour, label=TITLES[kind], zorder=3)
    else:
        lined_dots(axes, values, places, marker, colour, TITLES[kind], size=26, width=1.4)


def _scores_alt(rows: "Sequence[ClassScores]") -> str:
    told = [
        f"{row.name} "
        + "/".join(number(one.value, 2) if one else "none" for one in (row.precision, row.recall, row.f1))
        for row in rows
    ]
    return f"Precision/recall/F1 of each class with intervals: {', '.join(told)}."


def list_names(axes: Axes, names: Sequence[str], xlabel: str, length: int = 22, grid: str = "x") -> None:
    """`name_rows` with names of up to `length` letters, and a little more room at both ends."""
    name_rows(axes, [short(name, length) for name in names], xlabel, grid=grid, room=0.55)


def composition(parts: "Sequence[Part]", title: str, caption: str) -> Picture:
    """Each part with its share of all pixels and of the wrong ones, and how often its pixels are wrong."""
    figure, axes = new_axes(WIDTH, 1.3 + 0.42 * len(parts))
    shares, wrong = (100 * np.array([getattr(part, kind) for part in parts]) for kind in ("share", "wrong_share"))
    places = np.arange(len(parts))
    axes.barh(places - 0.18, shares, 0.34, color=PIXELS, label="of all pixels")
    axes.barh(places + 0.18, wrong, 0.34, color=ERRORS, label="of the wrong pixels")
    for place, part, reach in zip(places, parts, np.maximum(shares, wrong), strict=True):
        axes.text(reach + 1, place, f"{percent(part.error_rate, 0)} wrong", va="center", fontsize=10, color=INK)
    list_names(axes, [part.name for part in parts], "share, %")
    axes.set(xlim=(0, 1.28 * max(1, shares.max(), wrong.max())), title=title)
    axes.set_xticks([tick for tick in axes.get_xticks() if tick <= 100])
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    told = [f"{one.name}: {percent(one.share)} and {percent(one.wrong_share)}" for one in parts]
    return Picture(figure, f"{title}. Share of all pixels and of the wrong ones: {'; '.join(told)}.", caption)


def pairs(found: "Sequence[ClassPair]", classes: Sequence[str], most: int = 10) -> Picture:
    """The pairs of classes with the most wrong pixels, in two colours by direction, and all others together."""
    shown, rest = found[:most], float(sum(pair.share for pair in found[most:]))
    names = [f"{classes[pair.first]} – {classes[pair.second]}" for pair in shown]
    others = [f"all {len(found) - len(shown)} other pairs"] if len(found) > len(shown) else []
    figure, axes = new_axes(WIDTH, 1.3 + 0.34 * (len(shown) + len(others)))
    _draw_pairs(axes, shown, [rest] if others else [])
    list_names(axes, [*names, *others], "share of the wrong pixels, %", 36)
    axes.set_title("Errors by pair of classes")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    told = [f"{name} {percent(pair.share)}" for name, pair in zip(names, shown, strict=True)]
    return Picture(
        figure,
        f"Share of the wrong pixels by pair of classes: {', '.join(told)}; all others {percent(rest)}.",
        "Every wrong pixel belongs to exactly one pair, so the bars add up to 100 %.",
    )


def _draw_pairs(axes: Axes, shown: "Sequence[ClassPair]", rest: Sequence[float]) -> None:
    """`rest`: the share of all other pairs, empty where there are none."""
    there = np.array([pair.share * pair.there / pair.pixels for pair in shown])
    back = np.array([pair.share * pair.back / pair.pixels for pair in shown])
    places = np.arange(len(shown))
    axes.barh(places, 100 * there, 0.62, color=ERRORS, label="first taken for second")
    axes.barh(places, 100 * back, 0.62, left=100 * there, color=CLASS_COLOURS[4], label="second taken for first")
    axes.barh(len(shown) + np.arange(len(rest)), 100 * np.array(rest), 0.62, color=PIXELS)
    reach = [*(there + back), *rest]
    for place, share in enumerate(reach):
        axes.text(100 * share + 0.6, place, percent(share), va="center", fontsize=10, color=INK)
    axes.set_xlim(0, 118 * max([0.01, *reach]))


def trimap(curve: "Trimap") -> Picture:
    """Accuracy and mean IoU against distance from the nearest border: the strip up to it, and each band alone."""
    figure = new_figure(WIDTH, 3.5)
    left, right = figure.subplots(1, 2, sharex=True)
    for axes, title, within, band, whole in (
        (left, "Pixel accuracy", curve.within_accuracy, curve.band_accuracy, curve.accuracy),
        (right, "Mean IoU", curve.within_mean_iou, curve.band_mean_iou, curve.mean_iou),
    ):
        _draw_trimap(axes, curve.widths, within, band, whole)
        axes.set(title=title, xlabel="distance from a border, px")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    told = [f"{w:g} px {percent(a)} and {number(m)}" for w, a, m in
            zip(curve.widths, curve.within_accuracy, curve.within_mean_iou, strict=True)]  # fmt: skip
    return Picture(
        figure,
        f"Accuracy and mean IoU within strips along the borders: {', '.join(told)}; of all pixels "
        f"{percent(curve.accuracy)} and {number(curve.mean_iou)}.",
        "Distances in pixels of the network's image. “Within” takes all pixels up to that distance from a border "
        "between two classes of the truth, the trimap of the literature; “band” only those beyond the mark "
        "before. The last mark of the bands is all that lies farther.",
    )


def _draw_trimap(axes: Axes, widths: np.ndarray, within: np.ndarray, band: np.ndarray, whole: float) -> None:
    places = np.arange(len(widths) + 1)
    axes.plot(places[:-1], within, "o-", color=CLASS_COLOURS[0], label="within")
    axes.plot(places, band, "s--", color=CLASS_COLOURS[1], label="band", linewidth=1.4)
    axes.axhline(whole, color=MUTED, linestyle=":", linewidth=1.4, label="all pixels")
    axes.set_xticks(places, [*(f"{width:g}" for width in widths), f">{widths[-1]:g}"])
    quiet_grid(axes, "both")


def highlight(image: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: the image, dimmed, with the `chosen` pixels (H, W) bool in orange."""
    colour = np.array([int(ERRORS[place : place + 2], 16) for place in (1, 3, 5)])
    pixels = np.where(chosen[..., None], 0.75 * colour + 0.25 * image, 0.6 * image)
    return np.rint(pixels).astype(np.uint8)


def closer(chosen: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of a part of the scene, of its shape, around the largest patch of `chosen` (H, W) bool.

    The patch fills at most 1 / `ROOM` of either side, and at least a third of the scene is shown.
    """
    _, _, found, _ = cv2.connectedComponentsWithStats(chosen.astype(np.uint8))
    if len(found) < 2:
        return slice(0, chosen.shape[0]), slice(0, chosen.shape[1])
    left, top, width, height, _ = found[1 + found[1:, cv2.CC_STAT_AREA].argmax()]
    share = min(1.0, max(1 / 3, ROOM * width / chosen.shape[1], ROOM * height / chosen.shape[0]))
    return _window(top + height / 2, chosen.shape[0], share), _window(left + width / 2, chosen.shape[1], share)


def _window(middle: float, length: int, share: float) -> slice:
    """A share of a side, around `middle` as far as the edges allow."""
    size = max(1, round(share * length))
    start = int(np.clip(round(middle - size / 2), 0, length - size))
    return slice(start, start + size)
