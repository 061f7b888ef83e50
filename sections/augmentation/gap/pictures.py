"""What augmentation does to one image."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.datasets.augmentations import AUGMENTATIONS
from helpers.show.picture import Picture
from helpers.show.style import WIDTH, new_figure

DRAWS = 5


def sheet(image: np.ndarray, strengths: Mapping[str, float], draws: int = DRAWS, seed: int = 0) -> Picture:
    """One image (S, S, 3) uint8 as it is, under each augmentation alone, and under all together.

    A row an augmentation, `draws` random results each, as the network would see them in as many epochs.
    """
    rows = {"as it is": image[None]}
    for name, strength in strengths.items():
        rows[f"{name} {strength:g}"] = augmented(image, {name: strength}, draws, seed)
    if len(strengths) > 1:
        rows["all together"] = augmented(image, strengths, draws, seed)
    figure = new_figure(WIDTH, 1.02 * len(rows) + 0.1)
    grid = figure.subplots(len(rows), draws, squeeze=False)
    for line, (name, images) in zip(grid, rows.items(), strict=True):
        _draw_row(line, name, images)
    return Picture(figure, *_words(strengths, draws), photo=True)


def augmented(image: np.ndarray, strengths: Mapping[str, float], draws: int, seed: int = 0) -> np.ndarray:
    """`draws` random results (draws, S, S, 3) uint8 of augmenting one image (S, S, 3) uint8."""
    import torch

    from helpers.datasets.augment import Augment

    batch = torch.from_numpy(np.array(image)).permute(2, 0, 1).repeat(draws, 1, 1, 1)
    result = Augment(strengths)(batch, torch.Generator().manual_seed(seed))
    return (result.permute(0, 2, 3, 1) * 255).round().clamp(0, 255).to(torch.uint8).numpy()


def _draw_row(line: np.ndarray, name: str, images: np.ndarray) -> None:
    for place, axes in enumerate(line):
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        if place < len(images):
            axes.imshow(images[place], interpolation="nearest")
    line[0].set_ylabel(name, rotation=0, ha="right", va="center")


def _words(strengths: Mapping[str, float], draws: int) -> tuple[str, str]:
    """Alternative text and caption."""
    if not strengths:
        return (
            "One training image; the recipe has no augmentation.",
            "The recipe of this model has no augmentation: the network sees every image as it is.",
        )
    return (
        f"One training image as it is and, {draws} times each, under {', '.join(strengths)} and all together.",
        f"One training image; in each row {draws} independent random draws, with the strengths of the study.",
    )


def meaning_rows(strengths: Mapping[str, float]) -> list[dict[str, Any]]:
    """Rows of a table: each augmentation of a recipe, its strength and what the number means."""
    return [
        {"Augmentation": name, "Strength": f"{strength:g}", "Meaning": AUGMENTATIONS[name].meaning}
        for name, strength in strengths.items()
    ]
