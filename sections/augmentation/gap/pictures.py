"""What augmentation does to one image."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.datasets.augmentations import AUGMENTATIONS, mixes
from helpers.show.picture import Picture
from helpers.show.style import WIDTH, new_figure
from helpers.show.words import percent
from sections.augmentation.draws import augmented, mixed

DRAWS = 5


def sheet(image: np.ndarray, partners: np.ndarray, strengths: Mapping[str, float], seed: int = 0) -> Picture:
    """One image (S, S, 3) uint8 as it is, under each augmentation alone, and under all together.

    A row an augmentation, `DRAWS` random results each, as the network would see them in as many epochs. What mixes
    images mixes this one with `partners` (m, S, S, 3) uint8, in turn.
    """
    kinds = {f"{name} {strength:g}": {name: strength} for name, strength in strengths.items()}
    if len(strengths) > 1:
        kinds["all together"] = strengths
    repeated = np.repeat(image[None], DRAWS, axis=0)
    others = partners[np.arange(DRAWS) % len(partners)]
    rows = {"as it is": (image[None], None)} | {
        name: _row(repeated, others, kind, seed) for name, kind in kinds.items()
    }
    figure = new_figure(WIDTH, 0.1 + sum(1.02 if shares is None else 1.2 for _, shares in rows.values()))
    grid = figure.subplots(len(rows), DRAWS, squeeze=False)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    for line, (name, (images, shares)) in zip(grid, rows.items(), strict=True):
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
        for place, (axes, drawn) in enumerate(zip(line, images, strict=False)):
            axes.imshow(drawn, interpolation="nearest")
            if shares is not None:
                axes.set_xlabel(percent(shares[place], 0), fontsize=8)
    alt = f"One training image as it is and, {DRAWS} times each, under {', '.join(strengths)} and all together."
    caption = f"One training image; in each row {DRAWS} independent random draws, with the strengths of the study."
    if mixes(strengths):
        caption += (
            " Below a mixed image: how much of the label is still its own; the rest is the label of the training "
            "image that was mixed in."
        )
    if not strengths:
        alt = "One training image; the recipe has no augmentation."
        caption = "The recipe of this model has no augmentation: the network sees every image as it is."
    return Picture(figure, alt, caption, photo=True)


def _row(
    images: np.ndarray, partners: np.ndarray, strengths: Mapping[str, float], seed: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Draws of each image, and, where they are mixed with the partners' draws, the share of its own label."""
    draws = augmented(images, strengths, seed)
    if not mixes(strengths):
        return draws, None
    return mixed(draws, augmented(partners, strengths, seed + 1), strengths, seed)


def meaning_rows(strengths: Mapping[str, float]) -> list[dict[str, Any]]:
    """Rows of a table: each augmentation of a recipe, its strength and what the number means."""
    return [
        {"Augmentation": name, "Strength": f"{strength:g}", "Meaning": AUGMENTATIONS[name].meaning}
        for name, strength in strengths.items()
    ]
