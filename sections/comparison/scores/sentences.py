"""Verdicts on several models on the same test images (chapter 06): a winner only where the test finds one."""

import numpy as np

from helpers.metrics.comparison import SIGNIFICANT, PairResult
from helpers.show.words import count, listed, number, p_value, percent, points, quoted
from sections.comparison.scores.measured import Comparison, hardest_images, images_to_resolve
from sections.one_model.scores.sentences import alike_scenes

MOST_CHANGES_TOLD = 3  # changes of recall


def winner(comparison: Comparison) -> list[str]:
    """Which model is best, if the test can tell; otherwise how many images would be needed to tell.

    The test is the exact McNemar test with Holm's correction at 5 %.
    """
    leader, *others = comparison.ranking
    title = comparison.title(leader)
    if not others:
        return [f"{title} is the study's only model: there is no other to compare."]
    pairs = {name: comparison.pair(leader, name) for name in others}
    leads = [
        f"{comparison.title(name)} (by {points(pair.difference.value)}, {p_value(pair.p_adjusted)})"
        for name, pair in pairs.items()
        if pair.better == leader
    ]
    close = {name: pair for name, pair in pairs.items() if pair.better is None}
    beats = f"more accurate than {listed(leads)}, by more than chance explains" if leads else ""
    doubt = alike_scenes(comparison.models[leader].evaluation)
    if not close:
        return [f"{title} is the best on this test set: {beats}.", *doubt]
    rivals = [comparison.title(name) for name in close]
    verdict = (
        f"{title} is {beats}. Between it and {listed(rivals)} the test names no winner."
        if leads
        else f"No winner can be named: {listed([title, *rivals])} are too close for this test set."
    )
    needs = [f"{comparison.title(name)} ({_needed(comparison, pair)})" for name, pair in close.items()]
    return [
        verdict,
        f"If the leads of {title} are the true differences, so many test images find them four times in five, "
        f"where this set has {len(comparison.labels):,}: against {listed(needs)}.",
        *doubt,
    ]


def _needed(comparison: Comparison, pair: PairResult) -> str:
    needed = images_to_resolve(pair.only_a, pair.only_b, len(comparison.labels), tests=len(comparison.pairs))
    lead = f"{points(pair.difference.value)}, {p_value(pair.p_adjusted)}"
    return f"{lead}: about {rounded(needed):,}" if needed else "equally many right: there is no lead to find"


def rounded(value: int) -> int:
    """A number with two significant digits: 2 874 becomes 2 900."""
    step = 10 ** max(0, len(str(value)) - 2)
    return round(value / step) * step


def seeds_against_lead(comparison: Comparison) -> list[str]:
    """The lead beside the standard deviation over seeds, or what one seed cannot tell."""
    if len(comparison.models) < 2:
        return []
    if comparison.num_seeds < 2:
        return [
            "Each model was trained once. The tests tell which of these trained networks is better, not which "
            "recipe: training again from another seed moves the scores, and by how much is not known here."
        ]
    spreads = [(result.title, result.over_seeds["accuracy"]) for result in comparison.models.values()]
    (best, first), (second, next_) = sorted(spreads, key=lambda one: -one[1].mean)[:2]
    lead, spread = first.mean - next_.mean, max(first.std, next_.std)
    size = "neither differs from seed to seed"
    if spread > 0:
        size = f"{number(lead / spread, 1)} times the larger of their standard deviations"
    return [f"By the mean over {comparison.num_seeds} seeds {best} leads {second} by {points(lead)}: {size}."]


def class_changes(comparison: Comparison) -> list[str]:
    """The changes of a class's recall between two models that are more than chance, the largest by name."""
    if len(comparison.models) < 2:
        return []
    tests = f"after Holm's correction for {count(len(comparison.class_differences), 'test')}"
    telling = [row for row in comparison.class_differences if row.p_adjusted < SIGNIFICANT]
    if not telling:
        return [
            f"Between no two models does the recall of any class change by more than chance explains ({tests}): a "
            "class has few test images."
        ]
    told = [
        f"{quoted(comparison.classes[row.class_index])} from {percent(row.recall_a, 0)} in "
        f"{comparison.title(row.a)} to {percent(row.recall_b, 0)} in {comparison.title(row.b)}"
        for row in sorted(telling, key=lambda row: -abs(row.difference.value))[:MOST_CHANGES_TOLD]
    ]
    largest = "; the largest" if len(telling) > MOST_CHANGES_TOLD else ""
    return [
        f"Between two models {count(len(telling), 'change')} of a class's recall "
        f"{'is' if len(telling) == 1 else 'are'} more than chance explains ({tests}){largest}: {listed(told)}."
    ]


def mixture(comparison: Comparison) -> list[str]:
    """What the best mixture of the models could reach, and whether they agree where all are wrong."""
    if len(comparison.models) < 2:
        return []
    none = comparison.agreement.none_right / len(comparison.labels)
    best = comparison.models[comparison.ranking[0]].accuracy.value
    return [
        f"Whoever could always pick a model that is right would reach {percent(1 - none)}; the best single model "
        f"reaches {percent(best)}.",
        *same_mistakes(comparison),
    ]


def same_mistakes(comparison: Comparison) -> list[str]:
    """Whether the models give the same wrong answer on the images that none gets right."""
    rows = hardest_images(comparison)
    if not len(rows) or len(comparison.models) < 2 or len(comparison.classes) == 2:
        return []  # of two classes there is but one wrong answer
    answers = np.stack([result.outputs.predictions[rows] for result in comparison.models.values()])
    same = int((answers == answers[0]).all(axis=0).sum())
    images = f"the {count(len(rows), 'image')} that no model gets right"
    if not same:
        return [f"On none of {images} do all models give the same wrong answer."]
    return [
        f"On {same:,} of {images}, all models give the same wrong answer: their label may be wrong, or they may "
        "look like the other class to anybody."
    ]
