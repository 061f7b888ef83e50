"""The sets of street scenes that the course reads, in their publishers' own layouts."""

import logging
from pathlib import Path

import numpy as np

from helpers.base.fingerprint import code_of, key_of
from helpers.base.paths import display_path
from helpers.datasets.streets.digests import file_facts
from helpers.datasets.streets.ignored import warn_of_ignored
from helpers.datasets.streets.known import SETS, StreetSet, find_set, known_street_set
from helpers.datasets.streets.labels import LabelFiles
from helpers.datasets.streets.layout import PartFiles, empty_folders, find_files, refuse_unpaired
from helpers.datasets.streets.reading import refuse_other_size
from helpers.datasets.streets.tables import colours, level_of, refuse_level, rows_of
from helpers.datasets.streets.types import IGNORE, NativeClass, Scene, SegmentationSet
from helpers.datasets.types import PARTS, DataError

__all__ = ["SETS", "StreetSet", "find_set", "open_set", "parts_of"]
log = logging.getLogger(__name__)
LOOKED_AT = 3  # labels that show whether a part is labelled at all


def parts_of(name: str, root: Path) -> tuple[str, ...]:
    """The parts with labels to score against; Cityscapes' own test labels hold nothing but ignored pixels."""
    return tuple(part for part in PARTS if _is_labelled(known_street_set(name), root, part))


def _is_labelled(known: StreetSet, root: Path, part: str) -> bool:
    found = find_files(known.layout, root, part)
    paired = sorted(key for key in found.images if found.labels.get(key))
    if not paired:
        return False
    shown = sorted({paired[i] for i in np.linspace(0, len(paired) - 1, LOOKED_AT).astype(int)})
    return any(_has_classes(known, root, found.labels[key]) for key in shown)


def _has_classes(known: StreetSet, root: Path, files: dict[str, Path]) -> bool:
    """Whether a label has a pixel of a class; a label that cannot be read will say so when the part is opened."""
    void = [position for position, row in enumerate(rows_of(known.name)) if row.shared["coarse"] == "ignore"]
    reader = LabelFiles(known.name, known.layout, "coarse")
    try:
        return not np.isin(reader(root / reader.best(files)), [*void, IGNORE]).all()
    except DataError:
        return True


def open_set(
    name: str, root: Path, part: str, classes: tuple[str, ...], is_sample: bool = False, level: str | None = None
) -> SegmentationSet:
    """One part of a set, to be scored in a list of shared classes. Every file is looked at, few are decoded.

    level: of the class table, which `classes` are some classes of; the finest that has all of them if not given.

    Raises DataError for a part that is not there or has no labels, images and labels that do not pair up or differ
    in size, and labels that cannot tell these classes apart.
    """
    known, level = known_street_set(name), level or level_of(classes)
    refuse_level(name, level)
    found = find_files(known.layout, root, part)
    _refuse_unlabelled(known, found, root, part)
    refuse_unpaired(found, root, part)
    for folder in empty_folders(known.layout, root, part):
        log.warning("%s: the folder %s holds no images", known.info.title, folder)
    reader = LabelFiles(name, known.layout, level)
    scenes = tuple(
        Scene(found.images[key].as_posix(), reader.best(found.labels[key]).as_posix(), key[0])
        for key in sorted(found.images)
    )
    native = tuple(row.native(level, classes) for row in rows_of(name))
    opened = SegmentationSet(
        name=name, part=part, info=known.info, is_sample=is_sample, root=root,
        classes=tuple(classes), colours=colours(classes), native=native, scenes=scenes,
        fingerprint=_fingerprint(name, root, scenes, native), label_reader=reader,
    )  # fmt: skip
    warn_of_ignored(opened)
    return opened


def _refuse_unlabelled(known: StreetSet, found: PartFiles, root: Path, part: str) -> None:
    if found.images and any(found.labels.values()) and (part != "test" or _is_labelled(known, root, part)):
        return
    parts = parts_of(known.name, root)
    if part in parts:
        return
    reason = "has no labels to score against" if found.images else "is not there"
    has = f"use one of its parts {', '.join(parts)}" if parts else known.info.how_to_get
    raise DataError(f"the part '{part}' of {known.info.title} in {display_path(root)} {reason}: {has}")


def _fingerprint(name: str, root: Path, scenes: tuple[Scene, ...], native: tuple[NativeClass, ...]) -> str:
    """A name for these files with this content, read as these classes."""
    images = file_facts(root, [scene.image for scene in scenes])
    labels = file_facts(root, [scene.label for scene in scenes])
    for scene, image, label in zip(scenes, images, labels, strict=True):
        refuse_other_size(scene, image[1:], label[1:])
    counts_as = [(cls.name, cls.shared, cls.debatable) for cls in native]
    reader = code_of(LabelFiles)
    return key_of(reader=reader, name=name, scenes=scenes, images=images, labels=labels, classes=counts_as)
