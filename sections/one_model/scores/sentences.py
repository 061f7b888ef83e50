"""What a test set says of a model: scores, classes, confusions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.metrics.classification import largest_confusions
from helpers.metrics.comparison import mcnemar_exact
from helpers.metrics.intervals import bootstrap_matrix
from helpers.show.words import count, in_words, listed, number_interval, percent, quoted, share_interval

if TYPE_CHECKING:
    from helpers.metrics.classification import Confusion
    from helpers.metrics.intervals import Interval, SeedSpread
    from sections.one_model.scores.measured import ClassifierEvaluation

FEWEST_FOR_DIRECTION = 6  # images: below this no sign test can reach 5 %
WIDER = 1.2  # times: from here on the other intervals are called too narrow
FEW = 30  # test images of a class: below this its scores are rough


def scores(evaluation: "ClassifierEvaluation") -> list[str]:
    """Accuracy and macro F1 with intervals, set against always guessing the most frequent class."""
    found, intervals = evaluation.scores, evaluation.intervals
    common = int(np.argmax(found.support))
    baseline = found.support[common] / found.total
    right = int(evaluation.outputs.correct.sum())
    told = [
        f"{evaluation.title} gets {right:,} of {found.total:,} test images right: accuracy "
        f"{share_interval(intervals['accuracy'])}, macro F1 {number_interval(intervals['macro_f1'])}. "
        f"{_against_baseline(intervals['accuracy'], baseline, evaluation.classes[common])}"
    ]
    return told + scenes(evaluation)


def _against_baseline(accuracy: "Interval", baseline: float, name: str) -> str:
    guess = f"Always answering {quoted(name)}, the most frequent class, would give {percent(baseline)}"
    if accuracy.low > baseline:
        return f"{guess}; the whole interval lies above that."
    if accuracy.high < baseline:
        return f"{guess}; the whole interval lies below that."
    return f"{guess}, which lies within the interval: the model has learnt nothing that this test set can show."


def scenes(evaluation: "ClassifierEvaluation") -> list[str]:
    """What it does to the intervals that images of one scene are alike; nothing where each has its own."""
    total = evaluation.scores.total
    if evaluation.scenes is None or (number := len(np.unique(evaluation.scenes))) == total:
        return []
    width = evaluation.intervals["accuracy"].width / bootstrap_matrix(evaluation.matrix)["accuracy"].width
    told = (
        f"Images of one scene are alike, and right or wrong together: the intervals of these scores draw "
        f"{count(number, 'scene')} anew, not {total:,} images. Accuracy's is {width:.1f} times as wide for it"
    )
    careful = "other intervals and tests here take all images for independent, and are too sure of themselves"
    return [f"{told}; {careful}." if width > WIDER else f"{told}."]


def classes(evaluation: "ClassifierEvaluation") -> list[str]:
    """The hardest and the easiest class by F1, whether their intervals overlap, and classes too small to judge."""
    told = [_extremes(evaluation)] if len(evaluation.classes) > 1 else []
    support = evaluation.scores.support
    few = [f"{quoted(name)} ({n})" for name, n in zip(evaluation.classes, support, strict=True) if 0 < n < FEW]
    if few:
        told.append(f"Fewer than {FEW} test images, so only rough scores: {listed(few)}.")
    absent = [quoted(evaluation.classes[c]) for c in evaluation.scores.absent]
    if absent:
        told.append(f"In neither truth nor prediction, so left out of the macro means: {listed(absent)}.")
    return told


def _extremes(evaluation: "ClassifierEvaluation") -> str:
    f1, bounds = evaluation.scores.f1, evaluation.class_intervals["f1"]
    present = np.flatnonzero(evaluation.scores.support)
    low, high = present[np.argmin(f1[present])], present[np.argmax(f1[present])]
    if f1[low] == f1[high]:
        return f"All classes have the same F1, {f1[low]:.2f}."
    told = (
        f"Hardest class: {quoted(evaluation.classes[low])} with F1 {number_interval(bounds[low], 2)}. "
        f"Easiest: {quoted(evaluation.classes[high])} with {number_interval(bounds[high], 2)}."
    )
    overlap = bounds[low].high >= bounds[high].low
    return told + (" Their intervals overlap, so the order may be chance." if overlap else "")


def confusions(evaluation: "ClassifierEvaluation", most: int = 3) -> list[str]:
    """The largest confusions: which pairs, how many images, and whether they go both ways."""
    cm, names = evaluation.matrix, evaluation.classes
    wrong = int(cm.sum() - np.trace(cm))
    if wrong == 0:
        return ["No test image was misclassified: everything lies on the diagonal."]
    pairs = _one_per_pair(largest_confusions(cm, len(names) ** 2))[:most]
    told = [_confusion(one, cm, names) for one in pairs]
    shown = sum(int(cm[one.truth, one.predicted] + cm[one.predicted, one.truth]) for one in pairs)
    if len(names) == 2:
        return told
    whose = "This pair holds" if len(told) == 1 else f"These {in_words(len(told))} pairs together hold"
    told.append(f"{whose} {shown} of all {count(wrong, 'mistake')}, {percent(shown / wrong, 0)}.")
    return [" ".join(told)]


def _one_per_pair(found: Sequence["Confusion"]) -> list["Confusion"]:
    """Each pair of classes once, by its larger direction."""
    pairs: dict[frozenset[int], Confusion] = {}
    for one in found:
        pairs.setdefault(frozenset((one.truth, one.predicted)), one)
    return sorted(pairs.values(), key=lambda one: -one.count)


def _confusion(one: "Confusion", cm: np.ndarray, names: Sequence[str]) -> str:
    back = int(cm[one.predicted, one.truth])
    there = (
        f"{quoted(names[one.truth])} was taken for {quoted(names[one.predicted])} {_times(one.count)} "
        f"({percent(one.share, 0)} of its images)"
    )
    return f"{there}, the other way round {_times(back)}: {_direction(one.count, back)}."


def _times(amount: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(amount, f"{in_words(amount)} times")


def _direction(there: int, back: int) -> str:
    """An exact sign test on the two counts; small counts say little."""
    one_way = mcnemar_exact(np.arange(there + back) < there, np.arange(there + back) >= there).p_value < 0.05
    if one_way:
        return "mostly one way, so the model leans towards the second class"
    if there + back < FEWEST_FOR_DIRECTION:
        return "too few to say whether more one way than the other"
    return "not clearly more one way than the other"


def seeds(spread: "dict[str, SeedSpread]") -> list[str]:
    """How much the training's own chance moves the scores; nothing for a single seed."""
    accuracy, f1 = spread["accuracy"], spread["macro_f1"]
    if accuracy.n < 2:
        return []
    return [
        f"Over {in_words(accuracy.n)} seeds accuracy is {percent(accuracy.mean)} ± {100 * accuracy.std:.1f} and "
        f"macro F1 {f1.mean:.3f} ± {f1.std:.3f} (mean ± standard deviation): so much comes from initial weights "
        "and the order of the images alone."
    ]
