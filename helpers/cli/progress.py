"""Progress on the terminal: what the chapters write while they run, each line with the time so far."""

import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from helpers.cli.graph import ChapterFiles
from helpers.paths import printable


class Progress:
    """Follows the progress files of chapters and other jobs, which run in other processes."""

    def __init__(self, chapters: Iterable[ChapterFiles], stream: TextIO | None = None):
        self.stream = stream or sys.stdout
        self.started = time.monotonic()
        self.tails = [Tail(files.progress) for files in chapters]
        several = len({files.study for files in chapters}) > 1
        self.names = [f"{files.study}/{files.chapter}" if several else files.chapter for files in chapters]
        self.width = max(map(len, self.names), default=0)
        self.last = ""

    def show_news(self) -> None:
        """Print the lines that have come since the last call."""
        for name, tail in zip(self.names, self.tails, strict=True):
            for line in tail.read():
                self._print(name, line)

    def state(self) -> dict[str, Any]:
        """What the run is at, for the index."""
        return {"done": 0, "total": len(self.names), "running": [], "seconds": self.seconds(), "left": None}

    def is_empty(self) -> bool:
        """Whether no chapter has begun."""
        return not self.last

    def _print(self, name: str, line: str) -> None:
        shown, self.last = ("" if name == self.last else name), name
        text = f"{self.clock():>7}  {shown:<{self.width}}  {printable(line)}"
        if self.stream.isatty():  # a log keeps all of it
            columns = shutil.get_terminal_size().columns
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
