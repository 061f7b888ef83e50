"""Images of more than eight bits a channel: one range of values becomes 0 to 255, the same for the whole set."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, TiffImagePlugin

from helpers.datasets.transparent import PNG_DEPTH
from helpers.datasets.types import Spread

DEPTHS = (8, 10, 11, 12, 14, 16)  # bits that cameras and scanners have
BITS_PER_SAMPLE, SAMPLES_PER_PIXEL, NO_DATA_TAG = 258, 277, 42113  # tags of TIFF, the last one GDAL's


@dataclass(frozen=True)
class Extent:
    """The least and the largest value of an image, and whether its values are whole numbers."""

    low: float
    high: float
    whole: bool


def deep_values(image: Image.Image, data: bytes) -> np.ndarray | None:
    """(H, W) or (H, W, 3) of an opened file of more than 8 bits a channel; None for any other.

    Pillow takes the high byte of colours of 16 bits, so OpenCV reads those.
    """
    if image.mode.startswith("I") or image.mode == "F":
        return np.asarray(image)
    bits = data[PNG_DEPTH] if image.format == "PNG" else max(_tag(image, BITS_PER_SAMPLE) or (8,))
    if bits <= 8:
        return None
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise ValueError(f"{bits} bits a channel in a form that is not known")
    return values if values.ndim == 2 else values[..., 2::-1]


def number_of_bands(data: bytes) -> int:
    """Of a TIFF by its header; 0 for any other file."""
    if data[:4] not in (b"II*\0", b"MM\0*"):
        return 0
    file, tags = io.BytesIO(data), TiffImagePlugin.ImageFileDirectory_v2(data[:8])
    file.seek(tags.next)
    tags.load(file)
    return int(tags.get(SAMPLES_PER_PIXEL, 1))


def chosen_bands(data: bytes, bands: Sequence[int]) -> np.ndarray:
    """(H, W, 3): three bands of a TIFF, counted from 1. Raises ValueError for a form that is not known."""
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        series = file.series[0]
        values = series.asarray()
        axis = next((series.axes.index(name) for name in "SCQI" if name in series.axes), None)
    if values.ndim != 3 or axis is None:
        raise ValueError(f"axes {series.axes} of shape {values.shape}")
    return np.moveaxis(values, axis, 2)[..., [band - 1 for band in bands]]


def extent_of(values: np.ndarray | None, image: Image.Image | None = None) -> Extent | None:
    """Of an image of more than 8 bits; None for any other, and for one without a finite value."""
    if values is None:
        return None
    finite = values[np.isfinite(values)]
    if image and (empty := _tag(image, NO_DATA_TAG)):
        finite = finite[finite != float(str(empty).strip("\0 "))]
    return Extent(float(finite.min()), float(finite.max()), values.dtype.kind in "iu") if finite.size else None


def _tag(image: Image.Image, number: int) -> tuple | str | None:
    return getattr(image, "tag_v2", {}).get(number)


def common_spread(extents: Iterable[Extent]) -> tuple[Spread, str] | None:
    """One range for images of more than 8 bits, and a sentence that tells it; None where there are none.

    Whole numbers: from 0 to the largest that the fewest usual bits can hold. Numbers with a fraction: 0 to 1 or
    0 to 255 where they lie so, else from the least (or 0, if none is below) to the largest.
    """
    found = list(extents)
    if not found:
        return None
    low, high = min(one.low for one in found), max(one.high for one in found)
    start = min(low, 0.0)
    if all(one.whole for one in found) and low >= 0:
        end = next((2.0**bits - 1 for bits in DEPTHS if high < 2**bits), high)
    else:
        end = 1.0 if low >= 0 and high <= 1 else 255.0 if low >= 0 and 128 < high <= 255 else high
    spread = Spread(start, end if end > start else start + 1)
    images = "1 image has" if len(found) == 1 else f"{len(found):,} images have"
    told = (
        f"{images} more than 8 bits a channel, with values from {low:,.6g} to {high:,.6g}: {spread.low:,.6g} to "
        f"{spread.high:,.6g} became 0 to 255, in all alike."
    )
    return spread, told.replace("-", "−")


def to_bytes(values: np.ndarray, spread: Spread | None = None) -> np.ndarray:
    """(H, W, 3) uint8 of values (H, W) or (H, W, 3); what lies outside the range, or is no number, is at its ends.

    Without a range, the image's own.
    """
    if spread is None:
        own = extent_of(values)
        spread = common_spread([own])[0] if own else Spread(0, 1)
    inside = np.clip(np.nan_to_num(values.astype(np.float64), nan=spread.low), spread.low, spread.high)
    pixels = (255 * (inside - spread.low) / (spread.high - spread.low)).round().astype(np.uint8)
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
