"""What a model costs and what it gives for that (chapter 06)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.show.display import Table
from helpers.show.names import plain_text
from helpers.show.picture import Picture
from helpers.show.rows import legend_columns, legend_height
from helpers.show.style import WIDTH, class_colour, class_marker, new_figure, quiet_grid
from helpers.show.table import seed_cells
from helpers.show.words import listed, percent, short_number, written
from helpers.study.study import Study
from helpers.training.runs import Run
from helpers.training.starting_weights import pretraining_seconds
from sections.comparison.scores.measured import Comparison

MODEL_SIZES = ["parameters", "multiply_adds"]  # multiply-adds are for one image
MODEL_TIMES = ["first_weights_seconds", "epoch_seconds", "epoch_quartiles", "train_seconds",
               "train_images_per_second", "test_images_per_second"]  # fmt: skip


TIMED = " Training time is that of median epochs on this machine, without pretraining."


def model_costs(runs: Mapping[str, Sequence[Run]], study: Study | None = None) -> pd.DataFrame:
    """A row for each model, by name, as its first run recorded it.

    Of training the steady part counts, without what other work on the machine made it wait: `epoch_seconds` is the
    median epoch of the last phase (with its quartiles), `train_seconds` each phase's median times its epochs, and
    images a second follow from the median. `test_images_per_second`: lowest and highest of all runs of the same
    architecture and work. `first_weights_seconds`: see `pretraining_seconds`; None without a study.
    """
    every = [run for seeds in runs.values() for run in seeds]
    return pd.DataFrame.from_dict(
        {
            name: {key: int(run.summary[key]) for key in MODEL_SIZES}
            | {"first_weights_seconds": study and pretraining_seconds(run.spec, study.weights_of(name))}
            | _times(run, [other for other in every if _alike(run, other)])
            for name, (run, *_) in runs.items()
        },
        orient="index",
    )


def _times(run: Run, alike: Sequence[Run]) -> dict[str, Any]:
    seconds = _epoch_seconds(run, np.nan)
    last = run.history["phase"] == run.history["phase"][-1]
    low, middle, high = np.quantile(seconds[last], [0.25, 0.5, 0.75]).tolist()
    rates = [one.timings["test_images_per_second"] for one in alike]
    return {
        "epoch_seconds": middle,
        "epoch_quartiles": [low, high],
        "train_seconds": steady_seconds(run),
        "train_images_per_second": run.summary["training_images"] / middle,
        "test_images_per_second": [min(rates), max(rates)],
    }


def _epoch_seconds(run: Run, untrained: float) -> np.ndarray:
    """(epochs,) float64; one value for a model that was not trained here, whose history has one row."""
    found = np.asarray(run.timings["epoch_seconds"], dtype=np.float64)
    return found if len(found) else np.array([untrained])


def _alike(one: Run, other: Run) -> bool:
    return all(one.summary[key] == other.summary[key] for key in ("architecture", "multiply_adds"))


def steady_seconds(run: Run) -> float:
    """What the training of a run takes where it never waits: the median epoch of each phase times its epochs."""
    seconds, phase = _epoch_seconds(run, 0.0), run.history["phase"]
    return float(sum(np.median(seconds[phase == one]) * (phase == one).sum() for one in np.unique(phase)))


def cost_table(comparison: Comparison, costs: pd.DataFrame, runs: Mapping[str, Sequence[Run]]) -> Table:
    """One row a model: size, work, and what the clock said on this machine."""
    pretrained = costs.first_weights_seconds.notna().any()
    rows = [
        {
            "Model": model.title,
            "Accuracy": model.accuracy.value,
            **seed_cells("Accuracy", [one.scores.accuracy for one in model.seeds]),
            "Parameters": costs.parameters[name],
            "Multiply-adds": costs.multiply_adds[name],
            **({"First weights, s": costs.first_weights_seconds[name]} if pretrained else {}),
            "Epoch, s": _epoch(costs.epoch_seconds[name], costs.epoch_quartiles[name]),
            "Train, s": costs.train_seconds[name],
            **seed_cells("Train, s", [steady_seconds(run) for run in runs[name]], 0),
            "Train, images/s": costs.train_images_per_second[name],
            "Test, images/s": _range(costs.test_images_per_second[name], lambda rate: written(rate, ",.0f")),
        }
        for name, model in comparison.models.items()
    ]
    return Table(
        rows,
        "Multiply-adds are for one image. Sizes are the same everywhere; s and images/s are this machine's. "
        "Epoch: the median of the last phase, and quartiles; where they are far apart, other work made it wait. "
        "Train, s: each phase's median epoch times its epochs; what frozen layers compute once is "
        "left out. Train, images/s follow from the median epoch. Test: slowest and fastest measurement of one "
        "architecture."
        + (" First weights: pretraining on drawings, once for all that start from them." if pretrained else ""),
        {"Accuracy": ".3f", "Parameters": ",d", "Multiply-adds": ",d"},
    )


def _epoch(middle: float, quartiles: Sequence[float]) -> str:
    return "not trained here" if np.isnan(middle) else f"{short_number(middle)} ({_range(quartiles)})"


def _range(bounds: Sequence[float], told: Callable[[float], str] = short_number) -> str:
    """ "138 to 193"; one number where both read alike."""
    return " to ".join(dict.fromkeys(map(told, bounds)))


def accuracy_against_cost(comparison: Comparison, costs: pd.DataFrame) -> Picture:
    """Accuracy with its interval against multiply-adds, parameters and training time of each model."""
    kinds = {"multiply_adds": "multiply-adds\nper image", "parameters": "parameters"}
    if costs.train_seconds.min() > 0:  # all were trained here
        kinds["train_seconds"] = "training,\nseconds"
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
        alt=f"Accuracy against cost, panels for {listed(list(kinds))}: {'; '.join(told)}.".replace("_", " "),
        caption="Further up is better, further left is cheaper. Horizontal axes are logarithmic; bars are 95 % "
        "intervals." + TIMED * ("train_seconds" in kinds),
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
