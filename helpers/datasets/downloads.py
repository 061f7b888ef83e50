"""Fetch a data set of the catalogue from its publisher. Only on demand: nothing here is called on its own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.datasets.catalogue import known_set, real_data_folder
from helpers.datasets.known import KnownSet
from helpers.datasets.types import DataError, StudyLike
from helpers.fetch import fetch, patiently
from helpers.lock import locked
from helpers.paths import data_dir, display_path

PATIENCE = 9.0  # seconds without a byte after which Kaggle is given up


def download(study: StudyLike) -> Path:
    """The folder of the study's images, fetched into `data/<set>/` where they are not in place.

    Raises DataError for a set that cannot be fetched, and CourseError without network, within ten seconds, each
    saying what to put where.
    """
    known = known_set(study.data)
    if known is None:
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
    """Address, name and MD5 of each file, as torchvision knows them."""
    from torchvision import datasets

    publisher = getattr(datasets, known.torchvision)
    if hasattr(publisher, "split_list"):
        return [tuple(publisher.split_list[part]) for part in ("train", "test")]
    return [(publisher.url, publisher.filename, publisher.tgz_md5)]


def _from_kaggle(known: KnownSet, folder: Path) -> None:
    """kagglehub fetches, resumes, checks and unpacks into a hidden folder; when all is there, it is moved out."""
    import kagglehub

    hub, target = folder / ".kagglehub", folder / known.kaggle.rpartition("/")[2]
    with locked(folder / ".kagglehub.lock"), _kept_in(hub):
        try:
            got = Path(
                patiently(lambda: kagglehub.dataset_download(known.kaggle), PATIENCE, lambda: _bytes_in(hub))
            )
            got.rename(target)
        except Exception as error:  # kagglehub has no family of errors of its own
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise DataError(
                f"{known.info.title} could not be fetched from Kaggle ({reason}): {_lower(known)}"
            ) from None
        shutil.rmtree(hub, ignore_errors=True)


def _lower(known: KnownSet) -> str:
    text = known.info.how_to_get
    return text[0].lower() + text[1:]


@contextmanager
def _kept_in(folder: Path) -> Iterator[None]:
    """Where kagglehub keeps what it fetches."""
    before = os.environ.get("KAGGLEHUB_CACHE")
    os.environ["KAGGLEHUB_CACHE"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("KAGGLEHUB_CACHE")
        if before is not None:
            os.environ["KAGGLEHUB_CACHE"] = before


def _bytes_in(folder: Path) -> int:
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_size
            except OSError:  # moved meanwhile
                continue
    return total
