"""The data sets that the course knows by name, and any folder of one's own."""

import re
from pathlib import Path

from helpers.datasets.known import KNOWN_SETS, KnownSet
from helpers.datasets.types import DataError, DataSetInfo
from helpers.paths import data_dir


CATALOGUE = {known.name: known for known in KNOWN_SETS}
LEVELS = 3  # how deep below data/<set>/ the class folders may lie


def known_set(data: str) -> KnownSet | None:
    """The set of that name, or None for a path. Raises DataError for a name that is neither."""
    if data in CATALOGUE:
        return CATALOGUE[data]
    if Path(data).is_absolute():
        return None
    raise DataError(f"unknown data set '{data}': give a folder, or one of {', '.join(sorted(CATALOGUE))}")


def describe(data: str) -> DataSetInfo:
    """What a set of the catalogue, or a folder of one's own, is."""
    known = known_set(data)
    if known:
        return known.info
    return DataSetInfo(
        title=Path(data).name, home="", licence="yours", how_to_get="It is a folder of your own.", citation=""
    )


def real_data_folder(data: str, folder: Path | None = None) -> Path | None:
    """The folder that holds the class folders (or train/ with them), or None where it is not in place.

    folder: where to look for a set of the catalogue instead of data/<set>.
    """
    known = known_set(data)
    if known is None:
        return Path(data) if Path(data).is_dir() else None
    return _find_classes(folder or data_dir() / known.name, {_key(name) for name in known.classes}, LEVELS)


def _find_classes(folder: Path, wanted: set[str], levels: int) -> Path | None:
    """The shallowest folder below which every class has one, breadth first: links cannot trap the search."""
    level = [folder] if folder.is_dir() else []
    for _ in range(levels + 1):
        for candidate in level:
            if _holds(candidate, wanted):
                return candidate
        level = [child for candidate in level for child in _children(candidate)]
    return None


def _holds(folder: Path, wanted: set[str]) -> bool:
    children = _children(folder)
    if wanted <= {_key(child.name) for child in children}:
        return True
    train = [child for child in children if child.name.casefold() in {"train", "training"}]
    return any(wanted <= {_key(child.name) for child in _children(child)} for child in train)


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))
    except OSError:  # a folder that may not be read holds nothing for us
        return []


def _key(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name.casefold())
