"""What is counted about one scene, as pixels in the cells of small tables. All of it is whole numbers.

OpenCV's histograms count a pixel in about a nanosecond, ten times as fast as NumPy's.
"""

from typing import NamedTuple

import cv2
import numpy as np

from helpers.datasets.streets.types import IGNORE
from helpers.segmentation.types import BANDS, CONFIDENCE_BINS, SEGMENT_SHARES

COUNTED_AT_ONCE = 1 << 24  # cv2.calcHist counts in float32, which is exact up to here


def joint_counts(shape: tuple[int, ...], *values: np.ndarray) -> np.ndarray:
    """How many pixels have each combination of values: int64 of `shape`, exact.

    `values` are arrays of one shape, all uint8 or all uint16; a pixel with a value of `shape[i]` or more, such as
    IGNORE, counts nowhere.
    """
    rows = [np.ascontiguousarray(one).reshape(1, -1) for one in values]
    ranges = [bound for size in shape for bound in (0, size)]
    counts = np.zeros(shape, np.int64)
    for start in range(0, rows[0].size, COUNTED_AT_ONCE):
        piece = [row[:, start : start + COUNTED_AT_ONCE] for row in rows]
        found = cv2.calcHist(piece, list(range(len(rows))), None, list(shape), ranges)
        counts += found.reshape(shape).astype(np.int64)
    return counts


def confusion(label: np.ndarray, prediction: np.ndarray, num_classes: int) -> np.ndarray:
    """(C, C) int64 confusion matrix, rows truth, of two uint8 arrays of one shape; IGNORE counts nowhere."""
    return joint_counts((num_classes, num_classes), label, prediction)


def choose(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The most probable class of every pixel (the first of equals), uint8, and its probability, float32.

    `probabilities` is (C, H, W) float32, one plane after another in memory.
    """
    confidence = probabilities[0].copy()
    for plane in probabilities[1:]:
        cv2.max(confidence, plane, dst=confidence)
    last = len(probabilities) - 1
    from_last = np.zeros(confidence.shape, np.uint8)  # the largest of these is the first class
    for number, plane in enumerate(probabilities):
        is_best = cv2.compare(plane, confidence, cv2.CMP_EQ)  # 255 or 0
        cv2.max(from_last, np.bitwise_and(is_best, last - number, out=is_best), dst=from_last)
    return last - from_last, confidence


def confidence_counts(
    prediction: np.ndarray, confidence: np.ndarray, label: np.ndarray, num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels by predicted class, wrong or right, and confidence: (C, 2, K) int64; sums of confidence (C, K)."""
    right = np.where(label == IGNORE, np.uint8(IGNORE), (prediction == label).view(np.uint8))
    bins = np.minimum(confidence * CONFIDENCE_BINS, CONFIDENCE_BINS - 1).astype(np.uint8)
    counts = joint_counts((num_classes, 2, CONFIDENCE_BINS), prediction, right, bins)
    cells = prediction.astype(np.intp) * CONFIDENCE_BINS + bins
    weights = np.where(label == IGNORE, 0, confidence)
    sums = np.bincount(cells.reshape(-1), weights.reshape(-1), num_classes * CONFIDENCE_BINS)
    return counts, sums.reshape(num_classes, CONFIDENCE_BINS)


def border_bands(label: np.ndarray) -> np.ndarray:
    """The band of BANDS in which each pixel's distance from the nearest border lies: (H, W) uint8.

    A border runs between two neighbouring pixels of different classes; both lie half a pixel from it. Where a
    class meets ignored pixels there is none. Distances are Euclidean, within 2 %.
    """
    distance = cv2.distanceTransform(1 - _at_border(label), cv2.DIST_L2, cv2.DIST_MASK_5) + 0.5
    bands = np.zeros(label.shape, np.uint8)
    for bound in BANDS:
        bands += distance > bound
    return bands


def _at_border(label: np.ndarray) -> np.ndarray:
    """1 for pixels beside a pixel of another class, else 0: (H, W) uint8."""
    at_border, labelled = np.zeros(label.shape, np.uint8), label != IGNORE
    for one, next_one in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        differs = (label[one] != label[next_one]) & labelled[one] & labelled[next_one]
        at_border[one] |= differs
        at_border[next_one] |= differs
    return at_border


class Segments(NamedTuple):
    """Connected regions of one class (pixels that touch, if only at a corner)."""

    groups: np.ndarray  # (H, W) uint8: group of SEGMENT_SHARES that the pixel's region is in, IGNORE if ignored
    count: int


def segments(label: np.ndarray) -> Segments:
    """The regions of a label (H, W), by area: a share of the image's pixels."""
    groups, count = np.full(label.shape, IGNORE, np.uint8), 0
    for number in np.flatnonzero(joint_counts((IGNORE,), label)):
        of_class = cv2.compare(label, int(number), cv2.CMP_EQ)
        left, top, width, height = cv2.boundingRect(of_class)
        box = np.s_[top : top + height, left : left + width]
        found, regions = cv2.connectedComponents(of_class[box], connectivity=8)
        np.minimum(groups[box], _group_of(regions, found, label.size), out=groups[box])
        count += found - 1
    return Segments(groups, count)


def _group_of(regions: np.ndarray, found: int, pixels: int) -> np.ndarray:
    """The group of each pixel's region; IGNORE, the largest number, around the regions, where `regions` is 0."""
    few = found <= 256  # then OpenCV can look regions up, which is faster
    regions = regions.astype(np.uint8) if few else regions
    areas = joint_counts((256,), regions) if few else np.bincount(regions.reshape(-1))
    group = np.searchsorted(SEGMENT_SHARES, areas / pixels).astype(np.uint8)
    group[0] = IGNORE
    return cv2.LUT(regions, group) if few else np.take(group, regions, mode="clip")


def image_facts(image: np.ndarray) -> dict[str, float]:
    """Measurements of an image (H, W, 3) uint8 RGB, from every other pixel each way.

    brightness, contrast: mean and standard deviation of luma, 0 … 1; saturation: mean of HSV's S, 0 … 1;
    lightness (0 … 100), a and b: as in CIELAB, D65 white.
    """
    image = np.ascontiguousarray(image[::2, ::2])
    luma_mean, luma_std = cv2.meanStdDev(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    saturation = cv2.mean(cv2.cvtColor(image, cv2.COLOR_RGB2HSV))[1]
    means, deviations = cv2.meanStdDev(cv2.cvtColor(image, cv2.COLOR_RGB2LAB))
    facts = {
        "brightness": luma_mean.item() / 255,
        "contrast": luma_std.item() / 255,
        "saturation": saturation / 255,
    }
    scales = (("lightness", 100 / 255, 0), ("a", 1, 128), ("b", 1, 128))  # how OpenCV packs CIELAB into bytes
    for (name, scale, zero), mean, deviation in zip(scales, means.flat, deviations.flat, strict=True):
        facts[f"{name}_mean"], facts[f"{name}_std"] = (mean - zero) * scale, deviation * scale
    return facts
