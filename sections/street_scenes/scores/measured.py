"""What an evaluation says in scores: of the whole set, of each class and of each scene, with intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from helpers.base.paths import plain
from helpers.metrics.pixel_precision import average_precision
from helpers.metrics.segmentation import (
    SegmentationScores,
    bootstrap_segmentation,
    class_ious,
    mean_ious,
    mean_over,
    segmentation_scores,
    share_of,
)
from helpers.segmentation.places import LookedAt
from helpers.segmentation.resampling import drawn_groups, score_intervals, seed_of, what_is_drawn
from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.words import short_title
from sections.street_scenes.scores.scene_gap import SceneGap, split_gap

THRESHOLDS = tuple(round(0.1 * step, 1) for step in range(1, 10))
TOTALS = {
    "pixel_accuracy": "Pixel accuracy",
    "mean_iou": "Mean IoU",
    "mean_dice": "Mean Dice",
    "mean_precision": "Mean precision",
    "mean_recall": "Mean recall",
}


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
        left = self.strict_matrices.sum(axis=0)
        if not left.any():
            nothing = {name: np.nan for name in ("pixel_accuracy", "frequency_weighted_iou")}
            found = replace(self.scores, **nothing)
        else:
            found = segmentation_scores(left)
        kinds = ("iou", "dice", "precision", "recall")
        by_class = {kind: np.where(self.strict_classes, getattr(found, kind), np.nan) for kind in kinds}
        means = {f"mean_{kind}": float(mean_over(values)) for kind, values in by_class.items()}
        return replace(found, **by_class, **means)

    @cached_property
    def intervals(self) -> dict[str, Any]:
        """95 % intervals of each of `TOTALS`, and a list by class of each score: see `score_intervals`."""
        return score_intervals(self.evaluation)

    @cached_property
    def scene_intervals(self) -> dict[str, Any] | None:
        """What they would be if scenes were drawn one by one; None where they are."""
        if drawn_groups(self.evaluation) is None:
            return None
        return bootstrap_segmentation(self.evaluation.matrices, seed=seed_of(self.evaluation))

    @cached_property
    def average_precision(self) -> np.ndarray:
        """(C,) from the pixel precision-recall curves at the size the network sees; NaN without a true pixel."""
        return average_precision(self.evaluation.score_bins)

    @property
    def mean_average_precision(self) -> float:
        return float(mean_over(self.average_precision))

    @cached_property
    def scene_ious(self) -> np.ndarray:
        """(n, C): IoU of each class in each scene, NaN where it is in neither truth nor prediction."""
        return class_ious(self.evaluation.matrices)

    @cached_property
    def scene_means(self) -> np.ndarray:
        """Mean IoU of each scene with a label, over the classes in its truth or prediction."""
        means = mean_ious(self.evaluation.matrices)
        return means[~np.isnan(means)]

    @cached_property
    def shares_above(self) -> np.ndarray:
        """(T, C): share of the scenes with a class whose IoU of it exceeds each of `THRESHOLDS`."""
        return share_above(self.scene_ious, THRESHOLDS)

    @cached_property
    def scene_gap(self) -> SceneGap:
        """Why the mean over scenes differs from the score of the whole set."""
        return split_gap(self.evaluation.matrices)


def segmenter_headline(results: Results) -> list[dict[str, Any]]:
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
            **plain(results.intervals[name]),
        }
        for name in ("mean_iou", "pixel_accuracy")
    ]


def segmenter_results(results: Results) -> dict[str, Any]:
    """What a chapter keeps of an evaluation as JSON; lists are in the order of the classes."""
    found = results.evaluation
    kept = {
        "set": found.set_name,
        "part": found.part,
        "size": found.size,
        "images": len(found),
        "classes": results.classes,
        "scores": results.scores,
        "scores_at_network_size": results.network_scores,
        "scores_without_debatable": results.strict_scores,
        "average_precision": results.average_precision,
        "intervals": results.intervals,
        "intervals_over": what_is_drawn(found),
        "scene_gap": results.scene_gap,
        "thresholds": THRESHOLDS,
        "share_above": results.shares_above,
        "confusion_matrix": found.matrix,
    }
    if results.scene_intervals:
        kept["mean_iou_by_scenes"] = results.scene_intervals["mean_iou"]
    return plain(kept)


def totals_of(results: Results) -> dict[str, Any]:
    """The scores of the whole set with their intervals, as JSON."""
    totals = {name: results.intervals[name] for name in TOTALS}
    return plain(totals | {"mean_average_precision": results.mean_average_precision})


def evaluate_street_scenes(streets: LookedAt) -> None:
    """Evaluate all that chapter 07 asks for; see `runner.shards`."""
    streets.evaluate("target")
    streets.evaluate("home")
    streets.over_seeds("target")
    for name in streets.names:
        streets.evaluate("target", name)


def share_above(ious: ArrayLike, thresholds: ArrayLike) -> np.ndarray:
    """Share of images whose IoU is above each threshold, by class: (T, C).

    `ious` is (n, C) as from `class_ious`; only images in which the class has an IoU count, and a class without
    any has NaN.
    """
    ious, thresholds = np.asarray(ious, np.float64), np.asarray(thresholds, np.float64).ravel()
    images = (~np.isnan(ious)).sum(0)
    return share_of((ious[None] > thresholds[:, None, None]).sum(1), images)
