"""Tables of a segmenter's errors, and scenes that show the costliest of them (chapter 08)."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from helpers.segmentation.types import BANDS, SEGMENT_SHARES
from helpers.show.display import Note, Photo, Table
from helpers.show.scene_cards import SceneCard, SceneGallery
from helpers.show.scenes import overlay, shrunk
from helpers.show.words import percent
from sections.errors.composition.pictures import closer, highlight
from sections.errors.improvements.measured import NEAR, SMALL
from sections.errors.improvements.sentences import kind_of

if TYPE_CHECKING:
    from sections.errors.analysis import Analysis
    from sections.errors.improvements.measured import Improvement

Seen = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # image, label, prediction, confidence
whole_percent = partial(percent, digits=0)
SMALLEST_NAMED = 0.01  # share of a class's pixels


def class_table(analysis: "Analysis") -> Table:
    """One row a class: how often it occurs, precision, recall, F1 and IoU with intervals."""
    rows = [
        {
            "Class": row.name, "Scenes": row.scenes, "Pixels": row.share, "Precision": row.precision,
            "Recall": row.recall, "F1": row.f1, "IoU": row.iou,
        }
        for row in analysis.class_scores
    ]  # fmt: skip
    return Table(
        rows,
        "Each class, with 95 % intervals in brackets. Scenes: how many show it. Pixels: its share of the labels.",
        {"*": ".2f", "Scenes": "d", "Pixels": partial(percent, digits=2)},
    )


def taken_for_table(analysis: "Analysis", most: int = 3) -> Table:
    """The confusion matrix in words: for each class the most frequent answers. Fits the narrowest screen."""
    matrix, names = analysis.found.matrix, analysis.classes
    rows = [
        {
            "Class": name,
            "What becomes of it": _answers(row, c, names, most) if row.any() else "in none of these scenes",
            "What is behind the answer": _answers(column, c, names, most) if column.any() else "never given",
        }
        for c, (name, row, column) in enumerate(zip(names, matrix, matrix.T, strict=True))
    ]
    return Table(
        rows,
        f"The same matrices in words, with at most {most} other classes, from 1 % on. What becomes of a class: in "
        "% of its pixels. What is behind the answer: in % of the pixels that were given it.",
    )


def _answers(counts: np.ndarray, own: int, names: Sequence[str], most: int) -> str:
    """ "right 83 %; car 9 %, bus 4 %"."""
    shares = counts / counts.sum()
    others = [c for c in np.argsort(-shares, kind="stable") if c != own and shares[c] >= SMALLEST_NAMED][:most]
    told = ", ".join(f"{names[c]} {whole_percent(shares[c])}" for c in others)
    text = f"right {whole_percent(shares[own])}" + (f"; {told}" if told else "")
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def confidence_table(analysis: "Analysis") -> Table:
    """One row a predicted class: mean confidence, share right, the gap, calibration error, ranking of errors."""
    rows = [
        {
            "Predicted": row.name, "Pixels": row.pixels / max(1, analysis.overall.pixels),
            "Confidence": row.confidence, "Right": row.accuracy, "Gap": row.gap, "ECE": row.calibration_error,
            "Errors ranked": row.error_ranking,
        }
        for row in [*analysis.confidences, analysis.overall]
        if row.pixels
    ]  # fmt: skip
    return Table(
        rows,
        "Pixels by predicted class. Gap: confidence minus share right. ECE: expected calibration error. Errors "
        "ranked: how often a right pixel is surer than a wrong one, 0.5 being worthless.",
        {"*": ".3f", "Gap": "+.3f", "Pixels": partial(percent, digits=2)},
    )


def improvement_table(analysis: "Analysis", most: int) -> Table | Note:
    """The ranked list: what resolving each confusion would bring."""
    if not analysis.ranked:
        return Note("There is no confusion left to resolve.")
    rows = [
        {
            "Place": place,
            "Truth → prediction": _arrow(one, analysis.classes),
            "Mean IoU won": one.gain,
            "Could be": f"{one.place[0]}–{one.place[1]}",
            "Errors": one.share,
            "IoU of truth": _change(one.iou_truth),
            "IoU of prediction": _change(one.iou_predicted),
        }
        for place, one in enumerate(analysis.ranked[:most], start=1)
    ]
    return Table(
        rows,
        f"The {len(rows)} costliest of {len(analysis.ranked)} confusions. Mean IoU won, in points of 100, if this "
        "confusion alone were resolved, with its 95 % interval; the places it could take with other scenes; its "
        "share of the wrong pixels; IoU of the two classes now → then.",
        {"Mean IoU won": _points, "Errors": percent},
        row_names=False,
    )


def _points(gain: object) -> str:
    value, low, high = (100 * getattr(gain, key) for key in ("value", "low", "high"))
    return f"{value:.2f}" if math.isnan(low) else f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _arrow(one: "Improvement", names: Sequence[str]) -> str:
    return f"{names[one.truth]} → {names[one.predicted]}"


def _change(ious: tuple[float, float]) -> str:
    return f"{ious[0]:.2f} → " + ("absent" if math.isnan(ious[1]) else f"{ious[1]:.2f}")


def kind_table(analysis: "Analysis", most: int) -> Table | Note:
    """Where the pixels of each costly confusion lie, and which kind it therefore is."""
    truth = analysis.found.matrix.sum(1) / max(1, analysis.found.matrix.sum())
    rows = [
        {
            "Truth → prediction": _arrow(one, analysis.classes),
            "Kind": kind_of(one, float(truth[one.truth])).name,
            "Near a border": one.near,
            "Small": one.small,
            "Debatable": one.debatable,
        }
        for one in analysis.ranked[:most]
    ]
    if not rows:
        return Note("There is no confusion left to resolve.")
    return Table(
        rows,
        f"The same confusions: share of their pixels within {BANDS[NEAR]:g} px of a border, on segments up to "
        f"{100 * SEGMENT_SHARES[SMALL]:g} % of the image, and with a debatable label.",
        dict.fromkeys(("Near a border", "Small", "Debatable"), whole_percent),
    )


def area_table(analysis: "Analysis") -> Table | Note:
    """Groups of errors: their share, and the mean IoU won if all of a group were resolved."""
    if not analysis.areas:
        return Note("There are no errors to group.")
    titles = {"place": "Place", "size": "Size", "kind": "Kind of thing", "label": "Label"}
    rows = [
        {
            "Grouped by": titles[area.kind],
            "All errors": area.name,
            "Share of errors": area.share,
            "Mean IoU won": area.gain,
        }
        for area in analysis.areas
    ]
    return Table(
        rows,
        "Whole groups of errors resolved at once, in points of mean IoU. Place, size and kind divide the same "
        "errors in different ways; kinds of things are the coarsest list of shared classes. In brackets 95 % "
        "intervals; place and size are counted over all scenes together and have none.",
        {"Share of errors": percent, "Mean IoU won": _points},
        row_names=False,
    )


def examples(
    analysis: "Analysis", look: Callable[[int], Seen], colours: np.ndarray, most: int = 4
) -> SceneGallery | Note:
    """For each of the costliest confusions the scene with most of its pixels, each scene shown once.

    `look` gives image, label, prediction and confidence of a scene of the evaluation by its position.
    """
    cards, shown = [], set()
    for place, one in enumerate(analysis.ranked[:most], start=1):
        position = _scene_of(analysis, one, shown)
        shown.add(position)
        cards.append(_card(analysis, one, place, position, look(position), colours))
    if not cards:
        return Note("There is no confusion to show.")
    return SceneGallery(
        cards,
        "Each confusion in the scene that has most of it and was not shown before. Left: its pixels in orange. "
        "Then the part around its largest patch, with truth and prediction laid over it.",
    )


def _scene_of(analysis: "Analysis", one: "Improvement", shown: set[int]) -> int:
    """The scene with most of a confusion's pixels that has not been shown, if there is one with any."""
    pixels = analysis.found.matrices[:, one.truth, one.predicted]
    order = [int(scene) for scene in np.argsort(-pixels, kind="stable") if pixels[scene]]
    return next((scene for scene in order if scene not in shown), order[0])


def _card(
    analysis: "Analysis", one: "Improvement", place: int, position: int, seen: Seen, colours: np.ndarray
) -> SceneCard:
    image, label, prediction, confidence = seen
    confused = (label == one.truth) & (prediction == one.predicted)
    names, name = analysis.classes, _short_path(analysis.found.files[position])
    arrow = _arrow(one, names)
    part = closer(confused)
    near = [shrunk(pixels[part]) for pixels in (image, label, prediction)]
    photos = [
        Photo(shrunk(highlight(image, confused)), f"Scene {name}, pixels with {arrow} in orange", arrow),
        Photo(overlay(near[0], near[1], colours), f"Truth laid over a part of {name}", "closer, truth"),
        Photo(overlay(near[0], near[2], colours), "Prediction laid over the same part", "closer, prediction"),
    ]
    title = f"{place}. {arrow}: {100 * one.gain.value:.2f} points of mean IoU"
    return SceneCard(photos, title, paragraph=_told(analysis, one, position, confidence[confused]))


def _told(analysis: "Analysis", one: "Improvement", position: int, confidence: np.ndarray) -> str:
    matrix = analysis.found.matrices[position]
    here, name = int(matrix[one.truth, one.predicted]), _short_path(analysis.found.files[position])
    sure = f", {whole_percent(float(confidence.mean()))} sure of it on average" if len(confidence) else ""
    told = (
        f"In {name} the network makes this mistake on {percent(here / max(1, int(matrix.sum())))} of the labelled "
        f"pixels{sure}: {percent(here / one.pixels)} of all pixels with this confusion."
    )
    return told.replace(" %", "\N{NO-BREAK SPACE}%")


def _short_path(file: str) -> str:
    """Folder and name: drives number their frames alike."""
    return "/".join(PurePosixPath(file).parts[-2:])
