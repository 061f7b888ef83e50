"""How two sets of scenes look: their colours and light, and how far apart a network's features put them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from helpers.base.fingerprint import code_of
from helpers.base.kept import kept
from helpers.metrics.frechet import frechet_distance
from helpers.metrics.segmentation import mean_ious
from sections.abroad.drop.measured import Shift

if TYPE_CHECKING:
    from helpers.datasets.streets.types import SegmentationSet
    from helpers.models.segmenters.predictor import Predicts
    from sections.abroad.remedies.unlabelled import Unlabelled

LOOKS = {
    "lightness_mean": "Lightness (L*)",
    "lightness_std": "Contrast (spread of L*)",
    "a_mean": "Green to red (a*)",
    "a_std": "Spread of a*",
    "b_mean": "Blue to yellow (b*)",
    "b_std": "Spread of b*",
    "saturation": "Saturation",
}
COLOUR_FACTS = tuple(name for name in LOOKS if name != "saturation")
MOST_SCENES = 100  # of a set whose features are compared
HALVES = 5  # random halves over which distances are averaged


@dataclass(frozen=True)
class LookDifference:
    """One measurement of n scenes each: means, standard deviations, and the difference in home's own spread."""

    key: str
    title: str
    home: np.ndarray  # (n,) by scene
    target: np.ndarray

    @property
    def means(self) -> tuple[float, float]:
        return float(self.home.mean()), float(self.target.mean())

    @property
    def spreads(self) -> tuple[float, float]:
        return float(self.home.std()), float(self.target.std())

    @property
    def in_spreads(self) -> float:
        """Target's mean minus home's in standard deviations of home's scenes (Glass's Δ); NaN without spread."""
        spread = self.spreads[0]
        return (self.means[1] - self.means[0]) / spread if spread > 0 else float("nan")

    @property
    def outside(self) -> float:
        """Share of the target's scenes outside the middle 95 % of home's."""
        low, high = np.quantile(self.home, [0.025, 0.975])
        return float(((self.target < low) | (self.target > high)).mean())


def looks(shift: Shift) -> list[LookDifference]:
    """Colour and light of both sets, the largest difference first."""
    rows = [
        LookDifference(name, title, shift.home.facts[name], shift.target.facts[name])
        for name, title in LOOKS.items()
        if name in shift.home.facts and name in shift.target.facts
    ]
    return sorted(rows, key=lambda row: -abs(np.nan_to_num(row.in_spreads)))


@dataclass(frozen=True)
class ColourDistance:
    """Do scenes that look less like home score lower? Rank correlation over the target's n scenes.

    distance: (n,) Mahalanobis distance (1936) of a scene's colour statistics from those of home's scenes.
    iou: (n,) mean IoU of the scene.
    """

    distance: np.ndarray
    iou: np.ndarray
    correlation: float  # Spearman's ρ, NaN where either does not vary
    p_value: float


def colour_distance(shift: Shift) -> ColourDistance:
    """Distance from home's colours against mean IoU, scene by scene."""
    from scipy.stats import spearmanr

    home, target = (
        np.stack([one.facts[name] for name in COLOUR_FACTS], axis=1) for one in (shift.home, shift.target)
    )
    distance, iou = mahalanobis(target, home), mean_ious(shift.target.matrices)
    known = ~np.isnan(iou)
    distance, iou = distance[known], iou[known]
    if len(iou) < 3 or not np.ptp(distance) > 0 or not np.ptp(iou) > 0:
        return ColourDistance(distance, iou, float("nan"), float("nan"))
    found = spearmanr(distance, iou)
    return ColourDistance(distance, iou, float(found.statistic), float(found.pvalue))


def mahalanobis(points: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(n,): distance of points (n, D) from the mean of `reference` (m, D) in units of its spread.

    The covariance is shrunk (Ledoit & Wolf 2004), so that few scenes do not make it singular.
    """
    from sklearn.covariance import LedoitWolf

    middle, spread = reference.mean(0), reference.std(0)
    scale = np.where(spread > 0, spread, 1.0)
    fitted = LedoitWolf().fit((reference - middle) / scale)
    return np.sqrt(fitted.mahalanobis((points - middle) / scale).clip(0))


@dataclass(frozen=True)
class FeatureDistance:
    """Fréchet distance between home and another set of scenes, and the yardstick: that of two halves of home.

    All are averages over sets of the same `scenes` each, since the distance depends on their number. points: the
    first two principal components of all scenes, by name of the set.
    """

    names: tuple[str, ...]  # home first
    within: float  # half of home against the other half
    between: tuple[float, ...]  # half of home against as many scenes of each of the other sets
    scenes: int
    width: int  # numbers in a feature vector
    points: dict[str, np.ndarray]  # (n, 2)

    @property
    def ratios(self) -> tuple[float, ...]:
        """Each distance in units of the yardstick."""
        return tuple(one / self.within if self.within > 0 else float("nan") for one in self.between)


def feature_distance(features: dict[str, np.ndarray], halves: int = HALVES, seed: int = 0) -> FeatureDistance:
    """Compare the features (n, D) of the first set named with those of each other.

    Raises MetricError where a half would have fewer than two scenes.
    """
    names, turned = tuple(features), principal_axes(features)
    home, others = turned[names[0]], [turned[name] for name in names[1:]]
    half = min(len(home) // 2, *(len(one) for one in others))
    rng, found = np.random.default_rng(seed), []
    for _ in range(halves):
        order = rng.permutation(len(home))
        first, second = home[order[:half]], home[order[half : 2 * half]]
        drawn = [one[rng.permutation(len(one))[:half]] for one in others]
        found.append([frechet_distance(first, one) for one in (second, *drawn)])
    within, *between = np.mean(found, axis=0).tolist()
    width = features[names[0]].shape[1]
    plane = {name: one[:, :2] for name, one in turned.items()}
    return FeatureDistance(names, within, tuple(between), half, width, plane)


def principal_axes(features: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each set's features on the axes along which all sets together vary, most first (principal components).

    There are no more axes than scenes, however wide the features: distances stay as they are, and are told sooner.
    """
    everything = np.concatenate(list(features.values())).astype(np.float64)
    middle = everything.mean(0)
    _, _, axes = np.linalg.svd(everything - middle, full_matrices=False)
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(1)]
    axes = axes * np.sign(largest)[:, None]  # the sign of an axis is arbitrary: fix it
    return {name: (one - middle) @ axes.T for name, one in features.items()}


def features_of(
    predictor: "Predicts", scenes: "SegmentationSet", size: int, most: int = MOST_SCENES
) -> np.ndarray:
    """(n, D) float64: the network's pooled backbone features of at most so many scenes, evenly chosen; kept."""
    from sections.abroad.remedies.unlabelled import Unlabelled

    chosen = Unlabelled.some_of(scenes, size, most)
    facts = {"predictor": predictor.key, "images": chosen.key, "code": code_of(_features)}
    return kept("features", lambda: {"features": _features(predictor, chosen)}, **facts)["features"]


def _features(predictor: "Predicts", images: "Unlabelled") -> np.ndarray:
    return np.concatenate([predictor.features(batch).cpu().double().numpy() for batch in images.batches()])
