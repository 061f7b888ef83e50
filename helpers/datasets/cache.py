"""Images are decoded once. What comes of it lies in `data/.cache`, keyed by the content of the files.

.cache/index-<folder>.json      content digest of every file by path, size and time of change
.cache/<content>/survey.npz     what does not depend on the image size: readable files, digests, sizes
.cache/<content>/thumbnails.npy
.cache/<content>/images-128-crop.npy
"""

import errno
import logging
import shutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.base.fingerprint import code_of
from helpers.base.intact import kept_arrays
from helpers.base.lock import locked
from helpers.base.paths import display_path, made_dir, move_over, write_atomic
from helpers.datasets.folders import FoundFile, Scan
from helpers.datasets.memory import FileMemory
from helpers.datasets.reading import THUMBNAIL, FileRead, content_digest, decode_files, digest_file, rendition_of
from helpers.datasets.types import DataError, Rendition, Spread, Unreadable

log = logging.getLogger(__name__)
CHECKED_BYTES = 1 << 28  # how much of the images is checked when they are opened
CHECKED_BLOCK = 1 << 20


@dataclass(frozen=True)
class ImageSurvey:
    """What was learnt of the files that could be decoded, in the order of the scan."""

    files: list[str]
    index: np.ndarray  # (N,) int64 into scan.files
    digests: np.ndarray  # (N,) str, of the files' bytes
    pixel_digests: np.ndarray  # (N,) str, of the decoded pixels
    sizes: np.ndarray  # (N, 2) int32
    thumbnails: np.ndarray  # (N, 64, 64) uint8, on disk
    unreadable: list[Unreadable]
    rendition: Rendition  # how those of more than 8 bits, or with transparent parts, became RGB
    told: str  # what is to be said of that, or ''


@dataclass(frozen=True)
class Cached:
    """The survey and the resized images: (N, S, S, 3) uint8 on disk."""

    survey: ImageSurvey
    images: np.memmap
    folder: Path


def cache_dir() -> Path:
    """Where decoded images lie; may be deleted at any time."""
    return made_dir() / ".cache"


def open_cache(scan: Scan, size: int, mode: str, bands: tuple[int, int, int] | None = None) -> Cached:
    """The decoded images of a scan, from disk or made now. One process at a time makes them, others wait.

    Raises DataError when the disk is full, the cache cannot be written, or no file can be decoded.
    """
    index = cache_dir() / f"index-{content_digest(str(scan.root.resolve()))}.json"
    needed = len(scan.files) * (size * size * 3 + THUMBNAIL * THUMBNAIL)
    with held(index, "the decoded images", needed):
        memory = FileMemory(index)
        states = {file.path: [file.size, file.changed_ns] for file in scan.files}
        cached = None
        if memory.facts:  # else each file is read only once: as it is decoded
            digests = memory.learn(scan.root, states, digest_file)
            cached = _open(scan, digests, size, mode, bands)
        if cached is None:
            need_room(needed)
            digests = _build(scan, size, mode, bands, index.with_suffix(".making"))
            cached = _open(scan, digests, size, mode, bands)
        memory.facts = {path: [states[path], digest] for path, digest in zip(states, digests, strict=True)}
        former, memory.note = memory.note, cached.folder.name
        memory.keep()
        if former not in (None, memory.note):  # what was decoded of their former content
            shutil.rmtree(cache_dir() / former, ignore_errors=True)
    return cached


@contextmanager
def held(path: Path, what: str, needed: int = 10**6) -> Iterator[None]:
    """Hold the lock of a file of the cache, which one process at a time makes.

    Raises DataError, saying what to do, where `what`, which takes `needed` bytes, cannot be kept there.
    """
    try:
        with locked(path.with_suffix(".lock")):
            yield
    except OSError as error:
        place = display_path(cache_dir())
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DataError(
                f"the disk is full: {what} need {needed / 1e6:.1f} MB in {place}; free some space, or set "
                "IMAGE_COURSE_DATA to a folder on another disk"
            ) from error
        raise DataError(
            f"{what} cannot be kept in {place} ({error.strerror or error}): make it writable, or set "
            "IMAGE_COURSE_DATA to another folder"
        ) from error


def need_room(needed: int) -> None:
    """Raises OSError, before anything is written, where the disk of the cache has fewer bytes left."""
    if shutil.disk_usage(cache_dir()).free < needed:
        raise OSError(errno.ENOSPC, "no room")


def content_key(files: Sequence[FoundFile], digests: Sequence[str], bands: tuple | None = None) -> str:
    """A name for exactly these files with exactly this content, decoded by this version."""
    lines = "\n".join(f"{file.path}\t{digest}" for file, digest in zip(files, digests, strict=True))
    return content_digest(f"decoder {code_of(decode_files, rendition_of, _write_survey)} {bands}\n{lines}")


def _open(
    scan: Scan, digests: Sequence[str], size: int, mode: str, bands: tuple[int, int, int] | None
) -> Cached | None:
    folder, name = cache_dir() / content_key(scan.files, digests, bands), f"images-{size}-{mode}"
    arrays = kept_maps(folder, name, "thumbnails")
    stored = kept_arrays(folder / "survey.npz") if arrays else None
    if stored is None:
        return None
    images, thumbnails = arrays
    index, bad = stored["index"], zip(stored["unreadable"], stored["reasons"], strict=True)
    columns = [stored[column] for column in ("digests", "pixel_digests", "sizes")]
    unreadable = [Unreadable(scan.files[i].path, str(reason)) for i, reason in bad]
    files = [scan.files[i].path for i in index]
    spread = Spread(*stored["spread"].tolist()) if stored["spread"].size else None
    rendition = Rendition(spread, bands, int(stored["background"]))
    survey = ImageSurvey(files, index, *columns, thumbnails, unreadable, rendition, str(stored["told"]))
    return Cached(survey, images, folder)


def keep_maps(folder: Path, *names: str) -> None:
    """Note, by the first of their names, what is in the arrays `<name>.npy` of a folder: they are complete."""
    write_atomic(folder / f"{names[0]}.crc", _sums(_maps(folder, names)))


def kept_maps(folder: Path, *names: str) -> list[np.ndarray] | None:
    """Those arrays, on disk; None where they are not complete, or damaged, which is logged."""
    note = folder / f"{names[0]}.crc"
    if not note.exists():
        return None
    try:
        arrays = _maps(folder, names)
        if _sums(arrays) != note.read_text(encoding="utf-8"):
            raise ValueError("its content is not what was written")
    except Exception as error:  # a damaged file can raise nearly anything, and all of it means: make it again
        log.warning("the cache %s is cut short or damaged (%s); it is made again", display_path(folder), error)
        return None
    return arrays


def _maps(folder: Path, names: Sequence[str]) -> list[np.ndarray]:
    return [np.load(folder / f"{name}.npy", mmap_mode="r") for name in names]


def _sums(arrays: Sequence[np.ndarray]) -> str:
    return "\n".join(f"{array.shape} {checksum(array)}" for array in arrays)


def checksum(images: np.ndarray) -> str:
    """CRC-32 of everything, or of evenly spread blocks where that would take seconds."""
    flat = images.reshape(-1)
    starts = np.arange(0, flat.size, CHECKED_BLOCK)
    if flat.size > CHECKED_BYTES:
        starts = starts[np.linspace(0, len(starts) - 1, CHECKED_BYTES // CHECKED_BLOCK).astype(int)]
    crc = 0
    for start in starts:
        crc = zlib.crc32(flat[start : start + CHECKED_BLOCK], crc)
    return f"{flat.size}:{crc:08x}"


def _build(scan: Scan, size: int, mode: str, bands: tuple[int, int, int] | None, temporary: Path) -> list[str]:
    """Decode into a temporary folder, then move into place. Returns the digest of every file."""
    shutil.rmtree(temporary, ignore_errors=True)  # of a process that was killed
    temporary.mkdir()
    try:
        paths = [scan.root / file.path for file in scan.files]
        rendition, told = rendition_of(paths, bands)
        records = decode_files(paths, size, mode, temporary, rendition)
        _write_survey(scan, records, rendition, told, temporary)
        digests, name = [record.digest for record in records], f"images-{size}-{mode}"
        folder = cache_dir() / content_key(scan.files, digests, bands)
        folder.mkdir(exist_ok=True)
        (temporary / "images.npy").rename(temporary / f"{name}.npy")
        for path in sorted(temporary.iterdir()):
            move_over(path, folder / path.name)
        keep_maps(folder, name, "thumbnails")
        return digests
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write_survey(scan: Scan, records: Sequence[FileRead], rendition: Rendition, told: str, folder: Path) -> None:
    good = [i for i, record in enumerate(records) if not record.reason]
    bad = [i for i, record in enumerate(records) if record.reason]
    if not good:
        raise DataError(
            f"none of the {len(records)} files in {display_path(scan.root)} can be read as an image: "
            f"{scan.files[bad[0]].path}: {records[bad[0]].reason}"
        )
    np.savez(
        folder / "survey.npz",
        index=np.array(good, dtype=np.int64),
        digests=np.array([records[i].digest for i in good]),
        pixel_digests=np.array([records[i].pixel_digest for i in good]),
        sizes=np.array([records[i].size for i in good], dtype=np.int32),
        unreadable=np.array(bad, dtype=np.int64),
        reasons=np.array([records[i].reason for i in bad], dtype=str),
        spread=np.array(rendition.spread or (), dtype=np.float64),
        background=np.array(rendition.background),
        told=np.array(told),
    )
