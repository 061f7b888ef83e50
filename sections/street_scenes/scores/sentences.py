"""What the scores of a segmenter say: in total, by class, by way of counting, by scene (chapter 07)."""

import numpy as np

from helpers.metrics.intervals import Interval
from helpers.metrics.segmentation import mean_over
from helpers.show.words import (
    NOTICEABLE,
    change,
    count,
    listed,
    number,
    number_interval,
    percent,
    quoted,
    sentence,
    share_interval,
    signed,
    some,
)
from sections.street_scenes.scores.measured import Results
from sections.street_scenes.scores.scene_gap import SceneGap

MUCH_WIDER = 1.15  # ratio of interval widths from which sequences are said to matter
MUCH_ABOVE = 0.25  # difference of average precision and IoU from which a threshold of its own could help a class


def totals(results: Results) -> list[str]:
    """Pixel accuracy beside mean IoU, with their intervals, and what whole sequences say about them."""
    scores, accuracy, iou = results.scores, results.intervals["pixel_accuracy"], results.intervals["mean_iou"]
    weighted, largest = scores.frequency_weighted_iou, int(scores.truth_pixels.argmax())
    told = (
        f"{results.title} gets {share_interval(accuracy)} of the pixels right; its mean IoU over "
        f"{count(int(scores.present.sum()), 'class', 'classes')} is {number_interval(iou)}. Weighted by how many "
        f"pixels the classes have, it would be {number(weighted)}"
    )
    if abs(weighted - scores.mean_iou) < 0.05:
        return [f"{told}: much the same.", *_by_sequences(results)]
    share = percent(scores.truth_pixels[largest] / scores.truth_pixels.sum(), 0)
    return [
        f"{told}: frequent classes are recognised {'better' if weighted > scores.mean_iou else 'worse'} than rare "
        f"ones ({quoted(results.classes[largest])} alone has {share} of the pixels), and mean IoU lets every "
        "class count alike.",
        *_by_sequences(results),
    ]


def _by_sequences(results: Results) -> list[str]:
    if results.sequence_intervals is None:
        return []
    whole, scenes = results.sequence_intervals["mean_iou"], results.intervals["mean_iou"]
    ratio = whole.width / scenes.width if scenes.width else 1.0
    verdict = (
        f"{number(ratio, 1)} times as wide: scenes of one sequence resemble each other, so other scenes may well "
        "score "
        "outside the narrower interval"
        if ratio > MUCH_WIDER
        else "hardly wider: scenes of one sequence resemble each other little more than scenes of different ones"
    )
    sequences = len(set(results.evaluation.sequences))
    return [
        f"If whole sequences are drawn instead of scenes (there are {sequences}), the interval of the mean IoU is "
        f"{number(whole.low)} to {number(whole.high)}, {verdict}."
    ]


def what_explains_classes(results: Results) -> list[str]:
    """Whether rare classes score lower, and for which classes the scenes are too few for a verdict."""
    from scipy.stats import spearmanr

    pixels, iou = results.scores.truth_pixels, results.scores.iou
    there, told = pixels > 0, []
    if there.sum() >= 5:
        test = spearmanr(pixels[there], iou[there])
        how = (
            "How many pixels a class has does not explain its IoU here beyond chance"
            if not test.pvalue < 0.05
            else "The more pixels a class has, the higher its IoU"
            if test.statistic > 0
            else "Rare classes score higher"
        )
        told.append(f"{how} (Spearman's ρ = {number(float(test.statistic), 2)} over {there.sum()} classes).")
    unshown = [quoted(name) for name, c in zip(results.classes, ~there & results.scores.present, strict=True) if c]
    if unshown:
        told.append(f"No scene shows {listed(unshown)}, but the network sees it: this 0 counts in the mean.")
    pairs = zip(results.classes, results.intervals["iou"], strict=True)
    if wide := [quoted(name) for name, one in pairs if one and one.width > 0.5]:
        told.append(
            f"The interval of {some(wide)} is wider than half the scale: too few scenes show "
            f"{'it' if len(wide) == 1 else 'them'} for a verdict."
        )
    return [" ".join(told)] if told else []


def hidden_by_decision(results: Results) -> list[str]:
    """The classes that a threshold of their own could help; nothing where there are none."""
    ap, iou = results.average_precision, results.scores.iou
    order = np.argsort(-np.nan_to_num(ap - iou), kind="stable")
    hidden = [
        f"{quoted(results.classes[c])} ({number(ap[c], 2)} against an IoU of {number(iou[c], 2)})"
        for c in order[:3]
        if ap[c] - iou[c] > MUCH_ABOVE
    ]
    if not hidden:
        return []
    return [
        f"Average precision lies far above the IoU for {listed(hidden)}: the score ranks these pixels better than "
        "the decision by the largest score shows."
    ]


def ways_of_counting(results: Results, resized: Interval, strict: Interval) -> list[str]:
    """What the resolution and the debatable rows of the class table do to the mean IoU."""
    return [f"{_resolution(results, resized)} {_debatable(results, strict)}"]


def _resolution(results: Results, difference: Interval) -> str:
    size = f"{results.evaluation.size} × {results.evaluation.size}"
    by_class = np.abs(results.network_scores.iou - results.scores.iou)
    if np.nanmax(by_class, initial=0) < NOTICEABLE:
        return f"Scored at {size} instead of the labels' own size no class changes by as much as {NOTICEABLE}."
    return (
        f"Scored at {size} instead of the labels' own size the mean IoU changes by {signed(difference)}: "
        "shrinking the label takes thin and small things away before they are judged, and enlarging the "
        "prediction leaves steps at its borders."
    )


def _debatable(results: Results, difference: Interval) -> str:
    pixels, whole = int(results.evaluation.debatable.sum()), int(results.evaluation.matrix.sum())
    if not pixels:
        return "No pixel of these scenes has a class whose place in the shared list is debatable."
    told = (
        f"Without the {percent(pixels / whole)} of the labelled pixels that belong to debatable rows the mean IoU "
        f"changes by {signed(difference)}."
    )
    lost = results.scores.present & ~results.strict_classes
    if not lost.any():
        return told
    names = listed([quoted(results.classes[c]) for c in np.flatnonzero(lost)])
    rest = float(mean_over(results.scores.iou[results.strict_classes]))
    has, leaves = ("has", "leaves") if lost.sum() == 1 else ("have", "leave")
    return (
        f"{told} {sentence(names)} {has} no other pixels here and {leaves} the mean; that alone would make it "
        f"{number(rest)}."
    )


def scene_mean_and_whole(gap: SceneGap) -> list[str]:
    """Mean IoU of single scenes beside that of the whole set, and what makes the difference."""
    if abs(gap.total) < NOTICEABLE:
        told = "is nearly"
    else:
        told = f"lies {number(abs(gap.total))} {'below' if gap.total < 0 else 'above'}"
    return [
        f"The mean over scenes, {number(gap.scenes)}, {told} the score of the whole set, {number(gap.data_set)}. "
        "Three things pull at it, and they add up: every scene with a class counts alike, however little of the "
        f"class it shows ({change(gap.size)}); a class that the network sees where there is none of it is an IoU "
        f"of 0 for that scene ({change(gap.false_alarms)}); and a scene's mean is taken over the classes it has, "
        f"so that common ones count more often ({change(gap.mix)})."
    ]
