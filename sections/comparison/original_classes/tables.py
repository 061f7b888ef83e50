"""Tables and pictures of original classes that were taken together (chapter 06)."""

from collections.abc import Sequence

import numpy as np

from helpers.show.display import Card, Gallery, Note, Photo, Table
from helpers.show.table import seed_cells
from helpers.show.words import bare_p_value, percent
from sections.comparison.original_classes.measured import (
    ConfusedImage,
    Likeness,
    OriginalClasses,
    Resemblance,
    likenesses,
)
from sections.one_model.mistakes.pictures import with_heat


def error_table(found: OriginalClasses) -> Table:
    """One row an original class: how often the most accurate model, and on average all, take it wrongly."""
    average = np.mean(found.shares, axis=0)
    title = found.best.title
    rows = [
        {
            "Original class": found.originals[one.original],
            "Part of": found.group(one.original),
            "Test images": int(found.support[one.original]),
            "Wrong": one.wrong,
            "Share": one.share,
            **seed_cells("Share", found.best.shares_by_seed[:, one.original]),
            "Share, mean of all models": float(average[one.original]),
            "p, Holm": bare_p_value(one.p_value),
        }
        for one in sorted(found.best.errors, key=lambda one: (-one.share.value, one.original))
    ]
    return Table(
        rows,
        f"How often {title}, the most accurate model, takes an image of each original class for another group, "
        "with 95 % intervals; beside it the mean over all models. p: Fisher's exact test that the rest of its "
        f"group is taken wrongly as often, corrected for {len(rows)} classes (Holm).",
        {"*": ".3f", "Test images": "d", "Wrong": "d"},
    )


def likeness_table(found: OriginalClasses, looks: Resemblance, most: int = 10) -> Table | Note:
    """Which original class of the wrong group the mistakes on each original class lie nearest to."""
    pairs = likenesses(looks)
    if not pairs:
        return Note(f"{looks.title} makes no mistake on the test images, so there is none to look at.")
    shown = f"The {most} most frequent of {len(pairs)} pairs. " if len(pairs) > most else ""
    return Table(
        [_likeness_row(found, one) for one in pairs[:most]],
        f"{shown}Mistakes of {looks.title} on an original class, and the original class of the nearest training "
        "image (in the model's feature space) of the group it was taken for. Expected: if it were any training "
        "image of that group.",
        {"Share": ".2f", "Expected": ".2f"},
    )


def _likeness_row(found: OriginalClasses, one: Likeness) -> dict[str, object]:
    return {
        "Image": found.originals[one.original],
        "Nearest": found.originals[one.like],
        "Mistakes": one.count,
        "Of": one.total,
        "Share": one.share,
        "Expected": one.expected,
    }


def confused_gallery(confused: Sequence[ConfusedImage], title: str) -> Gallery | Note:
    """Cards of mistakes: the image, where the evidence lies, the nearest training image of the wrong group."""
    if not confused:
        return Note(f"{title} makes no mistake on the test images, so there is none to show.")
    return Gallery(
        [_card(one) for one in confused],
        f"The surest mistakes of {title}, original classes with most mistakes first. Left: the test image. "
        "Middle: where the evidence for the answer lies (Grad-CAM, bright is more). Right: the nearest training "
        "image of the class it was taken for.",
    )


def _card(one: ConfusedImage) -> Card:
    photos = [
        Photo(one.image, f"Test image labelled {one.original}, {one.file}", one.original),
        Photo(
            with_heat(one.image, one.heat), f"The same with its class-activation map for {one.answer}", "evidence"
        ),
        Photo(
            one.nearest,
            f"Training image labelled {one.nearest_original}, {one.nearest_file}",
            one.nearest_original,
        ),
    ]
    return Card(photos, f"{one.original} → {one.answer} ({percent(one.confidence, 0)})", {"File": one.file})
