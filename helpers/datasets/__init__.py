"""Data sets: read, decoded once, searched for duplicates, split. The one entry is `load(study)`."""

import hashlib
import json
import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers.datasets.catalogue import describe, known_set
from helpers.datasets.types import (
    PARTS,
    DataError,
    DataSetInfo,
    Duplicates,
    Splits,
    StudyLike,
    Unreadable,
)
from helpers.paths import display_path, write_json

if TYPE_CHECKING:
    from helpers.datasets.folders import Scan
    from helpers.datasets.split import Split

__all__ = ["PARTS", "DataError", "DataSetInfo", "Duplicates", "Splits", "Unreadable", "draw_sample", "load"]
log = logging.getLogger(__name__)
SAMPLE_SEED = 0  # the study's own seed moves the split and the training, not the pictures


def load(study: StudyLike) -> Splits:
    """The study's images, decoded and split; the first call does the work, later ones read what it left.

    Raises DataError (a CourseError) for data that is missing, too little or cannot be read.
    """
    from helpers.datasets.cache import open_cache
    from helpers.datasets.duplicates import cached_duplicates
    from helpers.datasets.folders import scan

    known = known_set(study.data)
    root, manifest = draw_sample(study) if study.is_sample else (_real_root(study), None)
    found = scan(root, known.classes if known else None)
    cached = open_cache(found, study.image_size, study.resize)
    survey = cached.survey
    labels = found.labels[survey.index]
    duplicates, groups = cached_duplicates(survey, cached.folder)
    split, straddlers = _split(study, found, survey.index, groups, duplicates)
    _report(found, survey.unreadable)
    return Splits(
        name=study.name,
        classes=found.classes,
        info=describe(study.data),
        is_sample=study.is_sample,
        root=found.root,
        fingerprint=_fingerprint(survey.files, survey.digests, labels, found.classes),
        files=survey.files,
        labels=labels,
        sizes=survey.sizes,
        images=cached.images,
        groups=groups,
        unreadable=survey.unreadable,
        ignored=found.ignored,
        duplicates=duplicates,
        train=split.train,
        val=split.val,
        test=split.test,
        published=found.parts if len(found.parts) > 1 else (),
        straddling=straddlers,
        manifest=manifest,
    )


def draw_sample(study: StudyLike) -> tuple[Path, dict]:
    """Draw the study's sample where it is not there yet. Returns its folder and the manifest."""
    folder = Path(study.sample_folder)
    manifest_file = folder.with_name(f"{folder.name}.json")
    if folder.is_dir() and manifest_file.exists():
        return folder, json.loads(manifest_file.read_text())
    return folder, _draw(study, folder, manifest_file)


def _draw(study: StudyLike, folder: Path, manifest_file: Path) -> dict:
    """Draw beside the final place, then rename: a kill leaves no half sample that looks whole."""
    from helpers.datasets.sample import make_sample

    unfinished = folder.with_name(f".{folder.name}.drawing")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.mkdir(parents=True)
    log.info("Drawing the sample: %d images per class", study.sample_images_per_class)
    manifest = make_sample(study.sample.drawing, unfinished, study.sample_images_per_class, SAMPLE_SEED)
    unfinished.rename(folder)
    write_json(manifest_file, manifest)
    return json.loads(manifest_file.read_text())


def _real_root(study: StudyLike) -> Path:
    if study.data_root is None:
        raise DataError(
            f"the images of study '{study.name}' are not in place ({display_path(study.data)}): "
            f"{describe(study.data).how_to_get}"
        )
    return Path(study.data_root)


def _split(
    study: StudyLike, found: "Scan", index: np.ndarray, groups: np.ndarray, duplicates: Duplicates
) -> tuple["Split", list[tuple[int, int]]]:
    """The parts, and the duplicates that published parts tear apart."""
    from helpers.datasets.split import grouped_split, published_split, straddling

    labels = found.labels[index]
    if len(found.parts) < 2:
        return grouped_split(labels, groups, study.split, study.seed, found.classes), []
    published = np.array([found.files[i].part for i in index])
    split = published_split(labels, groups, published, study.split, study.seed, found.classes)
    return split, straddling(duplicates.pairs, split, len(labels))


def _fingerprint(files: list[str], digests: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]) -> str:
    """A short hash of every path, content and class: the same data, the same fingerprint."""
    lines = (
        f"{path}\t{digest}\t{classes[label]}" for path, digest, label in zip(files, digests, labels, strict=True)
    )
    return hashlib.blake2b("\n".join(lines).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def _report(found: "Scan", unreadable: list[Unreadable]) -> None:
    for path, reason in unreadable:
        log.warning("Left out, cannot be read: %s: %s", path, reason)
    if found.ignored:
        shown = ", ".join(found.ignored[:5]) + (", …" if len(found.ignored) > 5 else "")
        log.info("Left aside, %d that are not images: %s", len(found.ignored), shown)
