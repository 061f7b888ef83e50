"""The check of an exercise: what a student has written is called, and a sentence says what is wrong with it.

A check is a function called as the student's own is to be called. It gets that function and whatever the cell
hands on, and asserts; what it has no word for, `expect` says.
"""

import dis
from collections.abc import Callable, Mapping
from copy import deepcopy
from importlib import import_module
from types import CodeType
from typing import Any

import numpy as np

from helpers.base.errors import did_you_mean
from helpers.show.display import Note

CHAPTERS = (
    "data", "learning", "tuning", "augmenting", "distances", "comparing", "scenes", "errors", "domains",
)  # fmt: skip
NOTHING = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}  # what a body of ... compiles to
_checks: dict[str, Callable[..., None]] = {}


def exercise(judge: Callable[..., None]) -> Callable[..., None]:
    """Have `check` know this function, which asserts of a student's function of the same name what it must do."""
    _checks[judge.__name__] = judge
    return judge


def check(answer: Callable, *things: Any) -> Note:
    """Whether a function does what the exercise of its name asks for, and if not, what is wrong with it.

    `things`: what the exercise is tried on beside a small example, as its cell says. Whatever the function does, a
    note comes back, so that a notebook runs on; its `title` is "Right", "Not yet" or "Not written yet".
    """
    name = getattr(answer, "__name__", str(answer))
    known = checks()
    if name not in known:
        return Note(f"No exercise asks for a function called {name}{did_you_mean(name, known)}.", "Not yet")
    if _is_empty(answer):
        return Note(f"{name} has only ... in it. Put your lines there, and run the cell again.", "Not written yet")
    try:
        known[name](answer, *things)
    except AssertionError as wrong:
        return Note(f"{name}: {wrong}.", "Not yet")
    except Exception as error:  # a student's function may raise anything
        return Note(f"{name} stops with {type(error).__name__}: {error}{_line(answer, error)}.", "Not yet")
    return Note(f"{name} does what it should.", "Right")


def checks() -> dict[str, Callable[..., None]]:
    """The check of each exercise, by the name of the function that it asks for."""
    for chapter in CHAPTERS:
        import_module(f"sections.exercises.{chapter}")
    return _checks


def expect(
    answer: Any, right: Any, wrong: Mapping[str, Any] | None = None, *, on: str, within: float = 1e-3
) -> None:
    """Assert that an answer is the right one, and where it is a known mistake, say which.

    Answers are numbers, arrays or tensors, or tuples of these. `wrong`: typical mistakes, each a sentence and the
    answer that it leads to. `on` says what it was asked about, `within` how far a number may be off, as a share of
    the right one's size or of 1.
    """
    assert answer is not None, "nothing comes back: its last line must be a return"
    count = len(right) if isinstance(right, tuple | list) else 1
    mine, true = _arrays(answer, count), _arrays(right, count)
    if _same(mine, true, within):
        return
    for sentence, value in (wrong or {}).items():
        assert not _same(mine, _arrays(value, count), within), sentence
    assert len(mine) == count, f"{count} things must come back, separated by commas, and {len(mine)} did"
    for got, wanted in zip(mine, true, strict=True):
        assert got.shape == wanted.shape, f"{_shape(wanted)} must come back, and {_shape(got)} did"
        assert np.isfinite(got).all() or not np.isfinite(wanted).all(), (
            "there is a NaN or an infinity in what comes back: look for 0 / 0, or for the logarithm of 0"
        )
        off = np.unravel_index(np.argmax(np.abs(got - wanted)), got.shape)
        place = f" at place {', '.join(map(str, off))}" if off else ""
        assert _same([got], [wanted], within), (
            f"on {on}, {wanted[off]:.4g} is right{place}, and yours is {got[off]:.4g}"
        )


def fresh(*things: Any) -> tuple[Any, ...]:
    """Copies, so that a function which changes what it is given harms nobody."""
    return deepcopy(things)


def _arrays(value: Any, count: int) -> list[np.ndarray]:
    """The `count` things that came back, of which several may come in one array."""
    is_several = isinstance(value, tuple | list) or (count > 1 and np.shape(value)[:1] == (count,))
    return [_array(part) for part in (value if is_several else [value])]


def _array(value: Any) -> np.ndarray:
    return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value, dtype=float)


def _same(ones: list[np.ndarray], others: list[np.ndarray], within: float) -> bool:
    return len(ones) == len(others) and all(
        a.shape == b.shape and np.allclose(a, b, rtol=within, atol=within, equal_nan=True)
        for a, b in zip(ones, others, strict=True)
    )


def _shape(array: np.ndarray) -> str:
    return f"an array of shape {array.shape}" if array.shape else "a single number"


def _is_empty(answer: Callable) -> bool:
    """Whether it is as the exercise leaves it: a docstring and ... give back None, and do nothing else."""
    code = getattr(answer, "__code__", None)
    if not isinstance(code, CodeType):
        return False
    steps = {one.opname for one in dis.get_instructions(code)}
    return steps <= NOTHING and all(one is None or one is ... or isinstance(one, str) for one in code.co_consts)


def _line(answer: Callable, error: Exception) -> str:
    """Which line of the student's own it was."""
    code, trace, found = getattr(answer, "__code__", None), error.__traceback__, ""
    while trace and code:
        if trace.tb_frame.f_code is code:
            found = f" (line {trace.tb_lineno - code.co_firstlineno + 1} of the function)"
        trace = trace.tb_next
    return found
