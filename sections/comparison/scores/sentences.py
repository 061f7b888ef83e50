"""Readings of several models on the same test images (chapter 06): a winner only where the test finds one."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from helpers.metrics.comparison import SIGNIFICANT, ClassDifference, PairResult
from helpers.show.words import count, listed, none_or, p_value, percent, points, quoted, share_interval
from sections.comparison.scores.measured import Comparison, hardest_images, images_to_resolve
from sections.one_model.scores.sentences import alike_scenes


def ranking(comparison: Comparison) -> list[str]:
    """Accuracy of every model, best first."""
    told = [_scores(comparison, name) for name in comparison.ranking]
    if len(told) == 1:
        return [f"Accuracy: {told[0]}."]
    first = f"Accuracy, highest first: {listed(told)}. Which of these leads are more than luck follows below."
    return [first, *alike_scenes(comparison.models[comparison.ranking[0]].evaluation)]


def _scores(comparison: Comparison, name: str) -> str:
    found = comparison.models[name].scores
    return f"{comparison.title(name)} {share_interval(found['accuracy'])}"


FEW = 3  # models or steps: each has its own sentence; of more only what stands out is told


def winner(comparison: Comparison) -> list[str]:
    """Which model is best, if the test can tell; otherwise how many images would be needed to tell.

    The test is the exact McNemar test with Holm's correction at 5 %.
    """
    leader, *others = comparison.ranking
    if not others:
        return [f"{comparison.title(leader)} is the study's only model: there is nothing to compare it with."]
    pairs = [comparison.pair(leader, name) for name in others]
    beaten = [pair for pair in pairs if pair.better == leader]
    open_ = [pair for pair in pairs if pair.better is None]
    told = [_verdict(comparison, leader, beaten, open_)]
    if len(open_) > FEW:
        return [*told, _all_unresolved(comparison, leader, open_)]
    return told + [_unresolved(comparison, leader, pair) for pair in open_]


def _verdict(comparison: Comparison, leader: str, beaten: list[PairResult], open_: list[PairResult]) -> str:
    leads = listed([_lead(comparison, leader, pair) for pair in beaten]) if beaten else ""
    title = comparison.title(leader)
    if not open_:
        return f"{title} is the best on this test set: more accurate than {leads}, by more than chance explains."
    rivals = listed([comparison.title(_rival(pair, leader)) for pair in open_])
    if leads:
        return (
            f"{title} is more accurate than {leads}, by more than chance explains. Between it and {rivals} the "
            "test names no winner."
        )
    return f"No winner can be named: {title} and {rivals} are too close for this test set."


def _lead(comparison: Comparison, leader: str, pair: PairResult) -> str:
    lead = points(pair.difference.value)
    return f"{comparison.title(_rival(pair, leader))} (by {lead}, {p_value(pair.p_adjusted)})"


def _rival(pair: PairResult, leader: str) -> str:
    return pair.b if pair.a == leader else pair.a


def _unresolved(comparison: Comparison, leader: str, pair: PairResult) -> str:
    rival, images = comparison.title(_rival(pair, leader)), len(comparison.labels)
    needed = images_to_resolve(pair.only_a, pair.only_b, images, tests=len(comparison.pairs))
    if needed is None:
        return (
            f"{comparison.title(leader)} and {rival} get equally many images right, {pair.only_a} of them each "
            "alone: a difference of nothing needs no larger test set."
        )
    return (
        f"The {points(pair.difference.value)} between {comparison.title(leader)} and {rival} could be chance "
        f"({p_value(pair.p_adjusted)}). If they are the true difference, it takes about {rounded(needed):,} test "
        f"images to find it four times in five; this set has {images:,}."
    )


def _all_unresolved(comparison: Comparison, leader: str, open_: list[PairResult]) -> str:
    images = len(comparison.labels)
    needs = [images_to_resolve(pair.only_a, pair.only_b, images, tests=len(comparison.pairs)) for pair in open_]
    told = [
        f"{comparison.title(_rival(pair, leader))} ({points(pair.difference.value)}, {p_value(pair.p_adjusted)}) "
        + (f"about {rounded(needed):,}" if needed else "no number, for there is no lead")
        for pair, needed in zip(open_, needs, strict=True)
    ]
    return (
        f"If the leads of {comparison.title(leader)} are the true differences, to find them four times in five it "
        f"takes so many test images, where this set has {images:,}: against {listed(told)}."
    )


def rounded(value: int) -> int:
    """A number with two significant digits: 2 874 becomes 2 900."""
    step = 10 ** max(0, len(str(value)) - 2)
    return round(value / step) * step


def seeds(comparison: Comparison) -> list[str]:
    """Mean and standard deviation over seeds, or what one seed cannot tell."""
    if comparison.num_seeds < 2:
        return [
            "Each model was trained once. The tests tell which of these trained networks is better, not which "
            "recipe: training again from another seed moves the scores, and by how much is not known here."
        ]
    return [_over_seeds(comparison), *_seeds_against_lead(comparison)]


def _over_seeds(comparison: Comparison) -> str:
    spreads = {result.title: result.over_seeds["accuracy"] for result in comparison.models.values()}
    told = [f"{title} {100 * one.mean:.1f} ± {100 * one.std:.1f} %" for title, one in spreads.items()]
    return f"Accuracy over {comparison.num_seeds} seeds, mean ± standard deviation: {listed(told)}."


def _seeds_against_lead(comparison: Comparison) -> list[str]:
    if len(comparison.models) < 2:
        return []
    spreads = [(result.title, result.over_seeds["accuracy"]) for result in comparison.models.values()]
    (best, first), (second, next_) = sorted(spreads, key=lambda one: -one[1].mean)[:2]
    lead, spread = first.mean - next_.mean, max(first.std, next_.std)
    size = f"{lead / spread:.1f} times" if spread > 0 else "more than"
    return [f"By mean {best} leads {second} by {points(lead)}: {size} the larger of their standard deviations."]


def classes(comparison: Comparison) -> list[str]:
    """Which classes gain and which lose recall from each model to the next in the study file."""
    steps = list(pairwise(comparison.models))
    if len(steps) <= FEW:
        return [_step(comparison, a, b) for a, b in steps]
    return _telling_changes(comparison)


def _telling_changes(comparison: Comparison) -> list[str]:
    """Of many models the changes beyond chance, by class, whichever two models they lie between."""
    tests = f"after Holm's correction for {count(len(comparison.class_differences), 'test')}"
    telling = [row for row in comparison.class_differences if row.p_adjusted < SIGNIFICANT]
    if not telling:
        return [
            f"Between no two models does the recall of any class change by more than chance explains ({tests}): a "
            "class has few test images."
        ]
    names = list(dict.fromkeys(quoted(comparison.classes[row.class_index]) for row in telling))
    largest = max(telling, key=lambda row: abs(row.difference.value))
    return [
        f"{count(len(telling), 'change')} of recall between two models {'is' if len(telling) == 1 else 'are'} "
        f"more than chance explains ({tests}), in {listed(names)}. The largest is that of "
        f"{quoted(comparison.classes[largest.class_index])}, from {percent(largest.recall_a, 0)} in "
        f"{comparison.title(largest.a)} to {percent(largest.recall_b, 0)} in {comparison.title(largest.b)}."
    ]


def _step(comparison: Comparison, a: str, b: str) -> str:
    rows = [row for row in comparison.class_differences if (row.a, row.b) == (a, b)]
    gains = [row for row in rows if row.difference.value < 0]
    losses = [row for row in rows if row.difference.value > 0]
    start = (
        f"From {comparison.title(a)} to {comparison.title(b)} recall rises for {none_or(len(gains))} of "
        f"{count(len(rows), 'class', 'classes')} and falls for {none_or(len(losses))}"
    )
    extremes = [
        *_extreme(comparison, "the largest gain", min(gains, key=lambda row: row.difference.value, default=None)),
        *_extreme(comparison, "the largest loss", max(losses, key=lambda row: row.difference.value, default=None)),
    ]
    return f"{'; '.join([start, *extremes])}. {_beyond_chance(comparison, rows)}"


def _extreme(comparison: Comparison, what: str, row: ClassDifference | None) -> list[str]:
    if row is None:
        return []
    change = f"from {percent(row.recall_a, 0)} to {percent(row.recall_b, 0)}"
    return [f"{what} is that of {quoted(comparison.classes[row.class_index])}, {change}"]


def _beyond_chance(comparison: Comparison, rows: Sequence[ClassDifference]) -> str:
    found = [quoted(comparison.classes[row.class_index]) for row in rows if row.p_adjusted < SIGNIFICANT]
    tests = f"after Holm's correction for {count(len(comparison.class_differences), 'test')}"
    if not found:
        return f"By itself, no class changes by more than chance explains ({tests}): a class has few test images."
    return f"More than chance explains ({tests}): {listed(found)}."


def agreement(comparison: Comparison) -> list[str]:
    """How many images all, some or no model gets right, and what the best mixture could reach."""
    found, total = comparison.agreement, len(comparison.labels)
    every, none = found.all_right / total, found.none_right / total
    if len(comparison.models) < 2:
        return [
            f"{comparison.title(comparison.ranking[0])} gets {found.all_right:,} of {total:,} test images right."
        ]
    best = comparison.models[comparison.ranking[0]].scores["accuracy"].value
    told = (
        f"Of {count(total, 'test image')} every model gets {found.all_right:,} right ({percent(every)}), some but "
        f"not all {found.some_right:,}, none {found.none_right:,} ({percent(none)}). Whoever could always pick a "
        f"model that is right would reach {percent(1 - none)}; the best single model reaches {percent(best)}."
    )
    return [told, _alone(comparison), *hardest(comparison)]


def _alone(comparison: Comparison) -> str:
    alone = zip(comparison.models.values(), comparison.agreement.only, strict=True)
    told = [f"{result.title} {len(rows):,}" for result, rows in alone]
    return f"Right where every other model is wrong, in images: {listed(told)}."


def hardest(comparison: Comparison) -> list[str]:
    """Whether the models give the same wrong answer on the images that none gets right."""
    rows = hardest_images(comparison)
    if not len(rows) or len(comparison.models) < 2 or len(comparison.classes) == 2:
        return []  # of two classes there is but one wrong answer
    answers = np.stack([result.predictions[rows] for result in comparison.models.values()])
    same = int((answers == answers[0]).all(axis=0).sum())
    if not same:
        return [
            f"On none of the {count(len(rows), 'image')} that no model gets right do all models give the same "
            "wrong answer."
        ]
    return [
        f"On {same:,} of the {count(len(rows), 'image')} that no model gets right, all models give the same wrong "
        "answer. Those are the first labels to check by eye: the label may be wrong, or the image may look like "
        "the other class to anybody."
    ]
