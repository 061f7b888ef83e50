"""Errors of a map near borders, where a patch sees several classes, and inside, where it sees one."""

import numpy as np
import pandas as pd

from helpers.metrics.segmentation import only_errors, share_of
from helpers.segmentation.types import SegmenterEvaluation


def near_and_inside(found: SegmenterEvaluation) -> pd.DataFrame:
    """One row a class, the one least often right inside first; NaN where there is no pixel of it.

    near, inside: share of its pixels that are right, up to the last of `BANDS` from a border and farther.
    errors_inside: share of all its wrong pixels that lie inside.
    mistaken_for: the class it is most often taken for inside, None for none; mistaken: share of its pixels.
    """
    inside, near = found.band_matrices[-1], found.band_matrices[:-1].sum(axis=0)
    wrong, all_wrong = only_errors(inside), only_errors(inside + near).sum(axis=1)
    other, most = wrong.argmax(axis=1), wrong.max(axis=1)
    rows = {
        "name": found.classes,
        "near": share_of(np.diag(near), near.sum(axis=1)),
        "inside": share_of(np.diag(inside), inside.sum(axis=1)),
        "errors_inside": share_of(wrong.sum(axis=1), all_wrong),
        "mistaken_for": [found.classes[c] if pixels else None for c, pixels in zip(other, most, strict=True)],
        "mistaken": share_of(most, inside.sum(axis=1)),
    }
    return pd.DataFrame(rows).sort_values("inside", kind="stable", ignore_index=True)
