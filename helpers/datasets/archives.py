"""Archives are unpacked once: as downloaded into `data/<set>/` beside themselves, one's own into `data/unpacked/`.

An archive from the network is not to be trusted. Only plain files and folders are taken out of it, only below the
folder made for it, and no more of them than a data set could hold.
"""

import bz2
import contextlib
import gzip
import io
import json
import logging
import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from helpers.base.lock import locked
from helpers.base.paths import display_path, printable, write_atomic
from helpers.datasets.sources import is_archive, stem_of
from helpers.datasets.types import DataError

log = logging.getLogger(__name__)
MOST_FILES = 2_000_000
MOST_BYTES = 200 * 10**9
MOST_GROWTH = 100  # unpacked bytes for each packed one; pictures hardly shrink when packed
FREE_GROWTH = 100 * 10**6  # up to here growth does not matter
LONGEST_NAME = 255
READ_BYTES = 1 << 20
OPENERS = {
    **dict.fromkeys((".gz", ".tgz"), gzip.open),
    **dict.fromkeys((".bz2", ".tbz"), bz2.open),
    **dict.fromkeys((".xz", ".txz"), lzma.open),
}
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)


class Refused(Exception):
    """Why an archive is not unpacked, in a few words that follow its name."""


# One entry of an archive: its name as stored, whether it is a folder, and what holds the bytes of a plain file.
Member = tuple[str, bool, "_Bounded | IO[bytes] | None"]


def unpack_archives(folder: Path, in_place: bool) -> None:
    """Unpack the archives that lie directly in `folder`, each into a folder of its name beside it.

    An archive is left alone when it was unpacked before and has not changed, when a folder of its name is there
    that was not made here, or, unless others were unpacked in `folder` before, when the data is `in_place`.
    Raises DataError for an archive that is damaged, is not to be trusted, or does not fit on the disk.
    """
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    archives = [path for path in found if is_archive(path) and path.is_file()]
    targets = {archive: archive.with_name(stem_of(archive)) for archive in archives}
    wanted = not in_place or any(_marker(path, target).exists() for path, target in targets.items())
    for archive, target in targets.items():
        if _is_due(archive, target, wanted):
            _unpack(archive, target)


def unpack_into(archive: Path, folder: Path) -> None:
    """Have in `folder` what is in an archive that lies anywhere: unpacked now, unless it is there and unchanged.

    Raises DataError for an archive that is damaged, is not to be trusted, or does not fit on the disk.
    """
    if archive.is_file() and _is_due(archive, folder, wanted=True):
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(_explained(archive, folder, error)) from None
        _unpack(archive, folder)


def _marker(archive: Path, target: Path) -> Path:
    """Says from which state of an archive its folder was made."""
    return target.with_name(f".{archive.name}.unpacked")


def _is_due(archive: Path, target: Path, wanted: bool) -> bool:
    """Whether it is to be unpacked now; `wanted`: the data is not there yet."""
    if not target.exists():
        return wanted
    marker = _marker(archive, target)
    with contextlib.suppress(OSError, ValueError):
        return marker.exists() and json.loads(marker.read_text(encoding="utf-8")) != _state(archive)
    return True


def _state(archive: Path) -> dict[str, int]:
    now = archive.stat()
    return {"size": now.st_size, "changed": now.st_mtime_ns}


def _unpack(archive: Path, target: Path) -> None:
    """Into a temporary folder that takes its place when all is there. Raises DataError."""
    temporary, old = (target.with_name(f".{target.name}.{what}") for what in ("unpacking", "old"))
    try:
        with locked(target.with_name(f".{archive.name}.lock")), _away(temporary, old):
            if _is_due(archive, target, True):  # nobody else did it while this one waited
                log.info("unpacking %s into %s", display_path(archive), display_path(target))
                state = _state(archive)
                _extract(archive, temporary)
                if target.exists():
                    target.rename(old)
                temporary.rename(target)
                write_atomic(_marker(archive, target), json.dumps(state))
    except Refused as reason:
        raise DataError(f"{display_path(archive)} {reason}") from None
    except (*DAMAGED, OSError) as error:
        raise DataError(_explained(archive, target, error)) from None


@contextlib.contextmanager
def _away(*folders: Path) -> Iterator[None]:
    """These are gone before, as a kill may have left them, and after."""
    with contextlib.ExitStack() as after:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
            after.callback(shutil.rmtree, folder, ignore_errors=True)
        yield


def _explained(archive: Path, target: Path, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return (
            f"{display_path(archive)} cannot be unpacked into {display_path(target.parent)}/ ({error.strerror}): "
            "make room there, or unpack it elsewhere and name the folder"
        )
    if isinstance(error, NotImplementedError):  # such as Windows' own way for more than 2 GB
        return f"{display_path(archive)} is packed in a way that is not read ({error}): unpack it, name the folder"
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"{display_path(archive)} is damaged or cut short ({reason}): fetch it again, or remove it"


def _extract(archive: Path, folder: Path) -> None:
    allowed = min(MOST_BYTES, max(FREE_GROWTH, MOST_GROWTH * archive.stat().st_size))
    bounded = _Bounded(allowed, min(allowed, shutil.disk_usage(folder.parent).free))
    members = _zip_members if archive.name.lower().endswith(".zip") else _tar_members
    folder.mkdir()
    with contextlib.closing(members(archive, bounded)) as found:
        for number, member in enumerate(found):
            if number >= MOST_FILES:
                raise Refused(f"holds more than {MOST_FILES:,} files: no data set is expected to")
            _write(*member, folder)


@dataclass
class _Bounded:
    """Reads from one stream after another, no more than `left` bytes in all."""

    allowed: int
    left: int
    stream: IO[bytes] | None = None

    def read(self, size: int = READ_BYTES) -> bytes:
        block = self.stream.read(min(size, READ_BYTES))
        self.left -= len(block)
        if self.left < 0:
            raise Refused(
                f"would unpack to more than {self.allowed / 1e6:,.0f} MB, or than the disk holds: if that is "
                "right, make room and unpack it yourself"
            )
        return block


def _write(name: str, is_folder: bool, content: IO[bytes] | _Bounded | None, folder: Path) -> None:
    path = folder / _safe(name)
    if _is_clutter(path.relative_to(folder)):
        return
    if is_folder:
        path.mkdir(parents=True, exist_ok=True)
        return
    if content is None:
        raise Refused(f"holds '{name}', a link or a device: only plain files and folders are unpacked")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            shutil.copyfileobj(content, file, READ_BYTES)
    except FileExistsError:
        raise Refused(f"holds '{name}' twice") from None


def _safe(name: str) -> Path:
    """The path below the folder. Raises Refused for one that leads elsewhere or cannot be written."""
    parts = name.replace("\\", "/").rstrip("/").split("/")
    parts = parts[1:] if parts[0] == "." and len(parts) > 1 else parts
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise Refused(f"holds {name[:80]!r}, which leads out of its folder: it is not to be trusted")
    if any(
        len(part.encode("utf-8", "surrogateescape")) > LONGEST_NAME or printable(part) != part for part in parts
    ):
        raise Refused(f"holds a file whose name is too long or not printable: {name[:60]!r}")
    return Path(*parts)


def _is_clutter(path: Path) -> bool:
    """What Apple's computers add."""
    return "__MACOSX" in path.parts or path.name == ".DS_Store" or path.name.startswith("._")


def _zip_members(archive: Path, bounded: _Bounded) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            if info.flag_bits & 1:
                raise Refused("is protected by a password: unpack it yourself, and name the folder")
            kind = stat.S_IFMT(info.external_attr >> 16)
            if info.is_dir() or kind not in (0, stat.S_IFREG):
                yield info.filename, info.is_dir(), None
                continue
            with file.open(info) as bounded.stream:
                yield info.filename, False, bounded


def _tar_members(archive: Path, bounded: _Bounded) -> Iterator[Member]:
    """As a stream, so that nothing is read twice; its end is checked, since `tarfile` takes a cut for an end."""
    opener = next((opens for end, opens in OPENERS.items() if archive.name.lower().endswith(end)), open)
    with opener(archive, "rb") as bounded.stream:
        with tarfile.open(fileobj=bounded, mode="r|") as file:
            for info in file:
                is_plain = info.isreg() and not info.issparse()  # holes would be written without being read
                yield info.name, info.isdir(), file.extractfile(info) if is_plain else None
        while bounded.read():
            pass
    if opener is open:
        _check_end(archive)


def _check_end(archive: Path) -> None:
    with archive.open("rb") as file:
        file.seek(-tarfile.BLOCKSIZE, io.SEEK_END)
        if any(file.read()):
            raise EOFError("the end of the archive is missing")
