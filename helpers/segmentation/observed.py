"""What an evaluation gathers over scenes: one row a scene, and sums over them."""

from dataclasses import dataclass

import numpy as np

from helpers.segmentation import counting
from helpers.segmentation.scene_read import SceneRead
from helpers.segmentation.score_bins import SCORE_BINS, pixel_score_counts
from helpers.segmentation.types import BANDS, CONFIDENCE_BINS, SEGMENT_SHARES

BOUNDARY_BANDS = 3  # pixels of the first bands, up to 4 pixels from a border, are the boundary
SMALL_GROUPS = 2  # regions of the first groups, up to 0.2 % of the image, are small
ROWS = ("matrices", "network_matrices", "debatable")
COUNTS = ("score_bins", "confidence_bins", "band_matrices", "segment_matrices")
SUMS = (*COUNTS, "confidence_sums")
OBSERVERS = ("all", "matrices")


@dataclass(frozen=True)
class SeenScene:
    """What the network made of a scene, at the size S it sees."""

    prediction: np.ndarray  # (S, S) uint8
    confidence: np.ndarray  # (S, S) float32
    bins: np.ndarray  # (C, S, S) uint16, as `score_bins.to_bins` has them
    truth_bins: np.ndarray  # (S, S) uint16, of the true class; of any where there is none


def empty_sums(num_classes: int) -> dict[str, np.ndarray]:
    """Zeros of the shapes that `Evaluation` documents."""
    square = (num_classes, num_classes)
    return {
        "score_bins": np.zeros((num_classes, 2, SCORE_BINS), np.int64),
        "confidence_bins": np.zeros((num_classes, 2, CONFIDENCE_BINS), np.int64),
        "band_matrices": np.zeros((len(BANDS) + 1, *square), np.int64),
        "segment_matrices": np.zeros((len(SEGMENT_SHARES) + 1, *square), np.int64),
        "confidence_sums": np.zeros((num_classes, CONFIDENCE_BINS)),
    }


def count_scene(scene: SceneRead, look: SeenScene, num_classes: int, observers: str) -> dict[str, dict]:
    """Everything about one scene: `rows` and `sums`, arrays as in `Evaluation`, and `facts`, numbers.

    `observers='matrices'` leaves out the sums, and the facts that need them.
    """
    rows = _matrices(scene, look, num_classes)
    facts = {
        "width": float(scene.label.shape[1]),
        "height": float(scene.label.shape[0]),
        "labelled_share": float(rows["matrices"].sum() / scene.label.size),
    }
    if observers == "matrices":
        return {"rows": rows, "sums": {}, "facts": facts}
    sums, details = _details(scene, look, num_classes)
    return {"rows": rows, "sums": sums, "facts": facts | details}


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


class Observed:
    """Counts of scenes, added one after another in their order."""

    def __init__(self, num_classes: int, observers: str):
        self.rows: dict[str, list[np.ndarray]] = {name: [] for name in ROWS}
        self.facts: list[dict[str, float]] = []
        self.sums = empty_sums(num_classes) if observers == "all" else {}

    def add(self, counts: dict[str, dict]) -> None:
        """Add what `count_scene` found in one scene."""
        for name, row in counts["rows"].items():
            self.rows[name].append(row)
        for name, values in counts["sums"].items():
            self.sums[name] += values
        self.facts.append(counts["facts"])

    def arrays(self) -> dict[str, np.ndarray]:
        """Rows stacked, facts as columns named `fact_…`, and the sums."""
        rows = {name: np.stack(found) for name, found in self.rows.items()}
        facts = {f"fact_{name}": np.array([one[name] for one in self.facts]) for name in self.facts[0]}
        return rows | facts | self.sums


def full_size(prediction: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A map of the network's size (S, S) at a label's own (H, W): the value at the nearest pixel."""
    import cv2

    return cv2.resize(prediction, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST_EXACT)
