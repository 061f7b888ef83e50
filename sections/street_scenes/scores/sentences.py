"""What the scores of a segmenter say: in total, by class, by way of counting, by scene (chapter 07)."""

import numpy as np

from helpers.metrics.intervals import Interval
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
        f"{results.title} gets {share_interval(accuracy)} of the pixels right; its mean IoU over the "
        f"{count(int(scores.present.sum()), 'class', 'classes')} in truth or prediction is "
        f"{number_interval(iou)}. Weighted by how many true pixels the classes have, it would be "
        f"{number(weighted)}"
    )
    if abs(weighted - scores.mean_iou) < 0.05:
        return [f"{told}: much the same.", *_by_sequences(results)]
    share = percent(scores.truth_pixels[largest] / scores.truth_pixels.sum(), 0)
    return [
        f"{told}: on the whole, frequent classes have the {'higher' if weighted > scores.mean_iou else 'lower'} "
        f"IoU ({quoted(results.classes[largest])} alone has {share} of the pixels), and mean IoU lets every "
        "class count alike.",
        *_by_sequences(results),
    ]


def _by_sequences(results: Results) -> list[str]:
    """From what the interval was made, and what single scenes would have made of it."""
    found, whole = results.evaluation, results.intervals["mean_iou"]
    sequences = len(set(found.sequences))
    if results.scene_intervals is None:
        if sequences == len(found):
            return []
        return [
            f"These intervals take the {count(len(found), 'scene')} to be independent of each other; they come "
            f"from {count(sequences, 'sequence')}, too few to say how much others differ, and scenes of one "
            "sequence resemble each other: other sequences may well score outside."
        ]
    scenes = results.scene_intervals["mean_iou"]
    narrower = whole.width / scenes.width if scenes.width else 1.0
    verdict = (
        f"{number(narrower, 1)} times narrower, as if the scenes of one sequence did not resemble each other"
        if narrower > MUCH_WIDER
        else "much the same: scenes of one sequence resemble each other little more than scenes of different ones"
    )
    return [
        f"These intervals come from drawing whole sequences, of which there are {sequences}. Drawn one by one, "
        f"the scenes would give the mean IoU an interval of {number(scenes.low)} to {number(scenes.high)}, "
        f"{verdict}."
    ]


def what_explains_classes(results: Results) -> list[str]:
    """Whether rare classes score lower, and for which classes the scenes are too few for a verdict."""
    from scipy.stats import spearmanr

    pixels, iou = results.scores.truth_pixels, results.scores.iou
    there, told = pixels > 0, []
    if there.sum() >= 5 and min(np.ptp(pixels[there]), np.ptp(iou[there])) > 0:
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
        counts = "it: this 0 counts" if len(unshown) == 1 else "them: these zeros count"
        told.append(f"No scene shows {listed(unshown, 'or')}, but the network sees {counts} in the mean.")
    pairs = zip(results.classes, results.intervals["iou"], strict=True)
    if wide := [quoted(name) for name, one in pairs if one and one.width > 0.5]:
        interval, it = ("interval of {} is", "it") if len(wide) == 1 else ("intervals of {} are", "them")
        told.append(
            f"The {interval.format(some(wide))} wider than half the scale: too few "
            f"{'sequences' if results.scene_intervals else 'scenes'} show {it} for a verdict."
        )
    return [" ".join(told)] if told else []


def hidden_by_decision(results: Results) -> list[str]:
    """The classes that a threshold of their own could help; nothing where there are none."""
    ap, iou = results.average_precision, results.scores.iou
    order = np.argsort(-np.nan_to_num(ap - iou), kind="stable")
    hidden = [
        f"{quoted(results.classes[c])} ({number(ap[c], 2)} against an IoU of {number(iou[c], 2)})"
        for c in order
        if ap[c] - iou[c] > MUCH_ABOVE
    ]
    if not hidden:
        return []
    return [
        f"Average precision lies far above the IoU for {some(hidden, 3)}: the score ranks these pixels better "
        "than the decision by the largest score shows."
    ]


def ways_of_counting(results: Results, resized: Interval, strict: Interval | None) -> list[str]:
    """What the resolution and the debatable rows of the class table do to the mean IoU; `strict`: None where
    classes come from no such table."""
    if strict is None:
        return [_resolution(results, resized)]
    return [f"{_resolution(results, resized)} {_debatable(results, strict)}"]


def _resolution(results: Results, difference: Interval) -> str:
    size = f"{results.evaluation.size} × {results.evaluation.size}"
    by_class = results.network_scores.iou - results.scores.iou
    most = int(np.argmax(np.abs(np.nan_to_num(by_class))))
    if not abs(by_class[most]) >= NOTICEABLE:
        return f"Scored at {size} instead of the labels' own size no class changes by as much as {NOTICEABLE}."
    return (
        f"Scored at {size} instead of the labels' own size {quoted(results.classes[most])} changes most, by "
        f"{change(float(by_class[most]))}, and the mean IoU by {signed(difference)}: shrinking the label takes "
        "thin and small things away before they are judged, and enlarging the prediction leaves steps at its "
        "borders."
    )


def _debatable(results: Results, difference: Interval) -> str:
    pixels, whole = int(results.evaluation.debatable.sum()), int(results.evaluation.matrix.sum())
    if not pixels:
        return "No pixel of these scenes has a class whose place in the shared list is debatable."
    lost = results.scores.present & ~results.strict_classes
    told = f"Without the {percent(pixels / whole)} of the labelled pixels that belong to debatable rows"
    if not results.strict_classes.any():
        return f"{told} there is no class left to score."
    told += f" the mean IoU changes by {signed(difference)}"
    if not lost.any():
        return f"{told}."
    names = listed([quoted(results.classes[c]) for c in np.flatnonzero(lost)])
    has, leaves = ("has", "leaves") if lost.sum() == 1 else ("have", "leave")
    return (
        f"{told} over the same classes. {sentence(names)} {has} no other pixels here and {leaves} the mean, which "
        f"makes it {number(results.strict_scores.mean_iou)}."
    )


def scene_mean_and_whole(gap: SceneGap) -> list[str]:
    """Mean IoU of single scenes beside that of the whole set, and what makes the difference."""
    if abs(gap.total) < NOTICEABLE:
        told = "is nearly"
    else:
        told = f"lies {number(abs(gap.total))} {'below' if gap.total < 0 else 'above'}"
    told = (
        f"The mean over scenes, {number(gap.scenes)}, {told} the score of the whole set, {number(gap.data_set)}."
    )
    if max(map(abs, (gap.size, gap.false_alarms, gap.mix))) < NOTICEABLE:
        return [told]
    return [
        f"{told} Three things pull at it, and they add up: every scene with a class counts alike, however little "
        f"of the class it shows ({change(gap.size)}); a class that the network sees where there is none of it is "
        f"an IoU of 0 for that scene ({change(gap.false_alarms)}); and a scene's mean is taken over the classes "
        f"it has, so that common ones count more often ({change(gap.mix)})."
    ]
