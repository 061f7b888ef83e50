"""An evaluation on disk: a file for every few scenes, so that one that was cut off goes on where it stopped."""

import io
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from helpers.paths import display_path, write_atomic

log = logging.getLogger("helpers")

SCENES_EACH = 50


def split(scenes: int, batch_size: int) -> list[range]:
    """The positions of the scenes in each part: whole batches, so that going on makes the same ones."""
    each = batch_size * -(-SCENES_EACH // batch_size)
    return [range(start, min(start + each, scenes)) for start in range(0, scenes, each)]


def path_of(folder: Path, positions: range) -> Path:
    """Where the part with these scenes lies."""
    return folder / f"scenes-{positions.start:05d}-{positions.stop:05d}.npz"


def write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write a part; whole numbers are kept in four bytes where they fit."""
    buffer = io.BytesIO()
    np.savez(buffer, **{name: _small(array) for name, array in arrays.items()})
    write_atomic(path, buffer.getvalue())


def _small(array: np.ndarray) -> np.ndarray:
    fits = array.dtype == np.int64 and array.max(initial=0) < 2**31
    return array.astype(np.int32) if fits else array


def load(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays of a part; None where it is not there, or damaged, which is logged with its name."""
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:  # a zip file: reading checks the sums it holds
            arrays = {name: stored[name] for name in stored.files}
        if not arrays:
            raise ValueError("it is empty")
    except Exception as error:  # a damaged file can raise nearly anything, and all of it means: make it again
        log.warning("%s is cut short or damaged (%s); it is made again", display_path(path), error)
        return None
    return {name: array.astype(np.int64) if array.dtype == np.int32 else array for name, array in arrays.items()}


def missing(folder: Path, parts: Sequence[range]) -> list[range]:
    """The parts that are not there, or damaged."""
    return [positions for positions in parts if load(path_of(folder, positions)) is None]
