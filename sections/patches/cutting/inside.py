"""Errors of a map near borders, where a patch sees several classes, and inside, where it sees one."""

from dataclasses import dataclass

import numpy as np

from helpers.metrics.segmentation import only_errors
from helpers.segmentation.types import SegmenterEvaluation


@dataclass(frozen=True)
class Inside:
    """One class: share of its pixels that are right, near borders and farther than the last of `BANDS` from them.

    mistaken_for: the class it is most often taken for inside, and the share of its pixels there; None for none.
    errors_inside: share of all its wrong pixels that lie inside. NaN where there is no pixel of it.
    """

    name: str
    near: float
    inside: float
    errors_inside: float
    mistaken_for: str | None
    mistaken: float


def by_class(found: SegmenterEvaluation) -> list[Inside]:
    """Every class of an evaluation, the one least often right inside first."""
    inside, near = found.band_matrices[-1], found.band_matrices[:-1].sum(axis=0)
    rows = [_of_class(c, name, near, inside, found.classes) for c, name in enumerate(found.classes)]
    return sorted(rows, key=lambda row: (np.isnan(row.inside), row.inside))


def _of_class(c: int, name: str, near: np.ndarray, inside: np.ndarray, classes: tuple[str, ...]) -> Inside:
    wrong, wrong_near = only_errors(inside)[c], only_errors(near)[c]
    other = int(wrong.argmax())
    return Inside(
        name,
        near=_share(near[c, c], near[c].sum()),
        inside=_share(inside[c, c], inside[c].sum()),
        errors_inside=_share(wrong.sum(), wrong.sum() + wrong_near.sum()),
        mistaken_for=classes[other] if wrong[other] else None,
        mistaken=_share(wrong[other], inside[c].sum()),
    )


def _share(part: int, whole: int) -> float:
    return float(part / whole) if whole else float("nan")
