"""The costliest confusions, seen: each in a scene that has much of it (chapter 08)."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.display import Note, Photo
from helpers.show.scene_cards import SceneCard, SceneGallery
from helpers.show.scenes import WRONG, overlay, scene_name, shrunk
from helpers.show.words import number, percent
from sections.errors.improvements.measured import Improvement

ShownScene = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # image, label, prediction, confidence
ROOM = 1.5  # sides of a patch shown from close by


def confusion_examples(
    found: SegmenterEvaluation,
    ranked: Sequence[Improvement],
    look: Callable[[int], ShownScene],
    colours: np.ndarray,
) -> SceneGallery | Note:
    """For each of some confusions the scene with most of its pixels, each scene shown once.

    `look` gives image, label, prediction and confidence of a scene of the evaluation by its position.
    """
    cards, shown = [], set()
    for one in ranked:
        cell = tuple(map(found.classes.index, (one.truth, one.predicted)))
        pixels = found.matrices[:, *cell]
        order = [int(scene) for scene in np.argsort(-pixels, kind="stable") if pixels[scene]]
        position = next((scene for scene in order if scene not in shown), order[0])
        shown.add(position)
        cards.append(_card(found, one, cell, position, look(position), colours))
    if not cards:
        return Note("There is no confusion to show.")
    return SceneGallery(
        cards,
        "Each confusion in the scene that has most of it and was not shown before. Left: its pixels in orange. "
        "Then the part around its largest patch, with truth and prediction laid over it.",
    )


def _card(
    found: SegmenterEvaluation, one: Improvement, cell: tuple[int, int], position: int, seen: ShownScene,
    colours: np.ndarray,
) -> SceneCard:  # fmt: skip
    image, label, prediction, confidence = seen
    confused = (label == cell[0]) & (prediction == cell[1])
    name = scene_name(found.sequences[position], found.files[position])
    part = closer(confused)
    near, truth, guess = (shrunk(pixels[part]) for pixels in (image, label, prediction))
    photos = [
        Photo(shrunk(highlight(image, confused)), f"Scene {name}, pixels with {one.arrow} in orange", one.arrow),
        Photo(overlay(near, truth, colours), f"Truth laid over a part of {name}", "closer, truth"),
        Photo(overlay(near, guess, colours), "Prediction laid over the same part", "closer, prediction"),
    ]
    matrix = found.matrices[position]
    sure = f", {percent(float(confidence[confused].mean()), 0)} sure of it on average" if confused.any() else ""
    told = (
        f"In {name} the network makes this mistake on {percent(matrix[cell] / matrix.sum())} of the labelled "
        f"pixels{sure}: {percent(matrix[cell] / one.pixels)} of all pixels with this confusion."
    )
    title = f"{one.arrow}: {number(100 * one.gain.value, 2)} points of mean IoU"
    return SceneCard(photos, title, paragraph=told.replace(" %", "\N{NO-BREAK SPACE}%"))


def highlight(image: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: the image, dimmed, with the `chosen` pixels (H, W) bool in orange."""
    pixels = np.where(chosen[..., None], 0.75 * np.array(WRONG) + 0.25 * image, 0.6 * image)
    return np.rint(pixels).astype(np.uint8)


def closer(chosen: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of a part of the scene, of its shape, around the largest patch of `chosen` (H, W) bool.

    The patch fills at most 1 / `ROOM` of either side, and at least a third of the scene is shown.
    """
    height, width = chosen.shape
    _, _, found, _ = cv2.connectedComponentsWithStats(chosen.astype(np.uint8))
    if len(found) < 2:
        return slice(0, height), slice(0, width)
    largest = 1 + found[1:, cv2.CC_STAT_AREA].argmax()
    left, top, wide, high, _ = found[largest]
    share = min(1.0, max(1 / 3, ROOM * wide / width, ROOM * high / height))
    return _window(top + high / 2, height, share), _window(left + wide / 2, width, share)


def _window(middle: float, length: int, share: float) -> slice:
    """A share of a side, around `middle` as far as the edges allow."""
    size = max(1, round(share * length))
    start = int(np.clip(round(middle - size / 2), 0, length - size))
    return slice(start, start + size)
