"""The line at the bottom of a terminal: jobs done of all, what runs now and how far, and the time left."""

import contextlib
import math
import os
import threading
from collections.abc import Iterator, Sequence
from typing import TextIO

from tqdm import tqdm

from runner.estimates import left_in_words

SYMBOLS, PLAIN_SYMBOLS = "─╸━", ".#"  # for what is left, the step between, and what is done
UP, CLEAR_BELOW = "\x1b[A", "\x1b[J"
LEAST_FOR_BAR, WIDE = 76, 110  # columns of the terminal: narrower ones have no bar, wide ones a longer one
Running = Sequence[tuple[str, str]]  # `study/job` or `job`, and how far it is, such as 'epoch 3/6, batch 41/75'


def running_text(running: Running, room: int) -> str:
    """What runs and how far, in at most `room` characters: names are shortened first, then what is told."""
    head = f"{len(running)} at work: " if len(running) > 1 else ""
    for shorten, tell in ((str, str), (_job, str), (_made, str), (_made, _outer), (_made, lambda told: "")):
        text = head + "; ".join(f"{shorten(name)}: {tell(told)}".removesuffix(": ") for name, told in running)
        if len(text) <= room:
            return text
    return text[: room - 1] + "…" if room > 1 else ""


def _job(name: str) -> str:
    return name.rpartition("/")[2]


def _made(name: str) -> str:
    """The last part of what it makes and its seed: 'cnn.0' of 'photos/training.cnn.0'."""
    return _job(name).partition(".")[2] or _job(name)


def _outer(told: str) -> str:
    return told.split(", ")[0]


def bar_line(done: int, total: int, running: Running, left: float | None, columns: int) -> tuple[str, str]:
    """The format of the whole line for tqdm, and the text for its place {desc}; shorter than `columns`."""
    width = 16 if columns >= WIDE else 10 if columns >= LEAST_FOR_BAR else 0
    counts, remaining = f"{done}/{total} jobs", left_in_words(left, narrow=columns < LEAST_FOR_BAR)
    bar = f" {{bar:{width}}}" if width else ""
    room = columns - 5 - len(counts) - len(remaining) - (width + 1 if width else 0)
    text = " · ".join(filter(None, [running_text(running, room), remaining]))
    return f"{counts}{bar} {{desc}}", text


class Bar:
    """Keeps that line below all others. For a terminal only."""

    def __init__(self, stream: TextIO):
        self.stream, self.drawn = stream, 0
        tqdm.monitor_interval = 0  # nobody but this process draws: no thread needs to watch
        tqdm.set_lock(threading.RLock())
        self.symbols = SYMBOLS if "utf" in (getattr(stream, "encoding", None) or "").lower() else PLAIN_SYMBOLS
        self.bar = tqdm(
            total=1, file=stream, leave=False, ascii=self.symbols, bar_format="{desc}", dynamic_ncols=False
        )

    def draw(self, done: int, total: int, running: Running, left: float | None, progress: float) -> None:
        """Draw it anew; `progress` is how much of all is done, from 0 to 1."""
        columns = columns_of(self.stream)
        self._after_resize(columns)
        self.bar.bar_format, text = bar_line(done, total, running, left, columns)
        if self.symbols is PLAIN_SYMBOLS:
            text = text.replace(" · ", " - ").replace("…", "~")
        self.bar.ncols, self.bar.n = columns - 1, min(1.0, max(0.0, progress))
        self.bar.set_description_str(text, refresh=False)
        self.bar.refresh()
        self.drawn = len(str(self.bar))

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Lines can be printed meanwhile, and stay above it."""
        self._after_resize(columns_of(self.stream))
        with tqdm.external_write_mode(file=self.stream):
            yield

    def close(self) -> None:
        """Leave no trace."""
        self._after_resize(columns_of(self.stream))
        self.bar.close()
        self.stream.write(f"\r{CLEAR_BELOW}")  # also what Ctrl-C has left
        self.stream.flush()

    def _after_resize(self, columns: int) -> None:
        """Where the terminal has become narrower than the line, that one has been broken into several."""
        rows = math.ceil(self.drawn / columns) - 1
        if rows > 0:
            self.stream.write("\r" + UP * rows + CLEAR_BELOW)
            self.bar.sp = self.bar.status_printer(self.stream)  # forgets how much there was to wipe out
            self.drawn = 0


def columns_of(stream: TextIO) -> int:
    """Width of the terminal now, which the variable COLUMNS need not know."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80
