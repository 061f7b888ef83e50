"""What a result depends on, as short hashes: values, and the code that computes (see `helpers.base.code`)."""

import hashlib
import inspect
import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from helpers.base import code
from helpers.base.code import Place, ReachedCode
from helpers.base.paths import runs_dir, write_atomic

# What tells, waits, keeps a diary, or is run for a person alone: no result hangs on it.
SILENT = (
    *(Place(f"helpers.{module}", "*") for module in ("base.telling", "base.lock", "training.tracking")),
    Place("helpers.chapter", "Chapter", "_look_first"),
)
# Digests of this very code, so that it is read once and not by every process: a file below the runs, or in a
# folder that the environment names.
KNOWN, ELSEWHERE = ".code.json", "IMAGE_COURSE_CODE"


def key_of(**facts: Any) -> str:
    """A short hash of whatever went into a result."""
    return _digest(facts)[:10]


def code_of(*things: Any, without: Iterable[Any] = ()) -> str:
    """A hash of the code of functions, classes or modules and of all that it reaches, `without` some of that.

    A new version of a library that it uses gives another hash; comments, docstrings and layout do not.
    Raises CourseError where a file has changed since this process began, and LookupError for a name in the code
    that leads nowhere.
    """
    own = tuple(sorted(code.place_of(thing) for thing in things if code.is_the_projects(thing)))
    others = [_text_of(thing) for thing in things if not code.is_the_projects(thing)]
    apart = _apart(without)
    found = _remembered([own, sorted(apart)], lambda: code.reach(own, without=apart))
    return key_of(own=found, others=others) if others else found


def code_of_cells(cells: Iterable[str], without: Iterable[Any] = ()) -> str:
    """The same of a notebook's code, cell by cell."""
    cells, apart = tuple(cells), _apart(without)
    return _remembered(["cells", cells, sorted(apart)], lambda: code.reach_from_cells(cells, apart))


def _text_of(thing: Any) -> str:
    """The code of something that a user has defined elsewhere, such as in a notebook."""
    with suppress(OSError, TypeError):
        return code.bare(inspect.getsource(thing))
    return f"{thing.__module__}.{thing.__qualname__}"


def _apart(things: Iterable[Any]) -> frozenset[Place]:
    return frozenset(map(code.place_of, (*SILENT, *things)))


def _remembered(what: Any, reach: Callable[[], ReachedCode]) -> str:
    """The digest of what is reached, from a file of those of the sources and libraries of now, or put there now.

    Raises CourseError where that is no longer what this process has read.
    """
    elsewhere = os.environ.get(ELSEWHERE)
    path = Path(elsewhere, f"{_state()}.json") if elsewhere else runs_dir() / KNOWN
    asked, kept = _digest(what)[:16], _kept(path)
    if asked not in kept["digests"]:
        found = reach()
        kept["digests"][asked] = [code.digest_of(found), sorted({place.module for place in found.units})]
        with suppress(OSError):  # a place that cannot be written to: computed again next time
            write_atomic(path, json.dumps(kept))
    digest, modules = kept["digests"][asked]
    code.refuse_changes(modules)
    return digest


def _kept(path: Path) -> dict[str, Any]:
    state = _state()
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["state"] == state and all(len(one) == 2 for one in kept["digests"].values()):
            return kept
    return {"state": state, "digests": {}}


@cache
def _state() -> str:
    """All sources as this process found them, and the libraries that are installed, by their folders' names."""
    installed = sorted({info.name for place in sys.path for info in Path(place).glob("*.dist-info")})
    return _digest([sys.version, installed, code.state_of_sources()])[:16]


def _digest(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
