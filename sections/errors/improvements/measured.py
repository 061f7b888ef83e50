"""What a network would gain if it stopped making one kind of mistake: see `helpers.metrics.confusion_gains`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from helpers.metrics.confusion_gains import pair_gains, resolve, resolving_gain
from helpers.metrics.intervals import Interval, percentile_interval
from helpers.metrics.segmentation import mean_ious, only_errors
from helpers.segmentation.observed import BOUNDARY_BANDS, SMALL_GROUPS
from helpers.segmentation.resampling import drawn_again, units_of
from helpers.segmentation.types import BANDS, SEGMENT_SHARES, SegmenterEvaluation

BORDER = f"{BANDS[BOUNDARY_BANDS - 1]:g} px of a border"
SMALL_AREA = f"{100 * SEGMENT_SHARES[SMALL_GROUPS - 1]:g} % of the image"


@dataclass(frozen=True)
class Improvement:
    """One confusion, and what resolving it would bring.

    share: of all wrong pixels. gain: mean IoU won, with its 95 % interval. place: best and worst place in the
    ranking in 95 of 100 resampled sets, None where nothing can be resampled. learnt: whether the network knows the
    true class at home. truth_share: the true class's part of the labelled pixels.
    near: share of its pixels near a border of two classes, and thin: the same share of all pixels of its true
    class; small: share in small segments; debatable: share whose label is a debatable row of the class table.
    NaN where nothing was counted.
    """

    truth: str
    predicted: str
    pixels: int
    share: float
    gain: Interval
    place: tuple[int, int] | None
    learnt: bool
    truth_share: float
    near: float
    thin: float
    small: float
    debatable: float

    @property
    def arrow(self) -> str:
        return f"{self.truth} → {self.predicted}"


def rank_confusions(
    found: SegmenterEvaluation, unlearnt: Collection[str] = (), replicates: int = 1000
) -> list[Improvement]:
    """Every confusion that occurs, the costliest first; `unlearnt` are the classes not known even at home."""
    gains, drawn = pair_gains(found.matrix), pair_gains(drawn_again(found, replicates=replicates))
    cells = sorted(map(tuple, np.argwhere(only_errors(found.matrix)).tolist()), key=lambda cell: -gains[cell])
    if not cells:
        return []
    order = np.argsort(np.argsort(-drawn[:, *zip(*cells, strict=True)], axis=1, kind="stable"), axis=1) + 1
    places = np.quantile(order, [0.025, 0.975], axis=0, method="nearest").T.tolist()
    several = len(units_of(found)) > 1
    return [
        _improvement(
            found,
            cell,
            percentiles(float(gains[cell]), drawn[:, *cell]),
            tuple(place) if several else None,
            unlearnt,
        )
        for cell, place in zip(cells, places, strict=True)
    ]


def _improvement(
    found: SegmenterEvaluation, cell: tuple[int, int], gain: Interval, place: tuple[int, int] | None,
    unlearnt: Collection[str],
) -> Improvement:  # fmt: skip
    matrix, (truth, predicted) = found.matrix, cell
    bands, segments = found.band_matrices, found.segment_matrices
    return Improvement(
        truth=found.classes[truth], predicted=found.classes[predicted], pixels=int(matrix[cell]),
        share=float(matrix[cell] / only_errors(matrix).sum()), gain=gain, place=place,
        learnt=found.classes[truth] not in unlearnt,
        truth_share=float(matrix[truth].sum() / matrix.sum()),
        near=_first(bands[:, *cell], BOUNDARY_BANDS), thin=_first(bands[:, truth].sum(-1), BOUNDARY_BANDS),
        small=_first(segments[:, *cell], SMALL_GROUPS),
        debatable=float(found.debatable[:, *cell].sum() / matrix[cell]),
    )  # fmt: skip


def _first(counts: np.ndarray, groups: int) -> float:
    """Share of the pixels (groups,) in the first so many groups."""
    return float(counts[:groups].sum() / counts.sum()) if counts.sum() else float("nan")


def percentiles(value: float, drawn: np.ndarray) -> Interval:
    """Bounds from the replicates; none (NaN) where they are all alike, as those of a single scene are."""
    if np.ptp(drawn) == 0:
        return Interval(value, float("nan"), float("nan"))
    return percentile_interval(value, drawn)


def resolve_together(found: SegmenterEvaluation, improvements: Iterable[Improvement]) -> np.ndarray:
    """Mean IoU now and after resolving the first, the first two, … of the improvements: (len + 1,) float64."""
    matrix, values = found.matrix, [float(mean_ious(found.matrix))]
    for one in improvements:
        cell = found.classes.index(one.truth), found.classes.index(one.predicted)
        pixels = np.zeros_like(matrix)
        pixels[cell] = matrix[cell]
        matrix = resolve(matrix, pixels)
        values.append(float(mean_ious(matrix)))
    return np.array(values)


@dataclass(frozen=True)
class Area:
    """A group of mistakes: its share of all wrong pixels, and the mean IoU won if all of them were resolved.

    The interval has no bounds (NaN) where the mistakes were not counted scene by scene, or in one scene only.
    """

    kind: str  # "Place", "Size", "Kind of thing" or "Label": groups of one kind divide the errors among them
    name: str
    share: float
    gain: Interval


def group_errors(found: SegmenterEvaluation, families: Sequence[str], replicates: int = 1000) -> list[Area]:
    """Groups of mistakes by place, size, kind of thing and label; a group without a mistake is left out.

    families: for each class the kind of thing it is, such as "vehicles".
    """
    bands, segments, drawn = found.band_matrices, found.segment_matrices, drawn_again(found, replicates=replicates)
    debatable = drawn_again(found, found.debatable, replicates)  # of the same scenes
    groups = [
        _area("Place", f"within {BORDER}", bands.sum(0), bands[:BOUNDARY_BANDS].sum(0)),
        _area("Place", "farther inside", bands.sum(0), bands[BOUNDARY_BANDS:].sum(0)),
        _area("Size", f"on segments up to {SMALL_AREA}", segments.sum(0), segments[:SMALL_GROUPS].sum(0)),
        _area("Size", f"on segments over {SMALL_AREA}", segments.sum(0), segments[SMALL_GROUPS:].sum(0)),
        *(
            _area("Kind of thing", name, found.matrix, found.matrix * mask, (drawn, drawn * mask))
            for name, mask in _family_masks(np.array(families)).items()
        ),
        _area("Label", "of debatable labels", found.matrix, found.debatable.sum(0), (drawn, debatable)),
    ]
    return [area for area in groups if area.share > 0]


def _family_masks(names: np.ndarray) -> dict[str, np.ndarray]:
    """Confusions within each family of at least two classes, and between families, if these divide anything."""
    alike, families = names[:, None] == names, list(dict.fromkeys(names.tolist()))
    if len(families) in (1, len(names)):
        return {}
    several = [name for name in families if (names == name).sum() > 1]
    return {f"within {name}": alike & (names == name) for name in several} | {"between kinds": ~alike}


def _area(
    kind: str, name: str, whole: np.ndarray, pixels: np.ndarray, drawn: tuple[np.ndarray, np.ndarray] | None = None
) -> Area:
    errors, gain = only_errors(whole).sum(), float(resolving_gain(whole, pixels))
    interval = percentiles(gain, resolving_gain(*drawn)) if drawn else Interval(gain, np.nan, np.nan)
    return Area(kind, name, float(only_errors(pixels).sum() / max(1, errors)), interval)


@dataclass(frozen=True)
class ClassGain:
    """Mean IoU won if a class were never missed, if nothing else were taken for it, and if both held."""

    name: str
    missed: Interval
    false_alarms: Interval
    both: Interval


def gains_by_class(found: SegmenterEvaluation, replicates: int = 1000) -> list[ClassGain]:
    """One row a class in truth or prediction, the largest gain first."""
    matrix, drawn, gains = found.matrix, drawn_again(found, replicates=replicates), []
    for c in np.flatnonzero(matrix.sum(0) + matrix.sum(1)):
        row, column = (np.zeros_like(matrix, bool) for _ in range(2))
        row[c], column[:, c] = True, True
        won = [
            percentiles(float(resolving_gain(matrix, matrix * mask)), resolving_gain(drawn, drawn * mask))
            for mask in (row, column, row | column)
        ]
        gains.append(ClassGain(found.classes[c], *won))
    return sorted(gains, key=lambda one: -one.both.value)
