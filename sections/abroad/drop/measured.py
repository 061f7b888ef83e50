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
from helpers.metrics.intervals import Interval, normal_quantile, resampled, resampled_interval, standard_error
from helpers.metrics.segmentation import (
    REPLICATES,
    bootstrap_segmentation,
    class_ious,
    mean_over,
    pixel_accuracy,
)
from helpers.segmentation.types import SegmenterEvaluation

HOME_SEED, TARGET_SEED = 1, 2  # the sets are independent samples, so their scenes are drawn independently


class Measured(NamedTuple):
    """A score of one sample of scenes: its value, those of its bootstrap replicates (r,), and how many scenes."""

    value: float
    drawn: np.ndarray
    scenes: int

    @property
    def interval(self) -> Interval:
        return resampled_interval(self.value, self.drawn, self.scenes)


@dataclass(frozen=True)
class Shift:
    """Two evaluations of one network: on scenes of the set it comes from, and on scenes of another."""

    home: SegmenterEvaluation
    target: SegmenterEvaluation
    home_title: str
    target_title: str

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
        return np.flatnonzero((self.home.matrix.sum(1) > 0) & (self.target.matrix.sum(1) > 0))

    @cached_property
    def home_drawn(self) -> np.ndarray:
        """(REPLICATES, C, C): confusion matrices of resampled home scenes."""
        return resampled(self.home.matrices, REPLICATES, HOME_SEED)

    @cached_property
    def target_drawn(self) -> np.ndarray:
        """(REPLICATES, C, C): confusion matrices of resampled target scenes."""
        return resampled(self.target.matrices, REPLICATES, TARGET_SEED)

    def mean_iou(self, matrices: np.ndarray) -> np.ndarray:
        """Mean IoU over the common classes, from confusion matrices (..., C, C): (...)."""
        return mean_over(ious_of_shown(matrices)[..., self.common])

    def measured(self, score: Callable[[np.ndarray], np.ndarray]) -> tuple[Measured, Measured]:
        """A score of confusion matrices (..., C, C), at home and abroad."""
        return (
            Measured(float(score(self.home.matrix)), score(self.home_drawn), len(self.home)),
            Measured(float(score(self.target.matrix)), score(self.target_drawn), len(self.target)),
        )

    @cached_property
    def means(self) -> tuple[Measured, Measured]:
        """Mean IoU at home and abroad."""
        return self.measured(self.mean_iou)

    @property
    def home_mean(self) -> Interval:
        return self.means[0].interval

    @property
    def target_mean(self) -> Interval:
        return self.means[1].interval

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
        return [bootstrap_segmentation(one.matrices) for one in (self.home, self.target)]

    @property
    def published(self) -> tuple[Interval, Interval]:
        """Mean IoU as usually published, home and target: over the classes in each set's truth or prediction."""
        home, target = self._alone
        return home["mean_iou"], target["mean_iou"]

    @cached_property
    def class_drops(self) -> "list[ClassDrop]":
        """Every class that either set shows, the largest drop first; those of one set only at the end."""
        drawn = [ious_of_shown(one) for one in (self.home_drawn, self.target_drawn)]
        rows = [self._class_drop(c, [one[:, c] for one in drawn]) for c in range(len(self.classes))]
        rows = [row for row in rows if row.home or row.target]
        return sorted(rows, key=lambda row: -(row.drop.value if row.drop else -2.0))

    def _class_drop(self, c: int, drawn: list[np.ndarray]) -> "ClassDrop":
        truths = [one.matrices.sum(2) for one in (self.home, self.target)]
        scenes = tuple(int((truth[:, c] > 0).sum()) for truth in truths)
        ious = [one["iou"][c] if count else None for one, count in zip(self._alone, scenes, strict=True)]
        sides = [Measured(iou.value, values, n) for iou, values, n in zip(ious, drawn, scenes, strict=True) if iou]
        drop = difference_of_samples(*sides) if len(sides) == 2 else None
        return ClassDrop(self.classes[c], *ious, drop, scenes)


@dataclass(frozen=True)
class ClassDrop:
    """One class's IoU at home and abroad, None where the set shows none of it.

    `drop` has bounds NaN where fewer than two scenes of either set show the class.
    """

    name: str
    home: Interval | None
    target: Interval | None
    drop: Interval | None
    scenes: tuple[int, int]  # of home and target that show it


def ious_of_shown(matrices: np.ndarray) -> np.ndarray:
    """IoU (..., C) from confusion matrices (..., C, C), NaN where the class is not in the truth."""
    return np.where(matrices.sum(-1) > 0, class_ious(matrices), np.nan)


def difference_of_samples(first: Measured, second: Measured) -> Interval:
    """First minus second value of two independent samples.

    The standard errors add in squares, and the interval is the normal one: d ± 1.96 √(s₁² + s₂²) (Efron &
    Tibshirani 1993, chapters 8 and 13). The bounds are NaN where a sample has a single scene.
    """
    value = float(first.value - second.value)
    reach = normal_quantile(0.95) * np.hypot(*(standard_error(one.drawn, one.scenes) for one in (first, second)))
    return Interval(value, float(value - reach), float(value + reach))


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
    """The confusions whose frequency differs most between the sets, of classes that both show."""
    home, target = answer_shares(shift.home), answer_shares(shift.target)
    cells = [
        ConfusionChange(shift.classes[i], shift.classes[j], float(home[i, j]), float(target[i, j]))
        for i, j in product(shift.common.tolist(), range(len(shift.classes)))
        if i != j and home[i, j] != target[i, j]
    ]
    return sorted(cells, key=lambda cell: -abs(cell.target - cell.home))[:most]
