"""Pictures of a data set before anything is trained on it (chapter 01)."""

from collections.abc import Sequence

import numpy as np

from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.rows import name_rows
from helpers.show.style import (
    MUTED,
    PART_COLOURS,
    SEQUENTIAL,
    TEST,
    TRAIN,
    VALIDATION,
    WIDTH,
    new_axes,
    new_figure,
    plain_numbers,
    quiet_grid,
)  # fmt: skip
from helpers.show.words import number
from sections.data.measured import PART_TITLES

MOST_BARRED = 40  # more rows than that no longer fit on a screen
MOST_EXAMPLES = 20  # classes of which photographs are shown
WIDE = 8  # times: from here on sizes are drawn on logarithmic axes


def class_distribution(counts: np.ndarray, classes: Sequence[str]) -> Picture:
    """The share of each part that belongs to each class, as bars side by side.

    counts: (3, C) images in training, validation and test. Of more than 40 classes the largest are shown.
    """
    import seaborn as sns

    counts, titles = np.asarray(counts), list(PART_TITLES.values())
    shown = np.sort(np.argsort(-counts.sum(0), kind="stable")[:MOST_BARRED])
    shares = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
    figure, axes = new_axes(WIDTH, 1.2 + 0.34 * len(shown))
    sns.barplot(
        x=shares[:, shown].ravel(), y=np.tile(np.arange(len(shown)), len(counts)),
        hue=np.repeat(titles, len(shown)), palette=list(PART_COLOURS.values()), saturation=1, orient="h",
        legend=False, ax=axes,
    )  # fmt: skip
    name_rows(axes, [short(classes[label]) for label in shown], "share of the part, %")
    figure.legend(axes.containers, titles, loc="outside upper center", ncols=len(titles))
    rows = (f"{classes[label]} {'/'.join(map(str, counts[:, label]))}" for label in shown)
    left_out = f" The {MOST_BARRED} largest of {counts.shape[1]} classes." if len(shown) < counts.shape[1] else ""
    return Picture(
        figure,
        alt=f"Bars of each class's share of the parts; images per class ({'/'.join(titles)}): {', '.join(rows)}.",
        caption="The share of each part that belongs to the class: where the three bars are of one length, the "
        f"class is equally frequent in every part.{left_out}",
    )


def image_sizes(sizes: np.ndarray, image_size: int) -> Picture:
    """Width against height of the files, and the distribution of width / height. sizes: (N, 2) pixels."""
    import seaborn as sns

    width, height = np.asarray(sizes).T
    low, high = 0.9 * min(image_size, *sizes.min(0)), 1.1 * max(image_size, *sizes.max(0))
    scale = "log" if high > WIDE * low else "linear"
    figure = new_figure(WIDTH, 2.9)
    left, right = figure.subplots(1, 2)
    extent = np.log10([low, high] * 2) if scale == "log" else [low, high] * 2
    left.hexbin(
        width, height, gridsize=25, mincnt=1, bins="log", cmap=SEQUENTIAL, vmin=0.2, xscale=scale, yscale=scale,
        extent=extent, edgecolors=MUTED, linewidths=0.2,
    )  # fmt: skip
    left.plot([low, high], [low, high], "--", color=MUTED, linewidth=1)
    for line in (left.axvline, left.axhline):
        line(image_size, color=MUTED, linestyle=":", linewidth=1.2)
    left.set(xlim=(low, high), ylim=(low, high), xlabel="width, pixels", ylabel="height, pixels", box_aspect=1)
    if scale == "log":
        plain_numbers(left.xaxis, left.yaxis)
    sns.histplot(x=width / height, bins=22, color=TRAIN, edgecolor="white", ax=right)
    right.axvline(1, color=MUTED, linestyle="--", linewidth=1)
    right.set(xlabel="width / height", ylabel="images", box_aspect=1)
    return Picture(
        figure,
        alt=f"Density of width against height of {len(width):,} images, from {width.min()} × {height.min()} to "
        f"{width.max()} × {height.max()} pixels, and a histogram of width divided by height.",
        caption="Left: the darker a cell, the more images have about this size; on the dashed line images are "
        f"square, and the dotted lines are the {image_size} pixels that the networks see. Right: width divided by "
        "height; 1 is square, 2 twice as wide as high.",
    )


def example_sheet(
    images: np.ndarray, labels: np.ndarray, classes: Sequence[str], index: np.ndarray, per_class: int = 8
) -> Picture:
    """One row of photographs for every class, drawn at random.

    images: (n, S, S, 3) uint8 RGB, may lie on disk: only what is shown is read. index: positions to draw from. Of
    more than 20 classes the first ones are shown, and the caption says so.
    """
    shown = classes[:MOST_EXAMPLES]
    rows = [images[index[chosen]] for chosen in draw_examples(labels[index], len(shown), per_class)]
    sheet = contact_sheet(rows)
    figure, axes = new_axes(WIDTH, WIDTH * sheet.shape[0] / (1.3 * sheet.shape[1]))
    axes.imshow(sheet, interpolation="lanczos")
    step = sheet.shape[0] / len(rows)
    axes.set_yticks(step * (np.arange(len(rows)) + 0.5), [short(name, 16) for name in shown])
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    left_out = f" The first {len(shown)} of {len(classes)} classes." if len(shown) < len(classes) else ""
    return Picture(
        figure,
        alt=f"Photographs in rows, one row for each class: {', '.join(shown)}.",
        caption=f"Up to {per_class} images of each class, drawn at random, as the networks see them.{left_out}",
        photo=True,
    )


def draw_examples(labels: np.ndarray, classes: int, per_class: int) -> list[np.ndarray]:
    """For each of the first so many classes, sorted positions of up to `per_class` of its images, at random."""
    rng = np.random.default_rng(21)
    members = [np.flatnonzero(np.asarray(labels) == label) for label in range(classes)]
    return [np.sort(rng.permutation(positions)[:per_class]) for positions in members]


def batch_sheet(images: np.ndarray, labels: np.ndarray, classes: Sequence[str], columns: int = 8) -> Picture:
    """A batch as the network gets it: images (b, 3, S, S) uint8 in their order, labels (b,)."""
    pixels = np.moveaxis(np.asarray(images), 1, 3)
    sheet = contact_sheet([pixels[start : start + columns] for start in range(0, len(pixels), columns)], tile=72)
    names = ", ".join(classes[int(label)] for label in labels)
    return Picture(sheet, f"A grid of {len(images)} small photographs: {names}.", "The images of the batch.", True)


def contact_sheet(rows: Sequence[np.ndarray], tile: int = 96, gap: int = 3) -> np.ndarray:
    """Rows of images (k, S, S, 3) uint8 as a grid without words, (H, W, 3) uint8; white where a row is short."""
    import cv2

    step, columns = tile + gap, max(1, *map(len, rows))
    sheet = np.full((len(rows) * step - gap, columns * step - gap, 3), 255, np.uint8)
    for top, images in enumerate(rows):
        for left, image in enumerate(images):
            smaller = cv2.resize(np.ascontiguousarray(image), (tile, tile), interpolation=cv2.INTER_AREA)
            sheet[top * step :, left * step :][:tile, :tile] = smaller
    return sheet


def leak_over_seeds(leaked_shares: Sequence[float], kept_share: float) -> Picture:
    """Share of test images with a near-duplicate in training, for plain random splits and for the split in use.

    leaked_shares: one share (0..1) a seed; kept_share: that of the study's own split.
    """
    import seaborn as sns

    shares, kept = 100 * np.asarray(leaked_shares, dtype=float), 100 * kept_share
    figure, axes = new_axes(WIDTH, 2.3)
    sns.histplot(
        x=shares, bins=20, binrange=(0, max(1.0, shares.max())), color=VALIDATION, edgecolor="white", ax=axes
    )
    axes.axvline(kept, color=TEST, linewidth=3, label="this study's split")
    axes.set(xlabel="test images with a near-duplicate in training, %", ylabel="plain random splits")
    axes.yaxis.get_major_locator().set_params(integer=True)
    figure.legend(loc="outside upper center")
    quiet_grid(axes)
    return Picture(
        figure,
        alt=f"Histogram: {len(shares)} plain random splits leak between {number(shares.min(), 1)} and "
        f"{number(shares.max(), 1)} % of the test images, this study's split {number(kept, 1)} %.",
        caption=f"{len(shares)} plain random splits of the same images, and the split that is used here.",
    )
