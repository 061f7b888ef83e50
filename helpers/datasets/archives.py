"""Archives as downloaded, put into `data/<set>/`: unpacked beside themselves, once, and left in place.

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
from helpers.datasets.types import DataError

log = logging.getLogger(__name__)
ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz")
MOST_FILES = 2_000_000
MOST_BYTES = 200 * 10**9
MOST_GROWTH = 100  # unpacked bytes for each packed one; pictures hardly shrink when packed
FREE_GROWTH = 100 * 10**6  # up to here growth does not matter
LONGEST_NAME = 255
READ_BYTES = 1 << 20
OPENERS = {
    ".gz": gzip.open,
    ".tgz": gzip.open,
    ".bz2": bz2.open,
    ".tbz": bz2.open,
    ".xz": lzma.open,
    ".txz": lzma.open,
}
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)


class Refused(Exception):
    """Why an archive is not unpacked, in a few words that follow its name."""


@dataclass(frozen=True)
class _Member:
    """One entry of an archive: its name as stored, whether it is a folder, and the bytes of a plain file."""

    name: str
    is_folder: bool
    content: "IO[bytes] | _Bounded | None"


def unpack_archives(folder: Path, in_place: bool) -> None:
    """Unpack the archives that lie directly in `folder`, each into a folder of its name beside it.

    An archive is left alone when it was unpacked before and has not changed, when a folder of its name is there
    that was not made here, or, unless others were unpacked in `folder` before, when the data is `in_place`.
    Raises DataError for an archive that is damaged, is not to be trusted, or does not fit on the disk.
    """
    archives = [_Unpacked(path) for path in _archives(folder)]
    wanted = not in_place or any(archive.marker.exists() for archive in archives)
    for archive in archives:
        if archive.is_due(wanted):
            archive.unpack()


def _archives(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.name.lower().endswith(ENDINGS) and path.is_file())


@dataclass(frozen=True)
class _Unpacked:
    """An archive and what became of it."""

    archive: Path

    @property
    def stem(self) -> str:
        ending = max((end for end in ENDINGS if self.archive.name.lower().endswith(end)), key=len)
        return self.archive.name[: -len(ending)].strip(".") or "unpacked"

    @property
    def target(self) -> Path:
        return self.archive.with_name(self.stem)

    @property
    def marker(self) -> Path:
        """Says from which state of the archive the folder was made."""
        return self.archive.with_name(f".{self.archive.name}.unpacked")

    def is_due(self, wanted: bool) -> bool:
        """Whether it is to be unpacked now; `wanted`: the data is not there yet."""
        if not self.target.exists():
            return wanted
        return self.marker.exists() and self._remembered() != self._state()

    def _state(self) -> dict:
        now = self.archive.stat()
        return {"size": now.st_size, "changed": now.st_mtime_ns}

    def _remembered(self) -> dict | None:
        try:
            return json.loads(self.marker.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def unpack(self) -> None:
        """Into a temporary folder that takes its place when all is there. Raises DataError."""
        try:
            with locked(self.archive.with_name(f".{self.archive.name}.lock")):
                if self.is_due(True):  # nobody else did it while this one waited
                    self._unpack()
        except Refused as reason:
            raise DataError(f"{display_path(self.archive)} {reason}") from None
        except (*DAMAGED, OSError) as error:
            raise DataError(_explained(self.archive, error)) from None

    def _unpack(self) -> None:
        log.info("unpacking %s", display_path(self.archive))
        state = self._state()
        temporary, old = (self.archive.with_name(f".{self.stem}.{what}") for what in ("unpacking", "old"))
        for leftover in (temporary, old):
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            _extract(self.archive, temporary)
            if self.target.exists():
                self.target.rename(old)
            temporary.rename(self.target)
            write_atomic(self.marker, json.dumps(state))
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def _explained(archive: Path, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return (
            f"{display_path(archive)} cannot be unpacked beside itself ({error.strerror}): make room there, or "
            "unpack it elsewhere and name the folder with --data"
        )
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"{display_path(archive)} is damaged or cut short ({reason}): fetch it again, or remove it"


def _extract(archive: Path, folder: Path) -> None:
    allowed = min(MOST_BYTES, max(FREE_GROWTH, MOST_GROWTH * archive.stat().st_size))
    room = _Room(min(allowed, shutil.disk_usage(archive.parent).free), allowed)
    members = _zip_members if archive.name.lower().endswith(".zip") else _tar_members
    folder.mkdir()
    with contextlib.closing(members(archive, room)) as found:
        for number, member in enumerate(found):
            if number >= MOST_FILES:
                raise Refused(f"holds more than {MOST_FILES:,} files: no data set is expected to")
            _write(member, folder)


@dataclass
class _Room:
    """Bytes that may still come out of an archive."""

    left: int
    allowed: int

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Refused(
                f"would unpack to more than {self.allowed / 1e6:,.0f} MB, or than the disk holds: if that is "
                "right, make room and unpack it yourself"
            )


@dataclass
class _Bounded:
    """A stream that counts what is read from it."""

    stream: IO[bytes]
    room: _Room

    def read(self, size: int = READ_BYTES) -> bytes:
        block = self.stream.read(min(size, READ_BYTES))
        self.room.take(len(block))
        return block


def _write(member: _Member, folder: Path) -> None:
    path = folder / _safe(member.name)
    if _is_clutter(path.relative_to(folder)):
        return
    if member.is_folder:
        path.mkdir(parents=True, exist_ok=True)
        return
    if member.content is None:
        raise Refused(f"holds '{member.name}', a link or a device: only plain files and folders are unpacked")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            shutil.copyfileobj(member.content, file, READ_BYTES)
    except FileExistsError:
        raise Refused(f"holds '{member.name}' twice") from None


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


def _zip_members(archive: Path, room: _Room) -> Iterator[_Member]:
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            if info.flag_bits & 1:
                raise Refused("is encrypted: unpack it yourself, beside itself")
            kind = stat.S_IFMT(info.external_attr >> 16)
            if info.is_dir() or kind not in (0, stat.S_IFREG):
                yield _Member(info.filename, info.is_dir(), None)
                continue
            with file.open(info) as content:
                yield _Member(info.filename, False, _Bounded(content, room))


def _tar_members(archive: Path, room: _Room) -> Iterator[_Member]:
    """As a stream, so that nothing is read twice; its end is checked, since `tarfile` takes a cut for an end."""
    opener = next((opens for end, opens in OPENERS.items() if archive.name.lower().endswith(end)), open)
    with opener(archive, "rb") as stream:
        bounded = _Bounded(stream, room)
        with tarfile.open(fileobj=bounded, mode="r|") as file:
            for info in file:
                is_plain = info.isreg() and not info.issparse()  # holes would be written without being read
                yield _Member(info.name, info.isdir(), file.extractfile(info) if is_plain else None)
        while stream.read(READ_BYTES):
            room.take(READ_BYTES)
    if opener is open:
        _check_end(archive)


def _check_end(archive: Path) -> None:
    with archive.open("rb") as file:
        file.seek(-tarfile.BLOCKSIZE, io.SEEK_END)
        if any(file.read()):
            raise EOFError("the end of the archive is missing")
