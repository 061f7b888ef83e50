"""What the values of a label file mean, by the numbers and colours that `classes.csv` has for each kind of file.

A column is named like the files that hold such numbers (`…_labelcsTrainIds.png`). Several classes may share a
number. Such a number is used only where all of its classes count as the same shared class.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

from helpers.datasets.streets.tables import Colour, rows_of
from helpers.datasets.streets.types import IGNORE
from helpers.datasets.types import DataError

VOID = 255  # in every kind of number: no class, or none of the classes that this kind tells apart


@dataclass(frozen=True)
class Code:
    """What the values of a label file mean: numbers and colours → positions among a set's classes, or IGNORE."""

    set_name: str
    kind: str
    numbers: dict[int, int]
    colours: dict[Colour, int] = field(default_factory=dict)
    shown_in: frozenset[tuple[int, Colour]] = frozenset()  # every class with each colour it is shown in


@cache
def code(set_name: str, kind: str, level: str) -> Code:
    """What the values of one kind of label file mean for scores at a level.

    Raises DataError where one number stands for classes that count as different shared classes.
    """
    rows, numbers = rows_of(set_name), {VOID: IGNORE}
    for number, positions in _by_number(set_name, kind).items():
        if len({rows[position].shared[level] for position in positions}) > 1:
            names = " and ".join(rows[position].name for position in positions)
            raise DataError(
                f"{kind} of {set_name} cannot be scored in the {level} classes: number {number} stands for "
                f"{names}, which count as different classes; give the polygons instead"
            )
        # A debatable one stands for all of them, so that this is not forgotten.
        numbers[number] = next((one for one in positions if level in rows[one].debatable), positions[0])
    shown_in = {(position, colour) for position, row in enumerate(rows) for colour in row.colours}
    return Code(set_name, kind, numbers, _colours(set_name, level), frozenset({*shown_in, (IGNORE, (0, 0, 0))}))


def _by_number(set_name: str, kind: str) -> dict[int, list[int]]:
    """Number → positions of the classes that have it. VOID is left to mean that nothing is known of the pixel."""
    positions = defaultdict(list)
    for position, row in enumerate(rows_of(set_name)):
        for number in row.numbers.get(kind, ()):
            positions[number].append(position)
    positions.pop(VOID, None)
    return positions


def _colours(set_name: str, level: str) -> dict[Colour, int]:
    """Where classes share a colour (pole and polegroup), one that is scored has it."""
    rows = rows_of(set_name)
    found: dict[Colour, int] = {}
    for position, row in enumerate(rows):
        for colour in row.colours:
            scored = row.shared[level] not in ("", "ignore")
            if colour not in found or (scored and rows[found[colour]].shared[level] == "ignore"):
                found[colour] = position
    return found
