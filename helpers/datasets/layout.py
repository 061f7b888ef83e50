"""How data sets lie in folders: one folder a class, perhaps below train/ and test/, perhaps inside more shells."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from helpers.base.paths import display_path
from helpers.datasets import arrays
from helpers.datasets.types import DataError

SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif",
    ".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".heic", ".heif", ".jp2", ".j2k",
})  # fmt: skip
PART_WORDS = {  # as Hugging Face's `datasets` knows them
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validate", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}
IMAGE_FOLDERS = {"image", "images", "img", "imgs", "jpegimages", "leftimg8bit", "photos", "pictures"}
MASK_FOLDERS = {
    *("mask", "masks", "label", "labels", "annotation", "annotations", "segmentation", "segmentations"),
    *("segmentationclass", "segmentationobject", "gt", "gtfine", "groundtruth"),
}
NO_DATA = {  # of systems and programs, by name
    "__MACOSX": "of macOS",
    "@eaDir": "thumbnails of a Synology disk station",
    "#recycle": "a recycle bin",
    "$RECYCLE.BIN": "a recycle bin",
    "System Volume Information": "of Windows",
    "lost+found": "of the file system",
    "Thumbs.db": "thumbnails of Windows",
    "desktop.ini": "of Windows",
}
SHELLS = 3  # how many folders in folders an archive may have added around the classes


def part_of(folder: Path) -> str | None:
    """Which published part a folder is by a word of its name: 'train', 'val' or 'test'; None if by none or two.

    Words end at hyphens, underscores, points, spaces and digits: 'training_set', 'Test-Data', 'val2017'.
    """
    words = re.split(r"[-_.\s\d]+", folder.name.casefold())
    found = {PART_WORDS[word] for word in words if word in PART_WORDS}
    return found.pop() if len(found) == 1 else None


def are_images_and_masks(folders: Sequence[Path]) -> bool:
    """Whether these folders, by their names, hold pictures and what is to be seen in them, pixel by pixel."""
    names = {loose_key(folder.name) for folder in folders}
    return bool(names & IMAGE_FOLDERS and names & MASK_FOLDERS) and names <= IMAGE_FOLDERS | MASK_FOLDERS


def subfolders(folder: Path) -> list[Path]:
    """Visible folders directly below, sorted by name. Raises OSError for a folder that may not be read."""
    return sorted(entry for entry in folder.iterdir() if entry.is_dir() and not hidden(entry.name))


def hidden(name: str) -> bool:
    """Whether a file or folder is none of the data, by its name."""
    return name.startswith(".") or name in NO_DATA


def class_root(root: Path) -> Path:
    """Go down while a folder's only folder holds folders itself: unpacked archives often add such shells.

    Raises DataError for a missing folder.
    """
    if not root.is_dir():
        raise DataError(
            f"the data folder {display_path(root)} does not exist: put the images there, or name another"
        )
    for _ in range(SHELLS):
        inner = subfolders(root)
        if arrays.containers(root) or len(inner) != 1 or not _holds_data(inner[0]):
            break
        root = inner[0]
    return root


def _holds_data(folder: Path) -> bool:
    return bool(arrays.containers(folder)) or bool(subfolders(folder))


def only_folder(folder: Path) -> Path:
    """The folder inside, where an archive has nothing else in it: so that it is read as that folder would be."""
    for _ in range(SHELLS):
        there = [entry for entry in folder.iterdir() if not hidden(entry.name)]
        if len(there) != 1 or not there[0].is_dir() or part_of(there[0]):
            break
        folder = there[0]
    return folder


def find_classes(folder: Path, classes: tuple[str, ...], levels: int) -> Path | None:
    """The shallowest folder with these classes, at most `levels` deep, breadth first: links cannot trap it."""
    wanted = {loose_key(name) for name in classes}
    found = (one for one in _below(folder, levels) if arrays.classes_of(one) == classes or _holds(one, wanted))
    return next(found, None)


def most_classes(folder: Path, classes: tuple[str, ...], levels: int) -> tuple[Path, list[str]]:
    """The folder that holds most of these classes, at most `levels` deep, and which are not there."""
    best, absent = folder, list(classes)
    for one in _below(folder, levels):
        there = _keys(readable_subfolders(one))
        missing = [name for name in classes if loose_key(name) not in there]
        if len(missing) < len(absent):
            best, absent = one, missing
    return best, absent


def _below(folder: Path, levels: int) -> Iterator[Path]:
    level = [folder] if folder.is_dir() else []
    for _ in range(levels + 1):
        yield from level
        level = [child for one in level for child in readable_subfolders(one)]


def _holds(folder: Path, wanted: set[str]) -> bool:
    children = readable_subfolders(folder)
    if wanted <= _keys(children):
        return True
    train = [child for child in children if part_of(child) == "train"]
    shells = (shell for child in train for shell in (child, *readable_subfolders(child)))
    return any(wanted <= _keys(readable_subfolders(shell)) for shell in shells)


def _keys(folders: list[Path]) -> set[str]:
    return {loose_key(folder.name) for folder in folders}


def readable_subfolders(folder: Path) -> list[Path]:
    """As `subfolders`, but a folder that may not be read holds nothing for us."""
    try:
        return subfolders(folder)
    except OSError:
        return []


def exact_key(name: str) -> str:
    """A name whatever the Unicode form that its accents are written in."""
    return unicodedata.normalize("NFC", name)


def loose_key(name: str) -> str:
    """A name whatever its capitals, spaces, underscores and hyphens as well."""
    return re.sub(r"[\s_-]+", "", exact_key(name).casefold())


def key_of_names(*listed: Sequence[str]) -> Callable[[str], str]:
    """How names of several lists are known as the same: loosely, unless that would join two names of one list."""
    joins = any(
        len({loose_key(name) for name in names}) < len({exact_key(name) for name in names}) for names in listed
    )
    return exact_key if joins else loose_key
