"""Why do some scenes go wrong? Measurements of each scene, how they go with its IoU, and what one mistake costs.

A measurement that goes with low IoU is an observation, not a cause: dark scenes may also be the crowded ones.
What the numbers mean in words is the business of `sections.street_scenes.failures.sentences`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from helpers.metrics.comparison import holm
from helpers.metrics.image_facts import percentile_rank
from helpers.metrics.intervals import Interval, normal_quantile
from helpers.metrics.segmentation import class_ious, mean_ious
from helpers.segmentation.observed import BOUNDARY_BANDS, SMALL_GROUPS
from helpers.segmentation.types import BANDS, SEGMENT_SHARES, SegmenterEvaluation
from sections.errors.improvements.measured import pair_gains

POOR = 0.5  # mean IoU up to which a scene counts as failed
SMALL = SEGMENT_SHARES[SMALL_GROUPS - 1]
BORDER = BANDS[BOUNDARY_BANDS - 1]
FEWEST = 8  # scenes; with fewer no correlation is worth its name
CRITICAL = 0.05  # of the corrected p-value


@dataclass(frozen=True)
class Measure:
    """Something measured of a scene. `what` completes "the scene's … "; `meaning` says how it is measured."""

    key: str
    title: str
    meaning: str


MEASURES = (
    Measure("brightness", "brightness", "mean luma of the image, 0 black to 1 white"),
    Measure("contrast", "contrast", "standard deviation of luma"),
    Measure("classes", "number of classes", "classes in the truth of the scene"),
    Measure(
        "rare_share",
        "rare classes",
        "share of the labelled pixels in classes that have less than 1 % of the set's",
    ),
    Measure(
        "object_size", "object size", "mean area of a connected region of one class, as a share of the labels"
    ),
    Measure(
        "small_share",
        "small regions",
        f"share of the labelled pixels in regions of up to {100 * SMALL:g} % of the image",
    ),
    Measure("boundary_share", "boundaries", f"share of the labelled pixels up to {BORDER:g} pixels from a border"),
    Measure("lost", "costliest confusion", "IoU that the scene loses to the one confusion that costs it most"),
)


@dataclass(frozen=True)
class SceneConfusion:
    """One class taken for another within a scene: share of its labelled pixels, and the mean IoU it costs."""

    truth: str
    predicted: str
    share: float
    cost: float


@dataclass(frozen=True)
class Correlation:
    """Spearman's rank correlation of a measurement with scene IoU; `p` is corrected for all measurements."""

    measure: Measure
    rho: Interval
    p: float

    @property
    def holds(self) -> bool:
        """Is there more to it than chance?"""
        return self.p < CRITICAL


@dataclass(frozen=True)
class FailedScene:
    """One scene, what it scored and what was measured of it.

    values, ranks: measure key -> value, and its percentile among all scenes evaluated, 0 to 100.
    ious: class -> IoU of the classes in its truth or prediction, the lowest first.
    """

    position: int
    file: str
    sequence: str
    iou: float
    ious: dict[str, float]
    values: dict[str, float]
    ranks: dict[str, float]
    confusion: SceneConfusion | None


@dataclass(frozen=True)
class Failures:
    """All scenes of an evaluation with their measurements."""

    evaluation: SegmenterEvaluation

    @cached_property
    def ious(self) -> np.ndarray:
        """(n,): mean IoU of each scene over the classes in its truth or prediction; NaN if nothing is labelled."""
        return mean_ious(self.evaluation.matrices)

    @cached_property
    def scored(self) -> np.ndarray:
        """Positions of the scenes that have a label, the lowest mean IoU first."""
        there = np.flatnonzero(~np.isnan(self.ious))
        return there[np.argsort(self.ious[there], kind="stable")]

    @property
    def poor(self) -> np.ndarray:
        """Positions of the scenes with a mean IoU of at most `POOR`, the lowest first."""
        return self.scored[self.ious[self.scored] <= POOR]

    @cached_property
    def gains(self) -> np.ndarray:
        """(n, C, C): by how much each scene's mean IoU would rise without one of its confusions."""
        return pair_gains(self.evaluation.matrices)

    @cached_property
    def values(self) -> dict[str, np.ndarray]:
        """Measurements, key -> (n,), in the order of `MEASURES`, as far as the evaluation has them."""
        truth = self.evaluation.matrices.sum(axis=2)
        found = dict(self.evaluation.facts)
        found["classes"] = (truth > 0).sum(axis=1).astype(np.float64)
        found["lost"] = self.gains.reshape(len(truth), -1).max(axis=1)
        if "segments" in found:
            found["object_size"] = 1 / np.maximum(1, found["segments"])
        return {measure.key: found[measure.key] for measure in MEASURES if measure.key in found}

    @cached_property
    def ranks(self) -> dict[str, np.ndarray]:
        """Percentile of each measurement among the scenes with a label, key -> (n,)."""
        return {key: percentile_rank(values, values[self.scored]) for key, values in self.values.items()}

    @cached_property
    def correlations(self) -> list[Correlation]:
        """Each measurement that varies with scene IoU over all scenes, the strongest first."""
        return correlations(
            {key: values[self.scored] for key, values in self.values.items()}, self.ious[self.scored]
        )

    def worst(self, most: int) -> list[FailedScene]:
        """The scenes with the lowest mean IoU, whether or not it is below `POOR`."""
        return [self.scene(int(position)) for position in self.scored[:most]]

    def scene(self, position: int) -> FailedScene:
        """Everything that is known about one scene."""
        evaluation = self.evaluation
        ious = class_ious(evaluation.matrices[position][None])[0]
        order = [c for c in np.argsort(ious, kind="stable") if not np.isnan(ious[c])]
        return FailedScene(
            position=position,
            file=evaluation.files[position],
            sequence=evaluation.sequences[position],
            iou=float(self.ious[position]),
            ious={evaluation.classes[c]: float(ious[c]) for c in order},
            values={key: float(values[position]) for key, values in self.values.items()},
            ranks={key: float(values[position]) for key, values in self.ranks.items()},
            confusion=self._costliest(position),
        )

    def _costliest(self, position: int) -> SceneConfusion | None:
        gains, matrix = self.gains[position], self.evaluation.matrices[position]
        i, j = np.unravel_index(int(gains.argmax()), gains.shape)
        if gains[i, j] <= 0:
            return None
        names = self.evaluation.classes
        return SceneConfusion(names[i], names[j], float(matrix[i, j] / matrix.sum()), float(gains[i, j]))


def correlations(values: dict[str, np.ndarray], ious: np.ndarray) -> list[Correlation]:
    """Rank correlation of each measurement (n,) with IoU (n,), the strongest first; p corrected after Holm.

    Measurements that do not vary are left out, and everything where there are fewer than `FEWEST` scenes.
    """
    from scipy.stats import spearmanr

    if len(ious) < FEWEST or np.ptp(ious) == 0:
        return []
    varying = [one for one in MEASURES if one.key in values and np.ptp(values[one.key]) > 0]
    tests = [spearmanr(values[one.key], ious) for one in varying]
    adjusted = holm([test.pvalue for test in tests])
    found = [
        Correlation(measure, spearman_interval(float(test.statistic), len(ious)), float(p))
        for measure, test, p in zip(varying, tests, adjusted, strict=True)
    ]
    return sorted(found, key=lambda one: -abs(one.rho.value))


def spearman_interval(rho: float, n: int, level: float = 0.95) -> Interval:
    """Interval of Spearman's rank correlation of n pairs (Bonett & Wright 2000, Psychometrika 65:23).

    tanh(artanh ρ ± z √((1 + ρ²/2)/(n - 3))); a value of ±1 keeps itself as a bound.
    """
    if abs(rho) >= 1:
        return Interval(float(np.sign(rho)), *sorted((float(np.sign(rho)), 0.0)))
    half = normal_quantile(level) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    return Interval(rho, float(np.tanh(np.arctanh(rho) - half)), float(np.tanh(np.arctanh(rho) + half)))


def failure_results(failures: Failures, most: int) -> dict[str, Any]:
    """What a chapter keeps as JSON: how many scenes failed, the lowest ones, what goes with low IoU."""
    return {
        "threshold": POOR,
        "count": len(failures.poor),
        "of": len(failures.scored),
        "lowest": [
            {"file": one.file, "mean_iou": one.iou, "values": one.values, "ranks": one.ranks}
            | ({"costliest": vars(one.confusion)} if one.confusion else {})
            for one in failures.worst(most)
        ],
        "correlations": {one.measure.key: vars(one.rho) | {"p": one.p} for one in failures.correlations},
    }
