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


class _Type:
    """Takes the place of numpy.dtype."""

    def __init__(self, code: Any = None, *_: Any):
        self.code = code

    def __setstate__(self, state: Any) -> None:
        """The rest concerns types of several bytes."""


class _Array:
    """Takes the place of numpy.ndarray."""

    shape: Any = None
    kind: Any = None
    data: Any = None

    def __setstate__(self, state: Any) -> None:
        _, self.shape, self.kind, fortran, self.data = state
        if fortran:
            raise DataError("holds an array stored column by column: it is not as published")

    def plain(self) -> np.ndarray:
        """The array, if it is one of bytes."""
        if not isinstance(self.kind, _Type) or self.kind.code not in BYTES or not isinstance(self.data, bytes):
            raise DataError("holds an array of something else than bytes: it is not as published")
        return np.frombuffer(self.data, np.uint8).reshape(self.shape)


def _empty_array(*_: Any) -> _Array:
    return _Array()


def _from_buffer(data: Any, kind: Any, shape: Any, order: Any) -> _Array:
    array, content = _Array(), bytes(memoryview(data))  # of a number, bytes() would be so many zeros
    array.__setstate__((1, shape, kind, order == "F", content))
    return array


def _encoded(text: str, encoding: str) -> bytes:
    """How Python 3 writes bytes in the older protocols."""
    if encoding != "latin1":
        raise DataError("asks for an unusual encoding and was refused")
    return text.encode("latin1")


_ALLOWED = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("_codecs", "encode"): _encoded,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _empty_array for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _from_buffer for core in ("core", "_core")},
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
    return {
        key.decode("latin1") if isinstance(key, bytes) else str(key): _plain(value)
        for key, value in content.items()
    }


def _plain(value: Any) -> Any:
    return value.plain() if isinstance(value, _Array) else value
