"""What a model costs and what it gives for that (chapter 06)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.show.display import Table
from helpers.show.names import plain_text
from helpers.show.picture import Picture
from helpers.show.rows import legend_columns, legend_height
from helpers.show.style import WIDTH, class_colour, class_marker, new_figure, quiet_grid
from helpers.show.table import seed_cells
from helpers.show.words import listed, percent, short_number
from helpers.training.runs import Run
from sections.comparison.scores.measured import Comparison

MODEL_SIZES = ["parameters", "multiply_adds"]  # multiply-adds are for one image
MODEL_TIMES = ["train_seconds", "train_images_per_second", "test_images_per_second"]


def model_costs(runs: Mapping[str, Sequence[Run]]) -> pd.DataFrame:
    """A row for each model, by name: `MODEL_SIZES` and `MODEL_TIMES` as its first run recorded them."""
    return pd.DataFrame.from_dict(
        {name: [*(run.summary[key] for key in MODEL_SIZES), *(run.timings[key] for key in MODEL_TIMES)]
         for name, (run, *_) in runs.items()}, orient="index", columns=MODEL_SIZES + MODEL_TIMES,
    ).astype(dict.fromkeys(MODEL_SIZES, int))  # fmt: skip


def cost_table(comparison: Comparison, costs: pd.DataFrame, runs: Mapping[str, Sequence[Run]]) -> Table:
    """One row a model: size, work, and what the clock said on this machine."""
    rows = [
        {
            "Model": model.title,
            "Accuracy": model.accuracy.value,
            **seed_cells("Accuracy", [one.scores.accuracy for one in model.seeds]),
            "Parameters": costs.parameters[name],
            "Multiply-adds": costs.multiply_adds[name],
            "Train, s": costs.train_seconds[name],
            **seed_cells("Train, s", [run.timings["train_seconds"] for run in runs[name]], 0),
            "Train, images/s": costs.train_images_per_second[name],
            "Test, images/s": costs.test_images_per_second[name],
        }
        for name, model in comparison.models.items()
    ]
    return Table(
        rows,
        "Multiply-adds are for one image. Sizes are the same everywhere; s and images/s are this machine's. "
        "Frozen layers see each image once, which counts in s; images/s are then of the layers that learn.",
        {"Accuracy": ".3f", "Parameters": ",d", "Multiply-adds": ",d", "*": ",.0f"},
    )


def accuracy_against_cost(comparison: Comparison, costs: pd.DataFrame) -> Picture:
    """Accuracy with its interval against multiply-adds, parameters and training time of each model."""
    kinds = {"multiply_adds": "multiply-adds\nper image", "parameters": "parameters",
             "train_seconds": "training,\nseconds"}  # fmt: skip
    titles = [one.title for one in comparison.models.values()]
    figure = new_figure(WIDTH, 3.5 + legend_height(titles))
    panels = figure.subplots(1, len(kinds), sharey=True)
    for axes, (key, label) in zip(panels, kinds.items(), strict=True):
        for number, (name, result) in enumerate(comparison.models.items()):
            value, low, high = (100 * getattr(result.accuracy, bound) for bound in ("value", "low", "high"))
            axes.errorbar(
                costs[key][name], value, [[value - low], [high - value]], fmt=class_marker(number),
                color=class_colour(number), capsize=3, linewidth=1.6, markersize=7, label=plain_text(result.title),
            )  # fmt: skip
        axes.set(xscale="log", xlabel=label)
        _round_log_ticks(axes, costs[key])
        quiet_grid(axes, "both")
    panels[0].set_ylabel("test accuracy, %")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=legend_columns(titles))
    told = [f"{_named(comparison, costs, name)} and {short_number(costs.parameters[name])} parameters"
            for name in comparison.models]  # fmt: skip
    return Picture(
        figure,
        alt=f"Accuracy against cost, three panels (multiply-adds, parameters, training time): {'; '.join(told)}.",
        caption="Further up is better, further left is cheaper. Horizontal axes are logarithmic; bars are 95 % "
        "intervals. Training time is what this machine took, with whatever else it was doing.",
    )


def _round_log_ticks(axes: Axes, values: pd.Series) -> None:
    """Ticks such as 10 M instead of powers: every power of ten within reach, finer where the range is short."""
    low, high = values.min() / 2, values.max() * 2
    steps = (1,) if high / low > 100 else (1, 3) if high / low > 12 else (1, 2, 5)
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    ticks = [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]
    axes.set_xlim(low, high)
    axes.set_xticks(ticks, [short_number(tick) for tick in ticks])
    axes.minorticks_off()


def good_choices(comparison: Comparison, costs: pd.DataFrame) -> list[str]:
    """The models that no other beats in work and accuracy, and whether the dearer ones gain beyond chance."""
    models = sorted(comparison.models, key=lambda name: costs.multiply_adds[name])
    if len(models) < 2:
        return []
    values = {name: (_accuracy(comparison, name), -costs.multiply_adds[name]) for name in models}
    good = [name for name in models if not any(_beats(other, values[name]) for other in values.values())]
    told = f"{len(good)} of {len(models)} models are" if len(good) > 1 else f"One of {len(models)} models is"
    return [
        f"{told} not beaten at once in work and in accuracy by another, going by these test images (accuracy with "
        f"multiply-adds): {listed([_named(comparison, costs, name) for name in good])}."
        + (_worth_it(comparison, *good) if len(good) > 1 else "")
    ]


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether `one` is nowhere behind `other` and somewhere ahead."""
    return one != other and all(a >= b for a, b in zip(one, other, strict=True))


def _worth_it(comparison: Comparison, cheapest: str, *others: str) -> str:
    better = [comparison.title(name) for name in others if comparison.pair(name, cheapest).better == name]
    title = comparison.title(cheapest)
    if not better:
        return f" That any of them is more accurate than {title}, the cheapest, could be chance."
    return f" More accurate than {title}, the cheapest, beyond chance: {listed(better)}."


def _accuracy(comparison: Comparison, name: str) -> float:
    return comparison.models[name].accuracy.value


def _named(comparison: Comparison, costs: pd.DataFrame, name: str) -> str:
    work = short_number(costs.multiply_adds[name])
    return f"{comparison.title(name)} {percent(_accuracy(comparison, name))} with {work} multiply-adds"
