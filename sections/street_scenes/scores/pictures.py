"""Scores of a segmenter as pictures: class by class, threshold by threshold, scene by scene (chapter 07)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.metrics.pixel_precision import precision_recall
from helpers.show.matrix import heat_map, name_cells
from helpers.show.names import plain, short, wrapped
from helpers.show.picture import Picture
from helpers.show.rows import lined_dots, name_rows
from helpers.show.scenes import HOME, LINE, TARGET, class_names
from helpers.show.style import (
    INK,
    MUTED,
    WIDTH,
    class_colour,
    class_marker,
    new_axes,
    new_figure,
    quiet_grid,
)
from sections.street_scenes.scores.measured import THRESHOLDS

if TYPE_CHECKING:
    from sections.street_scenes.scores.measured import Results

COLUMNS = 4  # of small pictures side by side
MOST_POINTS = 120  # of a curve: more would only make the page heavy


def class_ious(models: "Sequence[Results]") -> Picture:
    """IoU of each class with its interval, a marker a model; the classes in the order of the first model's IoU."""
    first = models[0]
    order = np.argsort(-np.nan_to_num(first.scores.iou, nan=-1), kind="stable")
    figure, axes = new_axes(WIDTH, 1.3 + (LINE + 0.1 * (len(models) - 1)) * len(order))
    for number, model in enumerate(models):
        _draw_ious(axes, model, order, _shift(number, len(models)), number)
    for row in np.flatnonzero(np.isnan(first.scores.iou[order])):
        axes.text(0.01, row, "absent", va="center", fontsize=9, color=MUTED)
    axes.set_xlim(-0.02, 1.02)
    name_rows(axes, class_names([first.classes[c] for c in order]), "IoU", grid="both")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=1)
    rows = [f"{name} {_known(value)}" for name, value in zip(first.classes, first.scores.iou, strict=True)]
    return Picture(
        figure,
        f"IoU of each class with intervals, {', '.join(model.title for model in models)}. "
        f"{first.title}: mean {first.scores.mean_iou:.2f}; {', '.join(rows)}.",
        "IoU of each class with its 95 % interval (bootstrap over scenes); the dashed line is the mean. Absent: "
        "in neither truth nor prediction.",
    )


def _draw_ious(axes: Axes, model: "Results", order: np.ndarray, shift: float, number: int) -> None:
    there = [(row + shift, one) for row, c in enumerate(order) if (one := model.intervals["iou"][c])]
    marker, colour = class_marker(number), class_colour(number)
    lined_dots(axes, [one for _, one in there], [row for row, _ in there], marker, colour, short(model.title, 40))
    axes.axvline(model.scores.mean_iou, color=colour, linestyle="--", linewidth=1.2, zorder=0)


def _shift(number: int, models: int) -> float:
    """Where a model's mark stands within its row."""
    return 0.6 * (number - (models - 1) / 2) / models


def _known(value: float, otherwise: str = "absent") -> str:
    return otherwise if np.isnan(value) else f"{value:.2f}"


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
    values = zip(results.classes, results.average_precision, strict=True)
    told = [f"{name} {_known(value, 'no truth')}" for name, value in values]
    return Picture(
        figure,
        f"Small precision-recall curves. Average precision: {', '.join(told)}.",
        "Pixels sorted by the score of a class: precision against recall while the threshold falls. The area is "
        "the average precision (AP); the dotted line is the precision of guessing, the class's share of "
        "the pixels.",
    )


def _draw_curve(axes: Axes, results: "Results", c: int) -> None:
    bins = results.evaluation.score_bins[c]
    value = results.average_precision[c]
    axes.set(xlim=(0, 1), ylim=(0, 1.03), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    axes.set_xticklabels(["0", ".5", "1"], fontsize=8)
    axes.set_yticklabels(["0", ".5", "1"], fontsize=8)
    axes.set_title(f"{short(results.classes[c], 13)} {_known(value, 'no truth')}", fontsize=9, fontweight="normal")
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
    figure, axes = new_axes(WIDTH, 1.2 + LINE * len(names))
    texts = [["–" if np.isnan(share) else f"{share:.0f}" for share in row] for row in shares]
    heat_map(axes, shares / 100, texts)
    name_cells(axes, class_names(names), [f"{threshold:.1f}" for threshold in THRESHOLDS])
    axes.axhline(len(names) - 1, color=INK, linewidth=1.2)
    axes.set_xlabel("threshold of IoU")
    middle = THRESHOLDS.index(0.5)
    told = [
        f"{name} {'absent' if np.isnan(share) else f'{share:.0f} %'}"
        for name, share in zip(names, shares[:, middle], strict=True)
    ]
    return Picture(
        figure,
        f"Share of the scenes whose IoU exceeds 0.1 to 0.9, by class. At 0.5: {', '.join(told)}.",
        "Of the scenes with a class (in truth or prediction), per cent whose IoU of this class exceeds the "
        "threshold. Last line: the mean IoU of the scene, over all scenes.",
    )


def scene_histogram(results: "Results", poor: float) -> Picture:
    """How many scenes score which mean IoU; the mean over scenes and the score of the whole set are marked."""
    means = results.scene_means[~np.isnan(results.scene_means)]
    figure, axes = new_axes(WIDTH, 3.0)
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
    figure, axes = new_axes(WIDTH, 1.1 + 0.3 * len(names) * max(1, len(models)) ** 0.7)
    for number, model in enumerate(models):
        found, places = (
            [model.intervals[name] for name in names],
            np.arange(len(names)) + _shift(number, len(models)),
        )
        lined_dots(axes, found, places, class_marker(number), class_colour(number), short(model.title, 40))
    name_rows(axes, [wrapped(name, 16) for name in names.values()], "score", grid="both")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=1)
    told = [f"{model.title} {model.scores.mean_iou:.3f}" for model in models]
    return Picture(figure, f"Scores of several networks with intervals. Mean IoU: {'; '.join(map(plain, told))}.",
                   "Scores of the whole set with 95 % intervals (bootstrap over scenes).")  # fmt: skip
