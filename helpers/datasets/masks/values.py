"""What a mask's file holds before anybody says what it means: numbers, colours, or both. Nothing is guessed at."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from helpers.base.paths import display_path
from helpers.datasets.decode import MAX_MEGAPIXELS, PNG, refuse_damaged
from helpers.datasets.deep import PNG_DEPTH, deep_values
from helpers.datasets.streets.masks import pack_colours
from helpers.datasets.types import DataError

FORMATS = ("PNG", "TIFF", "BMP", "GIF", "PPM")  # in which a pixel comes back as it was written
LOSSY_FORMATS = {"JPEG": "JPEG", "WEBP": "WebP", "AVIF": "AVIF", "JPEG2000": "JPEG 2000"}
LOSSY_TIFF = {"jpeg", "tiff_jpeg", "webp"}  # ways to compress inside a TIFF


@dataclass(frozen=True)
class Values:
    """The pixels of a mask: numbers (H, W) of any integer type, or colours (H, W) int32 as 0xRRGGBB.

    palette: (256,) int32, the colours that the numbers stand for, where the file has such.
    """

    numbers: np.ndarray | None
    colours: np.ndarray | None = None
    palette: np.ndarray | None = None

    @property
    def stored(self) -> np.ndarray:
        """(H, W): the numbers, or the colours where there are none."""
        return self.colours if self.numbers is None else self.numbers

    @property
    def has_colours(self) -> bool:
        """Whether there is more than numbers and grey levels."""
        return self.numbers is None or self.palette is not None

    def colours_of(self, numbers: np.ndarray) -> np.ndarray:
        """int32: the colours of some numbers, by the palette or as grey levels; −1 for what is no grey level."""
        if self.palette is not None:
            return self.palette[numbers]
        return np.where((numbers >= 0) & (numbers <= 255), numbers.astype(np.int64) * 0x010101, -1).astype(
            np.int32
        )


def read_values(path: Path) -> Values:
    """The pixels of a mask as its file has them; those of less than 8 bits as the numbers that were written.

    Raises DataError, naming the file: damaged, in a format that changes values, see-through, or not whole numbers.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{display_path(path)} cannot be read ({error.strerror}): restore the mask") from error
    try:
        image = Image.open(io.BytesIO(data))
    except Exception as error:  # Pillow raises whatever its parsing trips over
        raise DataError(f"{display_path(path)} is no readable image: make the mask again as PNG") from error
    _refuse_lossy(path, image, data)
    try:
        refuse_damaged(image, data)
        pixels = _decoded(image, data)
        palette = image.getpalette("RGB") if image.mode == "P" else None
    except Exception as error:
        raise DataError(f"{display_path(path)} is cut short or damaged ({error}): restore the mask") from error
    return _values(path, pixels, palette)


def _refuse_lossy(path: Path, image: Image.Image, data: bytes) -> None:
    is_lossy = image.format in LOSSY_FORMATS and not (image.format == "WEBP" and b"VP8L" in data[:64])
    if is_lossy or image.info.get("compression") in LOSSY_TIFF:
        name = LOSSY_FORMATS.get(image.format, "TIFF compressed as JPEG")
        raise DataError(
            f"{display_path(path)} is a {name} file, which changes the values of pixels, so that nobody can tell "
            "which classes were meant: export the masks again as PNG from the program that made them. Where these "
            "alone are left, and they show two classes, decide yourself: write each as PNG, 0 up to 127, 255 above"
        )
    if image.format not in (*FORMATS, "WEBP"):
        raise DataError(f"{display_path(path)} is a {image.format} file: save the mask as PNG")
    if image.width * image.height > MAX_MEGAPIXELS * 1_000_000:
        raise DataError(
            f"{display_path(path)} has {image.width} × {image.height} pixels, more than {MAX_MEGAPIXELS} "
            "megapixels: cut image and mask into pieces"
        )


def _decoded(image: Image.Image, data: bytes) -> np.ndarray:
    deep = deep_values(image, data)
    if deep is not None:
        return deep
    pixels = np.asarray(image)
    depth = data[PNG_DEPTH] if data.startswith(PNG) and image.mode in ("1", "L") else 8
    if pixels.dtype == bool:
        return pixels.astype(np.uint8)
    return pixels // (255 // (2**depth - 1)) if depth < 8 else pixels  # Pillow stretches few bits over 0 … 255


def _values(path: Path, pixels: np.ndarray, palette: list[int] | None) -> Values:
    if pixels.dtype.kind == "f":
        pixels = _whole(path, pixels)
    if palette is not None:
        colours = np.zeros((256, 3), np.uint8)
        stored = np.array(palette, np.uint8).reshape(-1, 3)
        colours[: len(stored)] = stored
        return Values(pixels, palette=pack_colours(colours))
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim == 2:
        return Values(pixels)
    if pixels.shape[2] in (2, 4) and pixels[..., -1].min() < np.iinfo(pixels.dtype).max:
        raise DataError(f"{display_path(path)} has transparent pixels: save the mask without transparency")
    return _channels(path, pixels[..., :3] if pixels.shape[2] > 2 else pixels[..., :1])


def _channels(path: Path, pixels: np.ndarray) -> Values:
    """Three channels: a grey level repeated, or colours."""
    if (pixels == pixels[..., :1]).all():
        return Values(pixels[..., 0])
    if pixels.dtype != np.uint8:
        raise DataError(f"{display_path(path)} has colours of 16 bits: save the mask as PNG of 8 bits a channel")
    return Values(None, pack_colours(pixels))


def _whole(path: Path, pixels: np.ndarray) -> np.ndarray:
    """Numbers with a point as the whole numbers that they are."""
    if not np.isfinite(pixels).all() or (pixels != np.rint(pixels)).any():
        odd = pixels[~np.isfinite(pixels) | (pixels != np.rint(pixels))]
        raise DataError(
            f"{display_path(path)} holds numbers such as {odd.flat[0]:.4g} ({odd.size:,} pixels), which are no "
            "class: save class numbers, not probabilities, and resize masks by the nearest pixel"
        )
    return pixels.astype(np.int64)


def translate(values: np.ndarray, table: Mapping[int, int], unknown: int) -> np.ndarray:
    """(H, W) uint8: what the table has for each of the integers (H, W), `unknown` where it has nothing."""
    if values.dtype == np.uint8:
        return np.array([table.get(value, unknown) for value in range(256)], np.uint8)[values]
    keys = np.array(sorted(table), np.int64)
    positions = np.array([table[key] for key in keys.tolist()], np.uint8)
    place = np.minimum(np.searchsorted(keys, values), len(keys) - 1)
    return np.where(keys[place] == values, positions[place], unknown).astype(np.uint8)
