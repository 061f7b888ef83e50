"""Masks that have another size than their images: scaled where they show the same section, refused where not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from helpers.base.fingerprint import code_of, key_of
from helpers.datasets.cache import cache_dir, held
from helpers.datasets.masks.pairs import Pair
from helpers.datasets.masks.survey import MaskFacts
from helpers.datasets.masks.values import Values, read_values
from helpers.datasets.streets.digests import file_facts, state_of_file
from helpers.datasets.types import DataError

Size = tuple[int, int]  # width and height


def fit_sizes(root: Path, pairs: Sequence[Pair], facts: Sequence[MaskFacts]) -> tuple[list[Pair], str]:
    """The pairs, those masks scaled that have another size than their image, and a sentence on them, or ''.

    Scaled masks lie among what is kept. Raises DataError, naming both, where the proportions differ.
    """
    images = file_facts(root, [pair.image for pair in pairs])
    sizes = [(image.width, image.height) for image in images]
    other = [i for i, size in enumerate(sizes) if size != facts[i].size]
    for i in other:
        if not _same_section(sizes[i], facts[i].size):
            raise DataError(_differ(pairs[i], sizes[i], facts[i].size))
    fitted = list(pairs)
    for i in other:
        fitted[i] = replace(pairs[i], label=_scaled(root, pairs[i].label, sizes[i]).as_posix())
    if not other:
        return fitted, ""
    first, many = other[0], "1 mask has" if len(other) == 1 else f"{len(other):,} masks have"
    return fitted, (
        f"{many} another size than the image and the same proportions, as {pairs[first].label} with "
        f"{_written(facts[first].size)} for {_written(sizes[first])}: scaled to the image by the nearest pixel."
    )


def _same_section(image: Size, mask: Size) -> bool:
    """Whether both sides are scaled alike, up to the rounding of a side to whole pixels."""
    (width, height), (w, h) = image, mask
    both = (width == w) == (height == h)  # one side alone was cut off
    return both and 2 * abs(width * h - height * w) <= max(width + height, w + h)


def _differ(pair: Pair, image: Size, mask: Size) -> str:
    hint = "give both in one size"
    if image == mask[::-1]:
        hint = "one of them is turned, perhaps by the camera's note in the image (EXIF); save both upright"
    return f"{pair.image} has {_written(image)} pixels, its mask {pair.label} {_written(mask)}: {hint}"


def _written(size: Size) -> str:
    return f"{size[0]} × {size[1]}"


def _scaled(root: Path, label: str, size: Size) -> Path:
    """The mask at the size of its image, made now where it is not there."""
    facts = {"state": state_of_file(root / label), "place": str((root / label).resolve()), "size": size}
    path = cache_dir() / f"scaled-{key_of(**facts, code=code_of(_write_scaled))}.png"
    with held(path, "the scaled masks"):
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_scaled(read_values(root / label), size, path.with_suffix(".making"))
            path.with_suffix(".making").replace(path)
    return path


def _write_scaled(values: Values, size: Size, path: Path) -> None:
    """With the numbers and the colours that the mask has."""
    stored = nearest(values.stored, size)
    if values.numbers is None:
        Image.fromarray(_channels(stored)).save(path, "PNG")
        return
    low, high = int(stored.min()), int(stored.max())
    kind = np.uint8 if low >= 0 and high < 256 else np.uint16 if low >= 0 and high < 65536 else np.int32
    image = Image.fromarray(stored.astype(kind))
    if values.palette is not None:
        image.putpalette(_channels(values.palette).ravel().tolist())
    image.save(path, "TIFF" if kind is np.int32 else "PNG")


def _channels(colours: np.ndarray) -> np.ndarray:
    """(…, 3) uint8 RGB of (…) 0xRRGGBB."""
    return np.stack([colours >> shift & 255 for shift in (16, 8, 0)], axis=-1).astype(np.uint8)


def nearest(values: np.ndarray, size: Size) -> np.ndarray:
    """(height, width) of values (H, W): each pixel the one below its middle."""
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.int64)
        for new, old in zip(size[::-1], values.shape, strict=True)
    )
    return values[rows[:, None], columns]
