"""Find images in a tree of class folders, as publishers and people lay them out."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from helpers.base.paths import display_path, printable
from helpers.datasets import arrays
from helpers.datasets.decode import SUFFIXES
from helpers.datasets.label_table import Columns, LabelTable, find_table, named_table
from helpers.datasets.layout import (
    NO_DATA,
    are_images_and_masks,
    class_root,
    exact_key,
    hidden,
    key_of_names,
    loose_key,
    part_of,
    subfolders,
)
from helpers.datasets.types import PARTS, DataError

Layout = Literal["auto", "classes", "parts"]
BESIDE = "it lies beside what is used"
LACKING = {"val": "the epoch is chosen without it", "test": "it has no score"}


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
    ignored: list[str]  # what was left aside, each with the reason
    remarks: tuple[str, ...] = ()  # sentences on how it was read, and on what is not as one would expect
    groups: tuple[str | None, ...] = ()  # of each file, where a table of labels tells them

    @property
    def parts(self) -> tuple[str, ...]:
        """Published parts in the order train, val, test; empty where the set has none."""
        present = {file.part for file in self.files}
        return tuple(part for part in PARTS if part in present)

    def groups_of(self, index: np.ndarray) -> list[str | None] | None:
        """What the table of labels calls the groups of some files; None where it tells none."""
        return [self.groups[i] or None for i in index] if self.groups else None

    @property
    def labels(self) -> np.ndarray:
        """(len(files),) int64."""
        return np.array([file.label for file in self.files], dtype=np.int64)


@dataclass(frozen=True)
class ClassFolder:
    """One folder of images of one class."""

    path: Path
    part: str | None


def scan(
    root: Path,
    known: Sequence[str] | None = None,
    layout: Layout = "auto",
    labels: Literal["auto", "folders"] | tuple[Path, Columns] = "auto",
) -> Scan:
    """Read a folder of class folders, with or without train/val/test inside, or one of packed files (`arrays`).

    known: the classes of a set of the catalogue, in the order of their labels; folders match whatever their
    capitals, spaces, underscores and hyphens. Without it, every folder is a class, in the order of torchvision's
    ImageFolder; names that differ by these alone are one class in different parts, but two within one.
    layout: whether folders called train, test or the like hold 'parts' or 'classes'; 'auto' reads it off the
    folders. labels: a table with the classes, and its columns; 'auto': one that lies there and names the images,
    if there is one; 'folders': none.
    Raises DataError for a missing folder, a class without images to train on, fewer than two classes, two folders
    for one class, folders that could be parts or classes, or are images and masks, and packed files that are
    damaged or incomplete.
    """
    try:
        outer, root = root, class_root(root)
        packed = arrays.containers(root)
        if packed:
            found = _scan_packed(root, packed)
        elif known or labels == "folders":
            found = _scan(root, known, layout)
        elif labels != "auto":
            found = _scan_table(outer, named_table(outer, *labels))
        else:
            found = _scan_table_or_folders(outer, root, layout)
    except OSError as error:
        raise DataError(f"{display_path(error.filename or root)} cannot be read ({error.strerror})") from error
    return _check_filled(replace(found, ignored=[printable(name) for name in found.ignored]))


def _scan_packed(root: Path, packed: list[arrays.Container]) -> Scan:
    arrays.check_complete(packed)
    files = [file for container in packed for file in _images_within(container)]
    ignored = _loose(root, root, [container.path for container in packed])
    return Scan(root, packed[0].format.classes, sorted(files, key=lambda file: file.path), sorted(ignored))


def _scan_table_or_folders(outer: Path, root: Path, layout: Layout) -> Scan:
    """By the table that lies there and names the images; by the folders where there is none, or it says the same.

    Raises DataError where both could be meant.
    """
    table = find_table(outer, [outer, root])
    try:
        found = _scan(root, None, layout)
    except DataError:
        if table is None:
            raise
        return _scan_table(outer, table)
    if table is None or table.says_the_folders():
        return found
    if len(found.classes) >= 2 and len(table.unlabelled) <= len(table.files):
        raise DataError(
            f"{display_path(outer)} could mean two things: the classes may be those of {table.path.name}, or the "
            f"folders {', '.join(map(repr, found.classes[:4]))}. Say labels: {table.path.name} or labels: folders "
            "in the study file, or behind --set"
        )
    return found


def _scan_table(root: Path, table: LabelTable) -> Scan:
    names = sorted({file.label for file in table.files}, key=_number_or_name)
    if len(names) < 2:
        raise DataError(f"{display_path(table.path)} names {len(names)} class: at least two are needed")
    label = {name: number for number, name in enumerate(names)}
    pairs = [
        (_found(str(root / file.path), file.path, label[file.label], file.part), file.group)
        for file in sorted(table.files, key=lambda file: file.path)
    ]
    groups = tuple(group for _, group in pairs) if any(group for _, group in pairs) else ()
    ignored = [f"{name} (no label in {table.path.name})" for name in sorted(set(table.unlabelled))]
    return Scan(root, tuple(names), [file for file, _ in pairs], ignored, (table.told,), groups)


def _number_or_name(name: str) -> tuple:
    return (0, int(name), "") if name.isdecimal() else (1, 0, name)


def _images_within(container: arrays.Container) -> list[FoundFile]:
    state = container.path.stat()
    return [
        FoundFile(arrays.virtual_name(container, i), label, container.part, state.st_size, state.st_ctime_ns)
        for i, label in enumerate(container.labels().tolist())
    ]


def _scan(root: Path, known: Sequence[str] | None, layout: Layout) -> Scan:
    ignored: list[str] = []
    by_class = _match(list(_class_folders(root, layout, ignored)), known, root, ignored)
    files = [file for label, name in enumerate(by_class) for file in _images(by_class[name], label, root, ignored)]
    return Scan(root, tuple(by_class), sorted(files, key=lambda file: file.path), sorted(ignored))


def _class_folders(root: Path, layout: Layout, ignored: list[str]) -> Iterator[ClassFolder]:
    folders = subfolders(root)
    parts = [] if layout == "classes" else _parts(root, folders, asked=layout == "parts")
    for folder in parts:
        shell = class_root(folder)
        if layout == "auto":
            _refuse_masks(shell, subfolders(shell))
        ignored.extend(_loose(shell, root, subfolders(shell)))
        yield from (ClassFolder(path, part_of(folder)) for path in subfolders(shell))
    if not parts:
        if layout == "auto":
            _refuse_masks(root, folders)
        yield from (ClassFolder(path, None) for path in folders)
    ignored.extend(_loose(root, root, parts or folders))


def _parts(root: Path, folders: Sequence[Path], asked: bool) -> list[Path]:
    """The folders that are parts with class folders inside, if the set is laid out so.

    Raises DataError where it could be laid out either way, or where parts hold images without class folders.
    """
    named = [folder for folder in folders if part_of(folder)]
    parts = [folder for folder in named if subfolders(folder)]
    kinds = [part_of(folder) for folder in parts]
    if "train" not in kinds:
        if asked or (named == folders and "train" in map(part_of, named) and not parts):
            raise DataError(
                f"{_named(named) or 'no folder'} in {display_path(root)} is a part of the data with a folder for "
                "each class inside: make one for each class. If these names are classes, say layout: classes in "
                "the study file, or --set layout=classes"
            )
        return []
    twice = [folder for folder in parts if kinds.count(part_of(folder)) > 1]
    others = [folder for folder in folders if folder not in parts and _holds_files(folder)]
    if not asked and (twice or (others and len(parts) == 1)):
        unsure = twice or parts
        raise DataError(
            f"{display_path(root)} could mean two things: {_named(unsure)} may hold a part of the data, with the "
            f"classes {_named(subfolders(class_root(unsure[0])))} inside, or be a class among "
            f"{_named(folders)}. Say which in the study file, layout: parts or layout: classes, or as --set "
            "layout=parts"
        )
    return parts


def _named(folders: Sequence[Path], most: int = 4) -> str:
    names = [f"'{folder.name}'" for folder in folders]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _holds_files(folder: Path) -> bool:
    return any(entry.is_file() and not hidden(entry.name) for entry in folder.rglob("*"))


def _refuse_masks(root: Path, folders: Sequence[Path]) -> None:
    if are_images_and_masks(folders):
        raise DataError(
            f"{_named(folders)} in {display_path(root)} are no classes, but pictures and what is to be seen in "
            "them: to classify, each class needs a folder of its images. To segment, give ./run_all.sh the folder "
            "itself, or name it below segmentation in the study file, as sets: {mine: {folder: …}}. If these "
            "names "
            "are classes all the same, say layout: classes in the study file, or --set layout=classes"
        )


def _loose(folder: Path, root: Path, used: Sequence[Path]) -> list[str]:
    """What lies in a folder beside the folders that are used, each with the reason why it is not."""
    rest = [entry for entry in folder.iterdir() if entry not in used]
    return [_aside(entry, root, "no folder of a class" if entry.is_dir() else BESIDE) for entry in rest]


def _aside(entry: Path, root: Path, reason: str) -> str:
    """How something that is left aside is named."""
    if hidden(entry.name):
        reason = NO_DATA.get(entry.name, "hidden")
    return f"{entry.relative_to(root).as_posix()}{'/' * entry.is_dir()} ({reason})"


def _match(
    folders: Sequence[ClassFolder], known: Sequence[str] | None, root: Path, ignored: list[str]
) -> dict[str, list[ClassFolder]]:
    """Folders by class; the order of the classes is that of their labels."""
    key = loose_key if known else key_of_names(*_names_by_place(folders))
    if known is None:
        folders = _of_training(folders, key, root, ignored)
    names = list(known) if known else _names(folders, key)
    by_key: dict[str, list[ClassFolder]] = {key(name): [] for name in names}
    for folder in folders:
        same = by_key.get(key(folder.path.name))
        if same is None:
            ignored.append(_aside(folder.path, root, "no class of this data set"))
            continue
        _refuse_second(folder, same, root)
        same.append(folder)
    matched = {name: by_key[key(name)] for name in names}
    _refuse_absent(matched, root)
    return matched


def _names_by_place(folders: Sequence[ClassFolder]) -> list[list[str]]:
    places: dict[Path, list[str]] = {}
    for folder in folders:
        places.setdefault(folder.path.parent, []).append(folder.path.name)
    return list(places.values())


def _of_training(
    folders: Sequence[ClassFolder], key: Callable[[str], str], root: Path, ignored: list[str]
) -> list[ClassFolder]:
    """Without the folders of classes that have no folder among the training images: no network can learn these."""
    learnt = {key(folder.path.name) for folder in folders if folder.part in (None, "train")}
    for folder in folders:
        if key(folder.path.name) not in learnt:
            ignored.append(_aside(folder.path, root, "no class of the training images"))
    return [folder for folder in folders if key(folder.path.name) in learnt]


def _names(folders: Sequence[ClassFolder], key: Callable[[str], str]) -> list[str]:
    """The classes as their first folders are written, in the order that torchvision's ImageFolder has them in."""
    for folder in folders:
        if printable(folder.path.name) != folder.path.name:
            raise DataError(f"the name of the class folder {display_path(folder.path)} cannot be shown: rename it")
    names: dict[str, str] = {}
    for folder in sorted(folders, key=lambda one: one.part != "train"):
        names.setdefault(key(folder.path.name), exact_key(folder.path.name))
    return sorted(names.values())


def _refuse_second(folder: ClassFolder, others: Sequence[ClassFolder], root: Path) -> None:
    for other in others:
        if other.path.parent == folder.path.parent:
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
        there = f"{len(matched) - len(absent)} of {len(matched)} class folders are there, but "
        raise DataError(f"{display_path(root)}: {there}none for {', '.join(map(repr, absent))}; add it")


def _images(folders: Sequence[ClassFolder], label: int, root: Path, ignored: list[str]) -> Iterator[FoundFile]:
    for folder in folders:
        for path in _walk(folder.path, root, set(), ignored):
            name = os.path.relpath(path, root).replace(os.sep, "/")
            if printable(name) != name:  # it could be neither logged nor shown on a page
                ignored.append(f"{name} (its name holds no valid or no printable characters: rename it)")
            elif Path(name).suffix.lower() in SUFFIXES and not hidden(Path(name).name):
                yield _found(path, name, label, folder.part)
            else:
                ignored.append(_aside(Path(path), root, _kind(name)))


def _kind(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return f"{suffix} is no kind of image that is read" if suffix else "no image by its name"


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
                ignored.append(_aside(Path(entry.path), root, ""))
            else:
                yield from _walk(Path(entry.path), root, seen, ignored)


def _found(path: str, name: str, label: int, part: str | None) -> FoundFile:
    try:
        state = os.stat(path)
        size, changed = state.st_size, state.st_ctime_ns  # a change of rights counts too
    except OSError:  # a broken link is reported with the unreadable files
        size, changed = 0, 0
    return FoundFile(name, label, part, size, changed)


def _check_filled(found: Scan) -> Scan:
    """With a remark on each class that lacks images for validation or for the test.

    Raises DataError for a class without any image, or without one to train on.
    """
    present = {(file.label, file.part) for file in found.files}
    remarks = []
    for label, name in enumerate(found.classes):
        for part in found.parts or (None,):
            where = f"{part}/ of {display_path(found.root)}" if part else display_path(found.root)
            if (label, part) in present:
                continue
            if part in (None, "train"):
                raise DataError(f"class '{name}' has no images in {where}; add some, or remove the class")
            remarks.append(f"Class “{name}” has no images in {part}/: {LACKING[part]}.")
    return replace(found, remarks=(*found.remarks, *remarks))
