"""Pictures of what a model costs and what it gives for that (chapter 06)."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.metrics.intervals import Interval
from helpers.show.names import plain
from helpers.show.picture import Picture
from helpers.show.rows import legend_columns, legend_height
from helpers.show.style import WIDTH, class_colour, class_marker, new_figure, quiet_grid
from helpers.show.words import listed, percent, points, short_number
from sections.comparison.scores.measured import Comparison, Cost

FEW_MODELS = 3  # beside the cheapest: each has its own sentence; of more only those worth choosing are named


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


def cost_and_gain(comparison: Comparison, costs: Mapping[str, Cost]) -> list[str]:
    """What each model costs more than the cheapest, and what it gives for that."""
    cheapest = min(costs, key=lambda name: costs[name].multiply_adds)
    others = [name for name in costs if name != cheapest]
    if len(others) <= FEW_MODELS:
        return [_against(comparison, costs, cheapest, name) for name in others]
    best = comparison.ranking[0]
    leader = [_against(comparison, costs, cheapest, best)] if best != cheapest else []
    return [_good_choices(comparison, costs), *leader]


def _good_choices(comparison: Comparison, costs: Mapping[str, Cost]) -> str:
    """The models that no other beats in both: multiply-adds and accuracy on these test images."""
    good = [
        f"{costs[name].title} ({percent(_accuracy(comparison, name))} with "
        f"{short_number(costs[name].multiply_adds)})"
        for name in sorted(costs, key=lambda name: costs[name].multiply_adds)
        if not any(_dominates(comparison, costs, other, name) for other in costs)
    ]
    told = f"{len(good)} of {len(costs)} models are" if len(good) > 1 else f"One of {len(costs)} models is"
    return (
        f"{told} not beaten at once in work and in accuracy by another, going by these test images (accuracy with "
        f"multiply-adds): {listed(good)}."
    )


def _accuracy(comparison: Comparison, name: str) -> float:
    return comparison.models[name].scores["accuracy"].value


def _dominates(comparison: Comparison, costs: Mapping[str, Cost], one: str, other: str) -> bool:
    """Whether `one` is at least as cheap and as accurate as `other`, and in one of the two better."""
    gain = _accuracy(comparison, one) - _accuracy(comparison, other)
    saved = costs[other].multiply_adds - costs[one].multiply_adds
    return gain >= 0 and saved >= 0 and (gain > 0 or saved > 0)


def _against(comparison: Comparison, costs: Mapping[str, Cost], cheapest: str, name: str) -> str:
    one, base = costs[name], costs[cheapest]
    gain = _accuracy(comparison, name) - _accuracy(comparison, cheapest)
    more = "more" if gain > 0 else "fewer"
    effect = f"{points(gain)} {more} images right" if gain else "exactly as many images right"
    pair = comparison.pair(name, cheapest)
    doubt = "" if pair.better else ", which could be chance"
    return (
        f"{one.title} against {base.title}: multiply-adds {_times(one.multiply_adds, base.multiply_adds)}, "
        f"parameters {_times(one.parameters, base.parameters)}, training time on this machine "
        f"{_times(one.train_seconds, base.train_seconds)}; {effect}{doubt}."
    )


def _times(value: float, base: float) -> str:
    ratio = value / base if base else float("inf")
    text = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 0.1 else f"{ratio:.2g}"
    return f"× {text}"
