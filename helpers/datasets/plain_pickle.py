"""Read a pickle that holds nothing but dictionaries, lists, texts, numbers and arrays of bytes.

A pickle is a program, and loading one runs it. Here every name that it asks for is refused, apart from those that
rebuild an array; and these are replaced by stand-ins that only take notes.
"""

import pickle
import pickletools
from pathlib import Path
from typing import IO, Any

import numpy as np

from helpers.datasets.types import DataError

BYTES = {"u1", "|u1", b"u1", b"|u1", "B"}


class Noted:
    """Takes the place of an object in a pickle, and notes what it is made of."""

    state: Any = None

    def __init__(self, *given: Any):
        self.given = given

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Kind(Noted):
    """numpy.dtype."""


class _Array(Noted):
    """numpy.ndarray, whose state says all, or an array from a buffer, a type, a shape and an order."""

    def plain(self) -> np.ndarray:
        """The array, if it is one of bytes."""
        if len(self.given) == 4:
            data, kind, shape, order = self.given
            data, by_columns = bytes(memoryview(data)), order == "F"  # of a number, bytes() would be so many zeros
        else:
            _, shape, kind, by_columns, data = self.state or (None,) * 5
        if by_columns:
            raise DataError("holds an array stored column by column: it is not as published")
        if not isinstance(kind, _Kind) or kind.given[0] not in BYTES or not isinstance(data, bytes):
            raise DataError("holds an array of something else than bytes: it is not as published")
        return np.frombuffer(data, np.uint8).reshape(shape)


def _encoded(text: str, encoding: str) -> bytes:
    """How Python 3 writes bytes in the older protocols."""
    if encoding != "latin1":
        raise DataError("asks for an unusual encoding and was refused")
    return text.encode("latin1")


_ALLOWED = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Kind,
    ("_codecs", "encode"): _encoded,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _Array for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _Array for core in ("core", "_core")},
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise DataError(f"asks Python to run {module}.{name} and was refused: nothing in it was executed")
        return _ALLOWED[module, name]


def _refuse_far_notes(file: IO[bytes]) -> None:
    """Values are noted under numbers that count up; room is made up to the highest, however few there are."""
    for step, (opcode, number, _) in enumerate(pickletools.genops(file)):
        if opcode.name.endswith("PUT") and int(number) > step + 1:
            raise DataError("asks for more memory than it could fill and was refused")
    file.seek(0)


def load_plain(path: Path) -> dict[str, Any]:
    """The dictionary in a pickle, its keys as text and its arrays as NumPy's.

    Raises DataError for a pickle that asks for anything else or is no dictionary, and whatever `pickle` raises
    for one that is damaged.
    """
    with path.open("rb") as file:
        _refuse_far_notes(file)
        content = _PlainUnpickler(file, encoding="bytes").load()
    if not isinstance(content, dict):
        raise DataError("holds no dictionary: it is not as published")
    names = (key.decode("latin1") if isinstance(key, bytes) else str(key) for key in content)
    values = (value.plain() if isinstance(value, _Array) else value for value in content.values())
    return dict(zip(names, values, strict=True))
