"""The wrong labels of a drawn sample: what its images really show."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from helpers.datasets.types import Splits


def drawn_labels(splits: "Splits") -> np.ndarray | None:
    """What each image really shows (N,) int64, by the plan of the drawn sample; None for images of the world."""
    if splits.manifest is None:
        return None
    label_of = {name: label for label, name in enumerate(splits.classes)}
    for original, name in enumerate(splits.original_classes):  # classes taken together
        own = np.flatnonzero(splits.original_labels == original)
        if len(own):
            label_of[name] = int(splits.labels[own[0]])
    place = {file: position for position, file in enumerate(splits.files)}
    labels = splits.labels.copy()
    for planted in splits.manifest["wrong_labels"]:
        if planted["file"] in place:
            labels[place[planted["file"]]] = label_of[planted["true_class"]]
    return labels


def wrong_labels(splits: "Splits") -> np.ndarray | None:
    """(N,) bool: images whose label is known to be wrong; None for images of the world."""
    drawn = drawn_labels(splits)
    return None if drawn is None else drawn != splits.labels
