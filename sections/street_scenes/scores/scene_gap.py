"""Why the mean IoU of single scenes is another number than the mean IoU of the whole set (chapter 07)."""

from dataclasses import dataclass

import numpy as np

from helpers.metrics.segmentation import class_ious, mean_ious, mean_over, segmentation_scores


@dataclass(frozen=True)
class SceneGap:
    """Why the mean IoU of single scenes differs from that of the whole set: three parts that add up to `total`.

    size: within each class, scenes count alike instead of in proportion to the class's area in them.
    false_alarms: a scene without the class in which the network sees it counts as IoU 0.
    mix: a scene's mean is taken over the classes that it has, so that common classes count more often.
    """

    data_set: float
    scenes: float
    size: float
    false_alarms: float
    mix: float

    @property
    def total(self) -> float:
        return self.scenes - self.data_set


def split_gap(matrices: np.ndarray) -> SceneGap:
    """Split the difference between mean scene IoU and data-set IoU of (n, C, C) matrices.

    With area weights w the data-set IoU of a class is the weighted mean Σ w·IoU of its scenes' IoU, w being the
    scene's share of the class's union. The parts follow from changing one thing after another: first the weights
    (scenes that show the class, all alike), then the scenes (also those where it is only predicted), then the
    order of the two means (over scenes last instead of over classes).
    """
    ious, truth = class_ious(matrices), matrices.sum(axis=2)
    pooled = segmentation_scores(matrices.sum(axis=0)).iou
    there = ~np.isnan(pooled)
    alike = np.nan_to_num(mean_over(np.where(truth > 0, ious, np.nan)[:, there].T))
    also_alarms = mean_over(ious[:, there].T)
    whole, by_scene = float(mean_over(pooled)), float(mean_over(mean_ious(matrices)))
    return SceneGap(
        data_set=whole,
        scenes=by_scene,
        size=float(alike.mean()) - whole,
        false_alarms=float((also_alarms - alike).mean()),
        mix=by_scene - float(also_alarms.mean()),
    )
