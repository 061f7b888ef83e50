"""Classes made of a data set's own: several taken together under one name."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from helpers.datasets.layout import key_of_names
from helpers.datasets.types import DataError


def merge_classes(
    merged: Mapping[str, Sequence[str]] | None, originals: Sequence[str]
) -> tuple[tuple[str, ...], np.ndarray]:
    """The study's classes, and for each original class (len(originals),) int64 the number of the one it is in.

    merged: a name, and the original classes that it takes together, whatever their capitals, spaces, underscores
    and hyphens; None keeps all. Raises DataError unless every original class is named exactly once.
    """
    if merged is None:
        return tuple(originals), np.arange(len(originals), dtype=np.int64)
    key = key_of_names(originals)
    number_of = {key(name): number for number, name in enumerate(originals)}
    named = [(number, name) for number, names in enumerate(merged.values()) for name in names]
    _check(merged, [name for _, name in named], originals, key)
    numbers = np.empty(len(originals), dtype=np.int64)
    for number, name in named:
        numbers[number_of[key(name)]] = number
    return tuple(merged), numbers


def _check(
    merged: Mapping[str, Sequence[str]], named: Sequence[str], originals: Sequence[str], key: Callable[[str], str]
) -> None:
    counts, known = Counter(map(key, named)), set(map(key, originals))
    unknown = [name for name in named if key(name) not in known]
    twice = [name for name in named if counts[key(name)] > 1]
    absent = [name for name in originals if key(name) not in counts]
    empty = [name for name, names in merged.items() if not names]
    if unknown:
        raise DataError(f"classes: the data has no class '{unknown[0]}', only {', '.join(originals)}")
    if twice:
        raise DataError(f"classes: '{twice[0]}' is named twice; each class of the data belongs to one class")
    if absent:
        raise DataError(f"classes: {', '.join(map(repr, absent))} of the data is in none of {', '.join(merged)}")
    if empty or len(merged) < 2:
        what = f"'{empty[0]}' takes no class of the data" if empty else "at least two are needed"
        raise DataError(f"classes: {what}")
