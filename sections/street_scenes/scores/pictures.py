"""Scores of a segmenter as pictures: class by class, threshold by threshold, scene by scene (chapter 07)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.metrics.pixel_precision import precision_recall
from helpers.segmentation.resampling import what_is_drawn
from helpers.show.matrix import heat_map, name_cells
from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.rows import dotted_rows
from helpers.show.scenes import HOME, LINE, class_names
from helpers.show.style import INK, MUTED, WIDTH, class_colour, new_axes, new_figure, quiet_grid
from helpers.show.words import number, percent
from sections.street_scenes.scores.measured import THRESHOLDS, Results

PANELS = 4  # side by side
MOST_STEPS = 120  # of a curve: more would only make the page heavy


def iou_by_class(models: Sequence[Results]) -> Picture:
    """IoU of each class with its interval, a marker a model; the classes in the order of the first model's IoU."""
    first = models[0]
    order = np.argsort(-np.nan_to_num(first.scores.iou, nan=-1), kind="stable")
    series = [(model.title, [model.intervals["iou"][c] for c in order]) for model in models]
    figure, axes = dotted_rows([short(first.classes[c], 36) for c in order], series, "IoU", scale=1)
    for place, model in enumerate(models):
        axes.axvline(model.scores.mean_iou, color=class_colour(place), linestyle="--", linewidth=1.2, zorder=0)
    for row in np.flatnonzero(np.isnan(first.scores.iou[order])):
        axes.text(0.01, row, "absent", va="center", fontsize=9, color=MUTED)
    axes.set_xlim(-0.02, 1.02)
    told = [f"{name} {_known(value)}" for name, value in zip(first.classes, first.scores.iou, strict=True)]
    return Picture(
        figure,
        f"IoU of each class with intervals, {', '.join(model.title for model in models)}. "
        f"{first.title}: mean {number(first.scores.mean_iou, 2)}; {', '.join(told)}.",
        f"IoU of each class with its 95 % interval over {what_is_drawn(first.evaluation)}; the dashed line is the "
        "mean over the classes in truth or prediction. Absent: "
        "in neither truth nor prediction.",
    )


def _known(value: float, otherwise: str = "absent") -> str:
    return otherwise if np.isnan(value) else number(value, 2)


def pixel_precision_recall(results: Results) -> Picture:
    """A small precision-recall curve for each class, its average precision above it."""
    titles = [
        f"{short(name, 13)} {_known(value, 'no truth')}"
        for name, value in zip(results.classes, results.average_precision, strict=True)
    ]
    rows = -(-len(titles) // PANELS)
    figure = new_figure(WIDTH, 0.5 + 1.35 * rows)
    panels = figure.subplots(rows, PANELS, sharex=True, sharey=True, squeeze=False).ravel()
    panels[0].set(xlim=(0, 1), ylim=(0, 1.03), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    for c, (axes, title) in enumerate(zip(panels, titles, strict=False)):
        axes.set_title(title, fontsize=9, fontweight="normal")
        axes.tick_params(labelsize=8)
        quiet_grid(axes, "both")
        if not np.isnan(results.average_precision[c]):
            _draw_curve(axes, results.evaluation.score_bins[c])
    for axes in panels[len(titles) :]:
        axes.set_axis_off()
    figure.supxlabel("recall", fontsize=11)
    figure.supylabel("precision", fontsize=11)
    return Picture(
        figure,
        f"Small precision-recall curves. Average precision: {', '.join(titles)}.",
        "Pixels sorted by the score of a class: precision against recall while the threshold falls. The area is "
        "the average precision (AP); the dotted line is the precision of guessing, the class's share of "
        "the pixels.",
    )


def _draw_curve(axes: Axes, bins: np.ndarray) -> None:
    precision, recall, _ = precision_recall(bins)
    recall, precision = thinned(recall, precision)
    axes.fill_between(recall, precision, step="pre", color=HOME, alpha=0.2, linewidth=0)
    axes.step(recall, precision, where="pre", color=HOME, linewidth=1.3)
    axes.axhline(bins[1].sum() / bins.sum(), color=MUTED, linestyle=":", linewidth=1)


def thinned(recall: np.ndarray, precision: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most about `MOST_STEPS` points, spread evenly over recall, in rising order."""
    order = np.argsort(recall, kind="stable")
    kept = order[np.diff(np.floor(recall[order] * MOST_STEPS), append=np.inf) > 0]
    return recall[kept], precision[kept]


def found_well_enough(results: Results) -> Picture:
    """Per cent of the scenes with a class in which its IoU exceeds each threshold, as a table of colours."""
    names = [*results.classes, "mean of the scene"]
    of_means = [np.mean(results.scene_means > threshold) for threshold in THRESHOLDS]
    shares = np.vstack([results.shares_above.T, of_means])
    figure, axes = new_axes(WIDTH, 1.2 + LINE * len(names))
    heat_map(
        axes, shares, [["–" if np.isnan(share) else number(100 * share, 0) for share in row] for row in shares]
    )
    name_cells(axes, class_names(names), [number(threshold, 1) for threshold in THRESHOLDS])
    axes.axhline(len(names) - 1, color=INK, linewidth=1.2)
    axes.set_xlabel("threshold of IoU")
    told = [
        f"{name} {'absent' if np.isnan(share) else f'{percent(share, 0)}'}"
        for name, share in zip(names, shares[:, THRESHOLDS.index(0.5)], strict=True)
    ]
    return Picture(
        figure,
        f"Share of the scenes whose IoU exceeds 0.1 to 0.9, by class. At 0.5: {', '.join(told)}.",
        "Of the scenes with a class (in truth or prediction), per cent whose IoU of this class exceeds the "
        "threshold. Last line: the mean IoU of the scene, over all scenes.",
    )


def scene_histogram(results: Results) -> Picture:
    """How many scenes score which mean IoU; the mean over scenes and the score of the whole set are marked."""
    import seaborn as sns

    means, whole = results.scene_means, results.scores.mean_iou
    figure, axes = new_axes(WIDTH, 3.0)
    sns.histplot(means, binwidth=0.025, binrange=(0, 1), color=HOME, ax=axes)
    axes.axvline(means.mean(), color=INK, label=f"mean over scenes: {number(means.mean())}")
    axes.axvline(whole, color=INK, linestyle="--", label=f"whole set: {number(whole)}")
    axes.set(xlabel="mean IoU of a scene", ylabel="scenes", xlim=(0, 1))
    axes.yaxis.get_major_locator().set_params(integer=True)
    quiet_grid(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return Picture(
        figure,
        f"Histogram of the mean IoU of {len(means)} scenes, from {number(means.min(), 2)} to "
        f"{number(means.max(), 2)}. "
        f"Mean {number(means.mean())}, whole set {number(whole)}.",
        "Each scene's mean IoU over the classes that it shows or that the network sees in it.",
    )
