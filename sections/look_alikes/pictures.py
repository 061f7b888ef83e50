"""How often each model mixes up classes that look alike (chapter 06)."""

from typing import TYPE_CHECKING

import numpy as np

from helpers.show.names import plain, wrapped
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots, name_rows
from helpers.show.style import GRID, WIDTH, class_colour, class_marker, new_axes

if TYPE_CHECKING:
    from sections.look_alikes.measured import OverModels


def mixed_up_dots(found: "OverModels") -> Picture:
    """For each pair of classes a mark a model: share of their images taken for the other, with its interval."""
    models, pairs = list(found.titles), list(found.rates)
    columns = 1 if len(models) > 3 else len(models)
    figure, axes = new_axes(WIDTH, 1.0 + 0.2 * len(models) / columns + len(pairs) * (0.3 + 0.2 * len(models)))
    for number, name in enumerate(models):
        shares = [found.rates[pair][name].both for pair in pairs]
        places = np.arange(len(pairs)) + (0.0 if len(models) == 1 else -0.32 + 0.64 * number / (len(models) - 1))
        title = plain(found.titles[name])
        capped_dots(axes, shares, places, class_marker(number), class_colour(number), title)
    names = [[found.classes[label] for label in pair] for pair in pairs]
    axes.set_xlim(left=0)
    for edge in np.arange(0.5, len(pairs) - 1):
        axes.axhline(edge, color=GRID, linewidth=0.7)
    name_rows(axes, [_pair_name(pair) for pair in names], "images of both classes taken for the other, %")
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
