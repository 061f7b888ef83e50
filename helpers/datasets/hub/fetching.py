"""A set of a hub, put once into a folder of class folders: all of it or nothing, with what the hub tells of it."""

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from helpers.base.fetch import patiently
from helpers.base.lock import locked
from helpers.base.paths import display_path, write_json
from helpers.datasets.sources import ABOUT, IMAGES, About, HubName
from helpers.datasets.types import DataError

PATIENCE = 9.0  # seconds without a byte after which a hub is given up
FETCHERS = {  # the function of each hub, in a module beside this one
    "torchvision": ("vision", "from_torchvision"),
    "hf": ("hugging_face", "from_hugging_face"),
    "kaggle": ("kaggle", "from_kaggle"),
}
Found = TypeVar("Found")


class Writer:
    """Writes images into folders `part/number of the class`, which get the names of the classes at the end."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.counts: dict[tuple[str, int], int] = {}

    def add(self, part: str, label: int, suffix: str) -> Path:
        """The path for another image of a class; `part` is '' where the set has none."""
        number = self.counts[part, label] = self.counts.get((part, label), 0) + 1
        folder = self.folder / part / str(label)
        if number == 1:
            folder.mkdir(parents=True)
        return folder / f"{number:06d}{suffix}"

    def name_classes(self, names: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the classes that have images, each once, and of their folders, in the order of the labels."""
        labels = sorted({label for _, label in self.counts})
        classes: list[str] = []
        for label in labels:
            name = " ".join(names[label].split()) or str(label)
            classes.append(name if name not in classes else f"{name} ({label})")
        width = len(str(labels[-1])) if labels else 1
        folders = [f"{label:0{width}d} {_safe(name)}".strip() for label, name in zip(labels, classes, strict=True)]
        for part, label in self.counts:
            place = self.folder / part
            (place / str(label)).rename(place / f".{label}")  # a name may be another's number
        for part, label in self.counts:
            place = self.folder / part
            (place / f".{label}").rename(place / folders[labels.index(label)])
        return tuple(classes), tuple(folders)


def _safe(name: str) -> str:
    """A name as that of a folder on any system."""
    return "".join(sign if sign.isalnum() or sign in " -_" else "_" for sign in name)[:60].strip(" _")


def fetch_set(name: HubName) -> Path:
    """The folder of a set of a hub, fetched now if it is not there. Raises DataError saying what to do instead."""
    place = name.place
    if not (place / ABOUT).is_file():
        try:
            with locked(place.with_name(f".{place.name}.lock")):
                if not (place / ABOUT).is_file():  # nobody else did it while this one waited
                    _make(name, place)
        except OSError as error:
            raise DataError(
                f"{name} cannot be put into {display_path(place)}/ ({error.strerror or error}): make room there, "
                "or set IMAGE_COURSE_DATA to another folder"
            ) from None
    return place


def _make(name: HubName, place: Path) -> None:
    making = place.with_name(f".{place.name}.making")
    shutil.rmtree(making, ignore_errors=True)  # of a process that was killed
    (making / IMAGES).mkdir(parents=True)
    try:
        module, function = FETCHERS[name.hub]
        fetch_from = getattr(import_module(f"helpers.datasets.hub.{module}"), function)
        about: About = fetch_from(name, making / IMAGES, downloads_of(name))
        write_json(making / ABOUT, about)
        shutil.rmtree(place, ignore_errors=True)
        making.rename(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    shutil.rmtree(downloads_of(name), ignore_errors=True)


def downloads_of(name: HubName) -> Path:
    """Where the hub's own files lie until the set is made of them; somebody may put them there by hand."""
    return name.place.with_name(f"{name.place.name}.download")


def from_network(name: HubName, work: Callable[[], Found], home: str, folder: Path, by_hand: str = "") -> Found:
    """What `work` returns, which fetches into `folder`. Given up when nothing comes.

    Raises DataError that says what the hub said, where the set's home page is, and what can be done by hand.
    """
    try:
        with _impatient_sockets():
            return patiently(work, PATIENCE, lambda: time.monotonic() if bytes_in(folder) else 0)
    except DataError:
        raise
    except Exception as error:  # hubs have no family of errors in common
        raise DataError(
            f"{name} could not be fetched ({first_cause(error)}): that takes network, and for some sets a login "
            f"or their licence accepted at {home}{by_hand}; or fetch it there yourself, and name its folder"
        ) from None


@contextmanager
def _impatient_sockets() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def first_cause(error: BaseException) -> str:
    """What went wrong first, in a few words: libraries wrap it several times."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    return " ".join(str(error).split())[:200] or type(error).__name__


def bytes_in(folder: Path) -> int:
    """The size of all that lies in a folder, while others may be at work there."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_size
            except OSError:  # moved meanwhile
                continue
    return total
