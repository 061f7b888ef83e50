"""One name, one study: reports belong to the folder or file that they were made from."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from helpers.base.intact import read_sealed
from helpers.base.paths import ROOT, STUDIES, display_path, reports_dir
from helpers.datasets.sources import hub_name
from helpers.study.place import locate, slug

NO_STUDIES = {"trained", "evaluations", "kept", "trials", "wandb"}  # what lies in runs/ beside the studies


def origin_of(source: str) -> str:
    """A hash of the place of a study's file or folder, which a report may hold: it tells nobody where that is.

    A place in the project counts from there, so that the project can be moved.
    """
    path = locate(source)
    place = hub_name(source) or (path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
    return hashlib.sha256(str(place).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def name_for(name: str, source: str, origin: str, taken: Mapping[str, str]) -> tuple[str, str]:
    """The name under which a study is kept, and a line about it where it is not its own.

    The first study of a name has it; another one that is called the same gets its parent folder's name before it,
    or that of the folder above, or a number behind. `taken`: names of this command, with their origins.
    """
    path = locate(source)
    for candidate in _candidates(name, path):
        free = candidate not in NO_STUDIES and not _is_a_course_study(candidate, path)
        if free and _owner(candidate, taken) in (None, origin):
            other = f"'{name}' is taken, so the study of {display_path(path)} is called '{candidate}'"
            return candidate, "" if candidate == name else other
    raise AssertionError("there is always another number")


def _candidates(name: str, path: Path) -> Iterator[str]:
    yield name
    longer = name
    for parent in path.parents:
        if parent.name:
            longer = f"{slug(parent.name)}-{longer}"[:150]
            yield longer
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _owner(name: str, taken: Mapping[str, str]) -> str | None:
    """The origin of the study whose report has this name; None for a free name."""
    if name in taken:
        return taken[name]
    return read_sealed(reports_dir() / name / "status.json").get("origin")


def _is_a_course_study(name: str, path: Path) -> bool:
    own = STUDIES / f"{name}.yaml"
    return re.fullmatch(r"[\w-]+", name) is not None and own.exists() and own.resolve() != path
