"""Small trees of street scenes in the publishers' layouts, drawn from rectangles that tests know by pixel."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 32, 16
Box = tuple[str, int, int, int, int]  # class, then left, top, right and bottom, all inside the box

STREET: tuple[Box, ...] = (
    ("sky", 0, 0, 31, 5),
    ("building", 4, 2, 12, 8),
    ("road", 0, 9, 31, 15),
    ("car", 10, 7, 16, 12),
)


def write_image(path: Path, seed: int = 0, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    """A picture of noise: (width, height) pixels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def write_mask(path: Path, values: np.ndarray) -> Path:
    """A label image of these values, in whatever mode their type and shape ask for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)
    return path


def box_object(box: Box, **more) -> dict:
    """An object of a polygon file."""
    name, left, top, right, bottom = box
    corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
    return {"label": name, "polygon": corners, "deleted": 0, **more}


def write_polygons(path: Path, objects: Sequence[dict], size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    """A polygon file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"imgWidth": size[0], "imgHeight": size[1], "objects": list(objects)}))
    return path


def painted(boxes: Sequence[Box], numbers: dict[str, int], background: int) -> np.ndarray:
    """(HEIGHT, WIDTH) uint8: the boxes one over the other, without any polygon code."""
    values = np.full((HEIGHT, WIDTH), background, np.uint8)
    for name, left, top, right, bottom in boxes:
        values[top : bottom + 1, left : right + 1] = numbers[name]
    return values


def tree_paths(
    root: Path, part: str, sequence: str, frame: str, label: str, image: str = "png"
) -> tuple[Path, Path]:
    """Image and label of one scene of a tree like Cityscapes'; `label` is the kind with its suffix."""
    picture = root / "leftImg8bit" / part / sequence / f"{frame}_leftImg8bit.{image}"
    return picture, root / "gtFine" / part / sequence / f"{frame}_gtFine_{label}"


def polygon_scene(root: Path, boxes: Sequence[Box] = STREET, part="val", sequence="7", frame="000001") -> Path:
    """One scene with a polygon file; returns the latter."""
    image, label = tree_paths(root, part, sequence, frame, "polygons.json")
    write_image(image)
    return write_polygons(label, [box_object(box) for box in boxes])


def mask_scene(root: Path, values: np.ndarray, kind: str, part="val", sequence="7", frame="000001") -> Path:
    """One scene with a label image; returns the latter."""
    image, label = tree_paths(root, part, sequence, frame, f"{kind}.png")
    write_image(image)
    return write_mask(label, values)
