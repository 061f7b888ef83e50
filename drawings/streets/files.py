"""A drawn scene as the bytes of its files: picture, polygons, label images."""

import json
from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np

from drawings.planting import encoded
from drawings.streets.scene import DrawnScene
from drawings.streets.stage import Polygon, label_image
from helpers.datasets.streets.numbers import code
from helpers.datasets.streets.tables import rows_of
from helpers.datasets.streets.types import IGNORE

JPEG_QUALITY = 88
PNG_OPTIONS = (cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE)


def scene_files(
    scene: DrawnScene,
    set_name: str = "cityscapes",
    kinds: Sequence[str] = ("labelIds",),
    picture: str = ".png",
    with_deleted: bool = False,
) -> tuple[bytes, ...]:
    """The picture (".png" or ".jpg"), the polygons, and a label image with each kind of numbers of that set."""
    image = encoded(scene.image, JPEG_QUALITY) if picture == ".jpg" else png(scene.image)
    labels = (png(numbered(scene, numbers_of(set_name, kind))) for kind in kinds)
    return image, annotation(scene, with_deleted), *labels


@cache
def numbers_of(set_name: str, kind: str) -> dict[str, int]:
    """Class → number in label images of that kind, as published; classes without one of their own are left out."""
    names = [row.name for row in rows_of(set_name)]
    positions = code(set_name, kind, "fine").numbers
    return {names[position]: number for number, position in positions.items() if position != IGNORE}


def numbered(scene: DrawnScene, numbers: dict[str, int]) -> np.ndarray:
    """(h, w) uint8 label image; what has no number, or no label, gets that of "unlabeled" or IGNORE."""
    rest = numbers.get("unlabeled", IGNORE)
    height, width = scene.image.shape[:2]
    frame: Polygon = np.array([(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)], np.int32)
    table = {name: numbers.get(name, rest) for name, _ in scene.polygons} | {"": rest}
    return label_image([("", frame), *scene.polygons], table, (height, width))


def annotation(scene: DrawnScene, with_deleted: bool = False) -> bytes:
    """The polygons as both publishers write them; perhaps with an object that was taken back."""
    height, width = scene.image.shape[:2]
    objects = [{"label": name, "polygon": polygon.tolist()} for name, polygon in scene.polygons]
    if with_deleted:
        corners = [[width // 3, height // 3], [width // 2, height // 3], [width // 2, height // 2]]
        objects.append({"deleted": 1, "label": "truck", "polygon": corners})
    document = {"imgHeight": height, "imgWidth": width, "objects": objects}
    return json.dumps(document, separators=(",", ":")).encode()


def png(image: np.ndarray) -> bytes:
    """PNG bytes of an RGB picture or a label image: run lengths, which are quick and suit drawings."""
    pixels = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    return cv2.imencode(".png", pixels, PNG_OPTIONS)[1].tobytes()
