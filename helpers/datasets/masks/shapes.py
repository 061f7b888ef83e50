"""Masks drawn as shapes: labelme's JSON beside each image, COCO's JSON for many; painted as class numbers."""

import base64
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from helpers.base.paths import display_path, printable
from helpers.datasets.decode import MAX_MEGAPIXELS
from helpers.datasets.types import DataError

AREAS = {"polygon", "rectangle", "circle", "mask"}  # labelme's other shapes have none


@dataclass(frozen=True)
class Shape:
    """An object of a class: corners (n, 2) float as x and y, or a bitmap whose upper left corner lies at `at`."""

    name: str
    corners: np.ndarray | None = None
    bitmap: np.ndarray | None = None  # (h, w) bool
    at: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Shapes:
    """What is drawn on one image, in the file's order. `without_area`: lines and points, which draw nothing."""

    size: tuple[int, int]
    shapes: tuple[Shape, ...]
    without_area: int = 0


def is_labelme(content: Any) -> bool:
    """Whether a JSON file holds the shapes of one image."""
    return isinstance(content, dict) and isinstance(content.get("shapes"), list)


def is_coco(content: Any) -> bool:
    """Whether a JSON file holds the objects of many images."""
    return isinstance(content, dict) and all(
        isinstance(content.get(key), list) for key in ("images", "annotations", "categories")
    )


def labelme_shapes(path: Path, content: dict[str, Any]) -> Shapes:
    """The shapes of labelme's file. Raises DataError, naming file and shape, for what cannot be drawn."""
    size = content.get("imageWidth"), content.get("imageHeight")
    _check_size(path, size)
    found, without_area = [], 0
    for number, entry in enumerate(content["shapes"], 1):
        try:
            kind = entry.get("shape_type") or "polygon"
            if kind in AREAS:
                found.append(_labelme_shape(printable(str(entry["label"])), kind, entry))
            without_area += kind not in AREAS
        except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
            raise DataError(
                f"{display_path(path)}: shape {number} cannot be drawn ({error}): correct it"
            ) from error
    return Shapes(size, tuple(found), without_area)


def _labelme_shape(name: str, kind: str, entry: Mapping[str, Any]) -> Shape:
    corners = _corners(entry["points"])
    if kind == "rectangle":
        (left, top), (right, bottom) = corners
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    if kind == "circle":
        turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        radius = np.hypot(*(corners[1] - corners[0]))
        corners = np.rint(corners[0] + radius * np.column_stack([np.cos(turn), np.sin(turn)]))
    if kind == "mask":
        bitmap = np.asarray(Image.open(io.BytesIO(base64.b64decode(entry["mask"])))) > 0
        return Shape(name, bitmap=bitmap, at=(int(corners[0, 0]), int(corners[0, 1])))
    return _area(name, corners)


def _area(name: str, corners: np.ndarray) -> Shape:
    if len(corners) < 3:
        raise ValueError(f"{len(corners)} point{'s' * (len(corners) != 1)}, fewer than three")
    return Shape(name, corners)


def _corners(points: Any) -> np.ndarray:
    corners = np.array(points, np.float64)
    if corners.ndim != 2 or corners.shape[1] != 2 or not np.isfinite(corners).all():
        raise ValueError("its points are no list of x and y")
    return corners


def coco_shapes(path: Path, content: dict[str, Any]) -> dict[str, Shapes]:
    """What COCO's file draws on each image, by `file_name`; an image without an object is background.

    Raises DataError, naming file and object: an unknown image or category, a form that cannot be drawn.
    """
    try:
        names = {one["id"]: printable(str(one["name"])) for one in content["categories"]}
        images = {one["id"]: one for one in content["images"]}
        sizes = {one["id"]: (one["width"], one["height"]) for one in content["images"]}
        by_image: dict[Any, list[Shape]] = {key: [] for key in images}
        files = {key: PurePosixPath(one["file_name"]).as_posix() for key, one in images.items()}
    except (KeyError, TypeError) as error:
        raise DataError(f"{display_path(path)} has an odd image or category ({error}): export it again") from error
    for size in sizes.values():
        _check_size(path, size)
    for entry in content["annotations"]:
        try:
            by_image[entry["image_id"]] += _coco_object(names[entry["category_id"]], entry.get("segmentation"))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            number = entry.get("id") if isinstance(entry, dict) else entry
            raise DataError(
                f"{display_path(path)}: object {number} cannot be drawn ({error}): correct it"
            ) from error
    return {files[key]: Shapes(sizes[key], tuple(shapes)) for key, shapes in by_image.items()}


def _coco_object(name: str, form: Any) -> list[Shape]:
    if isinstance(form, dict):
        return [Shape(name, bitmap=run_lengths(form["counts"], tuple(form["size"])))]
    if not form:
        raise ValueError("it has no segmentation, as for boxes alone")
    return [_area(name, _corners(np.array(polygon, np.float64).reshape(-1, 2))) for polygon in form]


def run_lengths(counts: Sequence[int] | str, size: tuple[int, int]) -> np.ndarray:
    """(height, width) bool of COCO's run lengths: how many pixels are out, then in, then out …, down the columns.

    size: height and width. Raises ValueError for run lengths packed into a text, and those of another size.
    """
    if isinstance(counts, str | bytes):
        raise ValueError("its run lengths are packed into a text: export polygons, or run lengths as numbers")
    if len(size) != 2 or sum(counts) != size[0] * size[1]:
        raise ValueError(f"its run lengths make {sum(counts)} pixels, not {' × '.join(map(str, size))}")
    return np.repeat(np.arange(len(counts)) % 2 == 1, counts).reshape(size[1], size[0]).T


def _check_size(path: Path, size: tuple[Any, Any]) -> None:
    if not all(type(side) is int and side > 0 for side in size) or size[0] * size[1] > MAX_MEGAPIXELS * 1_000_000:
        raise DataError(f"{display_path(path)} gives {size[0]} × {size[1]} pixels: write the image's own size")


def paint(drawn: Shapes, numbers: Mapping[str, int], background: int) -> np.ndarray:
    """(height, width) uint8: every shape filled, border included, later ones over earlier ones."""
    canvas = Image.new("L", drawn.size, background)
    pencil = ImageDraw.Draw(canvas)
    for shape in drawn.shapes:
        if shape.bitmap is None:
            pencil.polygon([tuple(corner) for corner in shape.corners.tolist()], fill=numbers[shape.name])
        else:
            canvas.paste(numbers[shape.name], shape.at, Image.fromarray(shape.bitmap.astype(np.uint8) * 255))
    return np.asarray(canvas)


def refuse_unnamed_shapes(source: str, drawn: Mapping[str, Shapes], names: Iterable[str]) -> None:
    """Raises DataError where a shape is of a class that the set does not have, naming the file and the classes."""
    known = set(names)
    for path, one in drawn.items():
        unknown = Counter(shape.name for shape in one.shapes if shape.name not in known)
        if unknown:
            found = ", ".join(
                f"'{name}' ({count} shape{'s' * (count != 1)})" for name, count in unknown.most_common()
            )
            raise DataError(
                f"{path} has shapes of {found}, which {source} does not name: add them, or correct the file"
            )
