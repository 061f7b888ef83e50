"""What the scores of a segmenter say: in total, by class, by threshold, by scene (chapter 07)."""

from collections.abc import Sequence

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
    points,
    quoted,
    sentence,
    share_interval,
    signed,
    some,
)
from sections.street_scenes.scores.measured import THRESHOLDS, Results
from sections.street_scenes.scores.scene_gap import SceneGap, mean_of

LEANING = 0.15  # difference of precision and recall from which a class is said to be over- or underused


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


def absent(results: Results) -> list[str]:
    """Which classes have no score, or one that is 0 for want of any truth."""
    said = []
    if results.absent:
        names = listed([quoted(name) for name in results.absent])
        are, them = ("is", "it") if len(results.absent) == 1 else ("are", "them")
        said.append(
            f"{sentence(names)} {are} in neither truth nor prediction and left out of every mean: nothing can be "
            f"said of {them} here."
        )
    if results.without_truth:
        names = listed([quoted(name) for name in results.without_truth])
        said.append(
            f"No scene shows {names}, but the network sees it: its IoU is 0, and this 0 counts in the mean of all "
            "classes."
        )
    return said


def classes(results: Results) -> list[str]:
    """Best and worst classes, which are over- or underused, and whether frequency explains it."""
    scores = results.scores
    known = np.flatnonzero(~np.isnan(scores.iou))
    order = known[np.argsort(-scores.iou[known], kind="stable")]
    told = [f"{quoted(results.classes[c])} ({number(scores.iou[c], 2)})" for c in order]
    read = f"The highest IoU has {told[0]}."
    if len(told) >= 4:
        few = min(3, len(told) // 2)
        read = f"Best are {listed(told[:few])}; worst are {listed(told[-few:][::-1])}."
    return [read, *_frequency(results, known), *_leanings(results, known), *_undecided(results)]


def _frequency(results: Results, known: np.ndarray) -> list[str]:
    """Do frequent classes score higher?"""
    from scipy.stats import spearmanr

    there = known[results.scores.truth_pixels[known] > 0]
    if len(there) < 5:
        return []
    test = spearmanr(results.scores.truth_pixels[there], results.scores.iou[there])
    rho = number(float(test.statistic), 2)
    if test.pvalue < 0.05:
        how = (
            "The more pixels a class has, the higher its IoU"
            if test.statistic > 0
            else "Rare classes score higher"
        )
        return [f"{how} (Spearman's ρ = {rho} over {len(there)} classes)."]
    return [
        f"How many pixels a class has does not explain its IoU here (Spearman's ρ = {rho} over {len(there)} "
        "classes, which chance alone could give)."
    ]


def _leanings(results: Results, known: np.ndarray) -> list[str]:
    lean = results.scores.precision - results.scores.recall
    shy = [quoted(results.classes[c]) for c in known[np.argsort(-lean[known])] if lean[c] > LEANING]
    keen = [quoted(results.classes[c]) for c in known[np.argsort(lean[known])] if -lean[c] > LEANING]
    said = []
    if shy:
        said.append(
            f"Precision is well above recall for {some(shy)}: the network overlooks more of it than it sees where "
            "there is none."
        )
    if keen:
        said.append(
            f"Recall is well above precision for {some(keen)}: the network sees more of it where there is none "
            "than it overlooks."
        )
    return said


def _undecided(results: Results) -> list[str]:
    """Classes of which one scene says nothing about others."""
    wide = [
        quoted(name)
        for name, one in zip(results.classes, results.intervals["iou"], strict=True)
        if one is not None and one.width > 0.5
    ]
    if not wide:
        return []
    return [
        f"The interval of {some(wide)} is wider than half the scale: too few scenes show "
        f"{'it' if len(wide) == 1 else 'them'} for a verdict."
    ]


def precision(results: Results) -> list[str]:
    """Mean average precision, and the classes that a threshold of their own could help."""
    ap, iou = results.average_precision, results.scores.iou
    known = np.flatnonzero(~np.isnan(ap) & ~np.isnan(iou))
    if not len(known):
        return ["No class has a labelled pixel: there is no average precision."]
    read = (
        f"The mean of the average precision over {count(len(known), 'class', 'classes')} (mAP) is "
        f"{number(results.mean_average_precision)}."
    )
    order = known[np.argsort(-(ap[known] - iou[known]), kind="stable")]
    hidden = [c for c in order if ap[c] - iou[c] > 0.25][:3]
    if hidden:
        told = [
            f"{quoted(results.classes[c])} ({number(ap[c], 2)} against an IoU of {number(iou[c], 2)})"
            for c in hidden
        ]
        read += (
            f" It is highest above the IoU for {listed(told)}: the score ranks these pixels better than the "
            "decision by the largest score shows."
        )
    lowest = known[np.argmin(ap[known])]
    return [read, f"The lowest average precision has {quoted(results.classes[lowest])}: {number(ap[lowest])}."]


def scenes(gap: SceneGap) -> list[str]:
    """Mean IoU of single scenes beside that of the whole set, and what makes the difference."""
    if abs(gap.total) < NOTICEABLE:
        start = (
            f"The mean over scenes, {number(gap.scenes)}, and the score of the whole set, "
            f"{number(gap.data_set)}, are nearly the same, but they need not be: three things pull at them."
        )
    else:
        below = "below" if gap.total < 0 else "above"
        start = (
            f"The mean over scenes, {number(gap.scenes)}, lies {number(abs(gap.total))} {below} the score of the "
            f"whole set, {number(gap.data_set)}. Three things make the difference, and they add up."
        )
    return [start, f"{_size(gap)} {_false_alarms(gap)} {_mix(gap)}"]


def _size(gap: SceneGap) -> str:
    why = (
        f"In {gap.rises} of {gap.compared} classes, scenes that show more of the class segment it better; the "
        "whole set counts each scene by the area of the class in it, the mean over scenes counts all alike"
        if gap.compared
        else "The whole set counts each scene by the area of the class in it, the mean over scenes counts all "
        "alike"
    )
    return f"{why} ({change(gap.size)})."


def _false_alarms(gap: SceneGap) -> str:
    return (
        f"A scene has {number(gap.alarm_scenes, 1)} classes on average that the network sees though they are not "
        f"there, however few pixels: each is an IoU of 0 for the scene and hardly anything for the whole set "
        f"({change(gap.false_alarms)})."
    )


def _mix(gap: SceneGap) -> str:
    return (
        "And a scene's mean is taken over the classes it has: what is in every scene counts in every scene, a "
        f"rare class only where it occurs ({change(gap.mix)})."
    )


def thresholds(results: Results) -> list[str]:
    """How sure one can be to find a class in a scene."""
    half = results.shares_above[THRESHOLDS.index(0.5)]
    known = np.flatnonzero(~np.isnan(half))
    always = [quoted(results.classes[c]) for c in known[half[known] >= 0.9]]
    order = known[np.argsort(half[known], kind="stable")]
    seldom = [quoted(results.classes[c]) for c in order if half[c] < 0.25]
    means = results.scene_means[~np.isnan(results.scene_means)]
    said = [_mean_above_half(means)]
    if always:
        said.append(f"An IoU above 0.5 is reached in nine of ten scenes or more for {some(always)}.")
    if seldom:
        said.append(f"An IoU above 0.5 is reached in fewer than a quarter of the scenes for {some(seldom)}.")
    return said


def _mean_above_half(means: np.ndarray) -> str:
    good = int((means > 0.5).sum())
    share = f" ({percent(good / len(means))})" if good else ""
    return f"The mean IoU exceeds 0.5 in {good or 'none'} of the {len(means):,} scenes{share}."
