"""How data sets lie in folders: one folder a class, perhaps below train/ and test/, perhaps inside more shells."""

import re
import unicodedata
from pathlib import Path

from helpers.base.paths import display_path
from helpers.datasets import arrays
from helpers.datasets.types import DataError

PART_NAMES = {
    **dict.fromkeys(("train", "training", "seg_train"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "val"),
    **dict.fromkeys(("test", "testing", "seg_test"), "test"),
}
SHELLS = 3  # how many folders in folders an archive may have added around the classes


def part_of(folder: Path) -> str | None:
    """Which published part a folder is by its name: 'train', 'val' or 'test'."""
    return PART_NAMES.get(folder.name.casefold())


def subfolders(folder: Path) -> list[Path]:
    """Visible folders directly below, sorted by name. Raises OSError for a folder that may not be read."""
    return sorted(entry for entry in folder.iterdir() if entry.is_dir() and not hidden(entry.name))


def hidden(name: str) -> bool:
    """Whether a file or folder is none of the data, by its name."""
    return name.startswith(".") or name == "__MACOSX"


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


def find_classes(folder: Path, classes: tuple[str, ...], levels: int) -> Path | None:
    """The shallowest folder with these classes, at most `levels` deep, breadth first: links cannot trap it."""
    level = [folder] if folder.is_dir() else []
    wanted = {loose_key(name) for name in classes}
    for _ in range(levels + 1):
        for candidate in level:
            if arrays.classes_of(candidate) == classes or _holds(candidate, wanted):
                return candidate
        level = [child for candidate in level for child in readable_subfolders(candidate)]
    return None


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


def strict_key(name: str) -> str:
    """Folders that differ only by capitals, Unicode form or kind of space name the same class."""
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFC", name).casefold()).strip()


def loose_key(name: str) -> str:
    """As `strict_key`, and whatever the spaces."""
    return strict_key(name).replace(" ", "")
