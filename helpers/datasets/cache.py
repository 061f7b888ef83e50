"""Images are decoded once. What comes of it lies in `data/.cache`, keyed by the content of the files.

.cache/index-<folder>.json      content digest of every file by path, size and time of change
.cache/<content>/survey.npz     what does not depend on the image size: readable files, sizes, thumbnails
.cache/<content>/images-128-crop.npy
"""

import contextlib
import errno
import fcntl
import hashlib
import io
import json
import logging
import os
import shutil
import time
import warnings
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from helpers.datasets.decode import DECODER_VERSION, UnreadableImage, decode, resize
from helpers.datasets.folders import FoundFile, Scan
from helpers.datasets.types import DataError, Unreadable
from helpers.paths import data_dir, display_path, write_atomic

log = logging.getLogger(__name__)
THUMBNAIL = 64  # pixels a side, grey, whole picture squashed: for finding near-duplicates
DECODE_AT_LEAST = 256  # what a reduced decode keeps a side, so that the survey is the same for every image size
BLOCK = 256  # files in flight at a time
CHECKED_BYTES = 1 << 28  # how much of an image file is checked when it is opened


@dataclass(frozen=True)
class Survey:
    """What was learnt of the files, in the order of `files`: those of the scan that could be decoded."""

    key: str
    files: list[str]
    index: np.ndarray  # (N,) int64 into scan.files
    digests: np.ndarray  # (N,) '<U32' of the files' bytes
    pixel_digests: np.ndarray  # (N,) '<U32' of the decoded pixels
    sizes: np.ndarray  # (N, 2) int32
    thumbnails: np.ndarray  # (N, 64, 64) uint8
    unreadable: list[Unreadable]


@dataclass(frozen=True)
class Cached:
    """The survey and the resized images: (N, S, S, 3) uint8 on disk."""

    survey: Survey
    images: np.memmap
    folder: Path


class _Read(NamedTuple):
    """One file, read and decoded; `reason` is set where that failed."""

    digest: str
    reason: str = ""
    pixel_digest: str = ""
    size: tuple[int, int] = (0, 0)
    thumbnail: np.ndarray | None = None
    image: np.ndarray | None = None


def cache_dir() -> Path:
    """Where decoded images lie; may be deleted at any time."""
    return data_dir() / ".cache"


def open_cache(scan: Scan, size: int, mode: str) -> Cached:
    """The decoded images of a scan, from disk or made now. One process at a time makes them, others wait.

    Raises DataError when the disk is full or no file can be decoded.
    """
    index_file = cache_dir() / f"index-{_short_hash(str(scan.root.resolve()))}.json"
    with _lock(index_file):
        remembered = _read_index(index_file)
        digests = _known_digests(scan.files, remembered.get("files", {}))
        cached = _open(scan, digests, size, mode) if digests else None
        return cached or _build(scan, size, mode, index_file, remembered.get("key"))


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Released by the operating system however the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _short_hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=10).hexdigest()


def _digest(data: bytes | np.ndarray) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _read_index(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def _known_digests(files: Sequence[FoundFile], remembered: dict[str, list]) -> list[str] | None:
    """Digests of all files, if none has changed in size or time since they were taken."""
    digests = []
    for file in files:
        size, mtime, digest = remembered.get(file.path, (None, None, None))
        if (size, mtime) != (file.size, file.mtime_ns):
            return None
        digests.append(digest)
    return digests


def content_key(files: Sequence[FoundFile], digests: Sequence[str]) -> str:
    """A name for exactly these files with exactly this content, decoded by this version."""
    lines = "\n".join(f"{file.path}\t{digest}" for file, digest in zip(files, digests, strict=True))
    return _short_hash(f"decoder {DECODER_VERSION}\n{lines}")


def _images_name(size: int, mode: str) -> str:
    return f"images-{size}-{mode}.npy"


def _open(scan: Scan, digests: Sequence[str], size: int, mode: str) -> Cached | None:
    folder = cache_dir() / content_key(scan.files, digests)
    path = folder / _images_name(size, mode)
    if not path.exists():
        return None
    try:
        survey = _load_survey(folder, scan)
        images = np.load(path, mmap_mode="r")
        if (
            images.shape != (len(survey.files), size, size, 3)
            or _checksum(images) != path.with_suffix(".crc").read_text()
        ):
            raise ValueError("its content is not what was written")
    except Exception as error:  # a damaged zip or header can raise nearly anything; all of it means: make it again
        log.warning("The cache %s is cut short or damaged (%s); it is made again.", display_path(path), error)
        return None
    return Cached(survey, images, folder)


def _load_survey(folder: Path, scan: Scan) -> Survey:
    with np.load(folder / "survey.npz", allow_pickle=False) as stored:
        index = stored["index"]
        unreadable = [
            Unreadable(scan.files[i].path, str(reason))
            for i, reason in zip(stored["unreadable"], stored["reasons"], strict=True)
        ]
        return Survey(
            folder.name,
            [scan.files[i].path for i in index],
            index,
            *(stored[name] for name in ("digests", "pixel_digests", "sizes", "thumbnails")),
            unreadable,
        )


def _checksum(images: np.ndarray) -> str:
    """CRC-32 of everything, or of evenly spread blocks where that would take seconds."""
    flat = images.reshape(-1)
    block = 1 << 20
    starts = np.arange(0, max(flat.size, 1), block)
    if flat.size > CHECKED_BYTES:
        starts = starts[np.linspace(0, len(starts) - 1, CHECKED_BYTES // block).astype(int)]
    crc = 0
    for start in starts:
        crc = zlib.crc32(flat[start : start + block], crc)
    return f"{flat.size}:{crc:08x}"


def _build(scan: Scan, size: int, mode: str, index_file: Path, former_key: str | None) -> Cached:
    temporary = cache_dir() / f".making-{os.getpid()}"
    needed = len(scan.files) * (size * size * 3 + THUMBNAIL * THUMBNAIL)
    try:
        _refuse_without_space(needed)
        temporary.mkdir(parents=True, exist_ok=True)
        reads = _decode_all(scan, size, mode, temporary / "images.npy")
        return _store(scan, reads, size, mode, temporary, index_file, former_key)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise _disk_full(needed) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _refuse_without_space(needed: int) -> None:
    cache_dir().mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(cache_dir()).free < needed:
        raise _disk_full(needed)


def _disk_full(needed: int) -> DataError:
    return DataError(
        f"the disk is full: the decoded images need {needed / 1e6:.0f} MB in {display_path(cache_dir())}; "
        "free some space, or set IMAGE_COURSE_DATA to a folder on another disk"
    )


def _decode_all(scan: Scan, size: int, mode: str, path: Path) -> list[_Read]:
    """Read and decode every file, images going straight to disk in the order of the scan."""
    reads: list[_Read] = []
    paths = [scan.root / file.path for file in scan.files]
    with path.open("wb") as out, ThreadPoolExecutor(os.cpu_count()) as pool, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata; pixels are what matters here
        out.write(_npy_header(len(paths), size))
        said = time.monotonic()
        for start in range(0, len(paths), BLOCK):
            for read in pool.map(lambda path: _read(path, size, mode), paths[start : start + BLOCK]):
                if read.image is not None:
                    out.write(read.image)
                reads.append(read._replace(image=None))
            if time.monotonic() - said > 5:
                said = time.monotonic()
                log.info("Decoding images: %d of %d", len(reads), len(paths))
        out.seek(0)
        out.write(_npy_header(sum(not read.reason for read in reads), size))
    return reads


def _npy_header(count: int, size: int) -> bytes:
    """NumPy leaves room for the first axis to grow, so the header's length does not depend on `count`."""
    buffer = io.BytesIO()
    description = {"descr": "|u1", "fortran_order": False, "shape": (count, size, size, 3)}
    np.lib.format.write_array_header_1_0(buffer, description)
    return buffer.getvalue()


def _read(path: Path, size: int, mode: str) -> _Read:
    try:
        data = path.read_bytes()
    except OSError as error:
        return _Read("unreadable", f"the file cannot be read ({error.strerror})")
    digest = _digest(data)
    try:
        picture = decode(data, at_least=max(DECODE_AT_LEAST, size))
    except UnreadableImage as error:
        return _Read(digest, str(error))
    grey = cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY)
    thumbnail = cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    pixels = np.ascontiguousarray(picture.pixels)
    pixel_digest = _digest(np.array(pixels.shape).tobytes() + pixels.tobytes())
    return _Read(digest, "", pixel_digest, picture.size, thumbnail, resize(pixels, size, mode))


def _store(
    scan: Scan,
    reads: list[_Read],
    size: int,
    mode: str,
    temporary: Path,
    index_file: Path,
    former_key: str | None,
) -> Cached:
    """Move what was made into place: images last, since they are what says that all is there."""
    _write_survey(scan, reads, temporary / "survey.npz")
    images = np.load(temporary / "images.npy", mmap_mode="r")
    key = content_key(scan.files, [read.digest for read in reads])
    folder = cache_dir() / key
    path = folder / _images_name(size, mode)
    folder.mkdir(exist_ok=True)
    (temporary / "survey.npz").replace(folder / "survey.npz")
    write_atomic(path.with_suffix(".crc"), _checksum(images))
    (temporary / "images.npy").replace(path)
    files = {
        file.path: [file.size, file.mtime_ns, read.digest] for file, read in zip(scan.files, reads, strict=True)
    }
    write_atomic(index_file, json.dumps({"key": key, "files": files}))
    if former_key not in (None, key):
        shutil.rmtree(cache_dir() / former_key, ignore_errors=True)
    return Cached(_load_survey(folder, scan), np.load(path, mmap_mode="r"), folder)


def _write_survey(scan: Scan, reads: Sequence[_Read], path: Path) -> None:
    good = [i for i, read in enumerate(reads) if not read.reason]
    bad = [i for i, read in enumerate(reads) if read.reason]
    if not good:
        raise DataError(
            f"none of the {len(reads)} files in {display_path(scan.root)} can be read as an image: "
            f"{scan.files[bad[0]].path}: {reads[bad[0]].reason}"
        )
    np.savez(
        path,
        index=np.array(good, dtype=np.int64),
        digests=np.array([reads[i].digest for i in good]),
        pixel_digests=np.array([reads[i].pixel_digest for i in good]),
        sizes=np.array([reads[i].size for i in good], dtype=np.int32),
        thumbnails=np.stack([reads[i].thumbnail for i in good]),
        unreadable=np.array(bad, dtype=np.int64),
        reasons=np.array([reads[i].reason for i in bad], dtype=str),
    )
