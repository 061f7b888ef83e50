"""A lock between processes that a kill cannot leave behind."""

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from filelock import lock_descriptor

POLL_SECONDS = 0.1


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file; others wait. The system drops it when the process ends.

    In a read-only place without one nobody can be making anything: there is nothing to wait for.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open_lock(path)
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES):
            raise
        file = path.open(encoding="utf-8") if path.exists() else None  # another user's can be locked all the same
    if file is None:
        yield
        return
    with file:  # closing it lets go
        take(file)
        yield


def open_lock(path: Path) -> TextIO:
    """A file to `take` and to close. It stays: who waits for one that was removed would wait for another."""
    return path.open("a", encoding="utf-8")


def take(file: TextIO, patience: float | None = None) -> bool:
    """Lock an open file, until it is closed; False where another holds it for longer than `patience` seconds."""
    if patience is None:
        return lock_descriptor(file.fileno(), poll_interval=POLL_SECONDS)
    deadline = time.monotonic() + patience
    while not (taken := lock_descriptor(file.fileno(), blocking=False)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return taken


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock on a file just now; also where that cannot be found out."""
    try:
        with path.open("r+", encoding="utf-8") as file:
            return not take(file, patience=0)
    except OSError:
        return path.exists()
