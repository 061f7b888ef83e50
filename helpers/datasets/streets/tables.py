"""Which class of a set counts as which shared class, and how label files write it: `classes.csv`, read by name.

Three lists of shared classes, each coarser than the one before: *fine* are the 19 classes that Cityscapes scores,
*medium* the 11 of CamVid, *coarse* the 7 of IDD-lite. A cell of the table is a shared class, `ignore`, or empty
where the set does not tell such classes apart. The columns that follow have what a publisher writes for a class.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from helpers.datasets.streets.types import IGNORE, NativeClass
from helpers.datasets.types import DataError

CLASSES_CSV = Path(__file__).with_name("classes.csv")
Colour = tuple[int, int, int]
LEVELS = {"fine": "cityscapes", "medium": "camvid", "coarse": "idd_lite"}  # whose classes they are, finest first


@dataclass(frozen=True)
class Row:
    """One line of the table: a class of a set and the shared class it counts as at each level."""

    data_set: str
    name: str
    shared: dict[str, str]  # level → shared class, 'ignore', or '' where the set cannot tell
    debatable: frozenset[str]  # levels
    remark: str
    colours: tuple[Colour, ...]  # in which it is shown
    numbers: dict[str, tuple[int, ...]]  # kind of label file → what it writes for the class

    def native(self, level: str, classes: Sequence[str]) -> NativeClass:
        """This class as a set in `classes` has it."""
        shared = self.shared[level] if self.shared[level] in classes else None
        debatable = shared is not None and level in self.debatable
        return NativeClass(self.name, shared, debatable, self.remark)


@cache
def read_table(path: Path = CLASSES_CSV) -> tuple[Row, ...]:
    """Every row of the class table, in the order of the file.

    Raises DataError for a missing column, an unknown shared class, or a class that a set names twice.
    """
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    try:
        rows = tuple(_row(line) for line in lines)
    except (KeyError, AttributeError) as error:
        raise DataError(f"{path.name} lacks a column or a cell ({error}): restore the class table") from error
    _check(rows, path)
    return rows


def _row(line: dict[str, str]) -> Row:
    shared = {level: line.pop(level).strip() for level in LEVELS}
    name, debatable, remark = (line.pop("data_set"), line.pop("class")), line.pop("debatable"), line.pop("remark")
    colours = tuple(_rgb(cell) for cell in line.pop("colour").split())
    numbers = {kind: tuple(map(int, cells.split())) for kind, cells in line.items()}
    return Row(*name, shared, frozenset(debatable.split()), remark, colours, numbers)


def _rgb(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _check(rows: Sequence[Row], path: Path) -> None:
    seen: set[tuple[str, str]] = set()
    for row in rows:
        if (row.data_set, row.name) in seen:
            raise DataError(f"{path.name} names '{row.name}' of {row.data_set} twice: keep one of the rows")
        seen.add((row.data_set, row.name))
        if not row.debatable <= set(LEVELS):
            raise DataError(f"{path.name}, '{row.name}' of {row.data_set}: debatable takes {', '.join(LEVELS)}")
        for level, shared in row.shared.items():
            if shared not in {"", "ignore", *_level_classes(level, rows)}:
                raise DataError(
                    f"{path.name}: '{shared}' of {row.data_set} is none of the {level} classes: correct the cell"
                )


def rows_of(set_name: str) -> tuple[Row, ...]:
    """The rows of one set. Raises DataError for a set that the table does not have."""
    rows = tuple(row for row in read_table() if row.data_set == set_name)
    if not rows:
        known = ", ".join(dict.fromkeys(row.data_set for row in read_table()))
        raise DataError(f"the class table has no rows for '{set_name}'; it has {known}")
    return rows


def _level_classes(level: str, rows: Iterable[Row]) -> tuple[str, ...]:
    owner = [row for row in rows if row.data_set == LEVELS[level]]
    return tuple(row.name for row in owner if row.shared[level] == row.name)


def level_classes(level: str) -> tuple[str, ...]:
    """The shared classes of a level, in the order of their numbers."""
    return _level_classes(level, read_table())


def colours(classes: Sequence[str]) -> np.ndarray:
    """(C, 3) uint8 RGB: shared classes in the colours of the set whose classes they are."""
    published = {row.name: row.colours[0] for row in rows_of(LEVELS[level_of(classes)])}
    return np.array([published[name] for name in classes], np.uint8).reshape(-1, 3)


def level_of(classes: Sequence[str]) -> str:
    """The finest level that has all these classes. Raises DataError where none has."""
    for level in LEVELS:
        if set(classes) <= set(level_classes(level)):
            return level
    raise DataError(
        f"no level of the class table has all of {', '.join(classes)}: "
        "take the 19 classes of Cityscapes, the 11 of CamVid or the 7 of IDD-lite"
    )


def refuse_level(set_name: str, level: str) -> None:
    """Raises DataError where a set does not tell the classes of a level apart."""
    joined = [row.name for row in rows_of(set_name) if not row.shared[level]]
    if joined:
        raise DataError(
            f"{set_name} cannot be scored in the {level} classes: {joined[0]!r} joins several of them; "
            "take the classes that shared_classes gives"
        )


def shared_levels(*set_names: str) -> list[str]:
    """The levels at which every one of these sets can be scored, the finest first. Raises DataError for none."""
    levels = [level for level in LEVELS if all(row.shared[level] for name in set_names for row in rows_of(name))]
    if not levels:
        raise DataError(f"{' and '.join(set_names)} have no level of shared classes in common")
    return levels


def shared_classes(*set_names: str) -> tuple[str, ...]:
    """The classes of the finest level at which every one of these sets can be scored."""
    return level_classes(shared_levels(*set_names)[0])


def collapse(names: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """(len(names),) int64: where a segmenter's classes lie in a shared list, IGNORE where they have no place.

    A name is looked up among the shared classes themselves, then as a class of any set in the table: 'bus' is one
    of the 'vehicles'.
    """
    level, classes = level_of(classes), list(classes)
    found = (shared_place(name, level, classes) for name in names)
    return np.array([IGNORE if shared is None else classes.index(shared) for shared in found], dtype=np.int64)


def shared_place(name: str, level: str, classes: Sequence[str] | None = None) -> str | None:
    """The shared class of a level, or of some of its classes, that a class of this name counts as; None for none.

    Case, blanks, '_' and '-' do not matter.
    """
    classes, wanted = level_classes(level) if classes is None else classes, bare_name(name)
    if own := [shared for shared in classes if bare_name(shared) == wanted]:
        return own[0]
    named = sorted((row for row in read_table() if bare_name(row.name) == wanted), key=_owner_first)
    return next((row.shared[level] for row in named if row.shared[level] in classes), None)


@cache
def bare_name(name: str) -> str:
    """A class's name without what people write differently: case, blanks, '_' and '-'."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def _owner_first(row: Row) -> int:
    owners = list(LEVELS.values())
    return owners.index(row.data_set) if row.data_set in owners else len(owners)
