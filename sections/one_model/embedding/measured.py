"""Feature space laid out in two and three dimensions by t-SNE, and how far the layout can be trusted."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from helpers.metrics.embedding import Purity, purity
from helpers.metrics.neighbours import k_nearest, sample_parts

if TYPE_CHECKING:
    from helpers.datasets.types import Splits
    from helpers.training.loop import Outputs
    from helpers.training.runs import Run

MOST_POINTS = 800  # about five seconds for two and three dimensions together, on two cores
PERPLEXITY = 30
COMPONENTS = 50  # principal components that enter t-SNE, as its authors advise
ITERATIONS = 750
NEIGHBOURS = 10
THUMBNAIL = 48  # pixels


@dataclass(frozen=True)
class Cloud:
    """Training and validation images as points in a model's feature space, and their layouts.

    features (n, D) float32; labels, predicted and index (n,) int64, index into the whole set; is_val (n,) bool.
    flat (n, 2) and solid (n, 3) float32 are the t-SNE layouts. `available` images could have been shown;
    `among_all` is the purity in feature space of those that are, with all of them as possible neighbours.
    """

    features: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    index: np.ndarray
    is_val: np.ndarray
    flat: np.ndarray
    solid: np.ndarray
    classes: tuple[str, ...]
    available: int
    among_all: Purity

    @cached_property
    def purities(self) -> dict[str, Purity]:
        """Share of the nearest neighbours with the same label, in each space."""
        spaces = {"features": self.features, "two dimensions": self.flat, "three dimensions": self.solid}
        return {name: purity(points, self.labels, self.neighbours) for name, points in spaces.items()}

    @property
    def neighbours(self) -> int:
        """How many neighbours are asked: ten, or fewer in a very small set."""
        return min(NEIGHBOURS, len(self.labels) - 1)

    @cached_property
    def mixing(self) -> np.ndarray:
        """(C, C) share of the neighbours, in feature space, of a class's points (row) that are of each class."""
        near = k_nearest(self.features, self.features, self.neighbours, queries_are_references=True).index
        counts = np.zeros((len(self.classes), len(self.classes)))
        np.add.at(counts, (np.repeat(self.labels, near.shape[1]), self.labels[near].ravel()), 1)
        return counts / np.maximum(counts.sum(1, keepdims=True), 1)


def embed(run: "Run", most_points: int = MOST_POINTS, seed: int = 0, perplexity: float = PERPLEXITY) -> Cloud:
    """Lay out the features of a run's training and validation images.

    At most `most_points` images are taken, the same share of every class in either part. The result depends on
    the arguments alone: one thread computes each layout, since t-SNE's sums depend on how many share them.
    """
    parts = [run.outputs("train"), run.outputs("val")]
    chosen = sample_parts([part.labels for part in parts], most_points, seed)
    gather = partial(_gather, parts, chosen)
    features = gather("features")
    flat, solid = _layouts(features, seed, perplexity)
    features_of_all, labels_of_all = (_gather(parts, [np.s_[:]] * 2, name) for name in ("features", "labels"))
    asked = np.concatenate([chosen[0], len(parts[0].labels) + chosen[1]])
    return Cloud(
        features, gather("labels"), gather("predictions"), gather("index"),
        np.repeat([False, True], [len(take) for take in chosen]), flat, solid,
        tuple(run.classes), len(labels_of_all),
        purity(features_of_all, labels_of_all, min(NEIGHBOURS, len(asked) - 1), asked=asked),
    )  # fmt: skip


def feature_purity(run: "Run", most_points: int = MOST_POINTS, seed: int = 0) -> Purity:
    """Purity in the feature space of a run, on the images that `embed` would lay out."""
    parts = [run.outputs("train"), run.outputs("val")]
    gather = partial(_gather, parts, sample_parts([part.labels for part in parts], most_points, seed))
    labels = gather("labels")
    return purity(gather("features"), labels, min(NEIGHBOURS, len(labels) - 1))


def _gather(parts: list["Outputs"], chosen: list[np.ndarray], name: str) -> np.ndarray:
    return np.concatenate([getattr(part, name)[take] for part, take in zip(parts, chosen, strict=True)])


def _layouts(features: np.ndarray, seed: int, perplexity: float) -> list[np.ndarray]:
    reduced = principal_components(features)
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda size: _tsne(reduced, size, seed, perplexity), (2, 3)))


def principal_components(features: np.ndarray, most: int = COMPONENTS) -> np.ndarray:
    """The features' first principal components (n, ≤ most), float32, in units of the features."""
    centred = features.astype(np.float64) - features.mean(0, dtype=np.float64)
    vectors, values, _ = np.linalg.svd(centred, full_matrices=False)
    return (vectors[:, :most] * values[:most]).astype(np.float32)


def _tsne(points: np.ndarray, dimensions: int, seed: int, perplexity: float) -> np.ndarray:
    """van der Maaten & Hinton (2008), by scikit-learn, starting from the first principal components."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    method = TSNE(
        dimensions, perplexity=min(perplexity, (len(points) - 1) / 3), init=_start(points, dimensions),
        random_state=seed, max_iter=ITERATIONS,
    )  # fmt: skip
    with threadpool_limits(1):  # OpenMP keeps its setting thread by thread
        return method.fit_transform(points)


def _start(points: np.ndarray, dimensions: int) -> np.ndarray:
    """The principal components, scaled to a standard deviation of 1e-4 as scikit-learn does."""
    start = np.zeros((len(points), dimensions), dtype=np.float32)
    start[:, : points.shape[1]] = points[:, :dimensions]
    return start / max(float(start[:, 0].std()), 1e-12) * 1e-4


def thumbnails(splits: "Splits", index: np.ndarray, side: int = THUMBNAIL) -> np.ndarray:
    """Small pictures (n, side, side, 3) uint8 of some images of the set."""
    import cv2

    return np.stack([cv2.resize(splits.images[i], (side, side), interpolation=cv2.INTER_AREA) for i in index])
