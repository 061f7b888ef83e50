"""The sets of street scenes that the course knows by name, and where they lie."""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from helpers.base.paths import data_dir
from helpers.datasets.streets import camvid, cityscapes, idd, idd_lite
from helpers.datasets.streets.layout import SetLayout, find_root
from helpers.datasets.types import DataError, DataSetInfo


@dataclass(frozen=True)
class StreetSet:
    """A set of street scenes of the catalogue."""

    name: str
    info: DataSetInfo
    layout: SetLayout


def _street_set(module: ModuleType) -> StreetSet:
    return StreetSet(module.__name__.rpartition(".")[2], module.INFO, module.LAYOUT)


SETS = {known.name: known for known in map(_street_set, (cityscapes, idd, idd_lite, camvid))}


def known_street_set(name: str) -> StreetSet:
    """The set of that name. Raises DataError where there is none."""
    if name not in SETS:
        raise DataError(f"unknown set of street scenes '{name}': use one of {', '.join(SETS)}")
    return SETS[name]


def find_set(name: str, folder: Path | None = None) -> Path | None:
    """The folder that holds a set in its publisher's layout, or None where it is not in place.

    folder: where to look instead of data/<name>; the set may lie a few levels below.
    """
    place = folder or data_dir() / name
    return find_root(known_street_set(name).layout, place) if place.is_dir() else None
