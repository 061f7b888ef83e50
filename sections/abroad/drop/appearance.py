"""How two sets of scenes look: their colours and light, and how far apart a network's features put them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.base.fingerprint import code_of
from helpers.base.kept import kept
from helpers.datasets.streets.types import SegmentationSet
from helpers.metrics.frechet import frechet_distance
from helpers.metrics.segmentation import mean_ious
from helpers.models.segmenters.predictor import Predicts
from sections.abroad.drop.measured import Shift
from sections.abroad.unlabelled import Unlabelled


class Look(NamedTuple):
    """Something measured of colours: its name among the facts of an evaluation; less and more of it in words."""

    fact: str
    words: tuple[str, str]


LOOKS = {
    "Lightness (L*)": Look("lightness_mean", ("darker", "lighter")),
    "Contrast (spread of L*)": Look("lightness_std", ("lower in contrast", "higher in contrast")),
    "Green to red (a*)": Look("a_mean", ("greener", "redder")),
    "Spread of a*": Look("a_std", ("less varied between green and red", "more varied between green and red")),
    "Blue to yellow (b*)": Look("b_mean", ("bluer", "yellower")),
    "Spread of b*": Look("b_std", ("less varied between blue and yellow", "more varied between blue and yellow")),
    "Saturation": Look("saturation", ("less saturated", "more saturated")),
}
MOST_SCENES = 100  # of a set whose features are compared
HALVES = 5  # random halves over which distances are averaged
FEWEST_SCENES = 2  # in a half: fewer have no covariance


def standard_looks(shift: Shift) -> pd.DataFrame:
    """Colour and light of each scene, in standard deviations of home's scenes from home's mean.

    Rows are scenes under "home" and "target"; what does not vary at home is left out.
    """
    home, target = (
        pd.DataFrame({title: one.facts[look.fact] for title, look in LOOKS.items()})
        for one in (shift.home, shift.target)
    )
    spread = home.std(ddof=0)
    looks = pd.concat({"home": (home - home.mean()) / spread, "target": (target - home.mean()) / spread})
    return looks[spread.index[spread > 0]]


def look_differences(looks: pd.DataFrame) -> pd.Series:
    """Target's means minus home's in standard deviations of home's scenes (Glass's Δ), the largest first."""
    return looks.loc["target"].mean().sort_values(key=abs, ascending=False)


@dataclass(frozen=True)
class ColourDistance:
    """Do scenes that look less like home score lower? Rank correlation over the target's scenes.

    scenes: the Mahalanobis "distance" (1936) of each scene's colours from those of home, and its mean "iou".
    """

    scenes: pd.DataFrame
    correlation: float  # Spearman's ρ, NaN where either does not vary
    p_value: float


def colours_and_scores(shift: Shift) -> ColourDistance:
    """Distance from home's colours against mean IoU, scene by scene."""
    from scipy.stats import spearmanr

    home, target = (
        np.stack([one.facts[look.fact] for title, look in LOOKS.items() if title != "Saturation"], axis=1)
        for one in (shift.home, shift.target)
    )
    found = {"distance": mahalanobis(target, home), "iou": mean_ious(shift.target.matrices)}
    scenes = pd.DataFrame(found).dropna()
    if len(scenes) < 3 or (scenes.nunique() < 2).any():
        return ColourDistance(scenes, float("nan"), float("nan"))
    return ColourDistance(scenes, *map(float, spearmanr(scenes["distance"], scenes["iou"])))


def mahalanobis(points: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(n,): distance of points (n, D) from the mean of `reference` (m, D) in units of its spread.

    The covariance is shrunk (Ledoit & Wolf 2004), so that few scenes do not make it singular.
    """
    from sklearn.covariance import LedoitWolf
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(reference)
    fitted = LedoitWolf().fit(scaler.transform(reference))
    return np.sqrt(fitted.mahalanobis(scaler.transform(points)).clip(0))


@dataclass(frozen=True)
class FeatureDistance:
    """Fréchet distance between home and other sets of scenes, and the yardstick: that of two halves of home.

    All are averages over sets of the same `scenes` each, since the distance depends on their number. points: the
    first two principal components of all scenes, by name of the set, home first.
    """

    within: float  # half of home against the other half
    between: dict[str, float]  # half of home against as many scenes of each of the other sets
    scenes: int
    width: int  # numbers in a feature vector
    points: dict[str, np.ndarray]  # (n, 2)

    @property
    def home(self) -> str:
        return next(iter(self.points))

    @property
    def ratios(self) -> dict[str, float]:
        """Each distance in units of the yardstick."""
        unit = self.within if self.within > 0 else float("nan")
        return {name: distance / unit for name, distance in self.between.items()}


def feature_distance(features: dict[str, np.ndarray]) -> FeatureDistance:
    """Compare the features (n, D) of the first set named with those of each other.

    No distance can be told (NaN) where a half would have fewer than two scenes.
    """
    turned = principal_axes(features)
    home, *others = turned.values()
    half = min(len(home) // 2, *map(len, others))
    rng, found = np.random.default_rng(0), [[np.nan] * len(turned)] * (half < FEWEST_SCENES)
    for _ in range(HALVES if half >= FEWEST_SCENES else 0):
        order = rng.permutation(len(home))
        first, second = home[order[:half]], home[order[half : 2 * half]]
        drawn = [one[rng.permutation(len(one))[:half]] for one in others]
        found.append([frechet_distance(first, one) for one in (second, *drawn)])
    within, *between = np.mean(found, axis=0).tolist()
    width = next(iter(features.values())).shape[1]
    plane = {name: one[:, :2] for name, one in turned.items()}
    return FeatureDistance(within, dict(zip([*turned][1:], between, strict=True)), half, width, plane)


def principal_axes(features: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each set's features on the axes along which all sets together vary, most first (principal components).

    There are no more axes than scenes, however wide the features: distances stay as they are, and are told sooner.
    """
    from sklearn.decomposition import PCA

    fitted = PCA(svd_solver="full").fit(np.concatenate(list(features.values())).astype(np.float64))
    return {name: fitted.transform(one) for name, one in features.items()}


def features_of(predictor: Predicts, scenes: SegmentationSet, size: int) -> np.ndarray:
    """(n, D) float64: the network's pooled backbone features of some scenes, evenly chosen; kept."""
    chosen = Unlabelled.some_of(scenes, size, MOST_SCENES)
    facts = {"predictor": predictor.key, "images": chosen.key, "code": code_of(_features)}
    return kept("features", lambda: {"features": _features(predictor, chosen)}, **facts)["features"]


def _features(predictor: Predicts, images: Unlabelled) -> np.ndarray:
    return np.concatenate([predictor.features(batch).cpu().double().numpy() for batch in images.batches()])
