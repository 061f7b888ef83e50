"""What the scores say class by class: best and worst, over- and underused, absent (chapter 07)."""

import numpy as np

from helpers.show.words import count, listed, number, quoted, sentence, some
from sections.street_scenes.scores.measured import Results

LEANING = 0.15  # difference of precision and recall from which a class is said to be over- or underused


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
