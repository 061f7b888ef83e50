"""Pictures of what a model costs and what it gives for that (chapter 06)."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.metrics.intervals import Interval
from helpers.show.names import plain
from helpers.show.picture import Picture
from helpers.show.rows import legend_columns, legend_height
from helpers.show.style import WIDTH, class_colour, class_marker, new_figure, quiet_grid
from helpers.show.words import short_number
from sections.comparison.scores.measured import Comparison, Cost


def accuracy_against_cost(comparison: Comparison, costs: Mapping[str, Cost]) -> Picture:
    """Accuracy with its interval against multiply-adds, parameters and training time of each model."""
    kinds = {
        "multiply_adds": "multiply-adds\nper image",
        "parameters": "parameters",
        "train_seconds": "training,\nseconds",
    }
    models = list(comparison.models.values())
    figure = new_figure(WIDTH, 3.5 + legend_height(models))
    panels = figure.subplots(1, len(kinds), sharey=True)
    for axes, (key, label) in zip(panels, kinds.items(), strict=True):
        for number, (name, result) in enumerate(comparison.models.items()):
            _cost_dot(axes, getattr(costs[name], key), result.scores["accuracy"], number, result.title)
        axes.set(xscale="log", xlabel=label)
        axes.margins(x=0.18)
        _round_log_ticks(axes, [getattr(cost, key) for cost in costs.values()])
        quiet_grid(axes, "both")
    panels[0].set_ylabel("test accuracy, %")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=legend_columns(models))
    return Picture(
        figure,
        alt="Accuracy against cost, three panels (multiply-adds, parameters, training time): "
        + "; ".join(_cost_in_words(comparison, name, cost) for name, cost in costs.items()) + ".",
        caption="Further up is better, further left is cheaper. Horizontal axes are logarithmic; bars are 95 % "
        "intervals. Training time is what this machine took, with whatever else it was doing.",
    )  # fmt: skip


def _cost_dot(axes: Axes, cost: float, accuracy: Interval, number: int, title: str) -> None:
    value, low, high = (100 * bound for bound in (accuracy.value, accuracy.low, accuracy.high))
    axes.errorbar(
        cost, value, [[value - low], [high - value]], fmt=class_marker(number), color=class_colour(number),
        capsize=3, linewidth=1.6, markersize=7, label=plain(title),
    )  # fmt: skip


def _round_log_ticks(axes: Axes, values: Sequence[float]) -> None:
    """Ticks such as 10 M instead of powers: every power of ten within reach, finer where the range is short."""
    low, high = min(values) / 2, max(values) * 2
    steps = (1,) if high / low > 100 else (1, 3) if high / low > 12 else (1, 2, 5)
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    ticks = [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]
    axes.set_xlim(low, high)
    axes.set_xticks(ticks, [short_number(tick) for tick in ticks])
    axes.minorticks_off()


def _cost_in_words(comparison: Comparison, name: str, cost: Cost) -> str:
    accuracy = 100 * comparison.models[name].scores["accuracy"].value
    return (
        f"{cost.title} {accuracy:.1f} % with {short_number(cost.multiply_adds)} multiply-adds and "
        f"{short_number(cost.parameters)} parameters"
    )
