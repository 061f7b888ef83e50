"""What a test set says of a model: scores, classes, confusions."""

import numpy as np

from helpers.metrics.classification import largest_confusions
from helpers.metrics.comparison import SIGNIFICANT, holm
from helpers.metrics.intervals import bootstrap_matrix
from helpers.show.words import count, in_words, listed, number, percent, quoted, share_interval
from helpers.study.recipe import Recipe
from sections.one_model.scores.measured import ClassifierEvaluation

# Largest class / smallest class of the training images from which balancing is advised. A network learns how
# frequent classes are, too, and wants evidence of this ratio to one before it names the smallest (Bayes' rule): at
# 3 to 1 an image that looks three quarters like the smallest class is still a toss-up.
UNEVEN = 3.0
WIDER = 1.2  # times: from here on the other intervals are called too narrow


def against_guessing(evaluation: ClassifierEvaluation, training_labels: np.ndarray) -> list[str]:
    """Accuracy against always guessing the class that is most frequent in training; then `alike_scenes`."""
    found, accuracy = evaluation.scores, evaluation.intervals["accuracy"]
    common = int(np.bincount(training_labels).argmax())
    baseline = found.support[common] / found.total
    judged = "which lies within the interval: the model has learnt nothing that this test set can show"
    if not accuracy.contains(baseline):
        judged = f"and the whole interval lies {'above' if accuracy.low > baseline else 'below'} that"
    told = (
        f"{evaluation.title} gets {int(evaluation.outputs.correct.sum()):,} of "
        f"{count(found.total, 'test image')} right, "
        f"{share_interval(accuracy)}. Always answering {quoted(evaluation.classes[common])}, the most frequent "
        f"class in training, would give {percent(baseline)}, {judged}."
    )
    return [told, *alike_scenes(evaluation)]


def balancing(evaluation: ClassifierEvaluation, recipe: Recipe, training_labels: np.ndarray) -> list[str]:
    """That a recipe might balance the classes, where those of the training images are uneven and it does not."""
    counts = np.bincount(training_labels, minlength=len(evaluation.classes))
    small, large = np.where(counts > 0, counts, counts.max() + 1).argmin(), counts.argmax()
    ratio = counts[large] / counts[small]
    if ratio < UNEVEN or recipe.balance != "none":
        return []
    name = quoted(evaluation.classes[small])
    return [
        f"In training there are {number(ratio, 1)} times as many images of {quoted(evaluation.classes[large])} "
        f"({counts[large]:,}) as of {name} ({counts[small]:,}), and this recipe counts every image alike: the "
        f"network learns how rare {name} is as well, and of these two names it only where an image speaks for it "
        f"more than {number(ratio, 1)} to 1. Where every class matters as much, try balance: weights or balance: "
        "sampling in the recipe, and judge by the recall of each class and their mean, the balanced accuracy."
    ]


def alike_scenes(evaluation: ClassifierEvaluation) -> list[str]:
    """What it does to the intervals that images of one scene are alike; nothing where each has its own."""
    total = evaluation.scores.total
    if evaluation.scenes is None or (scenes := len(np.unique(evaluation.scenes))) == total:
        return []
    width = evaluation.intervals["accuracy"].width / bootstrap_matrix(evaluation.matrix)["accuracy"].width
    wide = number(width, 1)
    told = (
        "Images of a scene are alike, and right or wrong together: the intervals of these scores draw "
        f"{count(scenes, 'scene')} anew, not {total:,} images. Accuracy's is "
        f"{'about as wide all the same' if wide == number(1, 1) else f'{wide} times as wide for it'}"
    )
    careful = "other intervals and tests here take all images for independent, and are too sure of themselves"
    return [f"{told}; {careful}." if width > WIDER else f"{told}."]


def left_out_classes(evaluation: ClassifierEvaluation) -> list[str]:
    """The classes that no macro mean knows of, and what was taken for them; nothing where there are none."""
    found = evaluation.scores
    if not found.absent:
        return []
    absent = listed([quoted(evaluation.classes[c]) for c in found.absent])
    macro = count(len(evaluation.classes) - len(found.absent), "class", "classes")
    wrong = int(found.predicted[list(found.absent)].sum())
    own = "is missed by its own class" if wrong == 1 else "are missed by their own classes"
    also = (
        f" {count(wrong, 'image')} taken for {'it' if len(found.absent) == 1 else 'one of them'} {own}."
        if wrong
        else ""
    )
    return [f"No test image shows {absent}: the macro scores are means over the other {macro}.{also}"]


def largest_mix_ups(evaluation: ClassifierEvaluation, most: int = 3) -> str:
    """The largest confusions: which pairs, how many images, and which pairs are mostly confused one way.

    The latter by exact sign tests of all pairs of classes that are confused, corrected by Holm.
    """
    from scipy.stats import binomtest

    cm, names = evaluation.matrix, evaluation.classes
    wrong = int(cm.sum() - np.trace(cm))
    if wrong == 0:
        return "No test image was misclassified: everything lies on the diagonal."
    larger = {}  # of each pair of classes, the direction with more images
    for one in largest_confusions(cm, cm.size):
        larger.setdefault(frozenset((one.truth, one.predicted)), one)
    pairs = list(larger.values())
    back = [int(cm[one.predicted, one.truth]) for one in pairs]
    p_values = holm([binomtest(b, one.count + b).pvalue for one, b in zip(pairs, back, strict=True)])
    tests = f"a sign test, corrected for all {count(len(pairs), 'pair')} that are confused"
    told = [
        f"{quoted(names[one.truth])} was taken for {quoted(names[one.predicted])} {_times(one.count)}"
        + (
            f", the other way round {_times(b)}{f' (mostly one way, by {tests})' if p < SIGNIFICANT else ''}"
            if cm[one.predicted].any()
            else f", and of {quoted(names[one.predicted])} there is no test image"
        )
        for one, b, p in [*zip(pairs, back, p_values, strict=True)][:most]
    ]
    shown = sum(one.count + b for one, b in [*zip(pairs, back, strict=True)][:most])
    these = "This pair holds" if len(told) == 1 else f"These {in_words(len(told))} pairs together hold"
    return f"{'; '.join(told)}. {these} {shown:,} of all {count(wrong, 'mistake')}, {percent(shown / wrong, 0)}."


def _times(amount: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(amount, f"{in_words(amount)} times")
