"""Sets on Kaggle, as their publishers laid them out, fetched by `kagglehub`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.base.fetch import patiently
from helpers.datasets.hub.fetching import bytes_in, from_network
from helpers.datasets.sources import About, HubName


def from_kaggle(name: HubName, folder: Path, downloads: Path) -> About:
    """Fetch a set through `downloads`, whose files then lie in `folder` as published. Raises DataError."""
    home = f"https://www.kaggle.com/datasets/{name.name}"
    by_hand = " (kagglehub reads KAGGLE_USERNAME and KAGGLE_KEY, or ~/.kaggle/kaggle.json)"
    got = from_network(name, lambda: kaggle_files(name.name, downloads), home, downloads, by_hand)
    folder.rmdir()
    got.rename(folder)
    return About(name.title, home, "as its page tells")


def kaggle_files(handle: str, hub: Path, patience: float | None = None) -> Path:
    """The folder below `hub` that kagglehub has fetched, checked and unpacked a set into; it resumes.

    Raises whatever kagglehub raises, and TimeoutError where nothing comes for `patience` seconds.
    """
    import kagglehub

    with _kept_in(hub):
        if patience is None:
            return Path(kagglehub.dataset_download(handle))
        return Path(patiently(lambda: kagglehub.dataset_download(handle), patience, lambda: bytes_in(hub)))


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
