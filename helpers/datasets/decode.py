"""From the bytes of a file to an RGB array, whatever camera, scanner or program wrote them.

Pillow decodes: it is about as fast as OpenCV here and, unlike OpenCV, it reports a truncated file instead of
returning a picture that is partly grey. What it lets pass is looked for here: a PNG's checksums that are wrong, a
JPEG without an end. JPEG and WebP have no checksums: a changed byte of the picture is other pixels, in any viewer.
"""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    ImageOps,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from helpers.datasets.deep import (
    Extent,
    chosen_bands,
    deep_values,
    extent_of,
    number_of_bands,
    to_bytes,
)
from helpers.datasets.layout import SUFFIXES as SUFFIXES  # of what is read here
from helpers.datasets.types import Rendition

MAX_MEGAPIXELS = 100
MOST_BANDS = 4  # red, green, blue, and how opaque
PAD_GREY = 127
ORIENTATION_TAG = 0x0112
PNG, JPEG_END = b"\x89PNG\r\n\x1a\n", b"\xff\xd9"


def _heif(file: io.BytesIO) -> ImageFile.ImageFile:
    from pi_heif import HeifImageFile

    return HeifImageFile(file)


_OPENERS = {  # by how a file begins
    rb"\xff\xd8\xff": JpegImagePlugin.JpegImageFile,
    re.escape(PNG): PngImagePlugin.PngImageFile,
    rb"RIFF": WebPImagePlugin.WebPImageFile,
    rb"GIF8": GifImagePlugin.GifImageFile,
    rb"BM": BmpImagePlugin.BmpImageFile,
    rb"II|MM": TiffImagePlugin.TiffImageFile,
    rb"P[1-6]\s": PpmImagePlugin.PpmImageFile,
    rb".{4}ftypavi[fs]": AvifImagePlugin.AvifImageFile,
    rb".{4}ftyp(hei[cxms]|hev[cxms]|mif1|msf1)": _heif,
    rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51": Jpeg2KImagePlugin.Jpeg2KImageFile,
}


class UnreadableImage(Exception):
    """The reason why a file is no picture, in a few words."""


@dataclass(frozen=True)
class Decoded:
    """`pixels`: (height, width, 3) uint8 RGB, perhaps reduced; `size`: width and height of the original."""

    pixels: np.ndarray
    size: tuple[int, int]


def decode(data: bytes, at_least: int | None = None, rendition: Rendition = Rendition()) -> Decoded:  # noqa: B008
    """Decode the first frame: turned as its EXIF says, 8 bits a channel, transparent parts on white.

    at_least: a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size while both sides keep that many pixels.
    rendition: how images of more than 8 bits or three bands become RGB.
    Raises UnreadableImage for an empty, truncated, damaged or oversized file.
    """
    with _opened(data, rendition) as image:
        if isinstance(image, np.ndarray):
            return Decoded(to_bytes(image, rendition.spread), image.shape[1::-1])
        size = image.size[::-1] if image.getexif().get(ORIENTATION_TAG, 1) >= 5 else image.size
        if (values := deep_values(image, data)) is not None:
            return Decoded(to_bytes(values, rendition.spread), size)
        if at_least and image.format == "JPEG":
            image.draft(None, (at_least, at_least))
        return Decoded(_to_rgb(ImageOps.exif_transpose(image)), size)


def deep_extent(data: bytes, rendition: Rendition) -> Extent | None:
    """The values of an image of more than 8 bits; None for any other, and for a file that is no image."""
    try:
        with _opened(data, rendition) as image:
            is_array = isinstance(image, np.ndarray)
            return extent_of(image) if is_array else extent_of(deep_values(image, data), image)
    except UnreadableImage:
        return None


@contextmanager
def _opened(data: bytes, rendition: Rendition) -> Iterator[Image.Image | np.ndarray]:
    """A file whose header was read and that shows no damage; of one of many bands the three that are looked at."""
    if not data:
        raise UnreadableImage("the file is empty (0 bytes)")
    try:
        if (count := number_of_bands(data)) > MOST_BANDS:
            yield _bands(data, count, rendition)
            return
        with _open(data) as image:
            _refuse_oversized(image)
            refuse_damaged(image, data)
            yield image
    except UnreadableImage:
        raise
    except Exception as error:  # Pillow's plugins raise whatever their parsing trips over
        raise UnreadableImage(_in_words(error)) from error


def _bands(data: bytes, count: int, rendition: Rendition) -> np.ndarray:
    if rendition.bands is None:
        raise UnreadableImage(f"the image has {count} bands: say which three to look at, as bands: [3, 2, 1]")
    if max(rendition.bands) > count:
        raise UnreadableImage(f"the image has {count} bands: there is no number {max(rendition.bands)}")
    return chosen_bands(data, rendition.bands)


def _in_words(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return f"the file is cut short: {text}" if "truncated" in text.lower() else f"the file is damaged: {text}"


def _open(data: bytes) -> Image.Image:
    """Parse the header. The plugin is called directly: `Image.open` judges the size by a global limit."""
    for start, opener in _OPENERS.items():
        if re.match(start, data[:16], re.DOTALL):
            return opener(io.BytesIO(data))
    raise UnreadableImage("the file holds no JPEG, PNG, WebP, BMP, TIFF, GIF, PPM, AVIF, HEIC or JPEG 2000 image")


def _refuse_oversized(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise UnreadableImage(f"{width} × {height} pixels, more than the limit of {MAX_MEGAPIXELS} megapixels")
    if not width or not height:
        raise UnreadableImage("the image has no pixels")


def refuse_damaged(image: Image.Image, data: bytes) -> None:
    """Raises UnreadableImage for damage that Pillow passes over; the header was read, the picture was not."""
    if image.format == "PNG":
        _refuse_wrong_checksums(data)
    if image.format == "JPEG" and data.find(JPEG_END, image.fp.tell()) < 0:
        raise UnreadableImage("the file is cut short: the picture has no end")
    if image.mode == "P" and image.palette is None:
        raise UnreadableImage("the file is damaged: its table of colours is missing")


def _refuse_wrong_checksums(data: bytes) -> None:
    """Of the parts of a PNG that make up the picture: their names begin with a capital."""
    place, kind = len(PNG), b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", data[place : place + 8].ljust(8, b"\xff"))
        end = place + 8 + length
        if end + 4 > len(data):
            raise UnreadableImage("the file is cut short: the picture has no end")
        if kind[:1].isupper() and data[end : end + 4] != struct.pack(">I", zlib.crc32(data[place + 4 : end])):
            raise UnreadableImage(f"the file is damaged: a checksum is wrong (part {kind.decode('latin1')!r})")
        place = end + 4


def _to_rgb(image: Image.Image) -> np.ndarray:
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def resize(pixels: np.ndarray, size: int, mode: str) -> np.ndarray:
    """Make the picture square: (height, width, 3) uint8 to (size, size, 3) uint8.

    mode: 'crop' (the middle square), 'squash' (both sides to `size`), or 'pad' (whole picture on mid-grey).
    """
    height, width = pixels.shape[:2]
    if mode == "squash":
        return _scale(pixels, size, size)
    if mode == "pad":
        return _pad(pixels, size)
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return _scale(pixels[top : top + side, left : left + side], size, size)


def _scale(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    shrinks = pixels.shape[0] >= height and pixels.shape[1] >= width
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _pad(pixels: np.ndarray, size: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    scale = size / max(height, width)
    inner = _scale(pixels, max(1, round(width * scale)), max(1, round(height * scale)))
    top, left = (size - inner.shape[0]) // 2, (size - inner.shape[1]) // 2
    around = top, size - inner.shape[0] - top, left, size - inner.shape[1] - left
    return cv2.copyMakeBorder(inner, *around, cv2.BORDER_CONSTANT, value=(PAD_GREY,) * 3)
