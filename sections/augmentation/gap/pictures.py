"""What augmentation does to one image."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.datasets.augmentations import AUGMENTATIONS
from helpers.show.picture import Picture
from helpers.show.style import WIDTH, new_figure
from sections.augmentation.draws import augmented

DRAWS = 5


def sheet(image: np.ndarray, strengths: Mapping[str, float], seed: int = 0) -> Picture:
    """One image (S, S, 3) uint8 as it is, under each augmentation alone, and under all together.

    A row an augmentation, `DRAWS` random results each, as the network would see them in as many epochs.
    """
    kinds = {f"{name} {strength:g}": {name: strength} for name, strength in strengths.items()}
    if len(strengths) > 1:
        kinds["all together"] = strengths
    repeated = np.repeat(image[None], DRAWS, axis=0)
    rows = {"as it is": image[None]} | {name: augmented(repeated, kind, seed) for name, kind in kinds.items()}
    figure = new_figure(WIDTH, 1.02 * len(rows) + 0.1)
    grid = figure.subplots(len(rows), DRAWS, squeeze=False)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    for line, (name, images) in zip(grid, rows.items(), strict=True):
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
        for axes, drawn in zip(line, images, strict=False):
            axes.imshow(drawn, interpolation="nearest")
    alt = f"One training image as it is and, {DRAWS} times each, under {', '.join(strengths)} and all together."
    caption = f"One training image; in each row {DRAWS} independent random draws, with the strengths of the study."
    if not strengths:
        alt = "One training image; the recipe has no augmentation."
        caption = "The recipe of this model has no augmentation: the network sees every image as it is."
    return Picture(figure, alt, caption, photo=True)


def meaning_rows(strengths: Mapping[str, float]) -> list[dict[str, Any]]:
    """Rows of a table: each augmentation of a recipe, its strength and what the number means."""
    return [
        {"Augmentation": name, "Strength": f"{strength:g}", "Meaning": AUGMENTATIONS[name].meaning}
        for name, strength in strengths.items()
    ]
