"""What `data` may name beside a set of the catalogue and a folder: an archive, or a set of a hub, by its name.

Nothing is fetched or unpacked here, and nothing imported that is not there before the set-up.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from helpers.base.paths import data_dir, display_path, made_dir
from helpers.datasets.types import DataError

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz")
NAME = r"[A-Za-z0-9_][\w.-]{,95}"
HUBS = {  # how a set of each is named
    "torchvision": ("torchvision:CLASS, such as torchvision:FashionMNIST", rf"({NAME})(?::({NAME}))?"),
    "hf": ("hf:OWNER/NAME", rf"((?:{NAME}/)?{NAME})(?::({NAME}))?"),
    "kaggle": ("kaggle:OWNER/NAME", rf"({NAME}/{NAME})()"),
}
IMAGES, ABOUT = "images", "about.json"  # in the folder of a set that was fetched


@dataclass(frozen=True)
class HubName:
    """A set of a hub by its name there; `variant`: which of several under that name, or ''."""

    hub: str
    name: str
    variant: str = ""

    def __str__(self) -> str:
        return f"{self.hub}:{self.name}" + (f":{self.variant}" if self.variant else "")

    @property
    def title(self) -> str:
        """What it is called where nobody tells: the last part of its name."""
        return self.name.rpartition("/")[2] + (f" ({self.variant})" if self.variant else "")

    @property
    def place(self) -> Path:
        """The folder that it lies in, or is to be put into."""
        steps = Path(self.hub, self.name + (f"@{self.variant}" if self.variant else ""))
        there = data_dir() / steps
        return there if there.exists() else made_dir() / steps


@dataclass(frozen=True)
class About:
    """What the hub tells of a set. `folders`: that of each class; none where folders are as published."""

    title: str
    home: str
    licence: str
    citation: str = ""
    classes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def hub_name(data: str) -> HubName | None:
    """The set of a hub that is meant; None for anything else. Raises DataError for a name that cannot be one."""
    hub, colon, rest = data.partition(":")
    if not colon or hub not in HUBS:
        return None
    form, pattern = HUBS[hub]
    found = re.fullmatch(pattern, rest, re.ASCII)
    if not found or ".." in rest:
        raise DataError(f"'{data:.80}' names no data set: give it as {form}")
    return HubName(hub, found[1], found[2] or "")


def about_fetched(name: HubName) -> About | None:
    """What is known of a set that was fetched; None where it was not. Raises DataError where that is damaged."""
    path = name.place / ABOUT
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return About(**{key: tuple(one) if isinstance(one, list) else one for key, one in values.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        raise DataError(
            f"{display_path(path)} cannot be read: remove {display_path(name.place)}/, and it is fetched again"
        ) from None


def is_archive(path: Path) -> bool:
    """Whether a file is called like an archive that is read."""
    return path.name.lower().endswith(ENDINGS)


def stem_of(archive: Path) -> str:
    """The name of an archive without what says its kind: 'photos' of 'photos.tar.gz'."""
    ending = max((end for end in ENDINGS if archive.name.lower().endswith(end)), key=len)
    return archive.name[: -len(ending)].strip(".") or "unpacked"


def unpacked_place(archive: Path) -> Path:
    """The folder below data/ that an archive of one's own is unpacked into: one for each place of it."""
    mark = hashlib.sha256(str(archive).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return made_dir() / "unpacked" / f"{stem_of(archive)[:80]}-{mark}"


def to_do_first(data: str) -> str:
    """What is to be done before the images can be read, for whoever has to wait for it; '' where nothing is."""
    if name := hub_name(data):
        return "" if name.place.exists() else f"fetching {name} into {display_path(name.place)}"
    path = Path(data)
    if not (path.is_absolute() and is_archive(path) and path.is_file()):
        return ""
    return f"{path.name} is read from {display_path(unpacked_place(path))}, where it is unpacked once"
