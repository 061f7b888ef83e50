"""How far a job is, told to whoever runs it: a line of JSON in a small file beside the job's progress file.

    for batch in steps(batches, "batch", total): …

Loops within loops are told together: `epoch 3/6, batch 41/75`. In a notebook that a person has open a line says so
below the cell; elsewhere, where no runner is watching, nothing is told.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

Looped = TypeVar("Looped")

NOW, WITHIN = ".now", ".within"  # in the place of .progress: of the job, and of the notebook that it executes
SECONDS_BETWEEN = 0.5
SECONDS_UNTOLD = 1.5  # in a notebook: what is done by then needs no line


spent: dict[str, float] = {}  # seconds of this process, by the kind of work: see `counted`


@contextmanager
def counted(kind: str) -> Iterator[None]:
    """What the block takes is `spent` on its kind, but for blocks of other kinds within it."""
    begin, within = time.monotonic(), sum(spent.values())
    try:
        yield
    finally:
        own = time.monotonic() - begin - (sum(spent.values()) - within)
        spent[kind] = spent.get(kind, 0.0) + own


class LoopStage:
    """A loop under way: at its item number `at`, from 1, of `total`; it makes up `share` of the loop around it."""

    def __init__(self, name: str, total: int, share: tuple[float, float] = (0.0, 1.0)):
        self.name, self.total, self.share, self.at = name, total, share, 0


class Telling:
    """Writes to one file how far this process is, and not too often; a full disk does not stop the work."""

    def __init__(self, path: Path, between: float | None = None):
        self.path, self.due = path, 0.0
        self.between = SECONDS_BETWEEN if between is None else between
        self.stages: list[LoopStage] = []

    def reach(self, stage: LoopStage, at: int) -> None:
        """The loop has come to its item number `at`."""
        stage.at = at
        if time.monotonic() >= self.due:
            self._write()

    @contextmanager
    def within(self, stage: LoopStage) -> Iterator[None]:
        """A loop is under way meanwhile; the file is gone once none is."""
        self.stages.append(stage)
        try:
            yield
        finally:
            self.stages.remove(stage)
            if not self.stages:
                self._end()
                self.due = 0.0

    def _end(self) -> None:
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        self.due = time.monotonic() + self.between
        stages = [[one.name, one.at, one.total] for one in self.stages]
        temporary = self.path.with_name(self.path.name + ".tmp")
        with suppress(OSError):
            told = json.dumps({"stages": stages, "fraction": fraction(self.stages)})
            temporary.write_text(told + "\n", encoding="utf-8")
            temporary.replace(self.path)


class TellingInNotebook(Telling):
    """Shows a line below the cell, if its loops take longer than a moment, and takes it away when they end."""

    def __init__(self):
        super().__init__(Path())
        self.handle = None

    @contextmanager
    def within(self, stage: LoopStage) -> Iterator[None]:
        if not self.stages:
            self.due = time.monotonic() + SECONDS_UNTOLD
        with super().within(stage):
            yield

    def _write(self) -> None:
        from IPython.display import display

        self.due = time.monotonic() + self.between
        where = ", ".join(f"{one.name} {one.at}/{one.total}" for one in self.stages)
        line = {
            "text/plain": where,
            "text/html": f"<progress value={fraction(self.stages):.3f}></progress> {where}",
        }
        if self.handle is None:
            self.handle = display(line, raw=True, display_id=True)
        else:
            self.handle.update(line, raw=True)

    def _end(self) -> None:
        if self.handle is not None:
            self.handle.update({"text/plain": "", "text/html": ""}, raw=True)
            self.handle = None


_telling: Telling | None = None


def _own() -> Telling | None:
    """What this process tells by; None where no runner is watching."""
    global _telling
    path = os.environ.get("IMAGE_COURSE_NOW")
    if not path and not _is_notebook():
        return None
    if _telling is None or _telling.path != Path(path or ""):
        _telling = Telling(Path(path)) if path else TellingInNotebook()
    return _telling


def _is_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def now_and_then(seconds: float = 5.0) -> Callable[[], bool]:
    """Tells, whenever it is called, whether so long has passed since its last yes: time for a line in a log."""
    said = time.monotonic()

    def is_due() -> bool:
        nonlocal said
        if time.monotonic() - said <= seconds:
            return False
        said = time.monotonic()
        return True

    return is_due


def steps(
    items: Iterable[Looped], name: str, total: int, share: tuple[float, float] = (0.0, 1.0)
) -> Iterator[Looped]:
    """The items as they are; whoever runs this sees at which of `total` it is."""
    with stage(name, total, share) as reach:
        for at, item in enumerate(items, start=1):
            reach(at)
            yield item


@contextmanager
def stage(name: str, total: int, share: tuple[float, float] = (0.0, 1.0)) -> Iterator[Callable[[int], None]]:
    """For other loops: what it gives is called with the number, from 1, of the item that the loop has come to."""
    telling, loop = _own(), LoopStage(name, total, share)
    if telling is None:
        yield lambda at: None
        return
    with telling.within(loop):
        yield partial(telling.reach, loop)


def fraction(stages: Iterable[LoopStage]) -> float:
    """How much of a job is done, from 0 to 1, by the loops within loops that it is in."""
    start, width = 0.0, 1.0
    for stage in stages:
        first, last = stage.share
        part = width * (last - first)
        each = part / max(1, stage.total)
        start, width = start + width * first + each * max(0, min(stage.at, stage.total) - 1), each
    return start
