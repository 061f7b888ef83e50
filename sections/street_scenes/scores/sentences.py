"""What the scores of a segmenter say: in total, by class, by threshold, by scene (chapter 07)."""

from collections.abc import Sequence

import numpy as np

from helpers.metrics.intervals import Interval
from helpers.show.words import (
    NOTICEABLE,
    count,
    listed,
    number,
    number_interval,
    percent,
    points,
    quoted,
    sentence,
    share_interval,
    signed,
)
from sections.street_scenes.scores.measured import Results
from sections.street_scenes.scores.scene_gap import mean_of


def totals(results: Results) -> list[str]:
    """Pixel accuracy beside mean IoU, with their intervals, and what whole sequences say about them."""
    accuracy, iou = results.intervals["pixel_accuracy"], results.intervals["mean_iou"]
    present = int(results.scores.present.sum())
    read = (
        f"{results.title} gets {share_interval(accuracy)} of the pixels right; its mean IoU over "
        f"{count(present, 'class', 'classes')} is {number_interval(iou)}. {_accuracy_against_iou(results)}"
    )
    return [read, *_by_sequences(results)]


def _accuracy_against_iou(results: Results) -> str:
    scores = results.scores
    weighted = scores.frequency_weighted_iou
    largest = int(scores.truth_pixels.argmax())
    share = percent(scores.truth_pixels[largest] / scores.truth_pixels.sum(), 0)
    by_pixels = f"Weighted by how many pixels the classes have, it would be {number(weighted)}"
    if abs(weighted - scores.mean_iou) < 0.05:
        return f"{by_pixels}: much the same."
    better = "better" if weighted > scores.mean_iou else "worse"
    return (
        f"{by_pixels}: frequent classes are recognised {better} than rare ones "
        f"({quoted(results.classes[largest])} alone has {share} of the pixels), and mean IoU lets every class "
        "count alike."
    )


def _by_sequences(results: Results) -> list[str]:
    found = results.sequence_intervals
    if found is None:
        return []
    whole, scenes = found["mean_iou"], results.intervals["mean_iou"]
    sequences = len(set(results.evaluation.sequences))
    ratio = whole.width / scenes.width if scenes.width else 1.0
    verdict = (
        f"{ratio:.1f} times as wide: scenes of one sequence resemble each other, so other scenes may well score "
        "outside the narrower interval"
        if ratio > 1.15
        else "hardly different: scenes of one sequence resemble each other no more than scenes of different ones"
    )
    return [
        f"If whole sequences are drawn instead of scenes (there are {sequences}), the interval of the mean IoU is "
        f"{number(whole.low)} to {number(whole.high)}, {verdict}."
    ]


def resolution(results: Results, difference: Interval) -> list[str]:
    """Scores at the labels' own size against scores at the size that the network sees."""
    own, network, size = results.scores, results.network_scores, results.evaluation.size
    by_class = network.iou - own.iou
    known = np.flatnonzero(~np.isnan(by_class))
    read = (
        f"Scored at {size} × {size} the mean IoU is {number(network.mean_iou)} instead of {number(own.mean_iou)} "
        f"at the labels' own size, a difference of {signed(difference)}."
    )
    if not len(known):
        return [read]
    most = known[np.argmax(np.abs(by_class[known]))]
    if abs(by_class[most]) < NOTICEABLE:
        return [f"{read} No class changes by as much as {NOTICEABLE}."]
    return [
        f"{read} The largest change has {quoted(results.classes[most])}, from {number(own.iou[most], 3)} to "
        f"{number(network.iou[most], 3)}: shrinking the label takes thin and small things away before they are "
        "judged, and enlarging the prediction leaves steps at its borders."
    ]


def debatable(results: Results, difference: Interval) -> list[str]:
    """What the debatable rows of the class table do to the score."""
    pixels, whole = int(results.evaluation.debatable.sum()), int(results.evaluation.matrix.sum())
    if not pixels:
        return ["No pixel of these scenes has a class whose place in the shared list is debatable."]
    read = (
        f"{percent(pixels / whole)} of the labelled pixels belong to debatable rows. Without them the mean IoU is "
        f"{number(results.strict_scores.mean_iou)} instead of {number(results.scores.mean_iou)}, a difference of "
        f"{signed(difference)}.{_left_out(results)}"
    )
    by_class = results.strict_scores.iou - results.scores.iou
    known = np.flatnonzero(~np.isnan(by_class))
    most = known[np.argmax(np.abs(by_class[known]))] if len(known) else None
    if most is not None and abs(by_class[most]) >= NOTICEABLE:
        read += (
            f" Of the other classes {quoted(results.classes[most])} changes most, from "
            f"{number(results.scores.iou[most])} to {number(results.strict_scores.iou[most])}."
        )
    return [read]


def _left_out(results: Results) -> str:
    """Classes that consist of debatable pixels only."""
    lost = results.scores.present & ~results.strict_classes
    if not lost.any():
        return ""
    names = listed([quoted(results.classes[c]) for c in np.flatnonzero(lost)])
    rest = mean_of(results.scores.iou[results.strict_classes])
    return (
        f" {sentence(names)} {'has' if lost.sum() == 1 else 'have'} no other pixels here and "
        f"{'leaves' if lost.sum() == 1 else 'leave'} the mean; that alone would make it {number(rest)}."
    )


def models(found: Sequence[Results], differences: Sequence[Interval]) -> list[str]:
    """Each further model against the first, on the same scenes; nothing where there is one only."""
    first = found[0]
    said = []
    for other, difference in zip(found[1:], differences, strict=True):
        clear = difference.low > 0 or difference.high < 0
        verdict = "more than chance" if clear else "no more than chance could do"
        better = int(np.nansum(other.scores.iou > first.scores.iou))
        said.append(
            f"{other.title} has a mean IoU of {number(other.scores.mean_iou)}, {first.title} "
            f"{number(first.scores.mean_iou)}: a difference of {signed(difference)} on the same scenes, "
            f"{verdict}. It is the better one in {better or 'none'} of {int(first.scores.present.sum())} "
            "classes; pixel accuracy differs by "
            f"{points(other.scores.pixel_accuracy - first.scores.pixel_accuracy)}."
        )
    return said
