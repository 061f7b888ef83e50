"""Which values the masks of a set hold, and how often: looked at once, remembered while a file does not change."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.base.fingerprint import code_of
from helpers.base.paths import display_path
from helpers.datasets.masks.values import read_values
from helpers.datasets.streets.digests import learnt

MOST_KEPT = 512  # values of a file that are remembered; one of more holds no classes


@dataclass(frozen=True)
class ValueCount:
    """A value of a mask: its number, its colour 0xRRGGBB (None: the file has no such), and how many pixels."""

    number: int | None
    colour: int | None
    pixels: int


@dataclass(frozen=True)
class MaskFacts:
    """What one mask holds. size: width and height. has_colours: more than grey levels. more: values beyond."""

    path: str
    size: tuple[int, int]
    has_colours: bool
    values: tuple[ValueCount, ...]
    more: int


def look_at_masks(root: Path, paths: Sequence[str]) -> list[MaskFacts]:
    """The facts of each mask, in order. Raises DataError, naming the file, for one that cannot be read."""
    found = learnt(f"masks-{code_of(_look)}", root, paths, _look)
    return [_facts_of(*one) for one in zip(paths, found, strict=True)]


def _facts_of(path: str, found: list) -> MaskFacts:
    size, has_colours, values, more = found
    shown = display_path(path) if Path(path).is_absolute() else path
    return MaskFacts(shown, tuple(size), has_colours, tuple(ValueCount(*value) for value in values), more)


def _look(path: Path) -> list:
    """As JSON has it: size, whether there are colours, [number, colour, pixels] of each value, values beyond."""
    values = read_values(path)
    found, counts = _counts(values.stored)
    order = np.argsort(-counts, kind="stable")[:MOST_KEPT]
    kept = found[order]
    numbers = [None] * len(kept) if values.numbers is None else kept.tolist()
    colours = (kept if values.numbers is None else values.colours_of(kept)).tolist()
    triples = list(zip(numbers, colours, counts[order].tolist(), strict=True))
    return [list(values.stored.shape[::-1]), values.has_colours, triples, len(found) - len(kept)]


def _counts(stored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different values, sorted, and how many pixels have each."""
    if stored.dtype == np.uint8:
        counts = np.bincount(stored.ravel(), minlength=256)
        return np.flatnonzero(counts), counts[counts > 0]
    return np.unique(stored, return_counts=True)
