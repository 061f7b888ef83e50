"""One network in two places: what it scores at home and abroad, and how sure the difference is (chapter 09).

Mean IoU is taken here over the classes that both sets show. Over whatever each set happens to show, the mean would
also change because the classes do; `Shift.published` has those numbers.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from helpers.errors import CourseError
from helpers.metrics.intervals import Interval, effective_wilson, normal_quantile
from helpers.metrics.segmentation import bootstrap_segmentation
from helpers.segmentation.errors import class_ious, resampled
from helpers.segmentation.types import Evaluation

REPLICATES = 1000
HOME_SEED, TARGET_SEED = 1, 2  # the sets are independent samples, so their scenes are drawn independently


@dataclass(frozen=True)
class Shift:
    """Two evaluations of one network: on scenes of the set it comes from, and on scenes of another."""

    home: Evaluation
    target: Evaluation
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
    def home_only(self) -> list[str]:
        """Classes that only the home scenes show."""
        return self._shown(self.home, self.target)

    @cached_property
    def target_only(self) -> list[str]:
        return self._shown(self.target, self.home)

    def _shown(self, here: Evaluation, there: Evaluation) -> list[str]:
        only = (here.matrix.sum(1) > 0) & (there.matrix.sum(1) == 0)
        return [name for name, one in zip(self.classes, only, strict=True) if one]

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
        return mean_over(class_ious_of_truth(matrices)[..., self.common])

    @cached_property
    def home_mean(self) -> Interval:
        return _bounded(self.mean_iou(self.home.matrix), self.mean_iou(self.home_drawn), len(self.home))

    @cached_property
    def target_mean(self) -> Interval:
        return _bounded(self.mean_iou(self.target.matrix), self.mean_iou(self.target_drawn), len(self.target))

    @cached_property
    def drop(self) -> Interval:
        """Mean IoU at home minus abroad, with its 95 % interval."""
        return difference(
            (self.mean_iou(self.home.matrix), self.mean_iou(self.home_drawn), len(self.home)),
            (self.mean_iou(self.target.matrix), self.mean_iou(self.target_drawn), len(self.target)),
        )

    @property
    def is_clear(self) -> bool:
        """Whether the drop is more than chance explains: only then can shares of it be told."""
        return self.drop.low > 0

    @cached_property
    def accuracies(self) -> tuple[Interval, Interval, Interval]:
        """Pixel accuracy at home, abroad, and the drop."""
        home, target = (_accuracy(one) for one in (self.home.matrix, self.target.matrix))
        drawn = [_accuracy(one) for one in (self.home_drawn, self.target_drawn)]
        sizes = (len(self.home), len(self.target))
        return (
            _bounded(home, drawn[0], sizes[0]),
            _bounded(target, drawn[1], sizes[1]),
            difference((home, drawn[0], sizes[0]), (target, drawn[1], sizes[1])),
        )

    @cached_property
    def published(self) -> tuple[Interval, Interval]:
        """Mean IoU as usually published, home and target: over the classes in each set's truth or prediction."""
        found = [bootstrap_segmentation(one.matrices, REPLICATES) for one in (self.home, self.target)]
        return found[0]["mean_iou"], found[1]["mean_iou"]

    @cached_property
    def class_drops(self) -> "list[ClassDrop]":
        """Every class that either set shows, the largest drop first; those of one set only at the end."""
        home, target = (
            bootstrap_segmentation(one.matrices, REPLICATES)["iou"] for one in (self.home, self.target)
        )
        drawn = [class_ious_of_truth(one) for one in (self.home_drawn, self.target_drawn)]
        rows = [
            self._class_drop(c, home[c], target[c], (drawn[0][:, c], drawn[1][:, c]))
            for c in range(len(self.classes))
        ]
        rows = [row for row in rows if row.home or row.target]
        return sorted(rows, key=lambda row: -(row.drop.value if row.drop else -2.0))

    def _class_drop(
        self, c: int, home: Interval | None, target: Interval | None, drawn: tuple[np.ndarray, np.ndarray]
    ) -> "ClassDrop":
        shares, scenes = [], []
        for one in (self.home, self.target):
            truth = one.matrices.sum(2)
            shares.append(float(truth[:, c].sum() / max(1, truth.sum())))
            scenes.append(int((truth[:, c] > 0).sum()))
        home, target = (one if count else None for one, count in zip((home, target), scenes, strict=True))
        drop = None
        if home and target:
            sides = [(one.value, values, n) for one, values, n in zip((home, target), drawn, scenes, strict=True)]
            drop = difference(*sides)
        return ClassDrop(self.classes[c], home, target, drop, (shares[0], shares[1]), (scenes[0], scenes[1]))


@dataclass(frozen=True)
class ClassDrop:
    """One class's IoU at home and abroad, None where the set shows none of it; shares and scenes: (home, target).

    `drop` has bounds NaN where fewer than two scenes of either set show the class.
    """

    name: str
    home: Interval | None
    target: Interval | None
    drop: Interval | None
    shares: tuple[float, float]  # of the labelled pixels
    scenes: tuple[int, int]  # that show it


def class_ious_of_truth(matrices: np.ndarray) -> np.ndarray:
    """IoU (..., C) from confusion matrices (..., C, C), NaN where the class is not in the truth."""
    return np.where(matrices.sum(-1) > 0, class_ious(matrices), np.nan)


def mean_over(ious: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is not NaN; NaN where nothing is."""
    known = ~np.isnan(ious)
    count = known.sum(-1)
    total = np.where(known, ious, 0).sum(-1)
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)


def _accuracy(matrices: np.ndarray) -> np.ndarray:
    return np.trace(matrices, axis1=-2, axis2=-1) / np.maximum(1, matrices.sum((-2, -1)))


def _error(drawn: np.ndarray, scenes: int) -> float:
    """Standard error from bootstrap replicates; NaN from a single scene, which tells nothing of others."""
    return float(np.nanstd(drawn) * np.sqrt(scenes / (scenes - 1))) if scenes > 1 else float("nan")


def _bounded(value: float, drawn: np.ndarray, scenes: int) -> Interval:
    if scenes < 2:
        return Interval(float(value), 0.0, 1.0)
    return effective_wilson(float(value), _error(drawn, scenes), scenes)


def difference(first: tuple[float, np.ndarray, int], second: tuple[float, np.ndarray, int]) -> Interval:
    """First minus second value of two independent samples, each (value, its bootstrap replicates, scenes).

    The standard errors add in squares, and the interval is the normal one: d ± 1.96 √(s₁² + s₂²) (Efron &
    Tibshirani 1993, chapters 8 and 13). The bounds are NaN where a sample has a single scene.
    """
    value = float(first[0] - second[0])
    reach = normal_quantile(0.95) * np.hypot(_error(*first[1:]), _error(*second[1:]))
    return Interval(value, float(value - reach), float(value + reach))


@dataclass(frozen=True)
class Change:
    """How often a true class is given a certain answer at home and abroad, as shares of the class's pixels."""

    truth: int
    predicted: int
    home: float
    target: float

    @property
    def difference(self) -> float:
        return self.target - self.home


def answer_shares(found: Evaluation) -> np.ndarray:
    """(C, C): share of each true class's pixels by answer; NaN rows for classes that the set does not show."""
    matrix = found.matrix
    return np.where(matrix.sum(1, keepdims=True) > 0, row_shares(matrix), np.nan)


def row_shares(matrices: np.ndarray) -> np.ndarray:
    """Confusion matrices (..., C, C) with every row divided by its sum; a row without pixels is all 0."""
    totals = np.maximum(1, matrices.sum(-1, keepdims=True))
    return matrices / totals


def largest_changes(shift: Shift, most: int = 10) -> list[Change]:
    """The cells of the two confusion matrices that differ most, off the diagonal, of classes that both show."""
    home, target = answer_shares(shift.home), answer_shares(shift.target)
    cells = [
        Change(i, j, float(home[i, j]), float(target[i, j]))
        for i, j in product(shift.common.tolist(), range(len(shift.classes)))
        if i != j and home[i, j] != target[i, j]
    ]
    return sorted(cells, key=lambda cell: -abs(cell.difference))[:most]
