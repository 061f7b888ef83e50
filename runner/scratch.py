"""A place below the runs for what libraries put into temporary folders and homes: no run leaves anything there.

W&B, PyTorch, Matplotlib, Jupyter and Snakemake keep files of their own. Some stay even where all ends well, and
all after a kill. The command line, and every job of a cluster, therefore has a place that it removes at its end,
with those that killed ones have left: the system has freed their locks.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from secrets import token_hex

from helpers.base.lock import locked, open_lock, take
from helpers.base.paths import our_packages, runs_dir

# Where libraries look for a place, and the folder in ours. macOS has caches of its own unless named one by one.
FOLDERS = {
    "TMPDIR": "tmp",
    "XDG_CACHE_HOME": "cache",
    "MPLCONFIGDIR": "matplotlib",
    "WANDB_CACHE_DIR": "wandb",
    "CUDA_CACHE_PATH": "cuda",
    # Neither the user's start-up scripts nor a home folder that cannot be written to shall matter.
    "IPYTHONDIR": "ipython",
    "JUPYTER_RUNTIME_DIR": "jupyter",
}
REMOVAL_SECONDS = 5.0  # seconds for processes that end just now, such as W&B's


@contextmanager
def own_place() -> Iterator[None]:
    """Give this process, and all that it starts, a place of its own; at the end nothing of it is left."""
    everything = runs_dir() / ".scratch"
    with locked(everything / "lock"):  # nobody may take a place that is being made for one that was left
        _remove_abandoned(everything)
        place = everything / token_hex(4)  # short: sockets lie there, whose paths may have some 100 letters
        place.mkdir()
        held = open_lock(place / "lock")
        take(held)
    try:
        with _used(place):
            yield
    finally:
        held.close()
        _remove(place)
        for package in our_packages():
            for compiled in package.rglob("__pycache__"):
                shutil.rmtree(compiled, ignore_errors=True)


def place_of_a_job() -> AbstractContextManager[None]:
    """That of the command line for a job on its machine; otherwise, as on a cluster, one of its own."""
    return nullcontext() if os.environ.get("IMAGE_COURSE_RUNNER") else own_place()


def _remove_abandoned(everything: Path) -> None:
    for place in (path for path in everything.iterdir() if path.is_dir()):
        with open_lock(place / "lock") as file:
            if take(file, 0):
                shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _used(place: Path) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in FOLDERS}
    for name, folder in FOLDERS.items():
        (place / folder).mkdir(exist_ok=True)
        os.environ[name] = str(place / folder)
    tempfile.tempdir = None  # ask again
    try:
        yield
    finally:
        tempfile.tempdir = None
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _remove(place: Path) -> None:
    """Until it is gone: what still ends may write once more."""
    deadline = time.monotonic() + REMOVAL_SECONDS
    shutil.rmtree(place, ignore_errors=True)
    while place.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
        shutil.rmtree(place, ignore_errors=True)
