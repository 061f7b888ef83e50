"""Which scenes choose the epoch whose weights are kept: never those that a chapter scores."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from helpers.datasets.types import DataError

ENOUGH_SEQUENCES = 4  # with fewer, a whole sequence is too much of the training set to do without


class SelectionSplit(NamedTuple):
    """Positions in the training set, (n,) int64 each: scenes to learn from, and scenes that choose the epoch.

    Where a published validation split is free, `val` is empty and that split chooses. Otherwise some of the
    training scenes are held out: whole sequences, since neighbouring frames of a drive look alike, or scenes
    drawn at random where there are too few sequences, or none that is small enough.
    """

    train: np.ndarray
    val: np.ndarray
    how: str


def selection_split(sequences: Sequence[str], share: float, seed: int) -> SelectionSplit:
    """Hold out about `share` of the scenes, given the sequence of each. Raises DataError for fewer than two."""
    count = len(sequences)
    if count < 2:
        raise DataError(f"there are {count} scenes to train on: at least two are needed, one to choose the epoch")
    wanted = max(1, round(share * count))
    chosen = _whole_sequences(np.asarray(sequences), wanted, seed)
    if chosen is None:
        val = np.sort(np.random.default_rng([seed, 11]).permutation(count)[:wanted])
        how = "held out at random"
    else:
        val = np.flatnonzero(np.isin(sequences, chosen))
        how = f"held out, in {len(chosen)} whole sequence{'s' * (len(chosen) != 1)}"
    scenes = f"{len(val)} training scene{'s' * (len(val) != 1)}"
    return SelectionSplit(np.setdiff1d(np.arange(count), val), val, f"{scenes} {how}")


def _whole_sequences(sequences: np.ndarray, wanted: int, seed: int) -> list[str] | None:
    """Sequences that together hold about `wanted` scenes, or None if that would be off by more than half."""
    names, counts = np.unique(sequences, return_counts=True)
    if len(names) < ENOUGH_SEQUENCES:
        return None
    chosen, held = [], 0
    for i in np.random.default_rng([seed, 11]).permutation(len(names)):
        if abs(held + counts[i] - wanted) < abs(held - wanted):
            chosen.append(str(names[i]))
            held += int(counts[i])
    return chosen if abs(held - wanted) <= wanted / 2 else None
