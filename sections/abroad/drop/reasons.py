"""Why a network does worse abroad: how much of the drop goes away when the sets are made alike in one respect.

The shares overlap (rare classes are also small ones), so they need not add up to the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError
from helpers.metrics.classification import checked_matrix, normalise_rows
from helpers.metrics.intervals import Interval, percentile_interval
from helpers.metrics.segmentation import class_ious, difference_interval, mean_over
from helpers.segmentation.resampling import drawn_again, units_of
from helpers.segmentation.types import SegmenterEvaluation
from sections.abroad.drop.measured import Measured, Shift
from sections.abroad.variants import grained

NAN = float("nan")
SAME_SHAPE = 0.02  # shapes closer than this are not worth an experiment


@dataclass(frozen=True)
class DropReason:
    """What remains of the drop in mean IoU once home and target are made alike in one respect.

    `explained` is the share of the drop that goes away: negative where the drop grows, None where there is no drop
    to take shares of, and without bounds where the counts are of whole sets only.
    """

    key: str
    title: str
    home: float
    target: float
    explained: Interval | None


def reasons_in_counts(shift: Shift) -> list[DropReason]:
    """What the two evaluations alone can tell: class mix both ways, label definitions, sizes of regions."""
    return [*filter(None, (target_mix(shift), home_mix(shift), definitions(shift), region_sizes(shift)))]


def target_mix(shift: Shift) -> DropReason:
    """The target's mean IoU were its classes mixed as at home."""
    target = _mixed(shift, shift.target, shift.target_drawn, shift.home, shift.home_drawn)
    return _reason(shift, "target_mix", "Class mix: abroad as at home", shift.means[0], target)


def home_mix(shift: Shift) -> DropReason:
    """Home's mean IoU were its classes mixed as in the target: the same question asked the other way round."""
    home = _mixed(shift, shift.home, shift.home_drawn, shift.target, shift.target_drawn)
    return _reason(shift, "home_mix", "Class mix: at home as abroad", home, shift.means[1])


def _mixed(
    shift: Shift, one: SegmenterEvaluation, drawn: np.ndarray, like: SegmenterEvaluation, like_drawn: np.ndarray
) -> Measured:
    pairs = zip([one.matrix, *drawn], [like.matrix, *like_drawn], strict=True)
    value, *others = (float(mean_over(reweighted_iou(a, b.sum(1))[shift.common])) for a, b in pairs)
    return Measured(value, np.array(others), len(units_of(one)))


def definitions(shift: Shift) -> DropReason | None:
    """Both sets without the pixels whose class only debatably is the shared one; None where nothing else is left.

    A class of which nothing else is left in one of the sets is in no mean, neither of what is left nor of the drop
    that this is compared with.
    """
    strict = [replace(one, matrices=one.matrices - one.debatable) for one in (shift.home, shift.target)]
    left = np.flatnonzero(np.all([one.matrix.sum(1) > 0 for one in strict], axis=0))
    if not left.size:
        return None
    means = Shift(*strict, shift.home_title, shift.target_title).means
    return _reason(replace(shift, counted=left), "definitions", "Label definitions: debatable left out", *means)


def region_sizes(shift: Shift) -> DropReason:
    """The target's mean IoU were the pixels of each class spread over regions of all sizes as at home.

    The row of a class is made anew from its rows by size, with home's shares as weights; a size that the target
    does not show is answered as the class is on the whole. Counted for whole sets, hence without an interval.
    """
    home, target = shift.home.segment_matrices, shift.target.segment_matrices
    at_home = float(shift.mean_iou(home.sum(0)))
    before, after = (float(shift.mean_iou(one)) for one in (target.sum(0), alike_in_size(target, home)))
    has_share = shift.is_clear and at_home > before
    explained = Interval((after - before) / (at_home - before), NAN, NAN) if has_share else None
    return DropReason("region_sizes", "Sizes of regions: abroad as at home", at_home, after, explained)


def alike_in_size(matrices: np.ndarray, like: np.ndarray) -> np.ndarray:
    """(C, C): the matrix of `matrices` (Z, C, C), by size, had each class the mix of sizes it has in `like`."""
    whole = matrices.sum(0)
    answers = np.where(matrices.sum(2, keepdims=True) > 0, normalise_rows(matrices), normalise_rows(whole))
    weights = like.sum(2) / np.maximum(1, like.sum((0, 2)))
    known = like.sum((0, 2))[:, None] > 0
    mixed = (weights[..., None] * answers).sum(0) * whole.sum(1, keepdims=True)
    return np.where(known, mixed, whole)


def _reason(shift: Shift, key: str, title: str, home: Measured, target: Measured) -> DropReason:
    """`home`, `target`: mean IoU once both are alike in this respect."""
    before, after = shift.means
    gone = shift.drop.value - (home.value - target.value)
    drawn = (before.drawn - after.drawn) - (home.drawn - target.drawn)
    return DropReason(key, title, home.value, target.value, _share_of_drop(shift, gone, drawn))


def _share_of_drop(shift: Shift, gone: float, drawn: np.ndarray) -> Interval | None:
    """What goes away as a share of the drop, with the middle 95 % of its replicates; None without a clear drop."""
    if not shift.is_clear:
        return None
    drops = shift.means[0].drawn - shift.means[1].drawn
    return percentile_interval(gone / shift.drop.value, np.where(drops > 0, drawn / drops, NAN))


def won_back(shift: Shift, changed: SegmenterEvaluation) -> tuple[Interval, Interval | None]:
    """What a change to network or images wins on the same target scenes: in mean IoU, and as a share of the drop.

    The difference is paired: each replicate draws the same scenes before and after.
    """
    before = shift.means[1]
    won = float(shift.mean_iou(changed.matrix) - before.value)
    drawn = shift.mean_iou(drawn_again(changed)) - before.drawn
    return difference_interval(won, drawn, before.units), _share_of_drop(shift, won, drawn)


def squeeze(found: SegmenterEvaluation) -> float:
    """How many times more the width of a set's images is shrunk than their height, to make them square (medians).

    1 keeps the shape, 2 halves it sideways.
    """
    return float(np.median(found.facts["width"]) / np.median(found.facts["height"]))


def width_to_match(shift: Shift) -> int | None:
    """Width at which target images of height S are squeezed as home's are; None where they are already."""
    ratio = squeeze(shift.target) / squeeze(shift.home)
    width = grained(shift.target.size * ratio)
    return None if abs(ratio - 1) < SAME_SHAPE or width == shift.target.size else width


def reweighted_iou(cm: ArrayLike, truth_shares: ArrayLike) -> np.ndarray:
    """IoU (C,) that the same network would have were the classes mixed as in another set.

    Each row of the matrix is scaled so that the true classes have the pixels in proportion to `truth_shares`
    (C,), while each true class is mistaken for others as often as it was (label shift: Saerens et al. 2002,
    Neural Computation 14:21). A class that the matrix has no truth of cannot be scaled: NaN.
    """
    cm, shares = checked_matrix(cm), np.asarray(truth_shares, np.float64)
    if shares.shape != (len(cm),) or (shares < 0).any() or not shares.sum() > 0:
        raise MetricError(f"The class mix must be {len(cm)} shares of at least 0, not {shares.tolist()}.")
    scaled = normalise_rows(cm) * shares[:, None]
    return np.where(cm.sum(1) > 0, class_ious(scaled), np.nan)
