"""Readings of distances in feature space (chapter 05)."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.metrics.comparison import pairwise
from helpers.metrics.intervals import wilson
from helpers.show.words import count, listed, number, p_value, percent, quoted, share_interval
from sections.distances.measured import ConfusionSpaces, FollowedMistakes, SpaceOfModel

Spaces = Mapping[str, SpaceOfModel]
FEW_PAIRS = 3  # of models: all are told; of more only those that differ
FEW_MODELS = 2  # beside the reference: each has its own sentence; more are a list


def mistakes_made(mistakes: FollowedMistakes) -> list[str]:
    """How many images all of the chapter is about."""
    share = share_interval(wilson(len(mistakes), mistakes.of))
    told = f"{mistakes.by} misclassifies {len(mistakes):,} of {count(mistakes.of, 'test image')}: {share}."
    if not len(mistakes):
        return [f"{told} There is no mistake to look at in this chapter."]
    if len(mistakes) < 20:
        told += " That is few: the shares below are rough, as their intervals show."
    return [told]


def sides(spaces: Spaces, reference: str) -> list[str]:
    """On which side the mistakes of `reference` lie in its own space, and in that of every other model."""
    if not len(spaces[reference].right):
        return []
    others = [one for name, one in spaces.items() if name != reference]
    if len(others) <= FEW_MODELS:
        return [_own_space(spaces[reference]), *map(_other_space, others)]
    told = listed([f"{one.title} {share_interval(one.share)}" for one in others])
    rightly = listed([f"{one.title} {int(one.right.sum()):,}" for one in others])
    return [
        _own_space(spaces[reference]),
        f"Nearer to the truth lie, in the space of the other models: {told}.",
        f"Of the same images these models name rightly: {rightly}.",
    ]


def _own_space(space: SpaceOfModel) -> str:
    if not space.nearer.any():
        return (
            f"In the feature space of {space.title} itself every one of its mistakes lies nearer to the class it "
            "was taken for: its last layer and its centroids agree."
        )
    return (
        f"In the feature space of {space.title} itself {_nearer(space)} lie nearer to their true class, although "
        "the network says otherwise: there its last layer draws the border elsewhere than half-way between the "
        "two centroids."
    )


def _other_space(space: SpaceOfModel) -> str:
    return f"{space.title} puts {_nearer(space)} nearer to the truth; it names {int(space.right.sum()):,} rightly."


def _nearer(space: SpaceOfModel) -> str:
    return f"{int(space.nearer.sum()):,} of them, {share_interval(space.share)},"


def sides_tested(spaces: Spaces, reference: str) -> list[str]:
    """Whether the other models differ among each other by more than chance in what they put nearer.

    The model that made the mistakes is left out: the images were chosen by its errors.
    """
    others = {name: one for name, one in spaces.items() if name != reference}
    if len(others) < 2 or not len(spaces[reference].right):
        return []
    pairs = pairwise({name: one.nearer for name, one in others.items()})
    told = [pair for pair in pairs if pair.better is not None or len(pairs) <= FEW_PAIRS]
    tests = [_test(spaces[pair.a].title, spaces[pair.b].title, pair) for pair in told]
    return [*tests, _left(len(pairs) - len(told), len(pairs))] if len(told) < len(pairs) else tests


def _left(left: int, pairs: int) -> str:
    if left == pairs:
        return (
            f"No two of these models differ by more than chance explains (exact McNemar tests of {pairs} pairs)."
        )
    return f"Between the models of the other {left} of {pairs} pairs it could be chance."


def _test(title_a: str, title_b: str, pair) -> str:
    told = (
        f"{title_a} alone puts {pair.only_a:,} of the images nearer to the truth, {title_b} alone {pair.only_b:,} "
        f"(exact McNemar test, {p_value(pair.p_adjusted)} after Holm's correction)"
    )
    if pair.better is None:
        return f"{told}: between these two it could be chance."
    return f"{told}: {title_a if pair.better == pair.a else title_b} does so more often than chance explains."


def medians(spaces: Spaces, reference: str) -> list[str]:
    """The median relative distances in every model, and what moves the images from `reference` to the others."""
    if not len(spaces[reference].right):
        return []
    told = listed([_median(space) for space in spaces.values()])
    start = f"Median relative distance to the true class, and to the class it was taken for: {told}."
    others = [one for name, one in spaces.items() if name != reference]
    if len(others) <= FEW_MODELS:
        return [start, *(_shift(spaces[reference], one) for one in others)]
    return [start, _shifts(spaces[reference], others)]


def _shifts(before: SpaceOfModel, others: Sequence[SpaceOfModel]) -> str:
    """Which models bring the median image to the truth, and which move it away from the mistake."""
    changes = {one.title: _median_change(before, one) for one in others}
    nearer = [title for title, (truth, _) in changes.items() if truth < 0]
    further = [title for title, (_, mistake) in changes.items() if mistake > 0]
    return (
        f"Against {before.title} the median image comes nearer to its true class in {_whom(nearer, others)}, and "
        f"moves away from the class it was taken for in {_whom(further, others)}."
    )


def _whom(titles: Sequence[str], others: Sequence[SpaceOfModel]) -> str:
    if len(titles) == len(others):
        return f"all {len(others)} other models"
    return listed(titles) if titles else "none of the other models"


def _median_change(before: SpaceOfModel, after: SpaceOfModel) -> tuple[float, float]:
    """Median over the images of the change in relative distance to the truth, and to the mistake."""
    truth, mistake = (
        float(np.median(new - old)) for old, new in zip(_relative(before), _relative(after), strict=True)
    )
    return truth, mistake


def _median(space: SpaceOfModel) -> str:
    truth, mistake = (float(np.median(values)) for values in _relative(space))
    return f"{space.title} {number(truth, 2)} and {number(mistake, 2)}"


def _shift(before: SpaceOfModel, after: SpaceOfModel) -> str:
    """What happens to the median image: does it come to the truth, or leave the mistake, or neither?"""
    truth, mistake = _median_change(before, after)
    return (
        f"From {before.title} to {after.title} the median image's distance to its true class {_change(truth)}, "
        f"that to the class it was taken for {_change(mistake)}."
    )


def _change(change: float) -> str:
    distance = number(abs(change), 2)
    if distance == "0.00":
        return "stays"
    return f"{'grows' if change > 0 else 'shrinks'} by {distance}"


def _relative(space: SpaceOfModel) -> tuple[np.ndarray, np.ndarray]:
    return space.distances.relative_to_truth, space.distances.relative_to_predicted


def wrong_everywhere(spaces: Spaces) -> list[str]:
    """How many mistakes every model puts on the wrong side."""
    nearer = np.stack([space.nearer for space in spaces.values()])
    total, wrong = nearer.shape[1], int((~nearer).all(axis=0).sum())
    if not total or len(spaces) < 2:
        return []
    if not wrong:
        return ["No image lies on the wrong side in every model: each is put nearer to its truth by at least one."]
    return [
        f"{wrong:,} of the {total:,} ({percent(wrong / total)}) lie nearer to the wrong class in every one of the "
        f"{len(spaces)} models. When models that learnt differently agree against the label, look at the image: "
        "it may be ambiguous, or its label wrong."
    ]


def commonest_confusion(kinds: Sequence[ConfusionSpaces], spaces: Spaces, classes: Sequence[str]) -> list[str]:
    """What becomes of the most frequent kind of mistake in every model."""
    if not kinds or kinds[0].count < 2:
        return []
    kind = kinds[0]
    shares = listed([f"{percent(share, 0)} in {spaces[name].title}" for name, share in kind.shares.items()])
    return [
        f"The most frequent mistake takes {quoted(classes[kind.truth])} for {quoted(classes[kind.predicted])} "
        f"({kind.count} images). Of these, nearer to the truth: {shares}."
    ]


def own_mistakes(own: Spaces) -> list[str]:
    """For each model's own mistakes: the share that its centroids would have got right against its prediction."""
    told = [f"{space.title} {share_interval(space.share)}" for space in own.values() if len(space.right)]
    shares = [f"Of its own mistakes each model puts nearer to the truth than to its prediction: {listed(told)}."]
    perfect = [
        f"{space.title} makes no mistake on the test set." for space in own.values() if not len(space.right)
    ]
    return (shares if told else []) + perfect


def nearest_centroid(spaces: Spaces, accuracies: Mapping[str, float]) -> list[str]:
    """How good the plainest classifier on the features is: the nearest centroid. `accuracies` by model."""
    told = [
        f"{space.title} {percent(space.nearest_centroid.value)} (its own last layer: {percent(accuracies[name])})"
        for name, space in spaces.items()
    ]
    return [f"Nearest centroid instead of the last layer, on all test images: {listed(told)}."]
