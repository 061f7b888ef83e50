"""Why do some scenes go wrong? Measurements of each scene, how they go with its IoU, and what one mistake costs.

A measurement that goes with low IoU is an observation, not a cause: dark scenes may also be the crowded ones.
What the numbers mean in words is the business of `sections.street_scenes.failures.sentences`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from helpers.base.paths import plain
from helpers.metrics.comparison import holm
from helpers.metrics.confusion_gains import pair_gains
from helpers.metrics.intervals import Interval, normal_quantile
from helpers.metrics.segmentation import mean_ious
from helpers.segmentation.observed import BOUNDARY_BANDS, SMALL_GROUPS
from helpers.segmentation.types import BANDS, SEGMENT_SHARES, SegmenterEvaluation

POOR = 0.5  # mean IoU up to which a scene counts as failed
FEWEST_SCENES = 8  # with fewer no correlation is worth its name
CRITICAL = 0.05  # of the corrected p-value
COSTLIEST = "lost"  # the measure that is part of the score itself


@dataclass(frozen=True)
class Measure:
    """Something measured of a scene, how, and what a scene with little or much of it is called."""

    key: str
    title: str
    meaning: str
    low: str
    high: str


SCENE_MEASURES = (
    Measure("brightness", "brightness", "mean luma, 0 black to 1 white", "little light", "much light"),
    Measure("contrast", "contrast", "standard deviation of luma", "low contrast", "high contrast"),
    Measure("classes", "number of classes", "classes in the truth of the scene", "few classes", "many classes"),
    Measure(
        "rare_share", "rare classes",
        "share of the labelled pixels in classes that have less than 1 % of the set's",
        "little of rare classes", "much of rare classes",
    ),
    Measure(
        "object_size", "object size", "mean area of a connected region of one class, as a share of the labels",
        "small regions", "large regions",
    ),
    Measure(
        "small_share", "small regions",
        f"share of the labels in regions of up to {100 * SEGMENT_SHARES[SMALL_GROUPS - 1]:g} % of the image",
        "few tiny regions", "many tiny regions",
    ),
    Measure(
        "boundary_share", "boundaries",
        f"share of the labelled pixels up to {BANDS[BOUNDARY_BANDS - 1]:g} pixels from a border",
        "few borders", "many borders",
    ),
    Measure(
        COSTLIEST, "costliest confusion", "IoU that the scene loses to the one confusion that costs it most",
        "no costly confusion", "one costly confusion",
    ),
)  # fmt: skip


class SceneConfusion(NamedTuple):
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

    @property
    def worse(self) -> str:
        """What the scenes are called that score lower."""
        return self.measure.high if self.rho.value < 0 else self.measure.low


@dataclass(frozen=True)
class Failures:
    """All scenes of an evaluation with their measurements."""

    evaluation: SegmenterEvaluation

    @cached_property
    def gains(self) -> np.ndarray:
        """(n, C, C): by how much each scene's mean IoU would rise without one of its confusions."""
        return pair_gains(self.evaluation.matrices)

    @cached_property
    def measures(self) -> list[Measure]:
        """Those that the evaluation has."""
        return [one for one in SCENE_MEASURES if one.key in self.scenes]

    @cached_property
    def scenes(self) -> pd.DataFrame:
        """Each scene with a label, the lowest first: file, sequence, mean IoU over the classes in its truth or
        prediction, and the measurements by their keys. The index is its position in the evaluation."""
        import pandas as pd

        found = self.evaluation
        own = {"file": found.files, "sequence": found.sequences, "mean_iou": mean_ious(found.matrices)}
        counted = {"classes": (found.matrices.sum(2) > 0).sum(1).astype(float), COSTLIEST: self.gains.max((1, 2))}
        if "segments" in found.facts:
            counted["object_size"] = 1 / np.maximum(1, found.facts["segments"])
        known = found.facts | counted
        frame = pd.DataFrame(own | {one.key: known[one.key] for one in SCENE_MEASURES if one.key in known})
        return frame.dropna(subset="mean_iou").sort_values("mean_iou", kind="stable")

    @cached_property
    def ranks(self) -> pd.DataFrame:
        """Percentile of each measurement among the scenes with a label, 0 to 100, in the rows of `scenes`."""
        return (self.scenes[[one.key for one in self.measures]].rank() - 0.5) / len(self.scenes) * 100

    @property
    def poor(self) -> pd.DataFrame:
        """The scenes with a mean IoU of at most `POOR`."""
        return self.scenes[self.scenes["mean_iou"] <= POOR]

    @cached_property
    def correlations(self) -> list[Correlation]:
        """Each measurement that varies, with scene IoU over all scenes, the strongest first.

        p is corrected after Holm. Nothing where there are fewer than `FEWEST_SCENES` scenes.
        """
        from scipy.stats import spearmanr

        scenes = self.scenes
        varying = [one for one in self.measures if np.ptp(scenes[one.key]) > 0]
        if len(scenes) < FEWEST_SCENES or np.ptp(scenes["mean_iou"]) == 0:
            return []
        tests = [spearmanr(scenes[one.key], scenes["mean_iou"]) for one in varying]
        found = [
            Correlation(measure, spearman_interval(float(test.statistic), len(scenes)), float(p))
            for measure, test, p in zip(varying, tests, holm([test.pvalue for test in tests]), strict=True)
        ]
        return sorted(found, key=lambda one: -abs(one.rho.value))

    def costliest(self, position: int) -> SceneConfusion | None:
        """The confusion that costs a scene most; None where it has none."""
        gains, matrix, names = self.gains[position], self.evaluation.matrices[position], self.evaluation.classes
        i, j = np.unravel_index(int(gains.argmax()), gains.shape)
        share = float(matrix[i, j] / matrix.sum())
        return SceneConfusion(names[i], names[j], share, float(gains[i, j])) if gains[i, j] > 0 else None


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
    lowest = failures.scenes.head(most)
    costliest = [confusion and confusion._asdict() for confusion in map(failures.costliest, lowest.index)]
    return {
        "threshold": POOR,
        "count": len(failures.poor),
        "of": len(failures.scenes),
        "lowest": lowest.assign(costliest=costliest).to_dict("records"),
        "correlations": {one.measure.key: plain(one.rho) | {"p": one.p} for one in failures.correlations},
    }
