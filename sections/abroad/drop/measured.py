"""One network in two places: what it scores at home and abroad, and how sure the difference is (chapter 09).

Mean IoU is taken here over the classes that both sets show. Over whatever each set happens to show, the mean would
also change because the classes do; `Shift.published` has those numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np

from helpers.base.errors import CourseError
from helpers.metrics.classification import normalise_rows
from helpers.metrics.intervals import Interval, resampled_interval, standard_error, welch_interval
from helpers.metrics.segmentation import ious_of_shown, mean_over, pixel_accuracy
from helpers.segmentation.resampling import drawn_again, score_intervals, units_of
from helpers.segmentation.types import SegmenterEvaluation
from sections.street_scenes.learnt import not_learnt


class Measured(NamedTuple):
    """A score of one sample: its value, those of its replicates (r,), and how many scenes or sequences."""

    value: float
    drawn: np.ndarray
    units: int

    @property
    def interval(self) -> Interval:
        return resampled_interval(self.value, self.drawn, self.units)


@dataclass(frozen=True)
class Shift:
    """Two evaluations of one network: on scenes of the set it comes from, and on scenes of another.

    counted: positions of the classes of which the means are taken, as far as both sets show them; None for all.
    """

    home: SegmenterEvaluation
    target: SegmenterEvaluation
    home_title: str
    target_title: str
    counted: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.home.classes != self.target.classes:
            raise CourseError("home and target were scored in different classes: evaluate both in the shared list")
        if not self.common.size:
            raise CourseError("no class occurs in the scenes of both sets: there is nothing to compare")

    @property
    def classes(self) -> tuple[str, ...]:
        return self.home.classes

    @cached_property
    def common(self) -> np.ndarray:
        """Positions of the classes that are true somewhere in both sets."""
        shown = np.flatnonzero((self.home.matrix.sum(1) > 0) & (self.target.matrix.sum(1) > 0))
        return shown if self.counted is None else np.intersect1d(shown, self.counted)

    @cached_property
    def unlearnt(self) -> dict[str, float]:
        """The classes that the network does not know even at home, and their IoU there."""
        return not_learnt(self.home)

    @cached_property
    def home_drawn(self) -> np.ndarray:
        """(REPLICATES, C, C): confusion matrices of home's sequences or scenes, drawn again."""
        return drawn_again(self.home)

    @cached_property
    def target_drawn(self) -> np.ndarray:
        """(REPLICATES, C, C): the same of the target's."""
        return drawn_again(self.target)

    @cached_property
    def units(self) -> tuple[int, int]:
        """How many sequences or scenes of home and of the target are drawn."""
        return len(units_of(self.home)), len(units_of(self.target))

    def mean_iou(self, matrices: np.ndarray) -> np.ndarray:
        """Mean IoU over the common classes, from confusion matrices (..., C, C): (...)."""
        return mean_over(ious_of_shown(matrices)[..., self.common])

    def measured(self, score: Callable[[np.ndarray], np.ndarray]) -> tuple[Measured, Measured]:
        """A score of confusion matrices (..., C, C), at home and abroad."""
        return (
            Measured(float(score(self.home.matrix)), score(self.home_drawn), self.units[0]),
            Measured(float(score(self.target.matrix)), score(self.target_drawn), self.units[1]),
        )

    @cached_property
    def means(self) -> tuple[Measured, Measured]:
        """Mean IoU at home and abroad."""
        return self.measured(self.mean_iou)

    @property
    def home_mean(self) -> Interval:
        return self._mean(0)

    @property
    def target_mean(self) -> Interval:
        return self._mean(1)

    def _mean(self, side: int) -> Interval:
        """With the interval that is published where the common classes are all in its truth or prediction."""
        matrix = (self.home, self.target)[side].matrix
        is_published = np.array_equal(np.flatnonzero(matrix.sum(0) + matrix.sum(1)), self.common)
        return self.published[side] if is_published else self.means[side].interval

    @cached_property
    def drop(self) -> Interval:
        """Mean IoU at home minus abroad, with its 95 % interval."""
        return difference_of_samples(*self.means)

    @property
    def is_clear(self) -> bool:
        """Whether the drop is more than chance explains: only then can shares of it be told."""
        return self.drop.low > 0

    @cached_property
    def accuracies(self) -> tuple[Interval, Interval, Interval]:
        """Pixel accuracy at home, abroad, and the drop."""
        home, target = self.measured(pixel_accuracy)
        return home.interval, target.interval, difference_of_samples(home, target)

    @cached_property
    def _alone(self) -> list[dict]:
        """The scores of each set by itself, with intervals."""
        return [score_intervals(one) for one in (self.home, self.target)]

    @property
    def published(self) -> tuple[Interval, Interval]:
        """Mean IoU as usually published, home and target: over the classes in each set's truth or prediction."""
        home, target = self._alone
        return home["mean_iou"], target["mean_iou"]

    @cached_property
    def class_drops(self) -> "list[ClassDrop]":
        """Every class that either set shows, the largest drop first; then those not learnt even at home, and those
        of one set only."""
        drawn = [ious_of_shown(one) for one in (self.home_drawn, self.target_drawn)]
        rows = [self._class_drop(c, [one[:, c] for one in drawn]) for c in range(len(self.classes))]
        rows = [row for row in rows if row.home or row.target]
        return sorted(rows, key=lambda row: (not row.drop, not row.learnt, -row.drop.value if row.drop else 0))

    def _class_drop(self, c: int, drawn: list[np.ndarray]) -> "ClassDrop":
        both = (self.home, self.target)
        scenes, units = (
            tuple(int((matrices[:, c].sum(1) > 0).sum()) for matrices in found)
            for found in ([one.matrices for one in both], map(units_of, both))
        )
        ious = [one["iou"][c] if count else None for one, count in zip(self._alone, scenes, strict=True)]
        sides = [Measured(iou.value, values, n) for iou, values, n in zip(ious, drawn, units, strict=True) if iou]
        drop = difference_of_samples(*sides) if len(sides) == 2 else None
        return ClassDrop(self.classes[c], *ious, drop, scenes, self.classes[c] not in self.unlearnt)


@dataclass(frozen=True)
class ClassDrop:
    """One class's IoU at home and abroad, None where the set shows none of it.

    `drop` has bounds NaN where fewer than two of the sequences or scenes drawn of either set show the class.
    """

    name: str
    home: Interval | None
    target: Interval | None
    drop: Interval | None
    scenes: tuple[int, int]  # of home and target that show it
    learnt: bool  # at home


def difference_of_samples(first: Measured, second: Measured) -> Interval:
    """First minus second value of two independent samples. The bounds are NaN where one has a single unit."""
    errors = [standard_error(one.drawn, one.units) for one in (first, second)]
    return welch_interval(float(first.value - second.value), errors, (first.units, second.units))


@dataclass(frozen=True)
class ConfusionChange:
    """How often a true class is given a wrong answer at home and abroad, as shares of the class's pixels."""

    truth: str
    predicted: str
    home: float
    target: float


def answer_shares(found: SegmenterEvaluation) -> np.ndarray:
    """(C, C): share of each true class's pixels by answer; NaN rows for classes that the set does not show."""
    matrix = found.matrix
    return np.where(matrix.sum(1, keepdims=True) > 0, normalise_rows(matrix), np.nan)


def largest_changes(shift: Shift, most: int) -> list[ConfusionChange]:
    """The confusions whose frequency differs most between the sets, of learnt classes that both show."""
    home, target = answer_shares(shift.home), answer_shares(shift.target)
    cells = [
        ConfusionChange(shift.classes[i], shift.classes[j], float(home[i, j]), float(target[i, j]))
        for i, j in product(shift.common.tolist(), range(len(shift.classes)))
        if i != j and home[i, j] != target[i, j] and shift.classes[i] not in shift.unlearnt
    ]
    return sorted(cells, key=lambda cell: -abs(cell.target - cell.home))[:most]
