"""A picture of the variants of one network (chapter 02)."""

import numpy as np

from helpers.plots.names import wrapped
from helpers.plots.picture import Picture
from helpers.plots.style import PART_COLOURS, WIDTH, new_figure, quiet_grid
from helpers.variants import Variants

PART_MARKS = {"train": ("o", "training"), "val": ("s", "validation"), "test": ("D", "test")}


def variant_dots(found: Variants) -> Picture:
    """Accuracy of every variant on training, validation and test images, with the weights that are kept."""
    models = list(found.models.values())
    figure = new_figure(WIDTH, 1.2 + 0.55 * len(models))
    axes = figure.subplots()
    places = np.arange(len(models))
    for part, shift in (("train", -0.2), ("val", 0.0)):
        marker, words = PART_MARKS[part]
        values = [100 * one.kept[f"{part}_accuracy"].mean for one in models]
        axes.plot(values, places + shift, marker, color=PART_COLOURS[part], label=words)
    intervals = [one.test["accuracy"] for one in models]
    values = 100 * np.array([[one.value, one.low, one.high] for one in intervals])
    marker, words = PART_MARKS["test"]
    reach = [values[:, 0] - values[:, 1], values[:, 2] - values[:, 0]]
    axes.errorbar(
        values[:, 0], places + 0.2, xerr=reach, fmt=marker, color=PART_COLOURS["test"], capsize=3, linewidth=1.6,
        label=words,
    )  # fmt: skip
    axes.set_yticks(places, [wrapped(one.title, 26) for one in models])
    axes.set(ylim=(len(models) - 0.5, -0.5), xlabel="accuracy, %")
    quiet_grid(axes, "x")
    figure.legend(loc="outside upper center", ncols=3)
    told = (
        f"{one.title} {100 * one.kept['train_accuracy'].mean:.1f}/{100 * one.kept['val_accuracy'].mean:.1f}/"
        f"{100 * one.test['accuracy'].value:.1f}"
        for one in models
    )
    return Picture(
        figure,
        alt=f"Accuracy of each variant on training/validation/test images, per cent: {', '.join(told)}.",
        caption="Training and validation far apart: images were learnt by heart. Bars are 95 % intervals of the "
        "test accuracy. The axis does not start at 0.",
    )
