"""Reading the label files of one set, each by its kind."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers.datasets.streets import numbers
from helpers.datasets.streets.layout import SetLayout
from helpers.datasets.streets.masks import read_mask
from helpers.datasets.streets.polygons import rasterise, read_polygons
from helpers.datasets.streets.tables import rows_of
from helpers.datasets.streets.types import IGNORE
from helpers.datasets.types import DataError

log = logging.getLogger(__name__)
POLYGONS = "polygons"


@dataclass(frozen=True)
class LabelFiles:
    """Reads label files of a set into positions among its classes, as `level` needs them.

    remarks: by file, what in it draws nothing (see `read_polygons`); filled as files are read.
    """

    set_name: str
    layout: SetLayout
    level: str
    remarks: dict[Path, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def __call__(self, path: Path) -> np.ndarray:
        """(H, W) uint8: positions in the set's classes, or IGNORE. Raises DataError, naming the file."""
        kind = self.layout.kind_of(path.name)
        if kind == POLYGONS:
            return self._draw(path)
        return read_mask(path, numbers.code(self.set_name, kind, self.level))

    def _draw(self, path: Path) -> np.ndarray:
        positions = {row.name: position for position, row in enumerate(rows_of(self.set_name))}
        drawing = read_polygons(path, tuple(positions))
        if drawing.remarks and path not in self.remarks:
            self.remarks[path] = drawing.remarks
            for remark in drawing.remarks:
                log.warning("%s", remark)
        return rasterise(drawing, positions, positions.get("unlabeled", IGNORE))

    def best(self, files: Mapping[str, Path]) -> Path:
        """The label file of a scene to read. Raises DataError where none can be scored at this level."""
        reasons = []
        for kind in self.layout.kinds:
            try:
                if kind in files and numbers.code(self.set_name, kind, self.level):
                    return files[kind]
            except DataError as reason:
                reasons.append(f"{files[kind].as_posix()}: {reason}")
        raise DataError(reasons[0])
