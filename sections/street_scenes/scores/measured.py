"""What an evaluation says in scores: of the whole set, of each class and of each scene, with intervals."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.pixel_precision import average_precision
from helpers.metrics.segmentation import (
    REPLICATES,
    SegmentationScores,
    bootstrap_segmentation,
    class_ious,
    mean_ious,
    segmentation_scores,
    share_above,
)
from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.words import short_title
from sections.street_scenes.scores.scene_gap import SceneGap, mean_of, split_gap

if TYPE_CHECKING:
    from helpers.segmentation.streets import Streets

THRESHOLDS = tuple(round(0.1 * step, 1) for step in range(1, 10))
FEW_SEQUENCES = 5  # fewer tell nothing about other drives
TOTALS = {
    "pixel_accuracy": "Pixel accuracy",
    "mean_iou": "Mean IoU",
    "mean_dice": "Mean Dice",
    "mean_precision": "Mean precision",
    "mean_recall": "Mean recall",
}
BY_CLASS = ("iou", "dice", "precision", "recall")


@dataclass(frozen=True)
class Results:
    """One network on one set of scenes. Everything derives from `evaluation`, and is computed when asked for."""

    evaluation: SegmenterEvaluation
    title: str

    @property
    def classes(self) -> tuple[str, ...]:
        return self.evaluation.classes

    @property
    def is_resized(self) -> bool:
        """Whether the network saw any scene at another size than its label's own."""
        return not np.array_equal(self.evaluation.matrices, self.evaluation.network_matrices)

    @cached_property
    def scores(self) -> SegmentationScores:
        """From one confusion matrix at the labels' own resolution."""
        return segmentation_scores(self.evaluation.matrix)

    @cached_property
    def network_scores(self) -> SegmentationScores:
        """The same at the size the network sees."""
        return segmentation_scores(self.evaluation.network_matrix)

    @cached_property
    def strict_matrices(self) -> np.ndarray:
        """(n, C, C): without the pixels whose truth is a debatable row of the class table."""
        return self.evaluation.matrices - self.evaluation.debatable

    @cached_property
    def strict_classes(self) -> np.ndarray:
        """(C,) bool: classes in the mean without debatable rows: not those whose truth is debatable throughout."""
        truth, left = self.evaluation.matrix.sum(axis=1), self.strict_matrices.sum(axis=(0, 2))
        return self.scores.present & ((left > 0) | (truth == 0))

    @cached_property
    def strict_scores(self) -> SegmentationScores:
        """Without the debatable rows; classes that consist of nothing else have NaN and are in no mean."""
        found, counted = segmentation_scores(self.strict_matrices.sum(axis=0)), self.strict_classes
        by_class = {name: np.where(counted, getattr(found, name), np.nan) for name in BY_CLASS}
        return replace(found, **by_class, **{f"mean_{name}": mean_of(values) for name, values in by_class.items()})

    @cached_property
    def intervals(self) -> dict[str, Any]:
        """95 % intervals by bootstrap over scenes: of each of `TOTALS`, and a list under "iou"."""
        return bootstrap_segmentation(self.evaluation.matrices, replicates=REPLICATES)

    @cached_property
    def sequence_intervals(self) -> dict[str, Any] | None:
        """The same, drawing whole sequences; None where there are too few of them."""
        sequences = self.evaluation.sequences
        if len(set(sequences)) < FEW_SEQUENCES:
            return None
        return bootstrap_segmentation(self.evaluation.matrices, replicates=REPLICATES, groups=sequences)

    @cached_property
    def average_precision(self) -> np.ndarray:
        """(C,) from the pixel precision-recall curves at the size the network sees; NaN without a true pixel."""
        return average_precision(self.evaluation.score_bins)

    @property
    def mean_average_precision(self) -> float:
        return mean_of(self.average_precision)

    @cached_property
    def scene_ious(self) -> np.ndarray:
        """(n, C): IoU of each class in each scene, NaN where it is in neither truth nor prediction."""
        return class_ious(self.evaluation.matrices)

    @cached_property
    def scene_means(self) -> np.ndarray:
        """(n,): mean IoU of each scene over the classes in its truth or prediction."""
        return mean_ious(self.evaluation.matrices)

    @cached_property
    def shares_above(self) -> np.ndarray:
        """(T, C): share of the scenes with a class whose IoU of it exceeds each of `THRESHOLDS`."""
        return share_above(self.scene_ious, THRESHOLDS)

    @cached_property
    def scene_gap(self) -> SceneGap:
        """Why the mean over scenes differs from the score of the whole set."""
        return split_gap(self.evaluation.matrices)

    @property
    def absent(self) -> list[str]:
        """Classes in neither truth nor prediction, which are left out of every mean."""
        return [name for name, there in zip(self.classes, self.scores.present, strict=True) if not there]

    @property
    def without_truth(self) -> list[str]:
        """Classes that no scene shows but the network sees: their IoU is 0 and counts in the mean."""
        unshown = self.scores.present & (self.scores.truth_pixels == 0)
        return [name for name, alone in zip(self.classes, unshown, strict=True) if alone]


def headline(results: Results) -> list[dict[str, Any]]:
    """The entries for the index of all studies: mean IoU and pixel accuracy on one set, with their intervals."""
    from helpers.datasets.streets.catalogue import SETS

    evaluation = results.evaluation
    known = SETS.get(evaluation.set_name)
    where = short_title(known.info.title) if known else evaluation.set_name
    return [
        {
            "model": f"{evaluation.model}, {evaluation.set_name} {evaluation.part}",
            "title": f"{results.title}, on {where}",
            "metric": name,
            **vars(results.intervals[name]),
        }
        for name in ("mean_iou", "pixel_accuracy")
    ]


def segmenter_results(results: Results) -> dict[str, Any]:
    """What a chapter keeps of an evaluation as JSON."""
    gap = results.scene_gap
    return {
        "set": results.evaluation.set_name,
        "part": results.evaluation.part,
        "size": results.evaluation.size,
        "images": len(results.evaluation),
        "totals": totals_of(results),
        "totals_at_network_size": {name: getattr(results.network_scores, name) for name in TOTALS},
        "totals_without_debatable": {name: getattr(results.strict_scores, name) for name in TOTALS},
        "classes": {name: _of_class(results, c) for c, name in enumerate(results.classes)},
        "absent_classes": results.absent,
        "scene_mean_iou": {"mean": gap.scenes, "size": gap.size, "false_alarms": gap.false_alarms, "mix": gap.mix},
        "thresholds": list(THRESHOLDS),
        "share_above": results.shares_above.tolist(),
        "confusion_matrix": results.evaluation.matrix.tolist(),
    } | ({"mean_iou_by_sequences": vars(results.sequence_intervals["mean_iou"])}
         if results.sequence_intervals else {})  # fmt: skip


def totals_of(results: Results) -> dict[str, Any]:
    """The scores of the whole set with their intervals, as JSON."""
    intervals = {name: vars(results.intervals[name]) for name in TOTALS}
    return intervals | {"mean_average_precision": results.mean_average_precision}


def _of_class(results: Results, c: int) -> dict[str, Any]:
    interval = results.intervals["iou"][c]
    scores = {name: float(getattr(results.scores, name)[c]) for name in BY_CLASS}
    return scores | {
        "iou_interval": [interval.low, interval.high] if interval else None,
        "average_precision": float(results.average_precision[c]),
        "iou_at_network_size": float(results.network_scores.iou[c]),
        "iou_without_debatable": float(results.strict_scores.iou[c]),
        "mean_scene_iou": mean_of(results.scene_ious[:, c]),
    }


def evaluate_street_scenes(streets: "Streets") -> None:
    """Evaluate all that chapter 07 asks for; see `runner.shards`."""
    streets.evaluate("target")
    streets.over_seeds("target")
    for name in streets.names:
        streets.evaluate("target", name)
