"""The numbers and colours that publishers give their classes: `numbers.csv`, one column for each kind of file.

A column is named like the files that hold such numbers (`…_labelcsTrainIds.png`). Several classes may share a
number. Such a number is used only where all of its classes count as the same shared class.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from helpers.datasets.streets.tables import rows_of
from helpers.datasets.streets.types import IGNORE
from helpers.datasets.types import DataError

NUMBERS_CSV = Path(__file__).with_name("numbers.csv")
VOID = 255  # in every kind of number: no class, or none of the classes that this kind tells apart
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Code:
    """What the values of a label file mean: numbers and colours → positions among a set's classes, or IGNORE."""

    set_name: str
    kind: str
    numbers: dict[int, int]
    colours: dict[Colour, int] = field(default_factory=dict)
    shown_in: frozenset[tuple[int, Colour]] = frozenset()  # every class with each colour it is shown in


@cache
def _lines(path: Path = NUMBERS_CSV) -> tuple[dict[str, str], ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _published(set_name: str, column: str) -> dict[str, tuple[str, ...]]:
    """Class → what the publisher writes for it in this kind of file."""
    lines = [line for line in _lines() if line["data_set"] == set_name]
    return {line["class"]: tuple(line[column].split()) for line in lines if line.get(column)}


def published_colours(set_name: str) -> dict[str, Colour]:
    """The colour in which each class of a set is shown."""
    return {name: _rgb(cells[0]) for name, cells in _published(set_name, "colour").items()}


def _rgb(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


@cache
def code(set_name: str, kind: str, level: str) -> Code:
    """What the values of one kind of label file mean for scores at a level.

    Raises DataError where one number stands for classes that count as different shared classes.
    """
    reason = refusal(set_name, kind, level)
    if reason:
        raise DataError(reason)
    numbers = {number: _one_of(set_name, level, names) for number, names in _by_number(set_name, kind).items()}
    return Code(set_name, kind, {VOID: IGNORE} | numbers, _colours_of(set_name, level), _shown_in(set_name))


@cache
def refusal(set_name: str, kind: str, level: str) -> str:
    """Why files of this kind cannot be scored at this level; empty where they can."""
    shared = {row.name: row.shared[level] for row in rows_of(set_name)}
    for number, names in _by_number(set_name, kind).items():
        if len({shared[name] for name in names}) > 1:
            return (
                f"{kind} of {set_name} cannot be scored in the {level} classes: number {number} stands for "
                f"{' and '.join(names)}, which count as different classes; give the polygons instead"
            )
    return ""


def _by_number(set_name: str, kind: str) -> dict[int, list[str]]:
    """Number → classes that have it. VOID is left to mean that nothing is known of the pixel."""
    classes = defaultdict(list)
    for name, cells in _published(set_name, kind).items():
        for cell in cells:
            classes[int(cell)].append(name)
    classes.pop(VOID, None)
    return classes


def _one_of(set_name: str, level: str, names: list[str]) -> int:
    """The position of the class that stands for all of them: a debatable one, so that this is not forgotten."""
    rows = rows_of(set_name)
    positions = [position for position, row in enumerate(rows) if row.name in names]
    return next((position for position in positions if level in rows[position].debatable), positions[0])


def _shown_in(set_name: str) -> frozenset[tuple[int, Colour]]:
    cells = _published(set_name, "colour")
    pairs = [(position, _rgb(cell)) for position, row in enumerate(rows_of(set_name)) for cell in cells[row.name]]
    return frozenset([*pairs, (IGNORE, (0, 0, 0))])


def _colours_of(set_name: str, level: str) -> dict[Colour, int]:
    """Where classes share a colour (pole and polegroup), one that is scored has it."""
    rows = rows_of(set_name)
    found: dict[Colour, int] = {}
    for position, row in enumerate(rows):
        for cell in _published(set_name, "colour")[row.name]:
            scored = row.shared[level] not in ("", "ignore")
            other = found.get(_rgb(cell))
            if other is None or (scored and rows[other].shared[level] == "ignore"):
                found[_rgb(cell)] = position
    return found
