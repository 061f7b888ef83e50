"""What the labels of a set hold: pixels of each class in every scene. Counted once and kept on disk."""

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from helpers.base.fingerprint import code_of
from helpers.base.kept import kept
from helpers.datasets.reading import in_threads, told
from helpers.datasets.streets.types import IGNORE, SegmentationSet


@dataclass(frozen=True)
class LabelSurvey:
    """The labels of n scenes, in the order of the set.

    pixels: (n, C) int64, pixels of each shared class.    ignored: (n,) int64, pixels that count nowhere.
    native: (n, K) int64, pixels of each of the publisher's classes, in the order of `SegmentationSet.native`.
    sizes: (n, 2) int64, width and height of the labels.
    remarks: what in the label files draws nothing, and where.
    """

    pixels: np.ndarray
    ignored: np.ndarray
    native: np.ndarray
    sizes: np.ndarray
    remarks: tuple[str, ...] = ()


def survey(scenes: SegmentationSet, size: int | None = None) -> LabelSurvey:
    """Count every label, or load what was counted before.

    size: labels are first resized to size × size by the nearest pixel, as a network sees them.
    Raises DataError for the first label that cannot be read.
    """
    facts = {"scenes": scenes.fingerprint, "size": size, "code": code_of(_count)}
    found = kept("scenes", lambda: _count(scenes, size), **facts)
    counts, shared = found["counts"], scenes.to_shared
    pixels = np.stack([counts[:, shared == number].sum(1) for number in range(len(scenes.classes))], axis=1)
    return LabelSurvey(
        pixels=pixels,
        ignored=counts[:, shared == IGNORE].sum(1),
        native=counts[:, : len(scenes.native)],
        sizes=found["sizes"],
        remarks=tuple(found["remarks"].tolist()),
    )


def _count(scenes: SegmentationSet, size: int | None) -> dict[str, np.ndarray]:
    counted = in_threads(partial(_count_one, scenes, size), range(len(scenes)))
    found = list(told(counted, len(scenes), "counting pixels of classes: %d of %d scenes"))
    counts, sizes = (np.array([one[place] for one in found], np.int64) for place in (0, 1))
    return {"counts": counts, "sizes": sizes, "remarks": np.array(_remarks(scenes), str)}


def _count_one(scenes: SegmentationSet, size: int | None, position: int) -> tuple[np.ndarray, tuple[int, int]]:
    """Pixels by publisher's class (256 values, the last one ignored), and the label's own width and height."""
    native = scenes.read_native(position)
    shape = native.shape[1::-1]
    if size:
        native = cv2.resize(native, (size, size), interpolation=cv2.INTER_NEAREST)
    return np.bincount(native.ravel(), minlength=256), shape


def _remarks(scenes: SegmentationSet) -> list[str]:
    """In the order of the scenes, whatever the order in which threads read them."""
    by_file = getattr(scenes.label_reader, "remarks", {})
    return [remark for scene in scenes.scenes for remark in by_file.get(scenes.root / scene.label, ())]
