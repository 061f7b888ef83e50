"""Pictures of a data set before anything is trained on it (chapter 01)."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots, name_rows
from helpers.show.style import MUTED, PART_COLOURS, WIDTH, new_axes, new_figure, plain_numbers, quiet_grid
from sections.data.measured import PART_TITLES

if TYPE_CHECKING:
    from sections.data.leaky_split import Promise

MOST_CLASSES = 40  # more rows than that no longer fit on a screen
NAMES = 1.4  # inches for the class names beside a sheet


def class_distribution(counts: np.ndarray, parts: Sequence[str], classes: Sequence[str]) -> Picture:
    """Images per class and part as stacked bars, and beside them each class's share of its part.

    counts: (P, C) whole numbers, rows in the order of `parts`. Of more than 40 classes the largest are shown.
    """
    counts = np.asarray(counts)
    shown = np.sort(np.argsort(-counts.sum(0), kind="stable")[:MOST_CLASSES])
    figure = new_figure(WIDTH, 1.3 + 0.32 * len(shown))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    _stack(left, counts[:, shown], parts)
    _shares(right, counts, shown, parts)
    left.set_yticks(range(len(shown)), [short(classes[label]) for label in shown])
    left.invert_yaxis()
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=len(parts))
    rows = (f"{classes[label]} {'/'.join(map(str, counts[:, label]))}" for label in shown)
    names = "/".join(PART_TITLES.get(part, part) for part in parts)
    return Picture(
        figure,
        alt=f"Bars: images per class ({names}): {', '.join(rows)}.",
        caption="Left: images of each class. Right: the share of each part that belongs to the class; where the "
        "markers lie on each other, the class is equally frequent in every part."
        + (f" The {MOST_CLASSES} largest of {counts.shape[1]} classes." if len(shown) < counts.shape[1] else ""),
    )


def _stack(axes: Axes, counts: np.ndarray, parts: Sequence[str]) -> None:
    start = np.zeros(counts.shape[1])
    for part, row in zip(parts, counts, strict=True):
        axes.barh(
            range(len(row)), row, left=start, color=PART_COLOURS.get(part), label=PART_TITLES.get(part, part)
        )
        start += row
    axes.set_xlabel("images")
    quiet_grid(axes, "x")


def _shares(axes: Axes, counts: np.ndarray, shown: np.ndarray, parts: Sequence[str]) -> None:
    markers, sizes = ("o", "D", "x"), (90, 40, 45)
    for part, row, marker, size in zip(parts, counts, markers, sizes, strict=False):
        shares = 100 * row[shown] / max(1, row.sum())
        colour = PART_COLOURS.get(part)
        inside = {"color": colour} if marker == "x" else {"facecolor": "none", "edgecolor": colour}
        axes.scatter(shares, range(len(shown)), s=size, marker=marker, linewidth=1.8, **inside)
    axes.set_xlim(0, 1.15 * axes.get_xlim()[1])
    axes.set_xlabel("share of the part, %")
    axes.tick_params(labelleft=False)
    quiet_grid(axes, "both")


def image_sizes(sizes: np.ndarray, image_size: int) -> Picture:
    """Width against height of the files, and the distribution of width / height. sizes: (N, 2) pixels."""
    sizes = np.asarray(sizes)
    distinct, counts = np.unique(sizes, axis=0, return_counts=True)
    figure = new_figure(WIDTH, 2.9)
    left, right = figure.subplots(1, 2)
    left.scatter(*distinct.T, s=12 + 180 * counts / counts.max(), alpha=0.45, linewidth=0)
    _size_guides(left, sizes, image_size)
    _aspects(right, sizes)
    return Picture(
        figure,
        alt=f"Scatter of width against height of {len(sizes)} images, {len(distinct)} "
        f"size{'s' * (len(distinct) > 1)}, from {sizes[:, 0].min()} × {sizes[:, 1].min()} to "
        f"{sizes[:, 0].max()} × {sizes[:, 1].max()} pixels, and a histogram of width divided by height.",
        caption="Left: one mark for each size that occurs, larger where more images have it; on the dashed line "
        f"images are square, and the dotted lines are the {image_size} pixels that the networks see. Right: "
        "width divided by height; 1 is square, 2 twice as wide as high.",
    )


def _size_guides(axes: Axes, sizes: np.ndarray, image_size: int) -> None:
    low, high = min(image_size, sizes.min()), max(image_size, sizes.max())
    wide = high > 8 * max(1, low)
    limits = (0.85 * low, 1.18 * high) if wide else (low - 0.08 * (high - low) - 2, high + 0.08 * (high - low) + 2)
    if wide:
        axes.set(xscale="log", yscale="log")
        plain_numbers(axes.xaxis, axes.yaxis)
    axes.plot(limits, limits, "--", color=MUTED, linewidth=1)
    axes.axvline(image_size, color=MUTED, linestyle=":", linewidth=1.2)
    axes.axhline(image_size, color=MUTED, linestyle=":", linewidth=1.2)
    axes.set(xlim=limits, ylim=limits, xlabel="width, pixels", ylabel="height, pixels", box_aspect=1)


def _aspects(axes: Axes, sizes: np.ndarray) -> None:
    aspect = sizes[:, 0] / sizes[:, 1]
    reach = max(0.05, float(np.abs(np.log2(aspect)).max()))
    edges = 2 ** np.linspace(-1.1 * reach, 1.1 * reach, 22)
    axes.hist(aspect, bins=edges, color=PART_COLOURS["train"], edgecolor="white", linewidth=0.5)
    axes.axvline(1, color=MUTED, linestyle="--", linewidth=1)
    axes.set(xscale="log", xlabel="width / height", ylabel="images", box_aspect=1)
    ticks = [t for t in (0.25, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.4, 2, 4) if edges[0] <= t <= edges[-1]]
    ticks = ticks if reach < 0.55 else [t for t in ticks if t in (0.25, 0.5, 0.7, 1, 1.4, 2, 4)]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    quiet_grid(axes)


def example_sheet(
    images: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    *,
    index: np.ndarray | None = None,
    per_class: int = 8,
    seed: int = 0,
    most_classes: int = 20,
) -> Picture:
    """One row of photographs for every class, drawn at random with `seed`.

    images: (n, S, S, 3) uint8 RGB, may lie on disk: only what is shown is read. index: positions to draw from,
    all without it. Of more than `most_classes` classes the first ones are shown, and the caption says so.
    """
    shown = list(range(min(len(classes), most_classes)))
    index = np.arange(len(labels)) if index is None else index
    rows = [images[index[chosen]] for chosen in draw_examples(labels[index], shown, per_class, seed)]
    figure = _sheet([_strip(row, per_class) for row in rows], [short(classes[label], 16) for label in shown])
    left_out = f" The first {most_classes} of {len(classes)} classes." if len(shown) < len(classes) else ""
    return Picture(
        figure,
        alt="Photographs in rows, one row for each class: " + ", ".join(classes[label] for label in shown) + ".",
        caption=f"Up to {per_class} images of each class, drawn at random, as the networks see them.{left_out}",
        photo=True,
    )


def draw_examples(labels: np.ndarray, wanted: Sequence[int], per_class: int, seed: int) -> list[np.ndarray]:
    """For each wanted class, sorted positions of up to `per_class` of its images, drawn at random."""
    rng = np.random.default_rng([seed, 21])
    members = [np.flatnonzero(np.asarray(labels) == label) for label in wanted]
    return [np.sort(rng.permutation(positions)[:per_class]) for positions in members]


def _strip(images: np.ndarray, columns: int, gap: int = 2) -> np.ndarray:
    """Images (k, S, S, 3) side by side on white, room for `columns` of them."""
    size = images.shape[1]
    strip = np.full((size, columns * (size + gap) - gap, 3), 255, np.uint8)
    for number, image in enumerate(images):
        strip[:, number * (size + gap) : number * (size + gap) + size] = image
    return strip


def _sheet(strips: Sequence[np.ndarray], names: Sequence[str]) -> Figure:
    height, width = strips[0].shape[:2]
    row, gap = (WIDTH - NAMES) * height / width, 0.03
    total = len(strips) * (row + gap)
    figure = Figure(figsize=(WIDTH, total))  # no layout engine: every strip has its place
    for number, (strip, name) in enumerate(zip(strips, names, strict=True)):
        bottom = 1 - (number + 1) * (row + gap) / total
        axes = figure.add_axes((NAMES / WIDTH, bottom, 1 - NAMES / WIDTH, row / total))
        axes.imshow(strip, interpolation="lanczos", aspect="auto")
        axes.set_axis_off()
        middle = bottom + row / total / 2
        figure.text((NAMES - 0.1) / WIDTH, middle, name, ha="right", va="center")
    return figure


def batch_sheet(images: np.ndarray, labels: np.ndarray, classes: Sequence[str], columns: int = 8) -> Picture:
    """A batch as the network gets it: images (b, 3, S, S) uint8 in their order, labels (b,)."""
    grid = contact_sheet(np.moveaxis(np.asarray(images), 1, 3), columns, tile=72)
    names = ", ".join(classes[int(label)] for label in labels)
    return Picture(
        grid, f"A grid of {len(images)} small photographs: {names}.", f"Row by row: {names}.", photo=True
    )


def contact_sheet(images: np.ndarray, columns: int, tile: int = 96, gap: int = 3) -> np.ndarray:
    """Images (n, S, S, 3) uint8 as a grid without words, (H, W, 3) uint8: the cover of a study's report."""
    import cv2

    rows = math.ceil(len(images) / columns)
    step = tile + gap
    sheet = np.full((rows * step - gap, columns * step - gap, 3), 255, np.uint8)
    for number, image in enumerate(images):
        top, left = number // columns * step, number % columns * step
        smaller = cv2.resize(np.ascontiguousarray(image), (tile, tile), interpolation=cv2.INTER_AREA)
        sheet[top : top + tile, left : left + tile] = smaller
    return sheet


def leak_over_seeds(leaked_shares: Sequence[float], kept_share: float) -> Picture:
    """Share of test images with a twin in training, for plain random splits and for the split in use.

    leaked_shares: one share (0..1) a seed; kept_share: that of the study's own split.
    """
    shares = 100 * np.asarray(leaked_shares, dtype=float)
    figure, axes = new_axes(WIDTH, 2.1)
    spread = np.linspace(-0.16, 0.16, len(shares)) if len(shares) > 1 else np.zeros(1)
    axes.scatter(shares, spread, s=40, color=PART_COLOURS["val"], alpha=0.75, linewidth=0)
    axes.plot([shares.mean()] * 2, [-0.28, 0.28], color=PART_COLOURS["val"], linewidth=2.5)
    axes.scatter([100 * kept_share], [1], s=90, marker="D", color=PART_COLOURS["test"])
    axes.set_yticks([0, 1], ["plain random split,\none mark a seed", "this study's split"])
    axes.set(ylim=(-0.6, 1.6), xlabel="test images with a twin in training, %")
    axes.set_xlim(-0.04 * max(1, shares.max()), 1.12 * max(1, shares.max(), 100 * kept_share))
    quiet_grid(axes, "x")
    return Picture(
        figure,
        alt=f"Strip plot: {len(shares)} plain random splits leak between {shares.min():.1f} and "
        f"{shares.max():.1f} % of the test images, this study's split {100 * kept_share:.1f} %.",
        caption="The bar is the mean of the plain random splits.",
    )


def promises(promise: "Promise") -> Picture:
    """Accuracy that a plain random split and the study's own show for one model, with 95 % intervals."""
    figure, axes = new_axes(WIDTH, 2.4)
    splits = (promise.blind, promise.own)
    shown = (("validation images", "val", "validation"), ("all held-out images", "test", "held_out"))
    for number, (label, part, name) in enumerate(shown):
        found, places = [getattr(score, name) for score in splits], np.arange(2) + 0.24 * number - 0.12
        capped_dots(axes, found, places, "os"[number], PART_COLOURS[part], label)
    name_rows(axes, [score.name for score in splits], "right answers, %")
    figure.legend(loc="outside upper center", ncols=2)
    told = "; ".join(
        f"{score.name}: validation {100 * score.validation.value:.1f} %, all held-out images "
        f"{100 * score.held_out.value:.1f} %"
        for score in splits
    )
    return Picture(
        figure,
        alt=f"Dots with intervals: accuracy of one recipe on two splits. {told}.",
        caption="Bars are 95 % intervals (Wilson). The axis does not start at 0.",
    )
