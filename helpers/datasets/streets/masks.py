"""Label images: from the values of a PNG to positions among a set's classes. No value is guessed at or dropped."""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, PngImagePlugin

from helpers.base.paths import display_path
from helpers.datasets.decode import PNG, refuse_damaged
from helpers.datasets.streets.numbers import VOID, Code, Colour
from helpers.datasets.streets.types import IGNORE
from helpers.datasets.types import DataError

BIT_DEPTH = 24  # where a PNG says how many bits a value has
INSTANCES = 1000  # publishers' instance images hold class × 1000 + number of the object
UNKNOWN = 254  # in place of a position; no set has that many classes
LAST_TRAIN_ID = 18
SHOWN = 6  # values that a message names


def read_mask(path: Path, code: Code) -> np.ndarray:
    """(H, W) uint8: positions among the set's classes, or IGNORE.

    Class numbers may be stored as grey values of 1 to 16 bits, as numbers of a palette, or as the published
    colours. Raises DataError, naming the file and the values with their counts, for any value that the set does
    not have, and where numbers and colours of a palette say different things.
    """
    image, depth = _open(path)
    if image.mode == "P":
        return _from_palette(path, image, code)
    values = np.asarray(image)
    if values.ndim == 3:
        return _from_channels(path, values, code)
    if depth < 8:  # Pillow stretches them over 0 … 255
        values = values.astype(np.uint8) // (1 if values.dtype == bool else 255 // (2**depth - 1))
    return _from_numbers(path, values, code)


def _open(path: Path) -> tuple[Image.Image, int]:
    """The decoded PNG and its bits per value."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{display_path(path)} cannot be read ({error.strerror}): restore the label") from error
    if not data.startswith(PNG):
        raise DataError(
            f"{display_path(path)} is not a PNG file: class numbers survive only in a PNG, so make the label again"
        )
    try:
        image = PngImagePlugin.PngImageFile(io.BytesIO(data))
        refuse_damaged(image, data)
        image.load()
    except Exception as error:  # Pillow raises whatever its parsing trips over
        raise DataError(f"{display_path(path)} is cut short or damaged ({error}): restore the label") from error
    return image, data[BIT_DEPTH]


def _from_numbers(path: Path, values: np.ndarray, code: Code) -> np.ndarray:
    _refuse_train_ids(path, values, code)
    positions = _translate(values, code.numbers)
    if (positions == UNKNOWN).any():
        raise _unknown_numbers(path, values[positions == UNKNOWN], code)
    return positions


def _refuse_train_ids(path: Path, values: np.ndarray, code: Code) -> None:
    """Cityscapes' label ids have no 255, and hardly an image without sky, trees, cars or people, all above 18."""
    if code.kind != "labelIds":
        return
    others = values[values != VOID]
    if 0 < others.size < values.size and others.max() <= LAST_TRAIN_ID:
        raise DataError(
            f"{display_path(path)} is called labelIds and seems to hold train ids: {VOID} "
            f"({values.size - others.size:,} pixels), which is no label id, and nothing above {LAST_TRAIN_ID}. "
            "Call such files …_labelTrainIds.png, or restore the set's own label ids"
        )


def _translate(values: np.ndarray, numbers: Mapping[int, int]) -> np.ndarray:
    """uint8 positions; UNKNOWN where the table has no such number."""
    most = 255 if values.dtype == np.uint8 else int(values.max(initial=0))
    known = np.full(max(most, *numbers) + 1, UNKNOWN, np.uint8)
    known[list(numbers)] = list(numbers.values())
    return cv2.LUT(values, known[:256]) if values.dtype == np.uint8 else known[values]


def _unknown_numbers(path: Path, values: np.ndarray, code: Code) -> DataError:
    found = values_with_counts(*np.unique(values, return_counts=True))
    hint = "make the label again with the publisher's numbers"
    if values.max() >= INSTANCES:
        hint = "it seems to hold instances or stretched values; give the label image of classes instead"
    kind = "numbers" if code.numbers.keys() > {IGNORE} else "published colours"
    return DataError(f"{display_path(path)} holds {found}, which are no {kind} of {code.set_name}: {hint}")


def values_with_counts(values: Iterable, counts: Iterable[int]) -> str:
    """'40 (12 pixels), 41 (3 pixels)', the most frequent first."""
    pairs = sorted(zip(values, map(int, counts), strict=True), key=lambda pair: -pair[1])
    shown = ", ".join(f"{value} ({count} pixel{'s' * (count != 1)})" for value, count in pairs[:SHOWN])
    return f"{shown} and {len(pairs) - SHOWN} other values" if len(pairs) > SHOWN else shown


def _from_palette(path: Path, image: Image.Image, code: Code) -> np.ndarray:
    """By the numbers or by the colours that they stand for, whichever the publisher has."""
    numbers = np.asarray(image)
    palette = np.zeros((256, 3), np.uint8)
    stored = np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3)
    palette[: len(stored)] = stored
    return _agreed(path, numbers, palette[numbers], code)


def _from_channels(path: Path, values: np.ndarray, code: Code) -> np.ndarray:
    """A colour mask, or numbers repeated in three channels."""
    if values.shape[2] in (2, 4) and values[..., -1].min() < 255:
        raise DataError(f"{display_path(path)} has transparent pixels: save the label without transparency")
    rgb = values[..., :3] if values.shape[2] > 2 else np.repeat(values[..., :1], 3, axis=2)
    is_grey = (rgb == rgb[..., :1]).all()
    return _agreed(path, rgb[..., 0] if is_grey else None, rgb, code)


def _agreed(path: Path, numbers: np.ndarray | None, rgb: np.ndarray, code: Code) -> np.ndarray:
    if numbers is not None:
        _refuse_train_ids(path, numbers, code)
    by_colour = _by_colour(rgb, code.colours)
    known_colours = (by_colour != UNKNOWN).all()
    by_number = None if numbers is None else _translate(numbers, code.numbers)
    if by_number is None or (by_number == UNKNOWN).any():
        if known_colours:
            return by_colour
        raise _unknown_colours(path, rgb[by_colour == UNKNOWN], code)
    if known_colours and not _agree(by_number, rgb, code):
        raise DataError(
            f"{display_path(path)} can be read by its numbers and by its colours, which say different classes of "
            f"{code.set_name}: save it as a grey image of class numbers"
        )
    return by_number


def _agree(by_number: np.ndarray, rgb: np.ndarray, code: Code) -> bool:
    """Whether every pixel has the published colour of the class that its number means."""
    pairs = np.unique(by_number.astype(np.int64) << 24 | pack_colours(rgb))
    shown = {(position, int(pack_colours(np.array(colour)))) for position, colour in code.shown_in}
    return all((pair >> 24, pair & 0xFFFFFF) in shown for pair in pairs.tolist())


def _by_colour(rgb: np.ndarray, colours: Mapping[Colour, int]) -> np.ndarray:
    """uint8 positions; UNKNOWN where no class has the colour."""
    packed = pack_colours(rgb)
    ordered = sorted((int(pack_colours(np.array(colour))), position) for colour, position in colours.items())
    keys, positions = (np.array(column) for column in zip(*ordered, strict=True))
    place = np.minimum(np.searchsorted(keys, packed), len(keys) - 1)
    return np.where(keys[place] == packed, positions[place], UNKNOWN).astype(np.uint8)


def pack_colours(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 RGB as (...) int32 0xRRGGBB."""
    red, green, blue = np.moveaxis(rgb.astype(np.int32), -1, 0)
    return red << 16 | green << 8 | blue


def _unknown_colours(path: Path, rgb: np.ndarray, code: Code) -> DataError:
    packed, counts = np.unique(pack_colours(rgb), return_counts=True)
    found = values_with_counts([f"#{value:06x}" for value in packed], counts)
    return DataError(
        f"{display_path(path)} is a colour image with {found}, which are no published colours of "
        f"{code.set_name}: save it as a grey image of class numbers"
    )
