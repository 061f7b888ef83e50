"""What an evaluation gathers over scenes: one row a scene, and sums over them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from helpers.datasets.streets.reading import read_scene
from helpers.datasets.streets.resized import resize_image, resize_label
from helpers.datasets.streets.types import SegmentationSet
from helpers.segmentation import counting
from helpers.segmentation.score_bins import SCORE_BINS, pixel_score_counts
from helpers.segmentation.types import BANDS, CONFIDENCE_BINS, SEGMENT_SHARES

BOUNDARY_BANDS = 3  # pixels of the first bands, up to 4 pixels from a border, are the boundary
SMALL_GROUPS = 2  # regions of the first groups, up to 0.2 % of the image, are small
SUMS = ("score_bins", "confidence_bins", "band_matrices", "segment_matrices", "confidence_sums")
TIMES = ("seconds", "network_seconds")
OBSERVERS = ("all", "matrices")


@dataclass(frozen=True)
class SceneRead:
    """A scene as the network sees it, and its label as it was published."""

    small: np.ndarray  # (S, S, 3) uint8 RGB
    label: np.ndarray  # (H, W) uint8, shared classes or IGNORE
    small_label: np.ndarray  # (S, S) uint8, the class at the nearest pixel
    debatable: np.ndarray | None  # (H, W) bool: the label's class is a debatable one; None where none is


def read_for_network(scenes: SegmentationSet, position: int, size: int) -> SceneRead:
    """One scene. Raises DataError, naming the file, where image or label cannot be read."""
    image, native = read_scene(scenes, position)
    label = lookup(native, scenes.to_shared)
    debatable = lookup(native, scenes.is_debatable.astype(np.uint8)).view(bool)
    return SceneRead(
        small=resize_image(image, size),
        label=label,
        small_label=resize_label(label, size),
        debatable=debatable if debatable.any() else None,
    )


def lookup(values: np.ndarray, table: np.ndarray) -> np.ndarray:
    """`table[values]` for uint8 values and a uint8 table of 256, quicker than NumPy's."""
    return cv2.LUT(values, table)


@dataclass(frozen=True)
class SeenScene:
    """What the network made of a scene, at the size S it sees."""

    prediction: np.ndarray  # (S, S) uint8
    confidence: np.ndarray  # (S, S) float32
    bins: np.ndarray  # (C, S, S) uint16, as `score_bins.to_bins` has them
    truth_bins: np.ndarray  # (S, S) uint16, of the true class; of any where there is none


def empty_sums(num_classes: int) -> dict[str, np.ndarray]:
    """Zeros of the shapes that `SegmenterEvaluation` documents."""
    square = (num_classes, num_classes)
    return {
        "score_bins": np.zeros((num_classes, 2, SCORE_BINS), np.int64),
        "confidence_bins": np.zeros((num_classes, 2, CONFIDENCE_BINS), np.int64),
        "band_matrices": np.zeros((len(BANDS) + 1, *square), np.int64),
        "segment_matrices": np.zeros((len(SEGMENT_SHARES) + 1, *square), np.int64),
        "confidence_sums": np.zeros((num_classes, CONFIDENCE_BINS)),
    }


def count_scene(scene: SceneRead, look: SeenScene, num_classes: int, observers: str) -> dict[str, np.ndarray]:
    """Everything about one scene: rows as in `SegmenterEvaluation`, facts named `fact_…`, and the `SUMS`.

    `observers='matrices'` leaves out the sums, and the facts that need them.
    """
    rows = _matrices(scene, look, num_classes)
    height, width = scene.label.shape
    facts = {"width": width, "height": height, "labelled_share": rows["matrices"].sum() / scene.label.size}
    sums = {}
    if observers == "all":
        sums, details = _details(scene, look, num_classes)
        facts |= details
    rows |= {f"fact_{name}": np.float64(value) for name, value in facts.items()}
    return {name: row[None] for name, row in rows.items()} | sums


def gathered(counts: Iterable[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Counts of scenes, or of some scenes each, in their order: sums and times added up, all else joined."""
    rows: dict[str, list[np.ndarray]] = {}
    sums: dict[str, np.ndarray] = {}
    for one in counts:
        for name, values in one.items():
            if name in (*SUMS, *TIMES):
                sums[name] = sums.get(name, 0) + values
            else:
                rows.setdefault(name, []).append(values)
    return {name: np.concatenate(found) for name, found in rows.items()} | sums


def _matrices(scene: SceneRead, look: SeenScene, classes: int) -> dict[str, np.ndarray]:
    prediction = full_size(look.prediction, scene.label.shape)
    debatable = np.zeros((classes, classes), np.int64)
    if scene.debatable is not None:
        debatable = counting.confusion(scene.label[scene.debatable], prediction[scene.debatable], classes)
    return {
        "matrices": counting.confusion(scene.label, prediction, classes),
        "network_matrices": counting.confusion(scene.small_label, look.prediction, classes),
        "debatable": debatable,
    }


def _details(scene: SceneRead, look: SeenScene, classes: int) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """What is summed over scenes, and the facts that follow from it."""
    label, prediction, found = scene.small_label, look.prediction, counting.segments(scene.small_label)
    bands = counting.joint_counts(
        (len(BANDS) + 1, classes, classes), counting.border_bands(label), label, prediction
    )
    groups = counting.joint_counts((len(SEGMENT_SHARES) + 1, classes, classes), found.groups, label, prediction)
    confidence, confidence_sums = counting.confidence_counts(prediction, look.confidence, label, classes)
    sums = {
        "score_bins": pixel_score_counts(look.bins, look.truth_bins, label, prediction, look.confidence),
        "confidence_bins": confidence,
        "confidence_sums": confidence_sums,
        "band_matrices": bands,
        "segment_matrices": groups,
    }
    labelled = max(1, int(bands.sum()))
    return sums, counting.image_facts(scene.small) | {
        "boundary_share": float(bands[:BOUNDARY_BANDS].sum() / labelled),
        "small_share": float(groups[:SMALL_GROUPS].sum() / labelled),
        "segments": float(found.count),
    }


def full_size(prediction: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A map of the network's size (S, S) at a label's own (H, W): the value at the nearest pixel."""
    return cv2.resize(prediction, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST_EXACT)
