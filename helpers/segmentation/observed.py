"""What an evaluation gathers over scenes: one row a scene, and sums over them."""

from dataclasses import dataclass

import numpy as np

from helpers.segmentation import counting
from helpers.segmentation.read_ahead import SceneRead
from helpers.segmentation.score_bins import SCORE_BINS, score_counts
from helpers.segmentation.types import BANDS, CONFIDENCE_BINS, SEGMENT_SHARES

BOUNDARY_BANDS = 3  # pixels of the first bands, up to 4 pixels from a border, are the boundary
SMALL_GROUPS = 2  # regions of the first groups, up to 0.2 % of the image, are small
ROWS = ("matrices", "network_matrices", "debatable")
COUNTS = ("score_bins", "confidence_bins", "band_matrices", "segment_matrices")
SUMS = (*COUNTS, "confidence_sums")
OBSERVERS = ("all", "matrices")


@dataclass(frozen=True)
class Look:
    """What the network made of a scene, at the size S it sees."""

    prediction: np.ndarray  # (S, S) uint8
    confidence: np.ndarray  # (S, S) float32
    probabilities: np.ndarray  # (C, S, S) float32


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


class Observed:
    """Counts of scenes one after another, in the order in which they are added."""

    def __init__(self, num_classes: int, observers: str):
        self.num_classes, self.observers = num_classes, observers
        self.rows: dict[str, list[np.ndarray]] = {name: [] for name in ROWS}
        self.facts: list[dict[str, float]] = []
        self.sums = empty_sums(num_classes) if observers == "all" else {}

    def add(self, scene: SceneRead, look: Look) -> None:
        """Count one scene."""
        self._add_matrices(scene, look)
        facts = {
            "width": float(scene.label.shape[1]),
            "height": float(scene.label.shape[0]),
            "labelled_share": float(self.rows["matrices"][-1].sum() / scene.label.size),
        }
        self.facts.append(facts if self.observers == "matrices" else facts | self._add_details(scene, look))

    def _add_matrices(self, scene: SceneRead, look: Look) -> None:
        classes = self.num_classes
        prediction = full_size(look.prediction, scene.label.shape)
        debatable = np.zeros((classes, classes), np.int64)
        if scene.debatable is not None:
            debatable = counting.confusion(scene.label[scene.debatable], prediction[scene.debatable], classes)
        self.rows["matrices"].append(counting.confusion(scene.label, prediction, classes))
        self.rows["network_matrices"].append(counting.confusion(scene.small_label, look.prediction, classes))
        self.rows["debatable"].append(debatable)

    def _add_details(self, scene: SceneRead, look: Look) -> dict[str, float]:
        """Everything beyond the matrices; returns facts of the scene."""
        label, classes = scene.small_label, self.num_classes
        self.sums["score_bins"] += score_counts(look.probabilities, label, look.prediction, look.confidence)
        counts, sums = counting.confidence_counts(look.prediction, look.confidence, label, classes)
        self.sums["confidence_bins"] += counts
        self.sums["confidence_sums"] += sums
        bands = self._add_groups("band_matrices", counting.border_bands(label), label, look.prediction)
        found = counting.segments(label)
        groups = self._add_groups("segment_matrices", found.groups, label, look.prediction)
        labelled = max(1, bands.sum())
        return counting.image_facts(scene.small) | {
            "boundary_share": float(bands[:BOUNDARY_BANDS].sum() / labelled),
            "small_share": float(groups[:SMALL_GROUPS].sum() / labelled),
            "segments": float(found.count),
        }

    def _add_groups(self, name: str, groups: np.ndarray, label: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Add the scene's confusion matrix of each group; returns their labelled pixels, one number a group."""
        counts = counting.joint_counts(self.sums[name].shape, groups, label, prediction)
        self.sums[name] += counts
        return counts.sum(axis=(1, 2))

    def arrays(self) -> dict[str, np.ndarray]:
        """Rows stacked, facts as columns named `fact_…`, and the sums."""
        rows = {name: np.stack(found) for name, found in self.rows.items()}
        facts = {f"fact_{name}": np.array([one[name] for one in self.facts]) for name in self.facts[0]}
        return rows | facts | self.sums


def full_size(prediction: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A map of the network's size (S, S) at a label's own (H, W): the value at the nearest pixel."""
    import cv2

    return cv2.resize(prediction, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST_EXACT)
