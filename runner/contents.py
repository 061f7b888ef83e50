"""What the files of a folder hold, as one short hash: each is read once, and again when it has changed."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from helpers.base import fetch
from helpers.datasets.cache import cache_dir
from helpers.datasets.memory import FileMemory, State
from helpers.datasets.reading import content_digest


def contents(folder: Path) -> str:
    """A hash of the paths in a folder and of what the files hold; the folder's own place does not count.

    A file is read again where its size or its time of change is another; what was read is remembered in the cache.
    """
    memory = FileMemory(cache_dir() / f"contents-{content_digest(str(folder.resolve()))}.json")
    states = dict(sorted(_states(folder)))
    digests = memory.learn(folder, states, _digest, "reading: %d of %d files")
    with suppress(OSError):  # a place that cannot be written to: read again next time
        memory.keep()
    return content_digest("\n".join(map("\t".join, zip(states, digests, strict=True))))


def _digest(path: Path) -> str:
    """A hash of what a file holds; of a link that leads nowhere, of what it says."""
    if not path.exists():
        return content_digest(os.readlink(path)) if path.is_symlink() else "gone"
    return fetch.digest(path)


def _states(folder: Path) -> Iterator[tuple[str, State]]:
    """Size and times of change of every file below, links followed for files."""
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            try:
                state = os.stat(path)
            except OSError:
                state = os.lstat(path)
            yield os.path.relpath(path, folder), [state.st_size, state.st_mtime_ns, state.st_ctime_ns]
