"""Progress on the terminal: what the chapters write while they run, each line with the time so far.

Below the lines a terminal shows how many jobs are done, what runs, how far that is and how long it may take. In a
log a line says so about every half minute.
"""

import sys
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from helpers.base.paths import printable
from runner.bar import Bar, columns_of
from runner.estimates import ExpectedTime, in_words
from runner.graph import ChapterFiles
from runner.watched import Watched

DRAW_SECONDS, SILENT_SECONDS = 0.5, 30.0


class Progress:
    """Follows the progress files of chapters and other jobs, which run in other processes.

    Args:
        expected: by `study/job`, what each may take (`work.expectations`); pages are called `study/chapter.page`.
        already_done: those of them that will not run again.
        at_a_time: how many run together.
        snakemake_log: where Snakemake says how many jobs of each kind it will run, which may be more.
        lively: whether a terminal gets a line that changes; not where others write to it, too.
    """

    def __init__(
        self,
        chapters: Iterable[ChapterFiles],
        stream: TextIO | None = None,
        expected: Mapping[str, ExpectedTime] | None = None,
        already_done: Collection[str] = (),
        at_a_time: int = 1,
        snakemake_log: Path | None = None,
        lively: bool = True,
    ):
        chapters = list(chapters)
        self.stream = stream or sys.stdout
        self.started = time.monotonic()
        self.tails = [Tail(files.progress) for files in chapters]
        several = len({files.study for files in chapters}) > 1
        self.names = [f"{files.study}/{files.chapter}" if several else files.chapter for files in chapters]
        self.width = max(map(len, self.names), default=0)
        self.last = ""
        self.watched = Watched(chapters, expected or {}, already_done, at_a_time, snakemake_log)
        self.shown = dict(zip(self.watched.names, self.names, strict=True))
        self.is_lively = lively and self.stream.isatty()
        self.bar: Bar | None = None
        self.drawn, self.spoke = 0.0, dict.fromkeys(self.names, self.started)

    def show_news(self) -> None:
        """Print the lines that have come since the last call, and how far everything is."""
        news = [
            (key, name, line)
            for key, name, tail in zip(self.watched.names, self.names, self.tails, strict=True)
            for line in tail.read()
        ]
        for key, _, line in news:
            self.watched.heard(key, line)
        if self.bar and news:
            with self.bar.aside():
                self._print_all(news)
        else:
            self._print_all(news)
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
        self.watched.close()

    def state(self) -> dict[str, Any]:
        """Jobs `done`, `total`, `running` (study, job, text, fraction), `seconds`, `seconds_left`."""
        return self.watched.state() | {"seconds": self.seconds()}

    def _draw(self) -> None:
        self.bar = self.bar or Bar(self.stream)
        now = self.watched.state()
        running = [
            (self.shown.get(f"{one['study']}/{one['job']}", one["job"]), one["text"]) for one in now["running"]
        ]
        if not running and now["done"] < now["total"]:
            running = [("making pages" if self.watched.only_pages_left() else "getting ready", "")]
        progress = now["done"] + sum(one["fraction"] or 0.0 for one in now["running"])
        self.bar.draw(now["done"], now["total"], running, now["seconds_left"], progress / max(1, now["total"]))

    def _break_silence(self) -> None:
        """In a log: how far those are that have said nothing for long."""
        now = self.watched.state()
        left = in_words(now["seconds_left"])
        for one in now["running"]:
            name = self.shown.get(f"{one['study']}/{one['job']}")
            if name and time.monotonic() - self.spoke[name] > SILENT_SECONDS:
                self._print(name, " · ".join(filter(None, [f"  {one['text'] or 'at work'}", left])))

    def is_empty(self) -> bool:
        """Whether no chapter has begun."""
        return not self.last

    def _print_all(self, news: Iterable[tuple[str, str, str]]) -> None:
        for _, name, line in news:
            self._print(name, line)

    def _print(self, name: str, line: str) -> None:
        shown, self.last = ("" if name == self.last else name), name
        self.spoke[name] = time.monotonic()
        text = f"{self.clock():>7}  {shown:<{self.width}}  {printable(line)}"
        if self.stream.isatty():  # a log keeps all of it
            columns = columns_of(self.stream)
            text = text if len(text) < columns else text[: columns - 2] + "…"
        print(text, file=self.stream, flush=True)

    def clock(self) -> str:
        """Time so far, such as 1:05."""
        return clock(self.seconds())

    def seconds(self) -> float:
        """Time so far."""
        return time.monotonic() - self.started


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
