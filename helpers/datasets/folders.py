"""Find images in a tree of class folders, as publishers and people lay them out."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from helpers.base.paths import display_path, printable
from helpers.datasets import arrays
from helpers.datasets.decode import SUFFIXES
from helpers.datasets.layout import class_root, hidden, loose_key, part_of, strict_key, subfolders
from helpers.datasets.types import PARTS, DataError


@dataclass(frozen=True)
class FoundFile:
    """An image: POSIX path relative to the root, its class, its published part, its file's state on disk."""

    path: str
    label: int
    part: str | None
    size: int
    changed_ns: int


@dataclass(frozen=True)
class Scan:
    """All images below `root`, sorted by path, and what was left aside."""

    root: Path
    classes: tuple[str, ...]
    files: list[FoundFile]
    ignored: list[str]

    @property
    def parts(self) -> tuple[str, ...]:
        """Published parts in the order train, val, test; empty where the set has none."""
        present = {file.part for file in self.files}
        return tuple(part for part in PARTS if part in present)

    @property
    def labels(self) -> np.ndarray:
        """(len(files),) int64."""
        return np.array([file.label for file in self.files], dtype=np.int64)


@dataclass(frozen=True)
class ClassFolder:
    """One folder of images of one class."""

    path: Path
    part: str | None


def scan(root: Path, known: Sequence[str] | None = None) -> Scan:
    """Read a folder of class folders, with or without train/val/test inside, or one of packed files (`arrays`).

    known: the classes of a set of the catalogue, in the order of their labels; folders match whatever their
    capitals, spaces, underscores and hyphens. Without it, every folder is a class, in alphabetical order.
    Raises DataError for a missing folder, a missing or empty class, fewer than two classes, two folders
    for one class, or packed files that are damaged or incomplete.
    """
    try:
        root = class_root(root)
        packed = arrays.containers(root)
        found = _scan_packed(root, packed) if packed else _scan(root, known)
    except OSError as error:
        raise DataError(f"{display_path(error.filename or root)} cannot be read ({error.strerror})") from error
    _check_filled(found)
    return replace(found, ignored=[printable(name) for name in found.ignored])


def _scan_packed(root: Path, packed: list[arrays.Container]) -> Scan:
    arrays.check_complete(packed)
    files = [file for container in packed for file in _images_within(container)]
    ignored = _loose(root, root, [container.path for container in packed])
    return Scan(root, packed[0].format.classes, sorted(files, key=lambda file: file.path), sorted(ignored))


def _images_within(container: arrays.Container) -> list[FoundFile]:
    state = container.path.stat()
    return [
        FoundFile(arrays.virtual_name(container, i), label, container.part, state.st_size, state.st_ctime_ns)
        for i, label in enumerate(container.labels().tolist())
    ]


def _scan(root: Path, known: Sequence[str] | None) -> Scan:
    ignored: list[str] = []
    by_class = _match(list(_class_folders(root, ignored)), known, root, ignored)
    files = [file for label, name in enumerate(by_class) for file in _images(by_class[name], label, root, ignored)]
    return Scan(root, tuple(by_class), sorted(files, key=lambda file: file.path), sorted(ignored))


def _class_folders(root: Path, ignored: list[str]) -> Iterator[ClassFolder]:
    folders = subfolders(root)
    parts = [folder for folder in folders if part_of(folder) and subfolders(folder)]
    if not any(part_of(folder) == "train" for folder in parts):
        parts = []
    for folder in parts:
        shell = class_root(folder)
        ignored.extend(_loose(shell, root, subfolders(shell)))
        yield from (ClassFolder(path, part_of(folder)) for path in subfolders(shell))
    if not parts:
        yield from (ClassFolder(path, None) for path in folders)
    ignored.extend(_loose(root, root, parts or folders))


def _loose(folder: Path, root: Path, used: Sequence[Path]) -> list[str]:
    """What lies in a folder beside the folders that are used."""
    rest = [entry for entry in folder.iterdir() if entry not in used]
    return [entry.relative_to(root).as_posix() + ("/" if entry.is_dir() else "") for entry in rest]


def _match(
    folders: Sequence[ClassFolder], known: Sequence[str] | None, root: Path, ignored: list[str]
) -> dict[str, list[ClassFolder]]:
    """Folders by class; the order of the classes is that of their labels."""
    key = loose_key if known else strict_key
    names = list(known) if known else _names(folders)
    by_key: dict[str, list[ClassFolder]] = {key(name): [] for name in names}
    for folder in folders:
        same = by_key.get(key(folder.path.name))
        if same is None:
            ignored.append(folder.path.relative_to(root).as_posix() + "/")
            continue
        _refuse_second(folder, same, root)
        same.append(folder)
    matched = {name: by_key[key(name)] for name in names}
    _refuse_absent(matched, root)
    return matched


def _names(folders: Sequence[ClassFolder]) -> list[str]:
    for folder in folders:
        if printable(folder.path.name) != folder.path.name:
            raise DataError(f"the name of the class folder {display_path(folder.path)} cannot be shown: rename it")
    names = {strict_key(folder.path.name): unicodedata.normalize("NFC", folder.path.name) for folder in folders}
    return sorted(names.values(), key=lambda name: (name.casefold(), name))


def _refuse_second(folder: ClassFolder, others: Sequence[ClassFolder], root: Path) -> None:
    for other in others:
        if other.part == folder.part and other.path.parent == folder.path.parent:
            raise DataError(
                f"two folders hold one class: '{other.path.name}' and '{folder.path.name}' in "
                f"{display_path(folder.path.parent)}; merge them or rename one"
            )


def _refuse_absent(matched: dict[str, list[ClassFolder]], root: Path) -> None:
    if len(matched) < 2:
        raise DataError(
            f"{display_path(root)} holds {len(matched)} class folder{'s' * (len(matched) != 1)}; "
            "at least two are needed, each named after a class and holding its images"
        )
    absent = [name for name, folders in matched.items() if not folders]
    if absent:
        raise DataError(f"{display_path(root)} has no folder for {', '.join(map(repr, absent))}; add it")


def _images(folders: Sequence[ClassFolder], label: int, root: Path, ignored: list[str]) -> Iterator[FoundFile]:
    for folder in folders:
        for path in _walk(folder.path, root, set(), ignored):
            name = os.path.relpath(path, root).replace(os.sep, "/")
            if printable(name) != name:  # it could be neither logged nor shown on a page
                ignored.append(f"{name} (its name holds no valid or no printable characters: rename it)")
            elif Path(name).suffix.lower() in SUFFIXES and not hidden(Path(name).name):
                yield _found(path, name, label, folder.part)
            else:
                ignored.append(name)


def _walk(folder: Path, root: Path, seen: set[str], ignored: list[str]) -> Iterator[str]:
    """Paths of all files below, through links too; a folder reached a second time is left aside."""
    real = os.path.realpath(folder)
    if real in seen:
        ignored.append(folder.relative_to(root).as_posix() + "/ (a link to a folder that was read already)")
        return
    seen.add(real)
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if not entry.is_dir():
                yield entry.path
            elif hidden(entry.name):
                ignored.append(Path(entry.path).relative_to(root).as_posix() + "/")
            else:
                yield from _walk(Path(entry.path), root, seen, ignored)


def _found(path: str, name: str, label: int, part: str | None) -> FoundFile:
    try:
        state = os.stat(path)
        size, changed = state.st_size, state.st_ctime_ns  # a change of rights counts too
    except OSError:  # a broken link is reported with the unreadable files
        size, changed = 0, 0
    return FoundFile(name, label, part, size, changed)


def _check_filled(found: Scan) -> None:
    """Every class has images, and every published part has every class."""
    present = {(file.label, file.part) for file in found.files}
    for label, name in enumerate(found.classes):
        for part in found.parts or (None,):
            if (label, part) not in present:
                where = f"{part}/ of {display_path(found.root)}" if part else display_path(found.root)
                raise DataError(f"class '{name}' has no images in {where}; add some, or remove the class")
