"""Fetch a data set of the catalogue from its publisher. Only on demand: nothing here is called on its own."""

import ast
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.base.fetch import fetch
from helpers.base.lock import locked
from helpers.base.paths import data_dir, display_path
from helpers.datasets.catalogue import known_set, real_data_folder
from helpers.datasets.hub.fetching import first_cause
from helpers.datasets.hub.kaggle import kaggle_files
from helpers.datasets.known import KnownSet
from helpers.datasets.sources import hub_name
from helpers.datasets.types import DataError

if TYPE_CHECKING:
    from helpers.study.study import Study

PATIENCE = 9.0  # seconds without a byte after which Kaggle is given up


def download(study: "Study") -> Path:
    """The folder of the study's images, fetched into `data/<set>/` where they are not in place.

    Raises DataError for a set that cannot be fetched, and CourseError without network, within ten seconds, each
    saying what to put where.
    """
    known = known_set(study.data) if study.data else None
    if known is None:
        if hub_name(study.data):
            return real_data_folder(study.data)
        raise DataError(
            f"the images of study '{study.name}' are a folder of your own: there is nothing to download"
        )
    if there := real_data_folder(study.data):
        return there
    folder = data_dir() / known.name
    if known.torchvision:
        _from_torchvision(known, folder)
    elif known.kaggle:
        _from_kaggle(known, folder)
    else:
        raise DataError(f"{known.info.title} cannot be fetched by a program. {known.info.how_to_get}")
    if found := real_data_folder(study.data):
        return found
    raise DataError(
        f"{known.info.title} was fetched into {display_path(folder)}/ but its classes are not there: remove that "
        f"folder and try again. {known.info.how_to_get}"
    )


def _from_torchvision(known: KnownSet, folder: Path) -> None:
    for url, name, md5 in published_files(known):
        fetch(url, folder / name, md5=md5)


def published_files(known: KnownSet) -> list[tuple[str, str, str]]:
    """Address, name and MD5 of each file, as torchvision knows them.

    Read from its source: importing it takes seconds, which whoever waits for a message does not want to spend.
    """
    facts = _class_facts("torchvision", known.torchvision)
    if "split_list" in facts:
        return [tuple(facts["split_list"][part]) for part in ("train", "test")]
    return [(facts["url"], facts["filename"], facts["tgz_md5"])]


def _class_facts(package: str, name: str) -> dict[str, Any]:
    """The plain values that a class in a package's `datasets` is given. Raises DataError where there is none."""
    found = find_spec(package)
    folder = Path(found.submodule_search_locations[0]) / "datasets" if found else Path("missing")
    for path in sorted(folder.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                return {target: value for line in node.body for target, value in _literal(line)}
    raise DataError(f"the installed {package} knows no data set {name}: install another version")


def _literal(line: ast.stmt) -> list[tuple[str, Any]]:
    if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
        return []
    try:
        return [(line.targets[0].id, ast.literal_eval(line.value))]
    except ValueError:  # not a plain value
        return []


def _from_kaggle(known: KnownSet, folder: Path) -> None:
    """kagglehub fetches, resumes, checks and unpacks into a hidden folder; when all is there, it is moved out."""
    hub, target = folder / ".kagglehub", folder / known.kaggle.rpartition("/")[2]
    with locked(folder / ".kagglehub.lock"):
        try:
            kaggle_files(known.kaggle, hub, PATIENCE).rename(target)
        except Exception as error:  # kagglehub has no family of errors of its own
            raise DataError(
                f"{known.info.title} could not be fetched from Kaggle ({first_cause(error)}): {_lower(known)}"
            ) from None
        shutil.rmtree(hub, ignore_errors=True)


def _lower(known: KnownSet) -> str:
    text = known.info.how_to_get
    return text[0].lower() + text[1:]
