"""Pictures that compare models on the same test images (chapter 06)."""

import numpy as np
import pandas as pd

from helpers.metrics.comparison import gain_of
from helpers.show.names import short, wrapped
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots, dotted_rows, joined_marks, legend_columns, legend_height, name_rows
from helpers.show.style import CLASS_COLOURS, MUTED, WIDTH, new_axes
from helpers.show.words import count, in_words, number, percent
from sections.comparison.scores.measured import Comparison

MOST_DRAWN_CLASSES = 30
MOST_DRAWN_PAIRS = 28
AGREEMENT_COLOURS = {"every model right": "#0072B2", "some models right": "#9CC7E4", "no model right": "#D55E00"}


def score_dots(comparison: Comparison) -> Picture:
    """Accuracy, balanced accuracy, macro F1 and precision of each model with their 95 % intervals."""
    models, metrics = list(comparison.models.values()), comparison.metrics
    scores = [(one.title, [one.evaluation.intervals[name] for name in metrics]) for one in models]
    figure, _ = dotted_rows(list(metrics.values()), scores, "%")
    told = (f"{one.title} {percent(one.accuracy.value)}" for one in models)
    method = "Wilson's of accuracy, from a bootstrap over images of the others"
    if models[0].evaluation.scenes is not None:
        method = "from a bootstrap over scenes"
    return Picture(
        figure,
        alt=f"Dots with intervals for {in_words(len(metrics))} scores of each model on the test images. Accuracy: "
        f"{', '.join(told)}.",
        caption=f"Bars are 95 % intervals: {method}. The axis does not start at 0.",
    )


def pair_dots(comparison: Comparison) -> Picture:
    """Difference in accuracy of every pair of models with its interval; filled where the test finds it."""
    pairs = comparison.pairs[:MOST_DRAWN_PAIRS]
    names = [f"{wrapped(comparison.title(p.b), 31)}\n− {wrapped(comparison.title(p.a), 29)}" for p in pairs]
    figure, axes = new_axes(WIDTH, 1.1 + 0.16 * sum(name.count("\n") + 2 for name in names))
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
        caption="Bars are 95 % intervals of the paired difference (Bonett & Price), not corrected for the number "
        "of pairs. Filled: the exact McNemar test with Holm's correction finds the difference (p < 0.05). "
        "Hollow: it could be chance.",
    )


def class_marks(comparison: Comparison, metric: str = "f1") -> Picture:
    """A row for each class, a mark for each model, joined by a line. `metric`: f1, precision or recall.

    Classes without test images have no row. Of more than 30 classes those on which the models differ most are
    shown, and the caption says so.
    """
    models = list(comparison.models.values())
    titles, title = [one.title for one in models], "F1" if metric == "f1" else metric
    every = [model.evaluation.class_intervals[metric] for model in models]
    values = 100 * np.array([[one.value if one else np.nan for one in row] for row in every])
    tested = np.flatnonzero(~np.isnan(values[0]))
    kept = tested[np.argsort(-np.ptp(values[:, tested], axis=0), kind="stable")[:MOST_DRAWN_CLASSES]]
    shown = kept[np.argsort(values[:, kept].mean(0), kind="stable")]
    figure, axes = new_axes(WIDTH, 1.1 + legend_height(titles) + 0.34 * len(shown))
    joined_marks(axes, values[:, shown], np.arange(len(shown)), titles)
    name_rows(axes, [short(comparison.classes[label]) for label in shown], f"{title}, %")
    figure.legend(loc="outside upper center", ncols=legend_columns(titles))
    rows = (f"{comparison.classes[c]} {'/'.join(number(value, 0) for value in values[:, c])}" for c in shown)
    return Picture(
        figure,
        alt=f"{title} of each class by model: ({'/'.join(titles)}) {', '.join(rows)}.",
        caption="The hardest class, on average over the models, at the top. The longer the line, the more the "
        "models differ on that class."
        + _left_out(len(shown), len(tested), "with test images, on which models differ most"),
    )


def agreement_bars(comparison: Comparison) -> Picture:
    """For all images and for each class: the share that every model, some models, or no model gets right."""
    right_by, models = comparison.agreement.right_by, len(comparison.models)
    kind = np.select([right_by == models, right_by > 0], [0, 1], 2)
    shares = pd.crosstab(comparison.labels, kind, normalize="index").reindex(columns=range(3), fill_value=0.0)
    shares = shares.sort_values(2, ascending=False, kind="stable")[:MOST_DRAWN_CLASSES]
    counts = np.bincount(kind, minlength=3)
    rows = np.vstack([counts / counts.sum(), shares.to_numpy()])
    figure, axes = new_axes(WIDTH, 1.4 + 0.32 * len(rows))
    bars = pd.DataFrame(100 * rows, columns=list(AGREEMENT_COLOURS))
    bars.plot.barh(ax=axes, stacked=True, width=0.8, color=AGREEMENT_COLOURS, legend=False)
    axes.axhline(0.5, color=MUTED, linewidth=0.8)
    names = ["all classes", *(short(comparison.classes[label]) for label in shares.index)]
    name_rows(axes, names, "share of the test images, %")
    axes.set_xlim(0, 100)
    figure.legend(loc="outside upper center", ncols=3)
    return Picture(
        figure,
        alt=f"Stacked bars: of {len(kind)} test images, right by every model, by some, by none: "
        f"{'/'.join(map(str, counts))}; then the same for each class, the class with most images that no model "
        "gets right first.",
        caption="First all classes together, then each class by itself, hardest first."
        + _left_out(len(shares), len(comparison.classes), "that are hardest"),
    )


def _left_out(shown: int, total: int, which: str) -> str:
    return f" The {shown} of {total} classes {which}." if shown < total else ""
