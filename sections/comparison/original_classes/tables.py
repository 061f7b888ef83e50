"""Tables and pictures of original classes that were taken together (chapter 06)."""

import numpy as np
import pandas as pd

from helpers.datasets.types import Splits
from helpers.models.cam import activation_maps
from helpers.show.display import Card, Gallery, Note, Photo, Table
from helpers.show.table import seed_cells
from helpers.show.words import bare_p_value, percent
from helpers.training.runs import Run
from sections.comparison.original_classes.measured import OriginalClasses, Resemblance, likenesses
from sections.one_model.mistakes.pictures import with_heat


def error_table(found: OriginalClasses) -> Table:
    """One row an original class: how often the most accurate model, and on average all, take it wrongly."""
    average = np.mean(found.shares, axis=0)
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
        for one in sorted(found.best.errors, key=lambda one: -one.share.value)
    ]
    return Table(
        rows,
        f"How often {found.best.title}, the most accurate model, takes an image of each original class for "
        "another group, with 95 % intervals; beside it the mean over all models. p: Fisher's exact test that the "
        f"rest of its group is taken wrongly as often, corrected for {len(rows)} classes (Holm).",
        {"*": ".3f", "Test images": ",d", "Wrong": ",d"},
    )


def likeness_table(found: OriginalClasses, looks: Resemblance, most: int = 10) -> Table | Note:
    """Which original class of the wrong group the mistakes on each original class lie nearest to."""
    pairs = likenesses(looks, found.originals)
    if not pairs:
        return Note(f"{looks.title} makes no mistake on the test images, so there is none to look at.")
    frame = pd.DataFrame([vars(one) for one in pairs[:most]])
    frame.columns = ["Image", "Nearest", "Mistakes", "Of", "Share", "Expected"]
    shown = f"The {most} most frequent of {len(pairs)} pairs. " if len(pairs) > most else ""
    some = f" The nearest were looked for among {looks.searched:,} of {looks.available:,} training images."
    return Table(
        frame,
        f"{shown}Mistakes of {looks.title} on an original class, and the original class of the nearest training "
        "image (in the model's feature space) of the group it was taken for. Share: of the mistakes on the class, "
        "with its 95 % interval. Expected: if it were any training image of that group."
        + (some if looks.searched < looks.available else ""),
        {"Share": ".2f", "Expected": ".2f"},
    )


def confused_gallery(
    run: Run, splits: Splits, looks: Resemblance, per_class: int = 3, most: int = 12
) -> Gallery | Note:
    """The surest mistakes on each original class, those with most mistakes first, as cards."""
    frequent = np.argsort(-np.bincount(looks.original, minlength=len(splits.original_classes)), kind="stable")
    rows = np.concatenate([np.flatnonzero(looks.original == o)[:per_class] for o in frequent])[:most]
    if not len(rows):
        return Note(f"{run.title} makes no mistake on the test images, so there is none to show.")
    test, position = run.outputs("test"), looks.position[rows]
    images, answers = np.array(splits.images[test.index[position]]), test.predictions[position]
    heats = activation_maps(run.model(), images, answers)
    cards = [
        _card(splits, index, image, heat, nearest, f"{splits.classes[answer]} ({percent(float(sureness), 0)})")
        for index, image, heat, nearest, answer, sureness in zip(
            test.index[position],
            images,
            heats,
            looks.nearest[rows],
            answers,
            test.confidence[position],
            strict=True,
        )
    ]
    return Gallery(
        list(cards),
        f"The surest mistakes of {run.title}, original classes with most mistakes first. Left: the test image. "
        "Middle: where the evidence for the answer lies (Grad-CAM, bright is more). Right: the nearest training "
        "image of the class it was taken for.",
    )


def _card(splits: Splits, index: int, image: np.ndarray, heat: np.ndarray, nearest: int, answer: str) -> Card:
    original, other = (splits.original_classes[splits.original_labels[i]] for i in (index, nearest))
    photos = [
        Photo(image, f"Test image labelled {original}, {splits.files[index]}", original),
        Photo(with_heat(image, heat), f"The same with its class-activation map for {answer}", "evidence"),
        Photo(
            np.array(splits.images[nearest]), f"Training image labelled {other}, {splits.files[nearest]}", other
        ),
    ]
    return Card(photos, f"{original} → {answer}", {"File": splits.files[index]})
