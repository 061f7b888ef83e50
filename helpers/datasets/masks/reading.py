"""Masks as class numbers."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.base.paths import display_path
from helpers.datasets.masks.values import read_values, translate
from helpers.datasets.types import DataError

UNKNOWN = 254  # in place of a position; no set has that many classes


@dataclass(frozen=True)
class MaskReader:
    """Reads masks of a set by what their numbers or colours 0xRRGGBB mean."""

    by_colour: bool
    table: dict[int, int]

    def __call__(self, path: Path) -> np.ndarray:
        """(H, W) uint8: class numbers, or IGNORE. Raises DataError, naming the file."""
        values = read_values(path)
        keys = values.stored
        if self.by_colour and values.numbers is not None:
            keys = values.colours_of(values.numbers)
        elif not self.by_colour and values.numbers is None:
            raise DataError(f"{display_path(path)} has become a colour image: open the set again")
        positions = translate(keys, self.table, UNKNOWN)
        if (positions == UNKNOWN).any():
            raise DataError(f"{display_path(path)} has values that it did not have before: open the set again")
        return positions
