"""The data sets that the course knows by name, and any folder of one's own."""

from pathlib import Path

from helpers.base.paths import data_dir, display_path
from helpers.datasets.known import CATALOGUE, KnownSet
from helpers.datasets.layout import find_classes, most_classes
from helpers.datasets.types import DataError, DataSetInfo

LEVELS = 3  # how deep below data/<set>/ the class folders may lie


def known_set(data: str) -> KnownSet | None:
    """The set of that name, or None for a path. Raises DataError for a name that is neither."""
    if data in CATALOGUE:
        return CATALOGUE[data]
    if Path(data).is_absolute():
        return None
    raise DataError(
        f"unknown data set '{data}': there is no such folder beside the study file; give a folder, or one of "
        f"{', '.join(sorted(CATALOGUE))}"
    )


def describe(data: str) -> DataSetInfo:
    """What a set of the catalogue, or a folder of one's own, is."""
    known = known_set(data)
    if known:
        return known.info
    return DataSetInfo(
        title=Path(data).name, home="", licence="yours", how_to_get="It is a folder of your own.", citation=""
    )


def real_data_folder(data: str, folder: Path | None = None, unpack: bool = True) -> Path | None:
    """The folder that holds the class folders (or train/ with them, or packed files), or None where there is none.

    folder: where to look for a set of the catalogue instead of data/<set>. An archive that lies there is unpacked,
    unless `unpack` is False; then it is also said if a part of the set is there: DataError.
    """
    known = known_set(data)
    if known is None:
        return Path(data) if Path(data).is_dir() else None
    folder = folder or data_dir() / known.name
    if unpack:
        from helpers.datasets.archives import unpack_archives

        unpack_archives(folder, find_classes(folder, known.classes, LEVELS) is not None)
    found = find_classes(folder, known.classes, LEVELS)
    if found is None and unpack:
        _refuse_half(folder, known)
    return found


def _refuse_half(folder: Path, known: KnownSet) -> None:
    """Raises DataError where most of a set is in place: it is not to be taken for none of it."""
    place, missing = most_classes(folder, known.classes, LEVELS)
    if len(missing) <= len(known.classes) // 2:
        raise DataError(
            f"{display_path(place)} has {len(known.classes) - len(missing)} of the {len(known.classes)} class "
            f"folders of {known.info.title}, but none for {', '.join(map(repr, missing))}: add it, or move "
            "the rest away"
        )
    if any(place.name == "digitStruct.mat" for place in folder.glob("*/*")):
        raise DataError(
            f"{display_path(folder)} holds whole house numbers (format 1): the course reads single digits "
            f"(format 2). {known.info.how_to_get}"
        )
