"""A share of a set's scenes that represents each of its sequences."""

import numpy as np

from helpers.datasets.streets.types import SegmentationSet


def stratified(scenes: SegmentationSet, share: float, seed: int) -> np.ndarray:
    """Sorted positions, int64, of a share of the scenes: round(share · n), at least one.

    Systematic sampling: with the scenes of each sequence shuffled and the sequences laid end to end, every
    1 / share-th scene is taken, from a random start. A sequence of m scenes gives ⌊share · m⌋ or one more.
    Raises ValueError for a share outside 0 … 1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"the share of scenes is {share}; it must be above 0 and at most 1")
    rng = np.random.default_rng(seed)
    _, sequence = np.unique([scene.sequence for scene in scenes.scenes], return_inverse=True)
    place_of_sequence = rng.permutation(sequence.max(initial=0) + 1)
    order = np.lexsort((rng.random(len(scenes)), place_of_sequence[sequence]))
    count = min(len(scenes), max(1, round(share * len(scenes))))
    steps = (np.arange(count) + rng.random()) * (len(scenes) / count)
    return np.sort(order[steps.astype(np.int64)])


def rest(scenes: SegmentationSet, chosen: np.ndarray) -> np.ndarray:
    """Sorted positions, int64, of the scenes that were not chosen."""
    return np.setdiff1d(np.arange(len(scenes)), chosen)
