"""An evaluation on disk: a file for every few scenes, so that one that was cut off goes on where it stopped.

Several processes may make the parts of one evaluation side by side, also on several machines that share a disk.
What a part holds does not depend on who makes it, nor on how many do.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np

from helpers.base.intact import kept_arrays
from helpers.base.lock import open_lock, take
from helpers.base.paths import whole_file

log = logging.getLogger("helpers")

SCENES_EACH = 50
LEAST_PARTS = 16  # parts of fewer scenes where there are few, so that processes find something to share
AT_ONCE = 64  # parts that one process holds: each is an open file, and of those macOS gives a process 256


def split(scenes: int, batch_size: int) -> list[range]:
    """The positions of the scenes in each part: whole batches, so that going on makes the same ones."""
    each = batch_size * -(-min(SCENES_EACH, -(-scenes // LEAST_PARTS)) // batch_size)
    return [range(start, min(start + each, scenes)) for start in range(0, scenes, each)]


def path_of(folder: Path, positions: range) -> Path:
    """Where the part with these scenes lies."""
    return folder / f"scenes-{positions.start:05d}-{positions.stop:05d}.npz"


def write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write a part; most of its numbers are zeros."""
    with whole_file(path) as file:
        np.savez_compressed(file, **arrays)


def missing(folder: Path, parts: Sequence[range]) -> list[range]:
    """The parts that are not there, or damaged."""
    return [positions for positions in parts if kept_arrays(path_of(folder, positions)) is None]


def in_turn(folder: Path, wanted: Sequence[range], number: int, of: int) -> Iterator[list[range]]:
    """Parts that this process is to make now, some at a time; once it is through, none of `wanted` is missing.

    Alone it gets many at once. As process `number` (from 0) of `of` it begins at another part than the others and
    gets what none of them is making, one at a time; then it waits for theirs. To make a part is to hold a lock on
    a file beside it, which the system frees: what a process leaves behind that ends early, another makes.
    """
    if not wanted:
        return
    first = len(wanted) * number // of
    left = [*wanted[first:], *wanted[:first]]
    folder.mkdir(parents=True, exist_ok=True)
    for patience, each in ((0.0, AT_ONCE if of == 1 else 1), (None, 1)):
        order = left.copy()
        for some in (order[start : start + each] for start in range(0, len(order), each)):
            with ExitStack() as files:
                locks = [files.enter_context(open_lock(_lock_of(folder, part))) for part in some]
                held = [part for part, lock in zip(some, locks, strict=True) if take(lock, patience)]
                if to_make := missing(folder, held):
                    yield to_make
            for part in held:
                left.remove(part)
                _remove_lock(folder, part)
        if left:
            log.info("waiting for other processes, which are evaluating %d scenes", sum(map(len, left)))


def _remove_lock(folder: Path, part: range) -> None:
    """Of a part that is made. Who holds it still, or makes a new one, finds the part and has nothing to make."""
    with suppress(OSError):  # Windows keeps a file that another process has open
        _lock_of(folder, part).unlink()


def _lock_of(folder: Path, part: range) -> Path:
    return path_of(folder, part).with_suffix(".lock")
