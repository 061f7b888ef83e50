"""Feature space laid out in two and three dimensions by t-SNE, and how far the layout can be trusted.

All of it is about images that the network was not trained on: training images lie where training has pulled them.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from helpers.metrics.classification import confusion_matrix, normalise_rows
from helpers.metrics.embedding import Purity, purity
from helpers.metrics.neighbours import k_nearest, sample_parts
from helpers.training.runs import Run

MOST_SHOWN = 800  # images: about five seconds for two and three dimensions together, on two cores
PERPLEXITY = 30
PRINCIPAL = 50  # principal components that enter t-SNE, as its authors advise
ITERATIONS = 750
HELD_OUT = ("val", "test")
ASKED = 10  # neighbours, or fewer in a very small set


@dataclass(frozen=True)
class Cloud:
    """Validation and test images as points in a model's feature space, and their layouts.

    features (n, D) float32; labels, predicted and index (n,) int64, index into the whole set; is_val (n,) bool.
    flat (n, 2) and solid (n, 3) float32 are the t-SNE layouts with this `perplexity`. `available` images could
    have been shown. `trained` is the purity among training images, about as many of them, or all.
    """

    features: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    index: np.ndarray
    is_val: np.ndarray
    flat: np.ndarray
    solid: np.ndarray
    perplexity: float
    classes: tuple[str, ...]
    available: int
    trained: Purity

    @property
    def neighbours(self) -> int:
        """How many neighbours are asked."""
        return min(ASKED, len(self.labels) - 1)

    @property
    def is_one_point(self) -> bool:
        """Whether all images have the same features, as those of a network that has collapsed."""
        return not np.ptp(self.features, axis=0).any()

    @cached_property
    def purities(self) -> dict[str, Purity]:
        """Share of the nearest neighbours with the same label, in each space."""
        spaces = {"features": self.features, "two dimensions": self.flat, "three dimensions": self.solid}
        return {name: purity(points, self.labels, self.neighbours) for name, points in spaces.items()}

    @cached_property
    def mixing(self) -> np.ndarray:
        """(C, C) share of the neighbours, in feature space, of a class's points (row) that are of each class."""
        near = k_nearest(self.features, self.features, self.neighbours, queries_are_references=True).index
        asked = np.repeat(self.labels, near.shape[1])
        return normalise_rows(confusion_matrix(asked, self.labels[near].ravel(), len(self.classes)))


def embed(run: Run, most_shown: int = MOST_SHOWN, seed: int = 0, perplexity: float = PERPLEXITY) -> Cloud:
    """Lay out the features of a run's validation and test images.

    At most `most_shown` images are taken, the same share of every class in either part. The result depends on
    the arguments alone: one thread computes each layout, since t-SNE's sums depend on how many share them.
    """
    sample, train = _sample(run, most_shown, seed), run.outputs("train")
    perplexity = min(perplexity, (len(sample["labels"]) - 1) / 3)
    with ThreadPoolExecutor(2) as pool:
        flat, solid = pool.map(lambda size: _layout(sample["features"], size, seed, perplexity), (2, 3))
    available = sum(len(run.outputs(part).labels) for part in HELD_OUT)
    (few,) = sample_parts([train.labels], len(sample["labels"]), seed)
    trained = purity(train.features[few], train.labels[few], min(ASKED, len(few) - 1))
    return Cloud(
        **sample, flat=flat, solid=solid, perplexity=perplexity,
        classes=tuple(run.classes), available=available, trained=trained,
    )  # fmt: skip


def feature_purity(run: Run) -> float:
    """Purity in the feature space of a run, on the images that `embed` would lay out."""
    sample = _sample(run, MOST_SHOWN, seed=0)
    neighbours = min(ASKED, len(sample["labels"]) - 1)
    return purity(sample["features"], sample["labels"], neighbours).interval.value


def _sample(run: Run, most_shown: int, seed: int) -> dict[str, np.ndarray]:
    """What `Cloud` holds of the chosen images, validation images first."""
    parts = [run.outputs(part) for part in HELD_OUT]
    chosen = sample_parts([part.labels for part in parts], most_shown, seed)
    names = {"features": "features", "labels": "labels", "predicted": "predictions", "index": "index"}
    found = {
        key: np.concatenate([getattr(part, name)[take] for part, take in zip(parts, chosen, strict=True)])
        for key, name in names.items()
    }
    return found | {"is_val": np.repeat([True, False], [len(take) for take in chosen])}


def _layout(features: np.ndarray, dimensions: int, seed: int, perplexity: float) -> np.ndarray:
    """van der Maaten & Hinton (2008), by scikit-learn, starting from the first principal components."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    if not np.ptp(features, axis=0).any():  # all at one place, which scikit-learn's tree does not survive
        return np.zeros((len(features), dimensions), np.float32)
    reduced = PCA(min(PRINCIPAL, *features.shape), svd_solver="full").fit_transform(features.astype(np.float64))
    missing = max(0, dimensions - reduced.shape[1])  # a start in more dimensions than there are features
    reduced = np.pad(reduced, ((0, 0), (0, missing))).astype(np.float32)
    method = TSNE(dimensions, perplexity=perplexity, init="pca", random_state=seed, max_iter=ITERATIONS)
    with threadpool_limits(1):  # OpenMP keeps its setting thread by thread
        return method.fit_transform(reduced)
