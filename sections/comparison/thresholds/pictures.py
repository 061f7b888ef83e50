"""Pictures of the choice between two classes: ranking curves, and what moves with the threshold (chapter 06)."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from helpers.metrics.pixel_precision import precision_recall
from helpers.show.names import plain_text
from helpers.show.picture import Picture
from helpers.show.rows import legend_columns, legend_height
from helpers.show.style import MUTED, TEST, VALIDATION, WIDTH, class_colour, new_axes, new_figure, quiet_grid
from helpers.show.words import number, percent
from sections.comparison.thresholds.measured import Cut, TwoClasses
from sections.comparison.thresholds.ranking import ScoreCounts, rates_at, roc_curve
from sections.comparison.thresholds.tables import threshold_text

SMALLEST_CORNER = 0.02
MARKED = (0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)  # probabilities below the axis
CUT_LINES = {"default": ":", "balanced": "-", "precise": "-."}


class Kind(NamedTuple):
    """A curve over all thresholds: its points (x, y), where a cut stands on it, and the end of x that is best."""

    curve: Callable[[ScoreCounts], tuple[np.ndarray, np.ndarray]]
    point: Callable[[Cut], tuple[float, float]]
    best_x: int
    labels: tuple[str, str]
    guessing: tuple[float, float]  # heights of the line at both ends


def ranking_curves(found: TwoClasses) -> Picture:
    """ROC above, precision against recall below, of every model on the test images: whole, and the best corner."""
    test = found.best.test
    share = test.positives / (test.positives + test.negatives)
    positive, negative = plain_text(found.positive), plain_text(found.negative)
    kinds = (
        Kind(lambda counts: roc_curve(counts)[:2], lambda cut: (1 - cut.test.recall[0], cut.test.recall[1]), 0,
             (f"share of {negative} taken for {positive}", f"share of {positive} found"), (0, 1)),
        Kind(lambda counts: precision_recall(counts.counts, counts.scores)[1::-1],
             lambda cut: (cut.test.recall[1], cut.test.precision[1]), 1,
             (f"recall of {positive}", f"precision of {positive}"), (share, share)),
    )  # fmt: skip
    titles = [model.title for model in found.models.values()]
    figure = new_figure(WIDTH, 6.2 + legend_height(titles))
    grid = figure.subplots(2, 2)
    for panels, kind in zip(grid, kinds, strict=True):
        _draw_kind(panels, found, kind)
    grid[0, 0].set_title("whole")
    grid[0, 1].set_title("the best corner")
    figure.legend(
        *grid[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=legend_columns(titles)
    )
    told = (f"{model.title} {number(model.ranking['roc_area'].value)} and "
            f"{number(model.ranking['average_precision'].value)}" for model in found.models.values())  # fmt: skip
    return Picture(
        figure,
        alt="ROC curves and precision-recall curves of the test images, whole and one corner enlarged. Area under "
        f"the ROC curve, and average precision: {', '.join(told)}.",
        caption="Every point of a curve is a threshold; dotted is guessing. Above, up and to the left is better; "
        "below, up and to the right. Hollow: a threshold of 0.5. Filled: the threshold with the best macro F1 on "
        "validation. Triangle: the one that was precise enough on validation.",
    )


def _draw_kind(panels: np.ndarray, found: TwoClasses, kind: Kind) -> None:
    whole, corner = panels
    for axes in panels:
        for place, model in enumerate(found.models.values()):
            colour = class_colour(place)
            axes.plot(*kind.curve(model.test), color=colour, linewidth=1.5, label=plain_text(model.title))
            for name, cut in model.cuts.items():
                fill = {"mfc": "white", "ms": 7} if name == "default" else {"ms": 5}
                axes.plot(*kind.point(cut), "^" if name == "precise" else "o", color=colour, **fill)
        axes.set_xlabel(kind.labels[0], fontsize=9)
        quiet_grid(axes, "both")
    whole.plot([0, 1], kind.guessing, ":", color=MUTED, linewidth=1.2)
    whole.set_ylabel(kind.labels[1], fontsize=9)
    chosen = [kind.point(model.cuts["balanced"]) for model in found.models.values()]
    side = min(1.0, 1.5 * max(SMALLEST_CORNER, *(max(abs(kind.best_x - x), 1 - y) for x, y in chosen)))
    corner.set(xlim=(1 - side, 1 + 0.03 * side) if kind.best_x else (-0.03 * side, side))
    corner.set(ylim=(1 - side, 1 + 0.03 * side))


def moving_threshold(found: TwoClasses) -> Picture:
    """Precision and recall of the positive class against the threshold, for the model that ranks best."""
    model = found.best
    figure, axes = new_axes(WIDTH, 3.9)
    furthest = max(abs(cut.log_odds) for cut in model.cuts.values())
    spread = np.quantile(np.abs(model.test.scores), 0.8)
    reach = float(np.clip(spread, max(2.0, 1.2 * furthest), max(9.0, 1.2 * furthest)))
    thresholds = np.linspace(-reach, reach, 500)
    for part, colour, counts in (("validation", VALIDATION, model.seeds[0].val), ("test", TEST, model.test)):
        of = rates_at(counts, thresholds)
        axes.plot(thresholds, 100 * of.precision[:, 1], color=colour, label=f"precision, {part}")
        axes.plot(thresholds, 100 * of.recall[:, 1], "--", color=colour, label=f"recall, {part}")
    for name, cut in model.cuts.items():
        axes.axvline(cut.log_odds, color=MUTED, linestyle=CUT_LINES[name], linewidth=1.3)
    _name_probabilities(axes, reach)
    axes.set(xlim=(-reach, reach), ylim=(None, 101), xlabel="threshold (probability)", ylabel="%")
    quiet_grid(axes, "y")
    figure.legend(loc="outside upper center", ncols=2)
    told = "; ".join(
        f"at {threshold_text(cut.probability)} test precision {percent(cut.test.precision[1])}, recall "
        f"{percent(cut.test.recall[1])}" for cut in model.cuts.values()
    )  # fmt: skip
    return Picture(
        figure,
        alt=f"Precision and recall of {found.positive} against the threshold for {model.title}: {told}.",
        caption=f"{model.title}: the higher the threshold, the fewer images are taken for {found.positive}, the "
        "surer each, the more are missed. Vertical lines: the thresholds of the table. The horizontal scale is "
        "stretched at both ends (log-odds), because that is where the probabilities are.",
    )


def _name_probabilities(axes: Axes, reach: float) -> None:
    inside = {np.log(p / (1 - p)): f"{p:g}" for p in MARKED if abs(np.log(p / (1 - p))) <= reach}
    axes.set_xticks(list(inside), inside.values())
