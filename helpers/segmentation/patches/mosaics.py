"""Mosaics of test tiles as a set of labelled scenes: laid once, kept as PNG files, which may be deleted.

data/.cache/mosaics-<what they depend on>/images/…png, labels/…png, checksums.json

The test tiles are dealt out to a few *sheets*, near-duplicates together, and a mosaic takes its tiles from one
sheet. So mosaics of different sheets have no tile in common, and a bootstrap over sheets knows how far the scores
would move with other tiles; within the set a sheet is what a drive is among street scenes: a sequence.
"""

import logging
from pathlib import Path

import cv2
import numpy as np

from helpers.base.fingerprint import code_of, key_of
from helpers.base.intact import kept_folder, seal_folder
from helpers.base.lock import locked
from helpers.base.paths import write_atomic
from helpers.base.telling import steps
from helpers.datasets.cache import cache_dir
from helpers.datasets.decode import resize
from helpers.datasets.streets.masks import read_mask
from helpers.datasets.streets.numbers import Code
from helpers.datasets.streets.types import IGNORE, NativeClass, Scene, SegmentationSet
from helpers.datasets.types import DataError, DataSetInfo, Splits
from helpers.segmentation.patches.colours import colours_like
from helpers.segmentation.patches.laying import lay_mosaic
from helpers.study.patches import PatchSpec

log = logging.getLogger("helpers")

MOST_SHEETS = 8


def open_mosaics(splits: Splits, spec: PatchSpec, seed: int) -> SegmentationSet:
    """The mosaics of a study's test tiles, read from disk or laid now.

    Raises DataError where a class has no test tile.
    """
    key = _key(splits, spec, seed)
    folder = cache_dir() / f"mosaics-{key}"
    with locked(folder.with_suffix(".lock")):
        if not kept_folder(folder):
            log.info("laying %d mosaics of %d test tiles", spec.mosaics, len(splits.test))
            _make(folder, splits, spec, seed)
    return _as_set(folder, key, splits, sheet_of_mosaics(spec, deal(splits, spec.mosaics, seed)))


def _key(splits: Splits, spec: PatchSpec, seed: int) -> str:
    return key_of(
        data=splits.fingerprint, tiles=splits.array, test=splits.test.tolist(), seed=seed,
        groups=splits.groups[splits.test].tolist(), labels=splits.labels[splits.test].tolist(),
        spec=[spec.patch, spec.mosaics, spec.mosaic_size, spec.regions],
        code=code_of(_make, deal, sheet_of_mosaics),
    )  # fmt: skip


def deal(splits: Splits, mosaics: int, seed: int) -> list[np.ndarray]:
    """The test tiles (indices into the data set) of each sheet; near-duplicates are in one sheet.

    As many sheets as every class has groups of tiles for, at most `MOST_SHEETS` and one for each mosaic.
    Raises DataError where a class has no test tile.
    """
    labels, groups = splits.labels[splits.test], splits.groups[splits.test]
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    of_class = [np.flatnonzero(labels[first] == c) for c in range(len(splits.classes))]
    for name, own in zip(splits.classes, of_class, strict=True):
        if not len(own):
            raise DataError(f"no test tile shows '{name}', so no mosaic can: raise split.test")
    sheets = min(MOST_SHEETS, mosaics, *map(len, of_class))
    rng, sheet = np.random.default_rng([seed, 1]), np.zeros(len(first), np.int64)
    for own in of_class:
        sheet[rng.permutation(own)] = np.arange(len(own)) % sheets
    return [splits.test[sheet[group] == number] for number in range(sheets)]


def sheet_of_mosaics(spec: PatchSpec, sheets: list[np.ndarray]) -> np.ndarray:
    """(mosaics,): the sheet that each takes its tiles from."""
    return np.arange(spec.mosaics) % len(sheets)


def _make(folder: Path, splits: Splits, spec: PatchSpec, seed: int) -> None:
    sheets = deal(splits, spec.mosaics, seed)
    for number, sheet in enumerate(steps(sheet_of_mosaics(spec, sheets), "laying mosaic", spec.mosaics)):
        rng = np.random.default_rng([seed, 2, number])
        tiles = tiles_by_class(splits, sheets[sheet], spec.patch)
        regions = rng.permutation(
            np.arange(spec.regions) % len(splits.classes) + rng.integers(len(splits.classes))
        )
        image, label = lay_mosaic(tiles, (regions % len(splits.classes)).tolist(), spec.mosaic_size, rng)
        for kind, pixels in (("images", image[..., ::-1]), ("labels", label)):
            write_atomic(folder / kind / _name(number), cv2.imencode(".png", pixels)[1].tobytes())
    seal_folder(folder)


def _name(number: int) -> str:
    return f"mosaic-{number + 1:03d}.png"


def tiles_by_class(splits: Splits, index: np.ndarray, side: int) -> list[np.ndarray]:
    """Some images of the data set by class, each (k, side, side, 3) uint8: a tile as large as a patch."""
    images = np.stack([resize(splits.images[i], side, "squash") for i in index])
    return [images[splits.labels[index] == c] for c in range(len(splits.classes))]


def _as_set(folder: Path, key: str, splits: Splits, sheets: np.ndarray) -> SegmentationSet:
    numbers = {number: number for number in range(len(splits.classes))} | {IGNORE: IGNORE}
    code = Code("the mosaics", "class numbers", numbers)
    how = f"They are laid by the course from the test tiles of {splits.info.title}."
    info = DataSetInfo("the mosaics", splits.info.home, splits.info.licence, how, splits.info.citation)
    return SegmentationSet(
        name="mosaics", part="test", info=info, is_sample=splits.is_sample, root=folder,
        classes=splits.classes, colours=colours_like(splits),
        native=tuple(NativeClass(name, name) for name in splits.classes),
        scenes=tuple(
            Scene(f"images/{_name(number)}", f"labels/{_name(number)}", f"sheet {sheet + 1}")
            for number, sheet in enumerate(sheets)
        ),
        fingerprint=key, label_reader=lambda path: read_mask(path, code),
    )  # fmt: skip
