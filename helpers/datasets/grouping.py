"""Images that belong together by their names: tiles of one scene, frames of one film."""

import logging
import re
import signal
import threading
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from helpers.datasets.duplicates import group
from helpers.datasets.types import DataError

log = logging.getLogger("helpers")

LETTER = re.compile(r"[^\W\d_]")
LONGEST_SEARCH = 20  # seconds for all file names; a million of them take two


def bind_scenes(
    groups: np.ndarray,
    files: Sequence[str],
    labels: np.ndarray,
    pattern: str | None,
    named: Sequence[str | None] | None = None,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Groups (N,) in which scenes stay together as well, and the scenes (N,).

    Scenes are what a pattern finds in the files' names, or else what a table calls them (`named`), or None.
    """
    if not pattern and named is None:
        return groups, None
    if pattern:
        scenes = scene_numbers(files, labels, pattern)
    else:
        scenes = _numbered([name or i for i, name in enumerate(named)])
    return group(len(files), np.concatenate([_pairs(groups), _pairs(scenes)])), scenes


def first_of_each(positions: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Those of the positions (n,) of which the group, in groups (n,), has not occurred before, in their order."""
    return positions[np.sort(np.unique(groups, return_index=True)[1])]


def _pairs(numbers: np.ndarray) -> np.ndarray:
    """(K, 2) int64: each image with the first of the same number, which is that number."""
    own = np.arange(len(numbers))
    return np.stack([numbers, own], axis=1)[numbers != own]


def scene_numbers(files: Sequence[str], labels: np.ndarray, pattern: str) -> np.ndarray:
    """(N,) int64: images whose paths give the same texts for the groups of a regular expression share a number.

    The number is that of their first image; a path in which the pattern does not occur is a scene of its own.
    Where it matches figures and signs alone, each class counts for itself: `(\\d+)` finds 001 in dog_001 and
    cat_001, which are no scene. One that matches a letter before, as `s(\\d+)_` or `[a-z]+_(\\d+)`, binds across
    classes.
    Raises DataError when it occurs in none, or when trying takes so long that it would never end.
    """
    expression = re.compile(pattern)
    with _in_time(f"group_by: '{pattern}' takes forever on the file names: repeat nothing that repeats, as (a+)+"):
        matches = [expression.search(path) for path in files]
    if not any(matches):
        raise DataError(
            f"group_by: '{pattern}' occurs in no file name; the first is '{files[0]}'. Change it or leave it out"
        )
    keys, bare = [], {}  # `bare`: of each number that stands alone, the classes in which it occurs, and a file
    for i, (match, label) in enumerate(zip(matches, labels.tolist(), strict=True)):
        alone = match and not LETTER.search(match[0][: match.end(match.lastindex) - match.start()])
        keys.append((*match.groups(), label) if alone else match.groups() if match else (i,))
        if alone:
            bare.setdefault(match.groups(), {}).setdefault(label, files[i])
    if shared := next((of_classes for of_classes in bare.values() if len(of_classes) > 1), None):
        log.warning(
            "group_by: '%s' finds the same number in files of several classes, such as %s: each class counts for "
            "itself. If they belong together, let it match the letters before the number as well",
            pattern, " and ".join([*shared.values()][:2]),
        )  # fmt: skip
    return _numbered(keys)


def _numbered(keys: Sequence[Hashable]) -> np.ndarray:
    """(N,) int64: for each key, where it stands first."""
    first: dict[Hashable, int] = {}
    return np.array([first.setdefault(key, i) for i, key in enumerate(keys)], dtype=np.int64)


@contextmanager
def _in_time(complaint: str) -> Iterator[None]:
    """DataError where the block takes too long; only in the main thread, where a signal can reach it."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def give_up(*_: object) -> None:
        raise DataError(complaint)

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_SEARCH)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
