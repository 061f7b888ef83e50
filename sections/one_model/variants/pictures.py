"""A picture of the variants of one network (chapter 02)."""

import numpy as np

from helpers.show.names import wrapped
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots, name_rows
from helpers.show.style import PART_COLOURS, WIDTH, new_axes
from sections.one_model.variants.measured import Variants

PART_MARKS = {"train": ("o", "training"), "val": ("s", "validation"), "test": ("D", "test")}


def variant_dots(found: Variants) -> Picture:
    """Accuracy of every variant on training, validation and test images, with the weights that are kept."""
    models = list(found.models.values())
    figure, axes = new_axes(WIDTH, 1.2 + 0.55 * len(models))
    places = np.arange(len(models))
    for part, shift in (("train", -0.2), ("val", 0.0)):
        marker, words = PART_MARKS[part]
        values = [100 * one.kept[f"{part}_accuracy"].mean for one in models]
        axes.plot(values, places + shift, marker, color=PART_COLOURS[part], label=words)
    marker, words = PART_MARKS["test"]
    capped_dots(axes, [one.test["accuracy"] for one in models], places + 0.2, marker, PART_COLOURS["test"], words)
    name_rows(axes, [wrapped(one.title, 26) for one in models], "accuracy, %")
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
