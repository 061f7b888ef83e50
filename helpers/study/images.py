"""The images of a study: in place, fetched or drawn; read, decoded once, searched for duplicates, split."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.base.paths import display_path
from helpers.datasets.catalogue import LEVELS, describe, known_set, scan_set
from helpers.datasets.sources import is_archive
from helpers.datasets.types import DataError, Duplicates, Splits, Unreadable

if TYPE_CHECKING:
    import numpy as np

    from helpers.datasets.folders import Scan
    from helpers.datasets.split import SplitIndices
    from helpers.study.study import Study

log = logging.getLogger(__name__)
# Two of one class show how far apart images of a class lie (chapter 05); four leave two to train on.
LEAST_TO_TRAIN, LEAST_OF_A_CLASS = 2, 4
SAMPLE_SEED = 0  # the study's own seed moves the split and the training, not the pictures


def load(study: Study) -> Splits:
    """The study's images, decoded and split; the first call does the work, later ones read what it left.

    Raises DataError (a CourseError) for data that is missing, too little or cannot be read.
    """
    import numpy as np

    from helpers.datasets.cache import open_cache
    from helpers.datasets.classes import merge_classes
    from helpers.datasets.duplicates import cached_duplicates, group
    from helpers.datasets.grouping import bind_scenes
    from helpers.datasets.split import TooFewGroups

    found, manifest = _find(study)
    classes, merged = merge_classes(study.classes, found.classes)
    cached = open_cache(found, study.image_size, study.resize, tuple(study.bands) if study.bands else None)
    survey = cached.survey
    originals = found.labels[survey.index]
    labels = merged[originals]
    duplicates, groups = cached_duplicates(survey, cached.folder)
    equal = group(len(labels), np.array(duplicates.exact, dtype=np.int64).reshape(-1, 2))
    if study.duplicates != "near":
        duplicates = Duplicates(duplicates.exact if study.duplicates == "exact" else [])
        groups = equal if study.duplicates == "exact" else np.arange(len(labels))
    named = found.groups_of(survey.index)
    bound, scenes = bind_scenes(groups, survey.files, originals, study.group_by, named)
    told = [survey.told] if survey.told else []
    try:
        split, straddlers = _split(study, found, survey.index, bound, duplicates)
    except TooFewGroups as error:
        if not duplicates.near:  # copies in all pixels, or scenes: there are too few images
            raise
        bound, scenes = bind_scenes(equal, survey.files, originals, study.group_by, named)
        split, straddlers = _split(study, found, survey.index, bound, duplicates)
        told.append(
            f"{error.why} So images that are nearly the same were not kept in one part here, only equal ones: "
            "scores may be too high."
        )
    found = replace(found, remarks=(*found.remarks, *told))
    _report(found, survey.unreadable)
    return Splits(
        name=study.name,
        classes=classes,
        info=describe(study.data),
        is_sample=study.is_sample,
        root=found.root,
        fingerprint=_fingerprint(survey.files, survey.digests, labels, classes),
        files=survey.files,
        labels=labels,
        sizes=survey.sizes,
        images=cached.images,
        groups=bound,
        unreadable=survey.unreadable,
        ignored=found.ignored,
        remarks=found.remarks,
        rendition=survey.rendition,
        duplicates=duplicates,
        train=split.train,
        val=split.val,
        test=split.test,
        published=found.parts if len(found.parts) > 1 else (),
        straddling=straddlers,
        manifest=manifest,
        original_classes=found.classes,
        original_labels=originals,
        scenes=scenes,
        read_for=study.data_settings,
    )


def _find(study: Study) -> tuple[Scan, dict | None]:
    """The study's image files, and the manifest where they were drawn."""
    from drawings.write import MANIFEST

    root, manifest = draw_sample(study) if study.is_sample else (_real_root(study), None)
    found = scan_set(study.data, root, study.layout, study.label_table)
    if manifest is not None:
        found = replace(found, ignored=[path for path in found.ignored if not path.startswith(f"{MANIFEST} (")])
    return found, manifest


def draw_sample(study: Study) -> tuple[Path, dict]:
    """Draw the study's sample where it is not there yet. Returns the folder of its images and the manifest.

    The manifest lists what was planted: `near_duplicates`, `wrong_labels` and `unreadable`, with files relative
    to the folder returned, as in `Splits.files`.
    """
    from drawings import make_sample
    from helpers.datasets.layout import class_root, find_classes

    folder = Path(study.sample_folder)
    manifest = make_sample(study.sample.drawing, folder, study.sample_images_per_class, SAMPLE_SEED)
    known = known_set(study.data)
    root = (known and find_classes(folder, known.classes, LEVELS)) or class_root(folder)
    return root, _below(manifest, root.relative_to(folder).as_posix() + "/")


def _below(value: Any, prefix: str) -> Any:
    """The manifest with `prefix` taken off the files it names."""
    if isinstance(value, dict):
        return {key: _below(item, prefix) for key, item in value.items()}
    if isinstance(value, list):
        return [_below(item, prefix) for item in value]
    return value.removeprefix(prefix) if isinstance(value, str) else value


def _real_root(study: Study) -> Path:
    if study.data_root is None:
        if Path(study.data).is_absolute() and not is_archive(Path(study.data)):
            return Path(study.data)  # of which the reader says that it is not there
        raise DataError(
            f"the images of study '{study.name}' are not in place (data set {study.data}): "
            f"{describe(study.data).how_to_get}"
        )
    return Path(study.data_root)


def _split(
    study: Study, found: Scan, index: np.ndarray, groups: np.ndarray, duplicates: Duplicates
) -> tuple[SplitIndices, list[tuple[int, int]]]:
    """The parts, and the duplicates that published parts tear apart."""
    import numpy as np

    from helpers.datasets.split import grouped_split, published_split, straddling

    labels = found.labels[index]
    if len(found.parts) < 2:
        split, straddlers = grouped_split(labels, groups, study.split, study.seed, found.classes), []
    else:
        published = np.array([found.files[i].part for i in index])
        split = published_split(labels, groups, published, study.split, study.seed, found.classes)
        straddlers = straddling(duplicates.pairs, split, len(labels))
    if np.bincount(labels[split.train]).max() < LEAST_TO_TRAIN:
        raise DataError(
            f"{display_path(found.root)} leaves no class more than one image to train on: give each class "
            f"{LEAST_OF_A_CLASS} images or more, {LEAST_TO_TRAIN} of them to train on"
        )
    return split, straddlers


def _fingerprint(files: list[str], digests: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]) -> str:
    """A short hash of every path, content and class: the same data, the same fingerprint."""
    lines = (
        f"{path}\t{digest}\t{classes[label]}" for path, digest, label in zip(files, digests, labels, strict=True)
    )
    return hashlib.blake2b("\n".join(lines).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def _report(found: Scan, unreadable: list[Unreadable]) -> None:
    if unreadable:
        listed = _first_few([path for path, _ in unreadable], 2)
        log.warning("left out, cannot be read (%d, chapter 01 says why): %s", len(unreadable), listed)
    for remark in found.remarks:
        log.warning("%s", remark)
    if found.ignored:
        log.info(
            "left aside, %d (chapter 01 names them): %s",
            len(found.ignored),
            _first_few(found.ignored),
        )


def _first_few(items: list[str], count: int = 5) -> str:
    return ", ".join(items[:count]) + (f" and {len(items) - count} more" if len(items) > count else "")
