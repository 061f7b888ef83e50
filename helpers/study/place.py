"""Where the file or folder of a study lies, and what the paths in it mean."""

import os
import re
from pathlib import Path

from helpers.base.errors import StudyError, did_you_mean
from helpers.base.paths import ROOT, STUDIES
from helpers.datasets.known import CATALOGUE

DEFAULT = ""  # stands for the study that says `default: true`
PATHS = {"data", "data_folder", "weights", "backbone", "labels", "file"}  # keys that may hold one
WEIGHTS = {None, "auto", "imagenet", "places365", "sample", "sample-places"}  # what is no path of them


def locate(source: str | Path) -> Path:
    """The study file or folder of images that is meant. Raises StudyError for one that is not there."""
    if source == DEFAULT:
        return _default().resolve()
    known = STUDIES / f"{source}.yaml"
    if re.fullmatch(r"[\w-]+", str(source)) and os.path.isfile(known):
        return known.resolve()
    for path in (Path(source), ROOT / source):
        if os.path.isdir(path) or (os.path.isfile(path) and path.suffix in {".yaml", ".yml"}):
            return path.resolve()
    names = sorted(path.stem for path in study_files())
    if not {"/", "\\", "."} & set(str(source)):
        wrong = f"unknown study '{source}'{did_you_mean(str(source), names)}"
    elif os.path.exists(source):
        wrong = f"'{source}' is no study file"
    else:
        wrong = f"there is no file or folder '{source}'"
    raise StudyError(
        f"{wrong}: give one of {', '.join(names)}, a study file (.yaml) or a folder that holds one folder of "
        "images per class"
    )


def study_files() -> list[Path]:
    """The studies that come with the course, in the order of their names."""
    return sorted(STUDIES.glob("*.yaml"))


def _default() -> Path:
    for path in study_files():
        if re.search(r"^default: *true\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            return path
    raise StudyError("no study in studies/ says 'default: true': name the one that is to be run")


def slug(text: str) -> str:
    """A text as the name of a study."""
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-") or "study"


def resolved(text: str, folder: Path) -> str:
    """A path in a study file counts from the file's folder; a bare word is one if it names no weights or data set
    and something of that name lies there."""
    if (
        "/" in text
        or text.startswith((".", "~"))
        or (text not in {*WEIGHTS, *CATALOGUE} and os.path.exists(folder / text))
    ):
        return str((folder / Path(text).expanduser()).resolve())
    return text


def unknown_weights(weights: str) -> str:
    """What is said of weights that are neither known nor a file."""
    return f"weights: unknown weights '{weights}'; use auto, imagenet, places365, sample or a file"
