"""How often each model mixes up classes that look alike (chapter 06)."""

from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.names import plain, wrapped
from helpers.plots.picture import Picture
from helpers.plots.style import GRID, WIDTH, class_colour, class_marker, new_figure, quiet_grid

if TYPE_CHECKING:
    from helpers.look_alikes import OverModels


def mixed_up_dots(found: "OverModels") -> Picture:
    """For each pair of classes a mark a model: share of their images taken for the other, with its interval."""
    models, pairs = list(found.titles), list(found.rates)
    columns = 1 if len(models) > 3 else len(models)
    figure = new_figure(WIDTH, 1.0 + 0.2 * len(models) / columns + len(pairs) * (0.3 + 0.2 * len(models)))
    axes = figure.subplots()
    for number, name in enumerate(models):
        shares = [found.rates[pair][name].both for pair in pairs]
        values = 100 * np.array([[one.value, one.low, one.high] for one in shares])
        places = np.arange(len(pairs)) + (0.0 if len(models) == 1 else -0.32 + 0.64 * number / (len(models) - 1))
        axes.errorbar(
            values[:, 0], places, xerr=[values[:, 0] - values[:, 1], values[:, 2] - values[:, 0]], capsize=3,
            fmt=class_marker(number), color=class_colour(number), linewidth=1.6, label=plain(found.titles[name]),
        )  # fmt: skip
    names = [[found.classes[label] for label in pair] for pair in pairs]
    axes.set_yticks(range(len(pairs)), [_pair_name(pair) for pair in names])
    axes.set(ylim=(len(pairs) - 0.5, -0.5), xlabel="images of both classes taken for the other, %")
    axes.set_xlim(left=0)
    for edge in np.arange(0.5, len(pairs) - 1):
        axes.axhline(edge, color=GRID, linewidth=0.7)
    quiet_grid(axes, "x")
    figure.legend(loc="outside upper center", ncols=columns)
    return Picture(figure, _alt(found, names), "Bars are 95 % intervals (Wilson).")


def _pair_name(pair: list[str]) -> str:
    together = " / ".join(pair)
    return plain(together) if len(together) <= 13 else " /\n".join(wrapped(name, lines=1) for name in pair)


def _alt(found: "OverModels", names: list[list[str]]) -> str:
    told = [
        f"{first} and {second} " + ", ".join(f"{found.titles[name]} {100 * one.both.value:.1f} %"
                                             for name, one in by_model.items())
        for (first, second), by_model in zip(names, found.rates.values(), strict=True)
    ]  # fmt: skip
    return (
        f"Dots with intervals: share of the images of two classes that is taken for the other. {'; '.join(told)}."
    )
