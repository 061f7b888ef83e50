"""A picture of the variants of one network (chapter 02)."""

import numpy as np

from helpers.show.names import wrapped
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots, name_rows
from helpers.show.style import TEST, TRAIN, VALIDATION, WIDTH, new_axes
from helpers.show.words import number
from sections.one_model.variants.measured import Variants


def variant_dots(found: Variants) -> Picture:
    """Accuracy of every variant on training, validation and test images, with the weights that are kept."""
    models = list(found.models.values())
    train, val = (np.array([one.kept[f"{part}_accuracy"].mean for one in models]) for part in ("train", "val"))
    test, places = [one.test["accuracy"] for one in models], np.arange(len(models))
    figure, axes = new_axes(WIDTH, 1.2 + 0.55 * len(models))
    axes.plot(100 * train, places - 0.2, "o", color=TRAIN, label="training")
    axes.plot(100 * val, places, "s", color=VALIDATION, label="validation")
    capped_dots(axes, test, places + 0.2, "D", TEST, "test")
    name_rows(axes, [wrapped(one.title, 26) for one in models], "accuracy, %")
    figure.legend(loc="outside upper center", ncols=3)
    told = (
        f"{one.title} {number(100 * a, 1)}/{number(100 * b, 1)}/{number(100 * c.value, 1)}"
        for one, a, b, c in zip(models, train, val, test, strict=True)
    )
    return Picture(
        figure,
        alt=f"Accuracy of each variant on training/validation/test images, per cent: {', '.join(told)}.",
        caption="Training and validation far apart: images were learnt by heart. Bars are 95 % intervals of the "
        "test accuracy. The axis does not start at 0.",
    )
