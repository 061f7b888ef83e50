"""Bad labels of street scenes, polygons and label images: each is read as it stands, or named with a reason."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from fuzz_mutations import PNG_FILE, Mutation, mutate, png_is_sound
from fuzz_runner import RIGHT, check_message, random_of
from PIL import Image, ImageDraw
from street_trees import HEIGHT, STREET, WIDTH, box_object, tree_paths, write_image, write_mask, write_polygons

from helpers.datasets.streets.catalogue import open_set
from helpers.datasets.streets.tables import level_classes, rows_of
from helpers.datasets.streets.types import IGNORE
from helpers.datasets.types import DataError
from sections.street_scenes.class_mix.measured import mix_of

FINE = level_classes("fine")
IDS = {"sky": 23, "building": 11, "road": 7, "car": 26, "person": 24, "train": 31}
COLOURS = {"sky": (70, 130, 180), "building": (70, 70, 70), "road": (128, 64, 128), "car": (0, 0, 142)}
NEVER_DRAWN = "license plate"  # of Cityscapes, where it has no number


@dataclass(frozen=True)
class Kind:
    """A set and one of its kinds of label files; `write` writes a good one of the classes painted."""

    set_name: str
    ending: str
    write: Callable[[Path, random.Random], Path]


def _boxes(rng: random.Random) -> list:
    """Some rectangles: class, left, top, right, bottom."""
    boxes = list(STREET)
    for _ in range(rng.randint(0, 4)):
        left, top = rng.randrange(WIDTH), rng.randrange(HEIGHT)
        right, bottom = rng.randint(left, WIDTH - 1), rng.randint(top, HEIGHT - 1)
        boxes.append((rng.choice(list(IDS)), left, top, right, bottom))
    return boxes


def _polygons(path: Path, rng: random.Random) -> Path:
    return write_polygons(path, [box_object(box) for box in _boxes(rng)])


def _classes(rng: random.Random) -> np.ndarray:
    """(HEIGHT, WIDTH) of class names."""
    names = np.full((HEIGHT, WIDTH), "road", dtype=object)
    for name, left, top, right, bottom in _boxes(rng):
        names[top : bottom + 1, left : right + 1] = name if name in COLOURS else "car"
    return names


def _numbers(rng: random.Random) -> np.ndarray:
    return np.vectorize(IDS.get)(_classes(rng)).astype(np.uint8)


def _grey(path: Path, rng: random.Random) -> Path:
    return write_mask(path, _numbers(rng))


def _deep(path: Path, rng: random.Random) -> Path:
    return write_mask(path, _numbers(rng).astype(np.uint16))


def _colour(path: Path, rng: random.Random) -> Path:
    return write_mask(path, np.array([[COLOURS[name] for name in row] for row in _classes(rng)], np.uint8))


def _palette(path: Path, rng: random.Random) -> Path:
    image = Image.fromarray(_numbers(rng)).convert("P")
    palette = np.full((256, 3), 9, np.uint8)
    for name, colour in COLOURS.items():
        palette[IDS[name]] = colour
    image.putpalette(palette.tobytes())
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


KINDS = (
    Kind("cityscapes", "polygons.json", _polygons),
    Kind("idd", "polygons.json", _polygons),
    Kind("cityscapes", "labelIds.png", _grey),
    Kind("cityscapes", "polygons.json", _polygons),
    Kind("cityscapes", "labelIds.png", _palette),
    Kind("cityscapes", "color.png", _colour),
    Kind("cityscapes", "labelIds.png", _deep),
)


def prepare(folder: Path) -> Path:
    """Where the trees are put."""
    return folder


def case(folder: Path, seed: int) -> str:
    """Read one scene with a bad label as chapters 07 to 09 do, and count its pixels."""
    rng, kind = random_of("label", seed), KINDS[seed % len(KINDS)]
    image, path = tree_paths(folder / str(seed), "val", "7", "000001", kind.ending)
    write_image(image)
    good = kind.write(path, rng).read_bytes()
    before = _read(kind, folder / str(seed))[0]
    how, bad = mutate(good, rng, (PNG_FILE if kind.ending.endswith("png") else JSON_FILE))
    path.write_bytes(bad)
    try:
        label, counts = _read(kind, folder / str(seed))
    except DataError as error:
        return check_message(str(error), path.name)
    assert _is_right(kind, label, before, bad), f"{kind.ending}, {how}: another label than the file holds"
    assert counts == [int((label == number).sum()) for number in range(len(FINE))], f"{how}: wrong counts"
    return RIGHT


def _read(kind: Kind, root: Path) -> tuple[np.ndarray, list[int]]:
    """The label (H, W) of the only scene, and the pixels of each class as chapter 07 counts them."""
    scenes = open_set(kind.set_name, root, "val", FINE)
    return scenes.read_label(0), mix_of(scenes).pixels[0].tolist()


def _is_right(kind: Kind, label: np.ndarray, before: np.ndarray, bad: bytes) -> bool:
    if kind.ending.endswith("json"):
        return _drawn_alike(label, bad, kind.set_name)
    if np.array_equal(label, before):
        return True
    return png_is_sound(bad) and np.array_equal(label, _looked_up(bad))


def _looked_up(data: bytes) -> np.ndarray | None:
    """A grey label image read by OpenCV, class by class; None for one of colours."""
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.ndim != 2:
        return None
    shared = {row.name: row.shared["fine"] for row in rows_of("cityscapes")}
    label = np.full(values.shape, IGNORE, np.uint8)
    for name, number in PUBLISHED.items():
        if shared[name] in FINE:
            label[values == number] = FINE.index(shared[name])
    return label


# The numbers of Cityscapes, as its publisher lists them.
PUBLISHED = {
    "road": 7, "sidewalk": 8, "building": 11, "wall": 12, "fence": 13, "pole": 17, "traffic light": 19,
    "traffic sign": 20, "vegetation": 21, "terrain": 22, "sky": 23, "person": 24, "rider": 25, "car": 26,
    "truck": 27, "bus": 28, "train": 31, "motorcycle": 32, "bicycle": 33,
}  # fmt: skip


# Polygons: another program to draw them, and ways to spoil JSON that stays JSON


def _drawn_alike(label: np.ndarray, data: bytes, set_name: str) -> bool:
    """Whether Pillow draws the same, give or take a pixel along slanting borders."""
    content = json.loads(data)
    shared = {row.name: row.shared["fine"] for row in rows_of(set_name)}
    size = content["imgWidth"], content["imgHeight"]
    canvas, borders = Image.new("L", size, IGNORE), Image.new("L", size, 0)
    for entry in content["objects"]:
        name = entry["label"] if entry["label"] in shared else entry["label"].removesuffix("group")
        if entry.get("deleted") or len(entry["polygon"] or ()) < 3 or entry["label"] == NEVER_DRAWN not in shared:
            continue
        corners = [(round(x), round(y)) for x, y in entry["polygon"]]
        number = FINE.index(shared[name]) if shared[name] in FINE else IGNORE
        ImageDraw.Draw(canvas).polygon(corners, fill=number, outline=number)
        if any(a[0] != b[0] and a[1] != b[1] for a, b in zip(corners, corners[1:] + corners[:1], strict=True)):
            ImageDraw.Draw(borders).line(corners + corners[:1], fill=1, width=3)
    different = label != np.asarray(canvas)
    return label.shape == size[::-1] and not (different & (np.asarray(borders) == 0)).any()


STRANGE = (
    None, True, False, 0, -1, 1.5, 3, 10**9, 10**40, -(10**9), 1e308, float("nan"), float("inf"), "", "car", "12",
    "\0", "\ud800", [], {}, [[]], [None], [[1, 2], [3, 4]], [[1, 2], [3, 4], [9, 9]], [[0, 0]] * 3, {"x": 1},
)  # fmt: skip


def value_replaced(data: bytes, rng: random.Random) -> bytes:
    return _with_change(data, rng, lambda holder, key: holder.__setitem__(key, rng.choice(STRANGE)))


def value_removed(data: bytes, rng: random.Random) -> bytes:
    return _with_change(data, rng, lambda holder, key: holder.pop(key))


def values_swapped(data: bytes, rng: random.Random) -> bytes:
    def swap(holder: Any, key: Any) -> None:
        other = rng.choice(_keys(holder))
        holder[key], holder[other] = holder[other], holder[key]

    return _with_change(data, rng, swap)


def number_moved(data: bytes, rng: random.Random) -> bytes:
    """A corner dragged elsewhere, or another size."""

    def move(holder: Any, key: Any) -> None:
        if isinstance(holder[key], int):
            holder[key] += rng.choice([-40, -3, -1, 1, 2, 5, 60])

    return _with_change(data, rng, move)


def deeply_nested(data: bytes, rng: random.Random) -> bytes:
    depth = rng.choice([50, 5000, 200_000])
    return data[:-1] + b', "more": ' + b"[" * depth + b"]" * depth + b"}"


def _with_change(data: bytes, rng: random.Random, change: Callable[[Any, Any], object]) -> bytes:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):  # spoilt before
        return data
    places = list(_places(content))
    if places:
        change(*rng.choice(places))
    return json.dumps(content).encode()


def _places(value: Any):
    """Every value within a value, as what holds it and under which key."""
    for key in _keys(value):
        yield value, key
        yield from _places(value[key])


def _keys(value: Any) -> list:
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []


JSON_FILE: tuple[Mutation, ...] = (
    value_replaced, value_replaced, value_replaced, value_removed, values_swapped, number_moved, number_moved,
    number_moved, deeply_nested,
)  # fmt: skip
