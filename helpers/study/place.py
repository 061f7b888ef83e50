"""Where the file or folder of a study lies, and what the paths in it mean."""

import os
import re
from pathlib import Path

from helpers.base.errors import StudyError, did_you_mean
from helpers.base.paths import ROOT, STUDIES
from helpers.datasets.known import CATALOGUE
from helpers.datasets.sources import hub_name, is_archive

YAML = {".yaml", ".yml"}
OTHER_ARCHIVES = {".7z", ".rar", ".gz", ".zst", ".bz2", ".xz"}  # or single files that were packed
DEFAULT = ""  # stands for the study that says `default: true`
PATHS = {"data", "data_folder", "weights", "backbone", "labels", "file"}  # keys that may hold one
WEIGHTS = {None, "auto", "imagenet", "places365", "sample", "sample-places"}  # what is no path of them


def locate(source: str | Path) -> Path:
    """The study file, or the folder or archive of images, that is meant; for a set of a hub, where it belongs.

    Raises StudyError for one that is not there, DataError for a name that no hub can know.
    """
    if source == DEFAULT:
        return _default().resolve()
    known = STUDIES / f"{source}.yaml"
    if re.fullmatch(r"[\w-]+", str(source)) and os.path.isfile(known):
        return known.resolve()
    if hub := hub_name(str(source)):
        return hub.place
    for path in (Path(source), ROOT / source):
        if os.path.isdir(path) or (os.path.isfile(path) and (path.suffix in YAML or is_archive(path))):
            return path.resolve()
    names = sorted(path.stem for path in study_files())
    if not {"/", "\\", "."} & set(str(source)):
        wrong = f"unknown study '{source}'{did_you_mean(str(source), names)}"
    elif Path(source).suffix.lower() in OTHER_ARCHIVES and os.path.exists(source):
        wrong = f"'{source}' is no archive that is read (zip, tar, tar.gz, tar.bz2 or tar.xz are): unpack it"
    elif os.path.exists(source):
        wrong = f"'{source}' is no study file"
    else:
        wrong = f"there is no file or folder '{source}'"
    raise StudyError(
        f"{wrong}: give one of {', '.join(names)}, a study file (.yaml), a folder or an archive that holds one "
        "folder of images per class, or images and masks, or torchvision:CLASS, hf:OWNER/NAME, kaggle:OWNER/NAME"
    )


def study_files() -> list[Path]:
    """The studies that come with the course, in the order of their names."""
    return sorted(STUDIES.glob("*.yaml"))


def _default() -> Path:
    for path in study_files():
        if re.search(r"^default: *true\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            return path
    raise StudyError("no study in studies/ says 'default: true': name the one that is to be run")


def is_study_file(path: Path) -> bool:
    """Whether what was located is a file that says what the study is; else it is where its images lie."""
    return path.suffix in YAML and not path.is_dir()


def slug(text: str) -> str:
    """A text as the name of a study."""
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-") or "study"


def resolved(text: str, folder: Path) -> str:
    """A path in a study file counts from the file's folder; a bare word is one if it names no weights or data set
    and something of that name lies there. Raises DataError for a name that no hub can know."""
    if hub_name(text):
        return text
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
