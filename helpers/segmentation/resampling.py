"""How sure the scores of an evaluation are: its scenes drawn again, in whole sequences where there are enough.

Scenes of one sequence (a drive, a city, a sheet of mosaics) resemble each other, so that intervals from single
scenes are too narrow for other sequences. For the same set the same are drawn, whoever asks: a score has one
interval, whatever page it stands on.
"""

import zlib
from typing import Any

import numpy as np

from helpers.metrics.intervals import Interval, resampled, resampled_interval
from helpers.metrics.segmentation import (
    REPLICATES,
    bootstrap_segmentation,
    ious_of_shown,
    mean_iou_difference,
    mean_over,
    summed_by,
)
from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.words import count

FEWEST_SEQUENCES = 5  # fewer tell too little of other sequences: then single scenes are drawn


def drawn_groups(found: SegmenterEvaluation) -> tuple[str, ...] | None:
    """The sequence of each scene where whole sequences are drawn, None where single scenes are."""
    enough = FEWEST_SEQUENCES <= len(set(found.sequences)) < len(found)
    return found.sequences if enough else None


def what_is_drawn(found: SegmenterEvaluation) -> str:
    """ "15 sequences" or "54 scenes"."""
    groups = drawn_groups(found)
    return count(len(set(groups)), "sequence") if groups else count(len(found), "scene")


def seed_of(found: SegmenterEvaluation) -> int:
    """The same for the same scenes, another for others: two sets are drawn independently."""
    return zlib.crc32("\n".join((found.set_name, found.part, *found.files)).encode())


def units_of(found: SegmenterEvaluation, matrices: np.ndarray | None = None) -> np.ndarray:
    """(u, C, C): `matrices` (n, C, C) of the scenes, by default its own, added up to what is drawn."""
    matrices, groups = found.matrices if matrices is None else matrices, drawn_groups(found)
    return matrices if groups is None else summed_by(matrices, groups)


def drawn_again(
    found: SegmenterEvaluation, matrices: np.ndarray | None = None, replicates: int = REPLICATES
) -> np.ndarray:
    """(replicates, C, C) float64: confusion matrices of as many sequences or scenes drawn with replacement."""
    return resampled(units_of(found, matrices), replicates, seed_of(found))


def score_intervals(found: SegmenterEvaluation, replicates: int = REPLICATES) -> dict[str, Any]:
    """95 % intervals of the totals and of each class's scores (see `bootstrap_segmentation`)."""
    return bootstrap_segmentation(found.matrices, replicates, seed_of(found), drawn_groups(found))


def mean_iou_of_shown(found: SegmenterEvaluation) -> Interval:
    """Mean IoU, with its interval, over the classes in the truth: those of all who look at the same scenes."""
    value, drawn = (mean_over(ious_of_shown(matrices)) for matrices in (found.matrix, drawn_again(found)))
    return resampled_interval(float(value), drawn, len(units_of(found)))


def mean_iou_gain(found: SegmenterEvaluation, changed: np.ndarray, classes: np.ndarray | None = None) -> Interval:
    """Mean IoU of other matrices (n, C, C) of the same scenes minus the evaluation's own, paired (see
    `mean_iou_difference`)."""
    return mean_iou_difference(found.matrices, changed, classes, seed_of(found), drawn_groups(found))
