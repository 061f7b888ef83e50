"""The drawn scenes as files: one tree in the Cityscapes layout, one in that of the Indian Driving Dataset."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import ClassVar

import cv2
import numpy as np

from helpers.datasets.sample.canvas import generator
from helpers.datasets.sample.planting import Job, encoded
from helpers.datasets.sample.streets.abroad import ABROAD
from helpers.datasets.sample.streets.home import HOME
from helpers.datasets.sample.streets.scene import City, DrawnScene, draw_scene
from helpers.datasets.sample.streets.stage import Polygon, label_image
from helpers.datasets.segmentation.numbers import code
from helpers.datasets.segmentation.tables import level_classes, rows_of
from helpers.datasets.segmentation.types import IGNORE

HOME_TRAIN, HOME_VAL = 0.5, 0.125  # shares of all scenes; the others are drawn abroad
PLACES = {"train": ("altmarkt", "hafenau", "lindental", "neubruck", "steinfeld"), "val": ("mooswald", "rheinau")}
SEQUENCE = 12  # scenes from one drive abroad: the same light, the same camera
DELETED = 0.1  # share of scenes with an object that its annotator took back
PNG_OPTIONS = (
    cv2.IMWRITE_PNG_COMPRESSION,
    1,
    cv2.IMWRITE_PNG_STRATEGY,
    cv2.IMWRITE_PNG_STRATEGY_RLE,
)  # small, quick


@dataclass(frozen=True)
class StreetTrees:
    """Two sets of labelled scenes, drawn on demand: `cityscapes/` (train and val) and `idd/` (val)."""

    name: str = "streets"
    version: int = 2  # raised whenever a drawing changes, so that samples on disk are drawn again
    unit: ClassVar[str] = "scenes"
    default: ClassVar[int] = 480
    classes: tuple[str, ...] = level_classes("fine")

    def jobs(self, scenes: int, seed: int) -> tuple[list[Job], dict]:
        """Every scene's files, and the manifest: how many scenes each part has, which files hold deleted objects."""
        train, val = round(HOME_TRAIN * scenes), round(HOME_VAL * scenes)
        jobs = [
            *_home_jobs("train", train, seed),
            *_home_jobs("val", val, seed),
            *_abroad_jobs(scenes - train - val, seed),
        ]
        deleted = [
            path for job in jobs for path in job.paths if path.endswith(".json") and _has_deleted(seed, path)
        ]
        parts = {"cityscapes/train": train, "cityscapes/val": val, "idd/val": scenes - train - val}
        return jobs, {"parts": parts, "deleted_objects": deleted}


def _home_jobs(part: str, count: int, seed: int) -> Iterator[Job]:
    for number in range(count):
        place = PLACES[part][number % len(PLACES[part])]
        frame = f"{part}/{place}/{place}_{number // len(PLACES[part]):06d}_000019"
        stem = f"cityscapes/gtFine/{frame}_gtFine"
        paths = [
            f"cityscapes/leftImg8bit/{frame}_leftImg8bit.png",
            f"{stem}_polygons.json",
            f"{stem}_labelIds.png",
        ]
        kinds = ["labelIds"]
        if place == PLACES[part][0]:  # its label images were also made for training
            paths.append(f"{stem}_labelTrainIds.png")
            kinds.append("labelTrainIds")
        drawn = partial(_drawn, HOME, seed, frame)
        yield Job(
            tuple(paths),
            partial(_content, drawn, _png, [numbers_of("cityscapes", kind) for kind in kinds], (seed, paths[1])),
        )


def _abroad_jobs(count: int, seed: int) -> Iterator[Job]:
    for number in range(count):
        drive = number // SEQUENCE
        frame = f"val/{17 + 13 * drive}/frame{37 * (number % SEQUENCE):04d}"
        paths = [f"idd/leftImg8bit/{frame}_leftImg8bit.jpg", f"idd/gtFine/{frame}_gtFine_polygons.json"]
        kinds = []
        if drive % 3 == 2:  # somebody has run the publisher's tools on these
            paths.append(f"idd/gtFine/{frame}_gtFine_labelcsTrainIds.png")
            kinds.append("labelcsTrainIds")
        drawn = partial(_drawn, ABROAD, seed, frame, drive)
        yield Job(
            tuple(paths),
            partial(
                _content,
                drawn,
                partial(encoded, quality=88),
                [numbers_of("idd", kind) for kind in kinds],
                (seed, paths[1]),
            ),
        )


def _drawn(city: City, seed: int, frame: str, drive: int | None = None) -> DrawnScene:
    """The scene of that file; on a drive, in the light and with the camera of that drive."""
    shared = None if drive is None else generator(seed, "streets", "drive", drive)
    return draw_scene(city, generator(seed, "streets", frame), drive=shared)


def _content(
    drawn: Callable[[], DrawnScene],
    encode: Callable[[np.ndarray], bytes],
    labels: list[dict[str, int]],
    key: tuple[int, str],
) -> tuple[bytes, ...]:
    """The picture, the polygons, and one label image for each table of numbers."""
    scene = drawn()
    shape = scene.image.shape[:2]
    images = (_png(numbered(scene.polygons, numbers, shape)) for numbers in labels)
    return encode(scene.image), annotation(scene, _has_deleted(*key)), *images


@cache
def numbers_of(set_name: str, kind: str) -> dict[str, int]:
    """Class → number in label images of that kind, as published; classes without a number of their own are left out."""
    names = [row.name for row in rows_of(set_name)]
    positions = code(set_name, kind, "fine").numbers
    return {names[position]: number for number, position in positions.items() if position != IGNORE}


def numbered(polygons: list[tuple[str, Polygon]], numbers: dict[str, int], shape: tuple[int, int]) -> np.ndarray:
    """(h, w) uint8 label image; labels without a number, and pixels without a label, get that of "unlabeled" or IGNORE."""
    rest = numbers.get("unlabeled", IGNORE)
    table = {name: numbers.get(name, rest) for name, _ in polygons}
    return label_image([("", _frame(shape)), *polygons], table | {"": rest}, shape)


def _frame(shape: tuple[int, int]) -> Polygon:
    height, width = shape
    return np.array([(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)], np.int32)


def annotation(scene: DrawnScene, with_deleted: bool = False) -> bytes:
    """The polygons as both publishers write them; perhaps with an object that was taken back."""
    height, width = scene.image.shape[:2]
    objects = [{"label": name, "polygon": polygon.tolist()} for name, polygon in scene.polygons]
    if with_deleted:
        corners = [[width // 3, height // 3], [width // 2, height // 3], [width // 2, height // 2]]
        objects.append({"deleted": 1, "label": "truck", "polygon": corners})
    document = {"imgHeight": height, "imgWidth": width, "objects": objects}
    return json.dumps(document, separators=(",", ":")).encode()


def _has_deleted(seed: int, path: str) -> bool:
    return bool(generator(seed, "deleted", path).random() < DELETED)


def _png(image: np.ndarray) -> bytes:
    """PNG bytes of an RGB picture or a label image."""
    pixels = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    return cv2.imencode(".png", pixels, PNG_OPTIONS)[1].tobytes()
