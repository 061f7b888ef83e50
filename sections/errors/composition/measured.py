"""What the errors of a segmenter are made of: where they lie, on what, and between which classes.

Every account here divides the same pixels into parts, so its shares add up to the whole; two accounts look at
the same errors from two sides and do not add up with each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from helpers.metrics.intervals import Interval
from helpers.metrics.segmentation import class_ious, mean_over, only_errors, pixel_accuracy
from helpers.segmentation.resampling import score_intervals
from helpers.segmentation.types import BANDS, SEGMENT_SHARES, SegmenterEvaluation


@dataclass(frozen=True)
class ClassScores:
    """One class: how many scenes contain it, and its scores with 95 % intervals.

    A score is None where it is 0 / 0: no truth for recall, no prediction for precision, neither for F1 and IoU.
    """

    name: str
    scenes: int
    precision: Interval | None
    recall: Interval | None
    f1: Interval | None
    iou: Interval | None


def score_classes(found: SegmenterEvaluation, replicates: int = 1000) -> list[ClassScores]:
    """Every class, in class order."""
    scores, scenes = score_intervals(found, replicates), (found.matrices.sum(2) > 0).sum(0)
    by_class = zip(*(scores[kind] for kind in ("precision", "recall", "f1", "iou")), strict=True)
    return [ClassScores(found.classes[c], int(scenes[c]), *row) for c, row in enumerate(by_class)]


@dataclass(frozen=True)
class Part:
    """One part of all labelled pixels, and how many of them are wrong."""

    name: str
    pixels: int
    wrong: int
    share: float  # of all pixels
    wrong_share: float  # of all wrong pixels; 0 where none is wrong

    @property
    def error_rate(self) -> float:
        """Share of this part's pixels that is wrong; NaN in an empty part."""
        return self.wrong / self.pixels if self.pixels else float("nan")


def by_band(found: SegmenterEvaluation) -> list[Part]:
    """Pixels and errors by distance from the nearest border between two classes: "up to 1 px", "1 to 2 px", …"""
    return _account(_ranges(BANDS, "px"), found.band_matrices)


def by_segment(found: SegmenterEvaluation) -> list[Part]:
    """Pixels and errors by the area of the connected region of truth they lie in: "up to 0.05 %", …"""
    return _account(_ranges([100 * share for share in SEGMENT_SHARES], "%"), found.segment_matrices)


def _ranges(edges: Sequence[float], unit: str) -> list[str]:
    inner = [f"{low:g} to {high:g} {unit}" for low, high in pairwise(edges)]
    return [f"up to {edges[0]:g} {unit}", *inner, f"over {edges[-1]:g} {unit}"]


def _account(names: Sequence[str], groups: np.ndarray) -> list[Part]:
    """One part for each confusion matrix of `groups` (G, C, C)."""
    pixels, wrong = groups.sum((1, 2)), only_errors(groups).sum((1, 2))
    shares, wrong_shares = pixels / max(1, pixels.sum()), wrong / max(1, wrong.sum())
    columns = (pixels.tolist(), wrong.tolist(), shares.tolist(), wrong_shares.tolist())
    return [Part(*row) for row in zip(names, *columns, strict=True)]


@dataclass(frozen=True)
class ClassPair:
    """Two classes and the pixels taken for each other: `there` of the first for the second, `back` the reverse."""

    first: str
    second: str
    there: int
    back: int
    share: float  # of all wrong pixels, both ways


def by_pair(found: SegmenterEvaluation) -> list[ClassPair]:
    """Every pair of classes that are taken for each other, the most pixels first; their shares add up to 1."""
    wrong, names, pairs = only_errors(found.matrix), found.classes, []
    for i, j in np.argwhere(np.triu(wrong + wrong.T)).tolist():
        i, j = (i, j) if wrong[i, j] >= wrong[j, i] else (j, i)
        there, back = int(wrong[i, j]), int(wrong[j, i])
        pairs.append(ClassPair(names[i], names[j], there, back, float((there + back) / wrong.sum())))
    return sorted(pairs, key=lambda pair: -pair.share)


@dataclass(frozen=True)
class Trimap:
    """Accuracy and mean IoU of the pixels at some distance from the nearest border, and of those up to it.

    widths: (D,) pixels of the network's image. `within_*` (D,) belong to the strip of that half-width on either
    side of every border (the trimap of Kohli, Ladický & Torr 2009, "Robust higher order potentials for enforcing
    label consistency", IJCV 82:302; as a curve of mean IoU in Chen et al. 2018, "DeepLab", TPAMI 40:834);
    `band_*` (D + 1,) to each band by itself, the last being what lies farther than all widths.
    Every mean IoU is over the same classes, `classes`: those with true pixels in every band. NaN without any.
    """

    widths: np.ndarray
    classes: tuple[str, ...]
    band_accuracy: np.ndarray
    band_mean_iou: np.ndarray
    within_accuracy: np.ndarray
    within_mean_iou: np.ndarray
    accuracy: float  # of all pixels
    mean_iou: float


def measure_trimap(found: SegmenterEvaluation) -> Trimap:
    """How accuracy and mean IoU depend on the distance from the border."""
    bands, strips = found.band_matrices, found.band_matrices.cumsum(0)
    shown = np.flatnonzero((bands.sum(2) > 0).all(0))
    of_bands, of_strips = (mean_over(class_ious(one)[:, shown]) for one in (bands, strips))
    return Trimap(
        np.array(BANDS), tuple(found.classes[c] for c in shown),
        pixel_accuracy(bands), of_bands, pixel_accuracy(strips[:-1]), of_strips[:-1],
        float(pixel_accuracy(strips[-1])), float(of_strips[-1]),
    )  # fmt: skip
