"""Pictures that compare models on the same test images (chapter 06)."""

import numpy as np
from matplotlib.axes import Axes

from helpers.metrics.comparison import gain_of
from helpers.show.names import plain, short, wrapped
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots, joined_marks, legend_columns, legend_height, name_rows
from helpers.show.style import CLASS_COLOURS, GRID, MUTED, WIDTH, class_colour, class_marker, new_axes
from helpers.show.words import count
from sections.comparison.scores.measured import Comparison
from sections.one_model.scores.measured import METRICS

MOST_CLASSES = 30
MOST_PAIRS = 28
ALL, SOME, NONE = "#0072B2", "#9CC7E4", "#D55E00"


def score_dots(comparison: Comparison) -> Picture:
    """Accuracy, macro F1, precision and recall of each model with their 95 % intervals."""
    models = list(comparison.models.values())
    figure, axes = new_axes(WIDTH, 1.0 + legend_height(models) + 4 * (0.28 + 0.19 * len(models)))
    for number, result in enumerate(models):
        places = np.arange(len(METRICS)) + _offset(number, len(models))
        intervals = [result.scores[name] for name in METRICS]
        capped_dots(axes, intervals, places, class_marker(number), class_colour(number), plain(result.title))
    for edge in np.arange(0.5, len(METRICS) - 1):
        axes.axhline(edge, color=GRID, linewidth=0.7)
    name_rows(axes, list(METRICS.values()), "%")
    figure.legend(loc="outside upper center", ncols=legend_columns(models))
    told = (f"{one.title} {100 * one.scores['accuracy'].value:.1f} %" for one in models)
    return Picture(
        figure,
        alt=f"Dots with intervals for four scores of each model on the test images. Accuracy: {', '.join(told)}.",
        caption="Bars are 95 % bootstrap intervals. The axis does not start at 0.",
    )


def pair_differences(comparison: Comparison) -> Picture:
    """Difference in accuracy of every pair of models with its interval; filled where the test finds it."""
    pairs = comparison.pairs[:MOST_PAIRS]
    names = [f"{wrapped(comparison.title(p.b), 31)}\n− {wrapped(comparison.title(p.a), 29)}" for p in pairs]
    lines = max((name.count("\n") + 1 for name in names), default=1)
    figure, axes = new_axes(WIDTH, 1.1 + (0.15 + 0.16 * lines) * max(1, len(pairs)))
    axes.axvline(0, color=MUTED, linestyle="--", linewidth=1)
    for place, pair in enumerate(pairs):
        colour = CLASS_COLOURS[0] if pair.better else MUTED
        capped_dots(axes, [gain_of(pair)], [place], "o", colour, mfc=colour if pair.better else "white", ms=7)
    name_rows(axes, names, "difference in accuracy, percentage points", fontsize=9)
    found = sum(pair.better is not None for pair in pairs)
    return Picture(
        figure,
        alt=f"Dots with intervals: difference in accuracy for {count(len(pairs), 'pair')} of models. "
        f"More than chance explains: {found}.",
        caption="Bars are 95 % intervals of the paired difference, not corrected for the number of pairs. "
        "Filled: the exact McNemar test with Holm's correction finds the difference (p < 0.05). "
        "Hollow: it could be chance.",
    )


def class_scores(comparison: Comparison, metric: str = "f1") -> Picture:
    """A row for each class, a mark for each model, joined by a line. `metric`: f1, precision or recall.

    Of more than 30 classes those on which the models differ most are shown, and the caption says so.
    """
    values = 100 * np.array(
        [[one.value for one in result.by_class[metric]] for result in comparison.models.values()]
    )
    shown = _most_different(values)
    figure, axes = new_axes(WIDTH, 1.1 + legend_height(list(comparison.models.values())) + 0.34 * len(shown))
    joined_marks(axes, values[:, shown], np.arange(len(shown)), [one.title for one in comparison.models.values()])
    name_rows(axes, [short(comparison.classes[label]) for label in shown], f"{_metric_title(metric)}, %")
    figure.legend(loc="outside upper center", ncols=legend_columns(list(comparison.models.values())))
    return Picture(
        figure,
        alt=f"{_metric_title(metric)} of each class by model: {_classes_in_words(comparison, values, shown)}.",
        caption="The hardest class, on average over the models, at the top. The longer the line, the more the "
        "models differ on that class."
        + _left_out(len(shown), len(comparison.classes), "on which models differ most"),
    )


def _most_different(values: np.ndarray) -> np.ndarray:
    """Classes to show, of (models, classes) scores: hardest on average first."""
    spread = values.max(0) - values.min(0)
    kept = np.argsort(-spread, kind="stable")[:MOST_CLASSES]
    return kept[np.argsort(values[:, kept].mean(0), kind="stable")]


def _classes_in_words(comparison: Comparison, values: np.ndarray, shown: np.ndarray) -> str:
    rows = (f"{comparison.classes[c]} {'/'.join(f'{value:.0f}' for value in values[:, c])}" for c in shown)
    return f"({'/'.join(result.title for result in comparison.models.values())}) {', '.join(rows)}"


def agreement_bars(comparison: Comparison) -> Picture:
    """For all images and for each class: the share that every model, some models, or no model gets right."""
    counts = _agreement_counts(comparison)
    order = [0, *(1 + np.argsort(-counts[1:, 2] / counts[1:].sum(1).clip(1), kind="stable")[:MOST_CLASSES])]
    shares = 100 * counts[order] / counts[order].sum(1, keepdims=True).clip(1)
    figure, axes = new_axes(WIDTH, 1.4 + 0.32 * len(order))
    places = np.array([0, *(np.arange(1, len(order)) + 0.4)])
    _stack(axes, shares, places, len(comparison.models))
    names = ["all classes", *comparison.classes]
    axes.set_yticks(places, [short(names[row]) for row in order])
    axes.set(xlim=(0, 100), ylim=(places[-1] + 0.6, -0.6), xlabel="share of the test images, %")
    axes.tick_params(length=0)
    figure.legend(loc="outside upper center", ncols=3)
    everything = "/".join(map(str, counts[0]))
    return Picture(
        figure,
        alt=f"Stacked bars: of {counts[0].sum()} test images, right by every model, by some, by none: "
        f"{everything}; then the same for each class, the class with most images that no model gets right first.",
        caption="First all classes together, then each class by itself, hardest first."
        + _left_out(len(order) - 1, len(comparison.classes), "that are hardest"),
    )


def _agreement_counts(comparison: Comparison) -> np.ndarray:
    """(1 + C, 3): images right by every model, by some, by none; first of all classes, then of each."""
    right_by, models = comparison.agreement.right_by, len(comparison.models)
    kind = np.where(right_by == models, 0, np.where(right_by == 0, 2, 1))
    per_class = np.zeros((len(comparison.classes), 3), dtype=int)
    np.add.at(per_class, (comparison.labels, kind), 1)
    return np.vstack([per_class.sum(0), per_class])


def _stack(axes: Axes, shares: np.ndarray, places: np.ndarray, models: int) -> None:
    start = np.zeros(len(shares))
    names = ("every model right", "some models right", "no model right") if models > 1 else ("right", "", "wrong")
    for name, colour, column in zip(names, (ALL, SOME, NONE), shares.T, strict=True):
        if name:
            axes.barh(places, column, left=start, color=colour, label=name)
        start += column


def _offset(number: int, total: int) -> float:
    """Where a model's mark stands within its row, from -0.3 to 0.3."""
    return 0.0 if total == 1 else -0.3 + 0.6 * number / (total - 1)


def _metric_title(metric: str) -> str:
    return "F1" if metric == "f1" else metric


def _left_out(shown: int, total: int, which: str) -> str:
    return f" The {shown} of {total} classes {which}." if shown < total else ""
