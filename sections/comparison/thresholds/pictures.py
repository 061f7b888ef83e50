"""Pictures of the choice between two classes: ranking curves, and what moves with the threshold (chapter 06)."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes

from helpers.metrics.thresholds import ScoreCounts, precision_recall_curve, rates_at, roc_curve
from helpers.show.names import plain
from helpers.show.picture import Picture
from helpers.show.rows import legend_columns
from helpers.show.style import MUTED, TEST, VALIDATION, WIDTH, class_colour, new_axes, new_figure, quiet_grid
from sections.comparison.thresholds.measured import Cut, TwoClasses, TwoClassModel
from sections.comparison.thresholds.sentences import threshold_text

STEPS = 250  # a curve has about so many points across a panel
SMALLEST_CORNER = 0.02
Curve = Callable[[ScoreCounts], tuple[np.ndarray, np.ndarray]]
Point = Callable[[Cut], tuple[float, float]]
TICKS = (0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)


def roc_curves(found: TwoClasses) -> Picture:
    """The ROC curve of every model on the test images: whole, and its upper left corner enlarged."""
    corner = 1.5 * max(SMALLEST_CORNER, *(max(x, 1 - y) for x, y in _chosen(found, _roc_point)))
    window = ((0, min(1, corner)), (max(0, 1 - corner), 1))
    return _curves(
        found, lambda counts: roc_curve(counts)[:2], _roc_point, window, "roc_area",
        (f"share of {plain(found.negative)} taken for {plain(found.positive)}",
         f"share of {plain(found.positive)} found"),
        "ROC curves", "Further up and to the left is better; the dotted diagonal is guessing.",
    )  # fmt: skip


def precision_recall_curves(found: TwoClasses) -> Picture:
    """Precision against recall of the positive class for every model: whole, and its upper right corner."""
    corner = 1.5 * max(SMALLEST_CORNER, *(1 - min(point) for point in _chosen(found, _recall_point)))
    window = ((max(0, 1 - corner), 1), (max(0, 1 - corner), 1))
    return _curves(
        found, lambda counts: precision_recall_curve(counts)[1::-1], _recall_point, window, "average_precision",
        (f"recall of {plain(found.positive)}", f"precision of {plain(found.positive)}"),
        "Precision-recall curves", "Further up and to the right is better; the dotted line is guessing.",
    )  # fmt: skip


def _roc_point(cut: Cut) -> tuple[float, float]:
    rows = cut.test_matrix / cut.test_matrix.sum(1, keepdims=True)
    return float(rows[0, 1]), float(rows[1, 1])


def _recall_point(cut: Cut) -> tuple[float, float]:
    return float(cut.test.recall[1]), float(cut.test.precision[1])


def _chosen(found: TwoClasses, point: Point) -> list[tuple[float, float]]:
    """Where each model stands with its balanced threshold."""
    return [point(model.cuts["balanced"]) for model in found.models.values()]


def _curves(
    found: TwoClasses,
    curve: Curve,
    point: Point,
    window: tuple[tuple[float, float], tuple[float, float]],
    area: str,
    labels: tuple[str, str],
    what: str,
    hint: str,
) -> Picture:
    columns = legend_columns(list(found.models.values()))
    figure = new_figure(WIDTH, 3.5 + 0.2 * len(found.models) / columns)
    whole, corner = figure.subplots(1, 2)
    for axes, (across, up) in ((whole, ((0, 1), (0, 1))), (corner, window)):
        _draw_panel(axes, found, curve, point, across, up)
    _draw_guessing(whole, found, area)
    _frame(whole, window)
    whole.set(title="whole", ylabel=labels[1])
    corner.set_title("the corner in the frame")
    figure.supxlabel(labels[0], fontsize=11)
    figure.legend(*whole.get_legend_handles_labels(), loc="outside upper center", ncols=columns)
    told = (f"{model.title} {model.ranking[area].value:.3f}" for model in found.models.values())
    return Picture(
        figure,
        alt=f"{what} of the test images, whole and one corner enlarged. {AREAS[area]}: {', '.join(told)}.",
        caption=f"Every point of a curve is a threshold. {hint} Hollow: a threshold of 0.5. Filled: the threshold "
        "with the best macro F1 on validation. Triangle: the one that was precise enough on validation.",
    )


AREAS = {"roc_area": "Area under the curve", "average_precision": "Average precision"}


def _draw_panel(
    axes: Axes,
    found: TwoClasses,
    curve: Curve,
    point: Point,
    across: tuple[float, float],
    up: tuple[float, float],
) -> None:
    for number, model in enumerate(found.models.values()):
        x, y = _thinned(*curve(model.test), across, up)
        axes.plot(x, y, color=class_colour(number), linewidth=1.5, label=plain(model.title))
        for name, marker in (("default", "o"), ("balanced", "o"), ("precise", "^")):
            if name in model.cuts:
                fill = "white" if name == "default" else class_colour(number)
                size = 7 if name == "default" else 5
                axes.plot(*point(model.cuts[name]), marker, color=class_colour(number), mfc=fill, ms=size)
    margins = [0.03 * (high - low) for low, high in (across, up)]
    axes.set_xlim(across[0] - margins[0], across[1] + margins[0])
    axes.set_ylim(up[0] - margins[1], up[1] + margins[1])
    quiet_grid(axes, "both")


def _draw_guessing(axes: Axes, found: TwoClasses, area: str) -> None:
    counts = found.best.test
    share = counts.positives / (counts.positives + counts.negatives)
    heights = [0, 1] if area == "roc_area" else [share, share]
    axes.plot([0, 1], heights, ":", color=MUTED, linewidth=1.2)


def _frame(axes: Axes, window: tuple[tuple[float, float], tuple[float, float]]) -> None:
    (left, right), (bottom, top) = window
    axes.plot([left, right, right, left, left], [bottom, bottom, top, top, bottom], color=MUTED, linewidth=0.9)


def _thinned(
    x: np.ndarray, y: np.ndarray, across: tuple[float, float], up: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """The points at which a curve steps to another cell of a grid over the panel, and its last."""
    cells = np.stack(
        [
            np.clip((values - low) / (high - low) * STEPS, -1, STEPS + 1).round()
            for values, (low, high) in ((x, across), (y, up))
        ]
    )
    moved = (np.diff(cells, axis=1) != 0).any(0)
    kept = np.flatnonzero(np.append(True, moved) | np.append(moved, True))  # both ends of every step
    return x[kept], y[kept]


def moving_threshold(found: TwoClasses, model: TwoClassModel | None = None) -> Picture:
    """Precision and recall of the positive class against the threshold, on validation and on test.

    `model` is the one with the best ranking unless told otherwise. The threshold's scale is that of log-odds.
    """
    model = model or found.best
    figure, axes = new_axes(WIDTH, 3.9)
    reach = _reach(model)
    thresholds = np.linspace(-reach, reach, 2 * STEPS)
    for part, colour, counts in (("validation", VALIDATION, model.val), ("test", TEST, model.test)):
        of = rates_at(counts, thresholds)
        axes.plot(thresholds, 100 * of.precision[:, 1], color=colour, label=f"precision, {part}")
        axes.plot(thresholds, 100 * of.recall[:, 1], "--", color=colour, label=f"recall, {part}")
    _mark_cuts(axes, model)
    _name_probabilities(axes, reach)
    lowest = min(_lowest(counts, thresholds) for counts in (model.val, model.test))
    axes.set(xlim=(-reach, reach), ylim=(100 * lowest - 1, 101), xlabel="threshold (probability)", ylabel="%")
    quiet_grid(axes, "y")
    figure.legend(loc="outside upper center", ncols=2)
    told = "; ".join(_cut_in_words(cut) for cut in model.cuts.values())
    return Picture(
        figure,
        alt=f"Precision and recall of {found.positive} against the threshold for {model.title}: {told}.",
        caption=f"{model.title}: the higher the threshold, the fewer images are taken for {found.positive}, the "
        "surer each, the more are missed. Vertical lines: the thresholds of the table. The horizontal scale is "
        "stretched at both ends (log-odds), because that is where the probabilities are; the vertical axis does "
        "not start at 0.",
    )


def _reach(model: TwoClassModel) -> float:
    """Log-odds up to which the picture goes: all thresholds of the table, and most of the scores."""
    inner = np.abs(np.concatenate([model.test.scores, model.val.scores]))
    furthest = max(abs(cut.log_odds) for cut in model.cuts.values())
    return float(np.clip(np.quantile(inner, 0.8), max(2.0, 1.2 * furthest), max(9.0, 1.2 * furthest)))


def _lowest(counts: ScoreCounts, thresholds: np.ndarray) -> float:
    """The lowest precision or recall drawn, but not lower than what leaves the upper part legible."""
    of = rates_at(counts, thresholds[np.abs(thresholds) < 0.8 * thresholds.max()])
    return float(np.clip(min(of.precision[:, 1].min(), of.recall[:, 1].min()), 0.4, 0.95))


def _mark_cuts(axes: Axes, model: TwoClassModel) -> None:
    for name, cut in model.cuts.items():
        style = {"default": ":", "balanced": "-", "precise": "-."}[name]
        axes.axvline(cut.log_odds, color=MUTED, linestyle=style, linewidth=1.3)


def _name_probabilities(axes: Axes, reach: float) -> None:
    places = [(float(np.log(p / (1 - p))), p) for p in TICKS]
    inside = [(place, p) for place, p in places if abs(place) <= reach]
    axes.set_xticks([place for place, _ in inside], [f"{p:g}" for _, p in inside])


def _cut_in_words(cut: Cut) -> str:
    return (
        f"at {threshold_text(cut.probability)} test precision {100 * cut.test.precision[1]:.1f} %, "
        f"recall {100 * cut.test.recall[1]:.1f} %"
    )
