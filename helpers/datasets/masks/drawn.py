"""Sets whose masks are drawn as shapes: each is painted once, as a PNG of class numbers among what is kept."""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from helpers.base.fingerprint import code_of, key_of
from helpers.datasets.cache import cache_dir, held
from helpers.datasets.layout import part_of
from helpers.datasets.masks.legend import Entry, Legend, is_void_name
from helpers.datasets.masks.pairs import NAMED, Found, Pair
from helpers.datasets.masks.roles import role_of
from helpers.datasets.masks.shapes import (
    Shapes,
    coco_shapes,
    is_coco,
    is_labelme,
    labelme_shapes,
    paint,
    refuse_unnamed_shapes,
)
from helpers.datasets.streets.digests import state_of_file
from helpers.datasets.streets.polygons import read_json
from helpers.datasets.streets.types import IGNORE
from helpers.datasets.types import DataError

BACKGROUND = "background"


def coco_files(root: Path, files: Sequence[str]) -> dict[str, dict]:
    """COCO's files in a folder by their POSIX paths, with what they hold."""
    found = {path: read_json(root / path) for path in files if path.lower().endswith(".json")}
    return {path: content for path, content in found.items() if is_coco(content)}


def paint_coco(
    root: Path, contents: Mapping[str, dict], images: Sequence[str], legend: Legend | None
) -> tuple[Found, Legend]:
    """The pairs of COCO's files with painted masks, and their classes.

    images: POSIX paths of all images of the folder. Raises DataError where none of them is named, where two files
    draw on one image, or as `paint_all` does.
    """
    drawn: dict[str, Shapes] = {}
    pairs, absent, owner = [], [], {}
    known, times = set(images), Counter(PurePosixPath(path).name for path in images)
    single = {PurePosixPath(path).name: path for path in images if times[PurePosixPath(path).name] == 1}
    for path, content in contents.items():
        for name, shapes in coco_shapes(root / path, content).items():
            near = (PurePosixPath(path).parent / name).as_posix()
            image = next((one for one in (near, name) if one in known), single.get(PurePosixPath(name).name))
            if image is None:
                absent.append(name)
                continue
            if (other := owner.setdefault(image, path)) != path:
                raise DataError(f"{other} and {path} both draw on {image}: say which is meant, as masks: {other}")
            pairs.append(_coco_pair(path, image))
            drawn[pairs[-1].label] = shapes
    if not pairs:
        raise DataError(f"{next(iter(contents))} names no image that is there, such as {(absent or ['none'])[0]}")
    remarks = [f"The masks are those drawn in {' and '.join(contents)}."]
    remarks += told_of(absent, "named there, but missing")
    remarks += told_of([path for path in images if path not in owner], "not named there and left aside")
    remarks += told_of(_unused(contents, drawn), "no object, so no class")
    pairs = tuple(sorted(pairs, key=lambda pair: pair.image))
    return paint_all(root, Found(pairs, tuple(remarks)), drawn, legend)


def _coco_pair(path: str, image: str) -> Pair:
    role = role_of(image, "image")
    part = role.part or part_of(Path(path).with_suffix("")) or part_of(Path(path).parent)
    return Pair(image, f"{path}#{image}", part, role.folder, role.frame)


def _unused(contents: Mapping[str, dict], drawn: Mapping[str, Shapes]) -> list[str]:
    used = {shape.name for one in drawn.values() for shape in one.shapes}
    named = dict.fromkeys(str(one["name"]) for content in contents.values() for one in content["categories"])
    return [f"category “{name}”" for name in named if name not in used]


def told_of(names: Sequence[str], what: str) -> list[str]:
    """A sentence on some names, or none where there are none."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return [f"{what[0].upper()}{what[1:]}: {', '.join(names[:NAMED])}{more}."] if names else []


def paint_labelme(root: Path, found: Found, legend: Legend | None) -> tuple[Found, Legend]:
    """The pairs with painted masks, and their classes. Raises DataError for JSON that is not labelme's."""
    drawn = {}
    for pair in found.pairs:
        content = read_json(root / pair.label) if pair.label.lower().endswith(".json") else None
        if not is_labelme(content):
            raise DataError(
                f"{pair.label} holds no shapes of labelme, as masks of other images do: give all masks in one form"
            )
        drawn[pair.label] = labelme_shapes(root / pair.label, content)
    return paint_all(root, found, drawn, legend)


def paint_all(
    root: Path, found: Found, drawn: Mapping[str, Shapes], legend: Legend | None
) -> tuple[Found, Legend]:
    """The pairs with the paths of painted masks instead of their drawings, and the classes in the masks' numbers.

    Raises DataError for a shape of a class that a legend does not name.
    """
    names = _names(drawn, legend)
    refuse_unnamed_shapes(legend.source if legend else "the set", drawn, names)
    classes = [name for name in names if not is_void_name(name)]
    numbers = {name: classes.index(name) if name in classes else IGNORE for name in names}
    folder = _painted(root, drawn, numbers)
    places = {label: (folder / f"{number:06d}.png").as_posix() for number, label in enumerate(drawn)}
    without = sum(one.without_area for one in drawn.values())
    remarks = [*found.remarks, f"Shapes are painted over “{BACKGROUND}” in the order of their file."]
    if without:
        remarks.append(f"{without:,} lines and points have no area and draw nothing.")
    pairs = tuple(replace(pair, label=places[pair.label]) for pair in found.pairs)
    entries = tuple(Entry(name, number) for number, name in enumerate(classes))
    return Found(pairs, tuple(remarks)), Legend(entries, legend.source if legend else "the drawings", False)


def _names(drawn: Mapping[str, Shapes], legend: Legend | None) -> list[str]:
    """The background, and the classes in the legend's order or else in that of the alphabet."""
    named = [entry.name for entry in legend.entries] if legend else []
    own = named or sorted({shape.name for one in drawn.values() for shape in one.shapes})
    return list(dict.fromkeys(own if BACKGROUND in own and named else [BACKGROUND, *own]))


def _painted(root: Path, drawn: Mapping[str, Shapes], numbers: Mapping[str, int]) -> Path:
    """The folder with the masks, in the order of the drawings; made now where it is not there."""
    states = [(label, state_of_file(root / label.partition("#")[0])) for label in drawn]
    key = key_of(root=str(root.resolve()), states=states, numbers=sorted(numbers.items()), code=code_of(paint))
    folder = cache_dir() / f"painted-{key}"
    with held(folder, "the painted masks"):
        if not (folder / "whole").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for number, shapes in enumerate(drawn.values()):
                mask = paint(shapes, numbers, numbers[BACKGROUND])
                Image.fromarray(np.ascontiguousarray(mask)).save(folder / f"{number:06d}.png")
            (folder / "whole").touch()
    return folder
