"""The data sets that the course knows by name, those of hubs, and any folder or archive of one's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.base.paths import data_dir, display_path
from helpers.datasets.known import CATALOGUE, KnownSet
from helpers.datasets.layout import find_classes, most_classes, only_folder
from helpers.datasets.sources import IMAGES, about_fetched, hub_name, is_archive, unpacked_place
from helpers.datasets.types import DataError, DataSetInfo

if TYPE_CHECKING:
    from helpers.datasets.folders import Layout, Scan

LEVELS = 3  # how deep below data/<set>/ the class folders may lie


def known_set(data: str) -> KnownSet | None:
    """The set of that name, or None for a path and a set of a hub. Raises DataError for a name that is neither."""
    if data in CATALOGUE:
        return CATALOGUE[data]
    if Path(data).is_absolute() or hub_name(data):
        return None
    raise DataError(
        f"unknown data set '{data}': there is no such folder beside the study file; give a folder, an archive, "
        f"torchvision:CLASS, hf:OWNER/NAME, kaggle:OWNER/NAME, or one of {', '.join(sorted(CATALOGUE))}"
    )


def describe(data: str) -> DataSetInfo:
    """What a set of the catalogue or of a hub, or a folder or an archive of one's own, is."""
    if known := known_set(data):
        return known.info
    if name := hub_name(data):
        about = about_fetched(name)
        how = f"It is fetched into {display_path(name.place)}/ when a study asks for {name}."
        if about is None:
            return DataSetInfo(name.title, home="", licence="as its page tells", how_to_get=how)
        return DataSetInfo(about.title, about.home, about.licence, how, about.citation)
    path, how = Path(data), "It is a folder of your own."
    if is_archive(path) and not path.is_dir():
        how = f"It is an archive of your own, unpacked into {display_path(unpacked_place(path))}/."
    return DataSetInfo(title=path.name, home="", licence="yours", how_to_get=how, citation="")


def scan_set(data: str, root: Path, layout: Layout = "auto", labels: Any = "auto") -> Scan:
    """The images of a set in its folder. `layout`, `labels` and what is raised: as for `folders.scan`."""
    from helpers.datasets.folders import scan

    known, name = known_set(data), hub_name(data)
    about = about_fetched(name) if name else None
    if about is None or not about.folders:
        found = scan(root, known.classes if known else None, layout, labels)
        return replace(found, remarks=(*about.remarks, *found.remarks)) if about else found
    found = scan(root, about.folders, "classes" if (root / about.folders[0]).is_dir() else "parts")
    return replace(found, classes=about.classes, remarks=(*about.remarks, *found.remarks))


def real_data_folder(data: str, folder: Path | None = None, unpack: bool = True) -> Path | None:
    """The folder that holds the class folders (or train/ with them, or packed files), or None where there is none.

    folder: where to look for a set of the catalogue instead of data/<set>. An archive that lies there is unpacked,
    and a set of a hub fetched, unless `unpack` is False; then it is also said if a part of the set is there:
    DataError.
    """
    known = known_set(data)
    if known is None:
        return _own_folder(data, unpack)
    folder = folder or data_dir() / known.name
    if unpack:
        from helpers.datasets.archives import unpack_archives

        unpack_archives(folder, find_classes(folder, known.classes, LEVELS) is not None)
    found = find_classes(folder, known.classes, LEVELS)
    if found is None and unpack:
        _refuse_half(folder, known)
    return found


def _own_folder(data: str, unpack: bool) -> Path | None:
    """Of a set of a hub, or of a folder or an archive of one's own."""
    if name := hub_name(data):
        if unpack:
            from helpers.datasets.hub.fetching import fetch_set

            fetch_set(name)
        return name.place / IMAGES if about_fetched(name) else None
    path = Path(data)
    if path.is_dir() or not is_archive(path):
        return path if path.is_dir() else None
    place = unpacked_place(path)
    if unpack:
        from helpers.datasets.archives import unpack_into

        unpack_into(path, place)
    return only_folder(place) if place.is_dir() else None


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
