"""A folder of one's own images and masks as a set of labelled scenes: found, understood, split, and told.

Numpy, absent before the set-up, is imported where it is used: what a folder holds is asked before it, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from helpers.base.paths import display_path
from helpers.datasets.layout import are_images_and_masks, loose_key, readable_subfolders
from helpers.datasets.masks.pairs import (
    Found,
    files_below,
    files_meant,
    find_pairs,
    is_image,
    may_be_masks,
    parts_told,
    seem_masks,
    seems_coco,
)
from helpers.datasets.types import DataError, DataSetInfo, SplitShares

if TYPE_CHECKING:
    import numpy as np

    from helpers.datasets.masks.legend import Legend
    from helpers.datasets.masks.meaning import Meaning
    from helpers.datasets.streets.types import Scene

# Names of folders that say nothing of what is in them.
GENERIC = {
    "archive",
    "data",
    "dataset",
    "datasets",
    "mine",
    "own",
    "photos",
    "segmentation",
    "set",
    "test",
    "train",
}
LOOKED_AT = 8  # JSON files that may hold the masks of all images
FOREGROUND = "foreground"


@dataclass(frozen=True)
class MaskSettings:
    """What a study says of a set of its own; all of it may be absent.

    classes: names in the order of their numbers, or a name for each number or '#rrggbb'. void: numbers, '#rrggbb'
    or names that count nowhere, beside those found. images, masks: subfolders or patterns. group_by: what files of
    one scene have in common in their names, as a regular expression.
    """

    classes: tuple[str, ...] | dict[int | str, str] | None = None
    void: tuple[int | str, ...] = ()
    images: str | None = None
    masks: str | None = None
    group_by: str | None = None


class SeededShares(NamedTuple):
    """Shares of the scenes for each part, and the seed by which they are drawn."""

    train: float = 0.7
    val: float = 0.1
    test: float = 0.2
    seed: int = 0


@dataclass(frozen=True)
class OwnSet:
    """A set of one's own, whose every mask was looked at.

    classes: in the order of their numbers 0 … C - 1. colours: (C, 3) uint8 RGB. given_parts: those that the folder
    itself has; the others of `parts` are drawn. reader: a mask's file → (H, W) uint8 class numbers or IGNORE.
    remarks: sentences on what was found, guessed and left aside. key: changes with what the masks' values mean.
    """

    name: str
    info: DataSetInfo
    root: Path
    classes: tuple[str, ...]
    colours: np.ndarray
    parts: dict[str, tuple[Scene, ...]]
    given_parts: tuple[str, ...]
    reader: Callable[[Path], np.ndarray]
    remarks: tuple[str, ...]
    key: str


def looks_like_masks(folder: Path) -> bool:
    """Whether a folder holds images and masks, by names and ends of files alone: quick, and before the set-up."""
    try:
        if are_images_and_masks(readable_subfolders(folder)):
            return True
        files = files_below(folder)
        if not may_be_masks(files):
            return False
        drawn = [path for path in files if path.lower().endswith(".json")]
        if any(seems_coco(folder / path) for path in drawn[:LOOKED_AT]):
            return True
        return seem_masks(folder, find_pairs(folder).pairs)
    except (DataError, OSError):
        return False


def open_own(
    folder: Path,
    name: str,
    settings: MaskSettings = MaskSettings(),
    split: SplitShares | None = None,
) -> OwnSet:
    """The set in a folder. Every mask is looked at once, and remembered.

    split: shares, perhaps with a `seed` (else 0), of the parts that the folder does not have.
    Raises DataError, naming the file and the way on: no pairs, masks that cannot be read or whose values nobody
    named, sizes that do not fit, scenes too few for the parts.
    """
    from helpers.datasets.masks.meaning import meaning_of
    from helpers.datasets.masks.notes import odd_about
    from helpers.datasets.masks.parts import class_pixels, into_parts
    from helpers.datasets.masks.reading import MaskReader
    from helpers.datasets.masks.sizes import fit_sizes
    from helpers.datasets.masks.survey import look_at_masks

    found, legend = _found(folder, settings)
    facts = look_at_masks(folder, [pair.label for pair in found.pairs])
    meaning = meaning_of(facts, legend, settings.void, _foreground(folder))
    pairs, scaled = fit_sizes(folder, found.pairs, facts)
    pixels = class_pixels(facts, meaning)
    parts, split_told = into_parts(pairs, pixels, settings.group_by, split or SeededShares())
    odd = odd_about(meaning.classes, pixels, [pair.label for pair in pairs], parts)
    remarks = [*found.remarks, *meaning.remarks, scaled, *split_told, *odd]
    return OwnSet(
        name=name, info=_info(folder), root=folder, classes=meaning.classes, colours=meaning.colours, parts=parts,
        given_parts=tuple(part for part in parts_told(pairs) if part in parts),
        reader=MaskReader(meaning.by_colour, meaning.table), remarks=tuple(filter(None, remarks)),
        key=_key(meaning),
    )  # fmt: skip


def _found(folder: Path, settings: MaskSettings) -> tuple[Found, Legend | None]:
    """Images with masks as files, drawn ones painted, and what names the classes."""
    from helpers.datasets.masks.drawn import coco_files, paint_coco, paint_labelme
    from helpers.datasets.masks.legend import find_legend, legend_files, stated_legend
    from helpers.datasets.masks.lists import with_lists

    if not folder.is_dir():
        raise DataError(f"the folder {display_path(folder)} is not there: put images and masks into it")
    files = files_below(folder)
    legend = find_legend(folder, files) if settings.classes is None else stated_legend(settings.classes)
    coco = coco_files(folder, files_meant(folder, "masks", settings.masks, files))
    if coco:
        images = files_meant(folder, "images", settings.images, files)
        found, legend = paint_coco(folder, coco, [path for path in images if is_image(path)], legend)
    else:
        found = find_pairs(folder, settings.images, settings.masks, besides=legend_files(files))
        if any(pair.label.lower().endswith(".json") for pair in found.pairs):
            found, legend = paint_labelme(folder, found, legend)
    found = with_lists(folder, files, found)
    if legend and settings.classes is None:
        found = replace(found, remarks=(*found.remarks, f"The classes are those of {legend.source}."))
    return found, legend


def _info(folder: Path) -> DataSetInfo:
    return DataSetInfo(
        title=folder.name, home="", licence="", how_to_get=f"It is the folder {display_path(folder)}."
    )


def _foreground(folder: Path) -> str:
    """What the masks of a set show that nobody names: as its folder is called, if that says anything."""
    name = folder.name
    if folder.parent.name == "unpacked":  # an archive's, and the mark of its place
        name = re.sub(r"-[0-9a-f]{8}$", "", name)
    return FOREGROUND if loose_key(name) in GENERIC or not name else name


def _key(meaning: Meaning) -> str:
    from helpers.base.fingerprint import key_of

    return key_of(classes=meaning.classes, by_colour=meaning.by_colour, table=sorted(meaning.table.items()))
