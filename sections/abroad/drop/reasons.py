"""Why a network does worse abroad: how much of the drop goes away when the sets are made alike in one respect.

The shares overlap (rare classes are also small ones), so they need not add up to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.metrics.classification import normalise_rows
from helpers.metrics.intervals import Interval, percentile_interval
from helpers.metrics.segmentation import mean_over, resampled, reweighted_iou
from helpers.segmentation.types import SegmenterEvaluation
from sections.abroad.drop.measured import HOME_SEED, REPLICATES, TARGET_SEED, Shift, class_ious_of_truth
from sections.errors.composition.measured import Part, by_segment

NAN = float("nan")
ALIKE = 0.02  # shapes closer than this are not worth an experiment


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

    @property
    def drop(self) -> float:
        return self.home - self.target


def reasons(shift: Shift) -> list[DropReason]:
    """What the two evaluations alone can tell: class mix both ways, label definitions, sizes of regions."""
    return [target_mix(shift), home_mix(shift), definitions(shift), region_sizes(shift)]


def target_mix(shift: Shift) -> DropReason:
    """The target's mean IoU were its classes mixed as at home."""
    value = _reweighted(shift, shift.target.matrix, shift.home.matrix)
    drawn = _reweighted_draws(shift, shift.target_drawn, shift.home_drawn)
    home = shift.means[0]
    explained = _explained(shift, home.value - value, home.drawn - drawn)
    return DropReason("target_mix", "Class mix: abroad as at home", home.value, value, explained)


def home_mix(shift: Shift) -> DropReason:
    """Home's mean IoU were its classes mixed as in the target: the same question asked the other way round."""
    value = _reweighted(shift, shift.home.matrix, shift.target.matrix)
    drawn = _reweighted_draws(shift, shift.home_drawn, shift.target_drawn)
    target = shift.means[1]
    explained = _explained(shift, value - target.value, drawn - target.drawn)
    return DropReason("home_mix", "Class mix: at home as abroad", value, target.value, explained)


def _reweighted(shift: Shift, matrix: np.ndarray, like: np.ndarray) -> float:
    return float(mean_over(reweighted_iou(matrix, like.sum(1))[shift.common]))


def _reweighted_draws(shift: Shift, drawn: np.ndarray, like: np.ndarray) -> np.ndarray:
    return np.array([_reweighted(shift, one, other) for one, other in zip(drawn, like, strict=True)])


def definitions(shift: Shift) -> DropReason:
    """Both sets without the pixels whose class only debatably is the shared one.

    A class of which nothing else is left in one of the sets is left out of both means.
    """
    strict = [one.matrices - one.debatable for one in (shift.home, shift.target)]
    there = np.logical_and(*(one.sum((0, 2)) > 0 for one in strict))
    kept = shift.common[there[shift.common]]
    home, target = (float(mean_over(class_ious_of_truth(one.sum(0))[kept])) for one in strict)
    drawn = [
        mean_over(class_ious_of_truth(resampled(one, REPLICATES, seed))[:, kept])
        for one, seed in zip(strict, (HOME_SEED, TARGET_SEED), strict=True)
    ]
    explained = _explained(shift, home - target, drawn[0] - drawn[1])
    return DropReason("definitions", "Label definitions: debatable left out", home, target, explained)


def region_sizes(shift: Shift) -> DropReason:
    """The target's mean IoU were the pixels of each class spread over regions of all sizes as at home.

    The row of a class is made anew from its rows by size, with home's shares as weights; a size that the target
    does not show is answered as the class is on the whole. Counted for whole sets, hence without an interval.
    """
    home, target = shift.home.segment_matrices, shift.target.segment_matrices
    at_home = float(shift.mean_iou(home.sum(0)))
    before, after = (float(shift.mean_iou(one)) for one in (target.sum(0), alike_in_size(target, home)))
    share = (after - before) / (at_home - before) if shift.is_clear and at_home > before else NAN
    explained = None if np.isnan(share) else Interval(share, NAN, NAN)
    return DropReason("region_sizes", "Sizes of regions: abroad as at home", at_home, after, explained)


def alike_in_size(matrices: np.ndarray, like: np.ndarray) -> np.ndarray:
    """(C, C): the matrix of `matrices` (Z, C, C), by size, had each class the mix of sizes it has in `like`."""
    whole = matrices.sum(0)
    answers = np.where(matrices.sum(2, keepdims=True) > 0, normalise_rows(matrices), normalise_rows(whole))
    weights = like.sum(2) / np.maximum(1, like.sum((0, 2)))
    known = like.sum((0, 2))[:, None] > 0
    mixed = (weights[..., None] * answers).sum(0) * whole.sum(1, keepdims=True)
    return np.where(known, mixed, whole)


def _explained(shift: Shift, left: float, drawn: np.ndarray) -> Interval | None:
    """1 - left / drop with a percentile interval of the bootstrap; None without a clear drop."""
    home, target = shift.means
    drops = home.drawn - target.drawn
    return share_of_drop(1 - left / shift.drop.value, 1 - drawn / drops, drops) if shift.is_clear else None


def share_of_drop(value: float, drawn: np.ndarray, drops: np.ndarray) -> Interval:
    """A share of the drop with the middle 95 % of its replicates; those without a drop have no share."""
    return percentile_interval(value, np.where(drops > 0, drawn, np.nan))


def won_back(shift: Shift, changed: SegmenterEvaluation) -> tuple[Interval, Interval | None]:
    """What a change to network or images wins on the same target scenes: in mean IoU, and as a share of the drop.

    The difference is paired: each replicate draws the same scenes before and after.
    """
    home, before = shift.means
    won = float(shift.mean_iou(changed.matrix) - before.value)
    drawn = shift.mean_iou(resampled(changed.matrices, REPLICATES, TARGET_SEED)) - before.drawn
    drops = home.drawn - before.drawn
    share = share_of_drop(won / shift.drop.value, drawn / drops, drops) if shift.is_clear else None
    return percentile_interval(won, drawn), share


@dataclass(frozen=True)
class SizeGroup:
    """Regions of truth of one size: their share of the labelled pixels, and how often these are wrong."""

    name: str
    home: Part
    target: Part


def size_groups(shift: Shift) -> list[SizeGroup]:
    """Regions by area, smallest first, at home and abroad."""
    pairs = zip(by_segment(shift.home), by_segment(shift.target), strict=True)
    return [SizeGroup(home.name, home, target) for home, target in pairs]


@dataclass(frozen=True)
class Shape:
    """Images of one set as they come, in pixels (medians), and what resizing to S × S does to them."""

    width: float
    height: float
    size: int

    @property
    def squeeze(self) -> float:
        """How many times more the width is shrunk than the height: 1 keeps the shape, 2 halves it sideways."""
        return self.width / self.height


def shapes(shift: Shift) -> tuple[Shape, Shape]:
    """Home's and target's."""
    home, target = (
        Shape(float(np.median(one.facts["width"])), float(np.median(one.facts["height"])), one.size)
        for one in (shift.home, shift.target)
    )
    return home, target


def width_to_match(home: Shape, target: Shape, multiple: int = 16) -> int | None:
    """Width at which target images of height S are squeezed as home's are; None where they are already.

    A multiple of what the network shrinks its maps by.
    """
    ratio = target.squeeze / home.squeeze
    if abs(ratio - 1) < ALIKE:
        return None
    return max(multiple, multiple * round(target.size * ratio / multiple))


def by_explained(found: Sequence[DropReason]) -> list[DropReason]:
    """The reasons, largest share of the drop first."""
    return sorted(found, key=lambda one: -(one.explained.value if one.explained else one.drop))
