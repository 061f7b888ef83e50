"""Progress on the terminal: what the chapters write while they run, each line with the time so far.

Below the lines a terminal shows how many jobs are done, what runs, how far that is and how long it may take. In a
log a line says so about every half minute.
"""

import contextlib
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from helpers.base.paths import printable
from runner.bar import Bar, columns_of
from runner.estimates import ExpectedTime, left_in_words
from runner.graph import ChapterFiles
from runner.watched import WatchedJobs

DRAW_SECONDS, SILENT_SECONDS = 0.5, 30.0


class RunProgress:
    """Follows the progress files of chapters and other jobs, which run in other processes.

    expected, at_a_time: see `WatchedJobs`. lively: whether a terminal gets a line that changes; not where others
    write to it, too.
    """

    def __init__(
        self,
        chapters: Iterable[ChapterFiles],
        stream: TextIO | None = None,
        expected: Mapping[str, ExpectedTime] | None = None,
        at_a_time: int = 1,
        lively: bool = True,
    ):
        self.watched = WatchedJobs(chapters, expected or {}, at_a_time)
        files = self.watched.files
        several = len({one.study for one in files.values()}) > 1
        self.shown = {name: name if several else one.chapter for name, one in files.items()}
        self.tails = {name: Tail(one.progress) for name, one in files.items()}
        self.width = max(map(len, self.shown.values()), default=0)
        self.stream, self.started = stream or sys.stdout, time.monotonic()
        self.is_lively = lively and self.stream.isatty()
        self.bar: Bar | None = None
        self.last, self.drawn, self.spoke = "", 0.0, dict.fromkeys(files, self.started)

    def show_news(self) -> None:
        """Print the lines that have come since the last call, and how far everything is."""
        news = [(name, line) for name, tail in self.tails.items() for line in tail.read()]
        with self.bar.aside() if self.bar and news else contextlib.nullcontext():
            for name, line in news:
                self.watched.heard(name, line)
                self._print(name, line)
        if time.monotonic() - self.drawn > DRAW_SECONDS:
            self.drawn = time.monotonic()
            self.watched.look()
            self._draw() if self.is_lively else self._break_silence()

    def close(self) -> None:
        """Nothing more will be shown: the terminal is left with the lines alone, and no job with its state."""
        self.is_lively = False
        if self.bar:
            self.bar.close()
            self.bar = None
        self.watched.forget_states()

    def state(self) -> dict[str, Any]:
        """Jobs `done`, `total`, `running` (study, job, text, fraction), `seconds`, `seconds_left`."""
        return self.watched.state() | {"seconds": time.monotonic() - self.started}

    def _draw(self) -> None:
        self.bar = self.bar or Bar(self.stream)
        now = self.watched.state()
        running = [(self.shown[f"{one['study']}/{one['job']}"], one["text"]) for one in now["running"]]
        if not running and now["done"] < now["total"]:
            running = [("making pages" if self.watched.only_pages_left() else "getting ready", "")]
        progress = now["done"] + sum(one["fraction"] or 0.0 for one in now["running"])
        self.bar.draw(now["done"], now["total"], running, now["seconds_left"], progress / max(1, now["total"]))

    def _break_silence(self) -> None:
        """In a log: how far those are that have said nothing for long."""
        now = self.watched.state()
        left = left_in_words(now["seconds_left"])
        for one in now["running"]:
            name = f"{one['study']}/{one['job']}"
            if time.monotonic() - self.spoke[name] > SILENT_SECONDS:
                self._print(name, " · ".join(filter(None, [f"  {one['text'] or 'at work'}", left])))

    def _print(self, name: str, line: str) -> None:
        shown, self.last = ("" if name == self.last else self.shown[name]), name
        self.spoke[name] = time.monotonic()
        text = f"{self.clock():>7}  {shown:<{self.width}}  {printable(line)}"
        if self.stream.isatty():  # a log keeps all of it
            columns = columns_of(self.stream)
            text = text if len(text) < columns else text[: columns - 2] + "…"
        print(text, file=self.stream, flush=True)

    def clock(self) -> str:
        """Time so far, such as 1:05."""
        return clock(time.monotonic() - self.started)


class Tail:
    """The complete lines added to a file since the last look; whatever it held at first is forgotten."""

    def __init__(self, path: Path):
        path.unlink(missing_ok=True)
        self.path, self.position = path, 0

    def read(self) -> list[str]:
        try:
            with self.path.open("rb") as file:
                file.seek(self.position)
                text = file.read()
        except FileNotFoundError:
            return []
        complete = text[: text.rfind(b"\n") + 1]
        self.position += len(complete)
        return complete.decode(errors="replace").splitlines()


def say(progress: Path, line: str) -> None:
    """Add a line to a progress file."""
    with progress.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def clock(seconds: float) -> str:
    """Minutes and seconds, such as 0:07 or 61:30."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
