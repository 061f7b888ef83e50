"""Features of classes, and the neighbours among them by all distances there are."""

import numpy as np
from scipy.spatial.distance import cdist


def blobs(seed: int = 0, n: int = 90, width: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Features far from the origin (as after ReLU), where careless float32 arithmetic would show."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 3)
    return (100 + labels[:, None] + rng.normal(size=(n, width))).astype(np.float32), labels


def sorted_distances(queries, references, k, same=False) -> tuple[np.ndarray, np.ndarray]:
    """Distances and places of the k nearest, from all distances there are."""
    full = cdist(queries.astype(float), references.astype(float))
    if same:
        np.fill_diagonal(full, np.inf)
    index = full.argsort(axis=1, kind="stable")[:, :k]
    return np.take_along_axis(full, index, 1), index
