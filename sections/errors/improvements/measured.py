"""What a network would gain if it stopped making one kind of mistake: confusions ranked by the mean IoU they cost.

To *resolve* the confusion i → j means: its pixels, of class i in truth and j in prediction, become right. Class i
wins them as hits, class j loses them as false alarms, and mean IoU is computed anew. (For detectors: Hoiem,
Chodpathumwan & Dai 2012, "Diagnosing error in object detectors", ECCV; Bolya et al. 2020, "TIDE", ECCV.)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from helpers.metrics.intervals import Interval, percentile_interval
from helpers.metrics.segmentation import class_ious, mean_ious, only_errors, resampled
from helpers.segmentation.types import BANDS, SEGMENT_SHARES, SegmenterEvaluation

NEAR = 2  # bands up to `BANDS[NEAR]` pixels count as near a border
SMALL = 1  # groups up to `SEGMENT_SHARES[SMALL]` of the image count as small segments


def resolved(matrices: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Confusion matrices (..., C, C) after those of their `pixels` (..., C, C) have become right."""
    moved = only_errors(pixels)
    return matrices - moved + moved.sum(-1)[..., None] * np.eye(moved.shape[-1], dtype=moved.dtype)


def gain_of(matrices: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Mean IoU won, shape (...), where `pixels` (..., C, C) of the confusion matrices become right."""
    return mean_ious(resolved(matrices, pixels)) - mean_ious(matrices)


def pair_gains(matrices: np.ndarray) -> np.ndarray:
    """Mean IoU won by resolving each confusion by itself: (..., C, C), rows the truth, 0 on the diagonal.

    With m pixels of class i taken for j, hits TP, unions U = TP + FP + FN and K classes in truth or prediction,
    the gain is (m/U_i + TP_j/(U_j - m) - TP_j/U_j) / K. A class of which nothing is left, because it was in no
    truth and the pixels were all that was taken for it, leaves the mean.
    """
    wrong = only_errors(matrices).astype(np.float64)
    hits, unions = _hits_and_unions(matrices)
    ious = np.divide(hits, unions, where=unions > 0, out=np.zeros_like(hits))
    present, total = (unions > 0).sum(-1)[..., None, None], ious.sum(-1)[..., None, None]
    left = unions[..., None, :] - wrong
    after = np.divide(hits[..., None, :], left, where=left > 0, out=np.zeros_like(wrong))
    won = np.divide(wrong, unions[..., :, None], where=wrong > 0, out=np.zeros_like(wrong))
    vanished = (left == 0) & (wrong > 0)
    changed = total + won + after - ious[..., None, :]
    gains = changed / np.maximum(present - vanished, 1) - total / np.maximum(present, 1)
    return np.where(wrong > 0, gains, 0.0)


def _hits_and_unions(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hits = np.diagonal(matrices, axis1=-2, axis2=-1).astype(np.float64)
    return hits, matrices.sum(-1) + matrices.sum(-2) - hits


@dataclass(frozen=True)
class Improvement:
    """One confusion, and what resolving it would bring.

    share: of all wrong pixels. gain: mean IoU won, with its 95 % interval. place: best and worst place in the
    ranking in 95 of 100 resampled sets. iou_truth, iou_predicted: of the two classes, before and after.
    near: share of its pixels near a border of two classes, and thin: the same share of all pixels of its true
    class; small: share in small segments; debatable: share whose label is a debatable row of the class table.
    NaN where nothing was counted.
    """

    truth: int
    predicted: int
    pixels: int
    share: float
    gain: Interval
    place: tuple[int, int]
    iou_truth: tuple[float, float]
    iou_predicted: tuple[float, float]
    near: float
    thin: float
    small: float
    debatable: float


def ranking(found: SegmenterEvaluation, replicates: int = 1000, seed: int = 0) -> list[Improvement]:
    """Every confusion that occurs, the costliest first; intervals by bootstrap over scenes."""
    drawn = pair_gains(resampled(found.matrices, replicates, seed))
    gains = pair_gains(found.matrix)
    cells = [(int(i), int(j)) for i, j in zip(*np.nonzero(only_errors(found.matrix)), strict=True)]
    cells.sort(key=lambda cell: (-gains[cell], cell))
    places = _places(drawn, cells)
    return [_improvement(found, cell, gains, drawn, place) for cell, place in zip(cells, places, strict=True)]


def _places(drawn: np.ndarray, cells: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places 1, 2, … of each cell among all cells, at the 2.5 and 97.5 percentiles of the replicates."""
    if not cells:
        return []
    rows, columns = np.array(cells).T
    order = np.argsort(-drawn[:, rows, columns], axis=1, kind="stable")
    places = np.argsort(order, axis=1) + 1
    bounds = np.quantile(places, [0.025, 0.975], axis=0, method="nearest")
    return [(int(low), int(high)) for low, high in bounds.T]


def _improvement(
    found: SegmenterEvaluation, cell: tuple[int, int], gains: np.ndarray, drawn: np.ndarray, place: tuple[int, int]
) -> Improvement:
    truth, predicted = cell
    pixels = np.zeros_like(found.matrix)
    pixels[cell] = found.matrix[cell]
    before, after = class_ious(found.matrix), class_ious(resolved(found.matrix, pixels))
    return Improvement(
        truth=truth, predicted=predicted, pixels=int(found.matrix[cell]),
        share=float(found.matrix[cell] / only_errors(found.matrix).sum()),
        gain=_percentiles(float(gains[cell]), drawn[:, *cell]), place=place,
        iou_truth=(float(before[truth]), float(after[truth])),
        iou_predicted=(float(before[predicted]), float(after[predicted])),
        near=_part(found.band_matrices[:, *cell], NEAR), thin=_part(found.band_matrices[:, truth].sum(-1), NEAR),
        small=_part(found.segment_matrices[:, *cell], SMALL),
        debatable=float(found.debatable[:, *cell].sum() / found.matrix[cell]),
    )  # fmt: skip


def _part(counts: np.ndarray, last: int) -> float:
    """Share of the pixels (groups,) in the groups up to number `last`."""
    return float(counts[: last + 1].sum() / counts.sum()) if counts.sum() else float("nan")


def _percentiles(value: float, drawn: np.ndarray) -> Interval:
    """Bounds from the replicates; none (NaN) where they are all alike, as those of a single scene are."""
    if np.ptp(drawn) == 0:
        return Interval(value, float("nan"), float("nan"))
    return percentile_interval(value, drawn)


def together(found: SegmenterEvaluation, improvements: Iterable[Improvement]) -> np.ndarray:
    """Mean IoU now and after resolving the first, the first two, … of the improvements: (len + 1,) float64."""
    matrix, values = found.matrix, [float(mean_ious(found.matrix))]
    for one in improvements:
        pixels = np.zeros_like(matrix)
        pixels[one.truth, one.predicted] = matrix[one.truth, one.predicted]
        matrix = resolved(matrix, pixels)
        values.append(float(mean_ious(matrix)))
    return np.array(values)


@dataclass(frozen=True)
class Area:
    """A group of mistakes: its share of all wrong pixels, and the mean IoU won if all of them were resolved.

    The interval has no bounds (NaN) where the mistakes were not counted scene by scene, or in one scene only.
    """

    kind: str  # "place", "size", "kind" or "label": groups of one kind divide the errors among them
    name: str
    share: float
    gain: Interval


def areas(found: SegmenterEvaluation, families: Sequence[str] | None = None, replicates: int = 1000) -> list[Area]:
    """Groups of mistakes by place, size, kind of thing and label; a group without a mistake is left out.

    families: for each class the kind of thing it is, such as "vehicles"; None: not grouped by it.
    """
    groups = [
        *_in_two("place", found.band_matrices, NEAR, (f"within {BANDS[NEAR]:g} px of a border", "farther inside")),
        *_in_two("size", found.segment_matrices, SMALL, _size_names()),
        *_by_family(found, families, replicates),
        *_by_label(found, replicates),
    ]
    return [area for area in groups if area.share > 0]


def _size_names() -> tuple[str, str]:
    limit = f"{100 * SEGMENT_SHARES[SMALL]:g} % of the image"
    return f"on segments up to {limit}", f"on segments over {limit}"


def _in_two(kind: str, groups: np.ndarray, last: int, names: tuple[str, str]) -> list[Area]:
    """The groups up to number `last`, and those after it."""
    whole = groups.sum(0)
    parts = zip(names, (groups[: last + 1].sum(0), groups[last + 1 :].sum(0)), strict=True)
    return [_area(kind, name, whole, pixels) for name, pixels in parts]


def _by_family(found: SegmenterEvaluation, families: Sequence[str] | None, replicates: int) -> list[Area]:
    """Confusions within each family of at least two classes, and between families."""
    if families is None or len(set(families)) in (1, len(families)):
        return []
    names = np.array(families)
    alike = names[:, None] == names
    several = [name for name in dict.fromkeys(families) if (names == name).sum() > 1]
    masks = {f"within {name}": alike & (names == name) for name in several} | {"between kinds": ~alike}
    drawn = resampled(found.matrices, replicates, 0)
    return [
        _area("kind", name, found.matrix, found.matrix * mask, (drawn, drawn * mask))
        for name, mask in masks.items()
    ]


def _by_label(found: SegmenterEvaluation, replicates: int) -> list[Area]:
    """Pixels whose label counts as its class only debatably."""
    drawn = resampled(found.matrices, replicates, 0), resampled(found.debatable, replicates, 0)  # the same scenes
    return [_area("label", "of debatable labels", found.matrix, found.debatable.sum(0), drawn)]


def _area(
    kind: str, name: str, whole: np.ndarray, pixels: np.ndarray, drawn: tuple[np.ndarray, np.ndarray] | None = None
) -> Area:
    errors, gain = only_errors(whole).sum(), float(gain_of(whole, pixels))
    interval = Interval(gain, np.nan, np.nan) if drawn is None else _percentiles(gain, gain_of(*drawn))
    return Area(kind, name, float(only_errors(pixels).sum() / max(1, errors)), interval)


@dataclass(frozen=True)
class ClassGain:
    """Mean IoU won if a class were never missed, if nothing else were taken for it, and if both held."""

    name: str
    missed: Interval
    false_alarms: Interval
    both: Interval


def class_gains(found: SegmenterEvaluation, replicates: int = 1000) -> list[ClassGain]:
    """One row a class in truth or prediction, the largest gain first."""
    drawn, gains = resampled(found.matrices, replicates, 0), []
    for c in np.flatnonzero(found.matrix.sum(0) + found.matrix.sum(1)):
        row = np.arange(len(found.classes))[:, None] == c
        masks = (row & np.ones_like(row.T), row.T & np.ones_like(row), row | row.T)
        won = [
            _percentiles(float(gain_of(found.matrix, found.matrix * m)), gain_of(drawn, drawn * m)) for m in masks
        ]
        gains.append(ClassGain(found.classes[c], *won))
    return sorted(gains, key=lambda one: -one.both.value)
