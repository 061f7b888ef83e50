"""Read and decode many files at once, images going straight to disk."""

import hashlib
import io
import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

import cv2
import numpy as np

from helpers.base.telling import now_and_then, steps
from helpers.datasets import arrays
from helpers.datasets.decode import Decoded, UnreadableImage, decode, first_look, resize
from helpers.datasets.deep import Extent, common_spread
from helpers.datasets.transparent import common_background, is_opaque_png
from helpers.datasets.types import Rendition

log = logging.getLogger(__name__)
THUMBNAIL = 64  # pixels a side, grey, whole picture squashed: for finding near-duplicates
DECODE_AT_LEAST = 256  # what a reduced decode keeps a side, so that thumbnails are the same for every image size
AT_A_TIME = 256  # files in flight
# What may have more than 8 bits a channel, or transparent parts.
SPECIAL = {
    *(".png", ".tif", ".tiff", ".pgm", ".ppm", ".pnm", ".jp2", ".j2k", ".webp", ".gif", ".avif", ".heic", ".heif")
}
HEAD = 4096  # bytes that tell of most PNGs that they are neither
Item, Found = TypeVar("Item"), TypeVar("Found")


class FileRead(NamedTuple):
    """One file, read and decoded; `reason` is set where that failed. `image` and `thumbnail` are then None."""

    digest: str
    reason: str = ""
    pixel_digest: str = ""  # of all pixels; where the image was decoded smaller than it is, of its bytes
    size: tuple[int, int] = (0, 0)
    image: np.ndarray | None = None  # (S, S, 3) uint8
    thumbnail: np.ndarray | None = None  # (64, 64) uint8


def content_digest(data: bytes | np.ndarray | str) -> str:
    """32 hexadecimal digits that name the content."""
    content = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def digest_file(path: Path) -> str:
    """Digest of an image's bytes in its file, or 'unreadable'."""
    try:
        return content_digest(_content(path))
    except OSError:
        return "unreadable"


def _content(path: Path) -> bytes | np.ndarray:
    """The bytes of a file, or the pixels of an image that lies in a file of many."""
    return arrays.packed_image(path) if arrays.is_packed(path) else path.read_bytes()


def read_pixels(path: Path, at_least: int | None = None, rendition: Rendition = Rendition()) -> Decoded:  # noqa: B008
    """One image of a scan, decoded. Raises OSError or UnreadableImage."""
    return _decoded(_content(path), at_least, rendition)


def _decoded(content: bytes | np.ndarray, at_least: int | None, rendition: Rendition) -> Decoded:
    if isinstance(content, np.ndarray):
        return Decoded(content, content.shape[1::-1])
    return decode(content, at_least, rendition)


def rendition_of(paths: Sequence[Path], bands: tuple[int, int, int] | None) -> tuple[Rendition, str]:
    """How these files become RGB, and what is to be said of it: of more than 8 bits, of transparent parts."""
    looked_at = [path for path in paths if path.suffix.lower() in SPECIAL and not arrays.is_packed(path)]
    found = list(in_threads(partial(_look, rendition=Rendition(bands=bands)), looked_at))
    spread, of_values = common_spread(extent for extent, _ in found if extent) or (None, "")
    background, behind = common_background(seen for _, seen in found if seen is not None)
    return Rendition(spread, bands, background), " ".join(filter(None, (of_values, behind)))


def _look(path: Path, rendition: Rendition) -> tuple[Extent | None, np.ndarray | None]:
    try:
        with path.open("rb") as file:
            start = file.read(HEAD)
            return (None, None) if is_opaque_png(start) else first_look(start + file.read(), rendition)
    except OSError:  # which is told when it is to be decoded
        return None, None


def in_threads(work: Callable[[Item], Found], items: Sequence[Item], sentence: str = "") -> Iterator[Found]:
    """`work` of every item in order, on all cores, with a bounded number of results waiting.

    sentence: with places for two numbers, is logged now and then with how many there are; the runner is told, too.
    """
    is_due = now_and_then()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        starts = range(0, len(items), AT_A_TIME)
        found = chain.from_iterable(pool.map(work, items[start : start + AT_A_TIME]) for start in starts)
        watched = steps(found, sentence.partition(":")[0], len(items)) if sentence else found
        for done, one in enumerate(watched, start=1):
            yield one
            if sentence and is_due():
                log.info(sentence, done, len(items))


def decode_files(
    paths: Sequence[Path], size: int, mode: str, folder: Path, rendition: Rendition
) -> list[FileRead]:
    """Decode every file; `images.npy` and `thumbnails.npy` in `folder` hold those that could be, in order.

    The records returned are one for each path, without their pixels.
    """
    records: list[FileRead] = []
    work = partial(read_file, size=size, mode=mode, rendition=rendition)
    image, thumbnail = (size, size, 3), (THUMBNAIL, THUMBNAIL)
    with (
        ArrayFile(folder / "images.npy", image) as images,
        ArrayFile(folder / "thumbnails.npy", thumbnail) as thumbnails,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata; pixels are what matters here
        for record in in_threads(work, paths, "decoding images: %d of %d"):
            if not record.reason:
                images.append(record.image)
                thumbnails.append(record.thumbnail)
            records.append(record._replace(image=None, thumbnail=None))
    arrays.release()
    return records


def read_file(path: Path, size: int, mode: str, rendition: Rendition = Rendition()) -> FileRead:  # noqa: B008
    """Read, decode and resize one image."""
    try:
        content = _content(path)
    except OSError as error:
        return FileRead("unreadable", f"the file cannot be read ({error.strerror})")
    try:
        picture = _decoded(content, max(DECODE_AT_LEAST, size), rendition)
    except UnreadableImage as error:
        return FileRead(content_digest(content), str(error))
    pixels = np.ascontiguousarray(picture.pixels)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    digest, whole = content_digest(content), pixels.shape[1::-1] == tuple(picture.size)
    return FileRead(
        digest,
        pixel_digest=content_digest(str(picture.size).encode() + pixels.tobytes()) if whole else digest,
        size=picture.size,
        image=resize(pixels, size, mode),
        thumbnail=cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA),
    )


class ArrayFile:
    """A .npy file of uint8 that grows by one row at a time. Written, not mapped: a full disk is then an error."""

    def __init__(self, path: Path, row: tuple[int, ...]):
        self.path, self.row, self.count = path, row, 0

    def __enter__(self) -> "ArrayFile":
        self.file = self.path.open("wb")
        self.file.write(self._header())
        return self

    def append(self, row: np.ndarray) -> None:
        self.file.write(np.ascontiguousarray(row))
        self.count += 1

    def _header(self) -> bytes:
        """NumPy leaves room for the first axis to grow: the header's length does not depend on the count."""
        buffer = io.BytesIO()
        shape = (self.count, *self.row)
        np.lib.format.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": shape})
        return buffer.getvalue()

    def __exit__(self, *exception) -> None:
        with self.file:
            self.file.seek(0)
            self.file.write(self._header())
