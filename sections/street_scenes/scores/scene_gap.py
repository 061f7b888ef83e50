"""Why the mean IoU of single scenes is another number than the mean IoU of the whole set (chapter 07)."""

from dataclasses import dataclass

import numpy as np

from helpers.metrics.segmentation import class_ious, mean_ious, segmentation_scores


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
    rises: int  # classes with a positive correlation of area and IoU over the scenes that show them
    compared: int
    alarm_scenes: float  # mean number of classes a scene that are seen but not there

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
    shown = np.where(truth > 0, ious, np.nan)[:, there]
    alike = np.nan_to_num(np.array([mean_of(column) for column in shown.T]))
    also_alarms = np.array([mean_of(column) for column in ious[:, there].T])
    by_scene = mean_of(mean_ious(matrices))
    slopes = _area_correlations(truth[:, there], shown)
    return SceneGap(
        data_set=mean_of(pooled),
        scenes=by_scene,
        size=float(alike.mean()) - mean_of(pooled),
        false_alarms=float((also_alarms - alike).mean()),
        mix=by_scene - float(also_alarms.mean()),
        rises=sum(slope > 0 for slope in slopes),
        compared=len(slopes),
        alarm_scenes=float(((truth == 0) & ~np.isnan(ious)).sum(axis=1).mean()),
    )


def _area_correlations(areas: np.ndarray, ious: np.ndarray, least: int = 3) -> list[float]:
    """Rank correlation of area and IoU of each class that enough scenes show."""
    from scipy.stats import spearmanr

    found = []
    for area, iou in zip(areas.T, ious.T, strict=True):
        shown = ~np.isnan(iou)
        if shown.sum() >= least and np.ptp(area[shown]) > 0 and np.ptp(iou[shown]) > 0:
            found.append(float(spearmanr(area[shown], iou[shown]).statistic))
    return found


def mean_of(values: np.ndarray) -> float:
    """Mean of what is not NaN; NaN where there is nothing."""
    values = np.asarray(values, dtype=np.float64)
    return float(values[~np.isnan(values)].mean()) if (~np.isnan(values)).any() else float("nan")
