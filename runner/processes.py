"""Processes that end with the one that started them, however that ended."""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from helpers.base.lock import open_lock, take

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Linux: be killed when the parent dies. Elsewhere nothing; `end_with` does the same half a second later."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_with_the_command_line() -> None:
    """Be killed when whoever started this dies, or the command line does that runs on this machine."""
    die_with_parent()
    if runner := os.environ.get("IMAGE_COURSE_RUNNER"):
        end_with(int(runner))


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not yet waited for does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def end_with(pid: int, interval: float = 0.5) -> None:
    """End this process soon after `pid` has ended."""

    def poll() -> None:
        while is_alive(pid):
            time.sleep(interval)
        os._exit(1)

    threading.Thread(target=poll, daemon=True).start()


@contextlib.contextmanager
def only_one(path: Path, patience: float = 2.0) -> Iterator[bool]:
    """Hold a file lock; yields False when another process has it and does not let go within `patience` seconds.

    The system frees it when the holder dies, so there is never one to remove by hand.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_lock(path) as file:
        yield take(file, patience)
