"""Labels drawn as polygons, as Cityscapes and IDD publish them, painted into an array as their own tools do."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from helpers.base.paths import display_path
from helpers.datasets.decode import MAX_MEGAPIXELS
from helpers.datasets.types import DataError

FARTHEST = 30_000  # pixels: whatever lies farther out is a slip of the file
NOT_DRAWN = frozenset({"license plate"})  # has no number in Cityscapes: what lies below it stays


@dataclass(frozen=True)
class Polygon:
    """One object of a file: its class, its corners (n, 2) int32 as x and y, its place in the file from 1."""

    name: str
    corners: np.ndarray
    place: int


@dataclass(frozen=True)
class Drawing:
    """What a file draws, from the back to the front, and what about it draws nothing."""

    width: int
    height: int
    polygons: tuple[Polygon, ...]
    remarks: tuple[str, ...]


def read_polygons(path: Path, names: Sequence[str]) -> Drawing:
    """The objects of a file in its order, without deleted ones.

    A group is one of its class ('cargroup' is 'car'), as for the publishers. Objects of fewer than three points
    or wholly outside the image draw nothing and are remarked on. Raises DataError, naming the file, for broken
    JSON, a missing key, a class that is not among `names`, or corners that are no numbers.
    """
    content = load_json(path)
    width, height = image_size(path, content)
    polygons, remarks = [], []
    objects = [
        (place, entry) for place, entry in enumerate(_objects(path, content), 1) if not entry.get("deleted")
    ]
    _refuse_unknown(path, [entry["label"] for _, entry in objects], names)
    for place, entry in objects:
        polygon = Polygon(_single(entry["label"], names), _corners(path, place, entry), place)
        reason = _draws_nothing(polygon.corners, width, height)
        if reason:
            remarks.append(f"{display_path(path)}: object {place} ('{polygon.name}') {reason}; nothing is drawn")
        elif polygon.name in names:
            polygons.append(polygon)
    return Drawing(width, height, tuple(polygons), tuple(remarks))


def rasterise(drawing: Drawing, numbers: Mapping[str, int], background: int) -> np.ndarray:
    """(height, width) uint8: every polygon filled, border included, later ones over earlier ones.

    With Pillow, as the publishers make their label images (json2labelImg.py of cityscapesScripts and of AutoNUE).
    """
    canvas = Image.new("L", (drawing.width, drawing.height), background)
    pencil = ImageDraw.Draw(canvas)
    for polygon in drawing.polygons:
        pencil.polygon(polygon.corners.ravel().tolist(), fill=numbers[polygon.name])
    return np.array(canvas)


def load_json(path: Path) -> dict[str, Any]:
    """The content of a polygon file. Raises DataError where it cannot be read or is no JSON object."""
    content = read_json(path)
    if not isinstance(content, dict):
        raise DataError(f"{display_path(path)} is no polygon file: it must hold imgWidth, imgHeight and objects")
    return content


def read_json(path: Path) -> Any:
    """The content of a JSON file that labels images. Raises DataError, naming it, where it cannot be read."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{display_path(path)} cannot be read ({error.strerror}): restore the label") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{display_path(path)} is broken JSON ({error}): restore the label") from error


def image_size(path: Path, content: dict[str, Any]) -> tuple[int, int]:
    """Width and height that a polygon file states. Raises DataError where no image can have them."""
    size = content.get("imgWidth"), content.get("imgHeight")
    if not all(type(side) is int and side > 0 for side in size):
        raise DataError(
            f"{display_path(path)} gives imgWidth {size[0]} and imgHeight {size[1]}: write the image's size"
        )
    if size[0] * size[1] > MAX_MEGAPIXELS * 1_000_000:
        raise DataError(f"{display_path(path)} gives {size[0]} × {size[1]} pixels: write the image's own size")
    return size


def _objects(path: Path, content: dict[str, Any]) -> list[dict[str, Any]]:
    objects = content.get("objects")
    if not isinstance(objects, list):
        raise DataError(f"{display_path(path)} has no list of objects: restore the label")
    for place, entry in enumerate(objects, 1):
        if not (isinstance(entry, dict) and isinstance(entry.get("label"), str) and "polygon" in entry):
            raise DataError(f"{display_path(path)}: object {place} lacks a label or a polygon: restore the label")
    return objects


def _single(label: str, names: Sequence[str]) -> str:
    """The class of one object: 'car' for 'cargroup', unless the group is a class itself ('polegroup')."""
    return label if label in names or label in NOT_DRAWN else label.removesuffix("group")


def _refuse_unknown(path: Path, labels: Sequence[str], names: Sequence[str]) -> None:
    unknown = Counter(label for label in labels if _single(label, names) not in {*names, *NOT_DRAWN})
    if not unknown:
        return
    found = ", ".join(f"'{label}' ({count} object{'s' * (count != 1)})" for label, count in unknown.most_common())
    near = get_close_matches(next(iter(unknown)), names, n=1)
    hint = f"perhaps '{near[0]}' is meant; " if near else ""
    raise DataError(
        f"{display_path(path)} has objects of unknown classes: {found}; {hint}correct the file, or add the class "
        "to classes.csv"
    )


def _corners(path: Path, place: int, entry: dict[str, Any]) -> np.ndarray:
    try:
        corners = np.array(entry["polygon"] or np.empty((0, 2)), dtype=np.float64)
        if corners.ndim != 2 or corners.shape[1] != 2 or not np.isfinite(corners).all():
            raise ValueError(f"{corners.shape} is not (corners, 2)")
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{display_path(path)}: the polygon of object {place} ('{entry['label']}') is no list of x and y: "
            "correct it, or mark the object as deleted"
        ) from error
    if np.abs(corners).max(initial=0) > FARTHEST:
        raise DataError(
            f"{display_path(path)}: object {place} ('{entry['label']}') has a corner more than {FARTHEST} pixels "
            "away: correct it, or mark the object as deleted"
        )
    return corners.astype(np.int32)  # cut off towards zero, as Pillow cuts the fractions of IDD


def _draws_nothing(corners: np.ndarray, width: int, height: int) -> str:
    if len(corners) < 3:
        return f"has {len(corners)} point{'s' * (len(corners) != 1)}, fewer than three"
    low, high = corners.min(0), corners.max(0)
    if (high < 0).any() or low[0] >= width or low[1] >= height:
        return f"lies outside the image of {width} × {height} pixels"
    return ""
