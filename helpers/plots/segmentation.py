"""Scores of a segmenter as pictures: class by class, threshold by threshold, scene by scene (chapter 07)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.metrics.pixel_precision import precision_recall
from helpers.plots.names import plain, short, wrapped
from helpers.plots.picture import Picture
from helpers.plots.style import (
    CLASS_COLOURS,
    INK,
    MUTED,
    SEQUENTIAL,
    WIDTH,
    class_colour,
    class_marker,
    new_figure,
    quiet_grid,
)
from helpers.segmentation.results import THRESHOLDS

if TYPE_CHECKING:
    from helpers.segmentation.results import Results

HOME, TARGET = CLASS_COLOURS[0], CLASS_COLOURS[1]
LINE = 0.27  # inches a class takes in a list of classes
COLUMNS = 4  # of small pictures side by side
MOST_POINTS = 120  # of a curve: more would only make the page heavy


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [short(name, 18) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)


def class_ious(models: "Sequence[Results]") -> Picture:
    """IoU of each class with its interval, a marker a model; the classes in the order of the first model's IoU."""
    first = models[0]
    order = np.argsort(-np.nan_to_num(first.scores.iou, nan=-1), kind="stable")
    figure = new_figure(WIDTH, 1.3 + (LINE + 0.1 * (len(models) - 1)) * len(order))
    axes = figure.subplots()
    for number, model in enumerate(models):
        shift = 0.6 * (number - (len(models) - 1) / 2) / len(models)
        _draw_ious(axes, model, order, shift, number)
    _mark_absent(axes, first, order)
    name_rows(axes, [first.classes[c] for c in order])
    axes.set(xlim=(-0.02, 1.02), xlabel="IoU")
    quiet_grid(axes, "both")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=1)
    rows = [f"{name} {_or_absent(value)}" for name, value in zip(first.classes, first.scores.iou, strict=True)]
    return Picture(
        figure,
        f"IoU of each class with intervals, {', '.join(model.title for model in models)}. "
        f"{first.title}: mean {first.scores.mean_iou:.2f}; {', '.join(rows)}.",
        "IoU of each class with its 95 % interval (bootstrap over scenes); the dashed line is the mean. Absent: "
        "in neither truth nor prediction.",
    )


def _draw_ious(axes: Axes, model: "Results", order: np.ndarray, shift: float, number: int) -> None:
    colour = class_colour(number)
    there = [(row, c) for row, c in enumerate(order) if not np.isnan(model.scores.iou[c])]
    rows = [row + shift for row, _ in there]
    values = [float(model.scores.iou[c]) for _, c in there]
    bounds = [model.intervals["iou"][c] for _, c in there]
    known = [(row, one) for row, one in zip(rows, bounds, strict=True) if one is not None]
    axes.hlines(
        [row for row, _ in known], [one.low for _, one in known], [one.high for _, one in known], color=colour
    )
    axes.scatter(
        values, rows, s=32, color=colour, marker=class_marker(number), label=short(model.title, 40), zorder=3
    )
    axes.axvline(model.scores.mean_iou, color=colour, linestyle="--", linewidth=1.2, zorder=0)


def _mark_absent(axes: Axes, model: "Results", order: np.ndarray) -> None:
    for row, c in enumerate(order):
        if np.isnan(model.scores.iou[c]):
            axes.text(0.01, row, "absent", va="center", fontsize=9, color=MUTED)


def _or_absent(value: float) -> str:
    return "absent" if np.isnan(value) else f"{value:.2f}"


def precision_recall_curves(results: "Results") -> Picture:
    """A small precision-recall curve for each class, its average precision above it."""
    count = len(results.classes)
    rows = -(-count // COLUMNS)
    figure = new_figure(WIDTH, 0.5 + 1.35 * rows)
    panels = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    for c, axes in enumerate(panels[:count]):
        _draw_curve(axes, results, c)
    for axes in panels[count:]:
        axes.set_axis_off()
    figure.supxlabel("recall", fontsize=11)
    figure.supylabel("precision", fontsize=11)
    told = [
        f"{name} {_or_none(value)}" for name, value in zip(results.classes, results.average_precision, strict=True)
    ]
    return Picture(
        figure,
        f"Small precision-recall curves. Average precision: {', '.join(told)}.",
        "Pixels sorted by the score of a class: precision against recall while the threshold falls. The area is "
        "the average precision (AP); the dotted line is the precision of guessing, the class's share of "
        "the pixels.",
    )


def _or_none(value: float) -> str:
    return "no truth" if np.isnan(value) else f"{value:.2f}"


def _draw_curve(axes: Axes, results: "Results", c: int) -> None:
    bins = results.evaluation.score_bins[c]
    value = results.average_precision[c]
    axes.set(xlim=(0, 1), ylim=(0, 1.03), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    axes.set_xticklabels(["0", ".5", "1"], fontsize=8)
    axes.set_yticklabels(["0", ".5", "1"], fontsize=8)
    axes.set_title(f"{short(results.classes[c], 13)} {_or_none(value)}", fontsize=9, fontweight="normal")
    quiet_grid(axes, "both")
    if np.isnan(value):
        return
    precision, recall, _ = precision_recall(bins)
    recall, precision = _thinned(recall, precision)
    axes.fill_between(recall, precision, step="pre", color=HOME, alpha=0.2, linewidth=0)
    axes.step(recall, precision, where="pre", color=HOME, linewidth=1.3)
    axes.axhline(bins[1].sum() / bins.sum(), color=MUTED, linestyle=":", linewidth=1)


def _thinned(recall: np.ndarray, precision: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most about `MOST_POINTS` points, spread evenly over recall, in rising order."""
    order = np.argsort(recall, kind="stable")
    recall, precision = recall[order], precision[order]
    steps = np.floor(recall * MOST_POINTS)
    kept = np.flatnonzero(np.diff(steps, append=np.inf) > 0)
    return recall[kept], precision[kept]


def shares_above(results: "Results") -> Picture:
    """Per cent of the scenes with a class in which its IoU exceeds each threshold, as a table of colours."""
    shares = 100 * results.shares_above.T
    names = [*results.classes, "mean of the scene"]
    means = results.scene_means[~np.isnan(results.scene_means)]
    shares = np.vstack([shares, [100 * np.mean(means > threshold) for threshold in THRESHOLDS]])
    figure = new_figure(WIDTH, 1.2 + LINE * len(names))
    axes = figure.subplots()
    axes.imshow(np.ma.masked_invalid(shares), cmap=SEQUENTIAL, vmin=0, vmax=100, aspect="auto")
    for row, column in np.ndindex(shares.shape):
        _write_share(axes, row, column, shares[row, column])
    axes.axhline(len(names) - 1.5, color=INK, linewidth=1.2)
    axes.set_xticks(range(len(THRESHOLDS)), [f"{threshold:.1f}" for threshold in THRESHOLDS])
    axes.set_xlabel("threshold of IoU")
    name_rows(axes, names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    middle = THRESHOLDS.index(0.5)
    told = [f"{name} {_per_cent(share)}" for name, share in zip(names, shares[:, middle], strict=True)]
    return Picture(
        figure,
        f"Share of the scenes whose IoU exceeds 0.1 to 0.9, by class. At 0.5: {', '.join(told)}.",
        "Of the scenes with a class (in truth or prediction), per cent whose IoU of this class exceeds the "
        "threshold. Last line: the mean IoU of the scene, over all scenes.",
    )


def _write_share(axes: Axes, row: int, column: int, share: float) -> None:
    text = "–" if np.isnan(share) else f"{share:.0f}"
    colour = "white" if share > 45 else INK
    axes.text(column, row, text, ha="center", va="center", fontsize=9, color=colour)


def _per_cent(share: float) -> str:
    return "absent" if np.isnan(share) else f"{share:.0f} %"


def scene_histogram(results: "Results", poor: float) -> Picture:
    """How many scenes score which mean IoU; the mean over scenes and the score of the whole set are marked."""
    means = results.scene_means[~np.isnan(results.scene_means)]
    figure = new_figure(WIDTH, 3.0)
    axes = figure.subplots()
    edges = np.linspace(0, 1, 41)
    for chosen, colour, name in ((means <= poor, TARGET, f"at most {poor:g}"), (means > poor, HOME, "more")):
        axes.hist(means[chosen], edges, color=colour, alpha=0.75, label=f"{name}: {int(chosen.sum())} scenes")
    axes.axvline(means.mean(), color=INK, label=f"mean over scenes: {means.mean():.3f}")
    whole = results.scores.mean_iou
    axes.axvline(whole, color=INK, linestyle="--", label=f"whole set: {whole:.3f}")
    axes.set(xlabel="mean IoU of a scene", ylabel="scenes", xlim=(0, 1))
    axes.yaxis.get_major_locator().set_params(integer=True)
    quiet_grid(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return Picture(
        figure,
        f"Histogram of the mean IoU of {len(means)} scenes, from {means.min():.2f} to {means.max():.2f}; "
        f"{int((means <= poor).sum())} have at most {poor:g}. Mean {means.mean():.3f}, whole set {whole:.3f}.",
        "Each scene's mean IoU over the classes that it shows or that the network sees in it.",
    )


def total_scores(models: "Sequence[Results]", names: dict[str, str]) -> Picture:
    """Several networks side by side: each total score with its interval."""
    figure = new_figure(WIDTH, 1.1 + 0.3 * len(names) * max(1, len(models)) ** 0.7)
    axes = figure.subplots()
    for number, model in enumerate(models):
        rows = np.arange(len(names)) + 0.6 * (number - (len(models) - 1) / 2) / len(models)
        found = [model.intervals[name] for name in names]
        colour = class_colour(number)
        axes.hlines(rows, [one.low for one in found], [one.high for one in found], color=colour)
        axes.scatter([one.value for one in found], rows, color=colour, marker=class_marker(number), s=32,
                     label=short(model.title, 40), zorder=3)  # fmt: skip
    axes.set_yticks(range(len(names)), [wrapped(name, 16) for name in names.values()])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel("score")
    quiet_grid(axes, "both")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=1)
    told = [f"{model.title} {model.scores.mean_iou:.3f}" for model in models]
    return Picture(figure, f"Scores of several networks with intervals. Mean IoU: {'; '.join(map(plain, told))}.",
                   "Scores of the whole set with 95 % intervals (bootstrap over scenes).")  # fmt: skip
