"""Verdicts on distances in feature space (chapter 05)."""

from collections.abc import Mapping

import numpy as np

from helpers.metrics.comparison import SIGNIFICANT, holm, pairwise
from helpers.show.words import listed, p_value, percent, share_interval
from sections.distances.measured import FollowedMistakes, SpaceOfModel, Spaces

ROUGH = 20  # mistakes: shares of fewer have wide intervals
WAYS = {  # more than half of the images, beyond chance: nearer to the truth, further from the mistake
    (True, True): "come nearer to their true class and leave the one they were taken for",
    (True, False): "come nearer to their true class",
    (False, True): "leave the class they were taken for, but are not shown to come nearer to their true one",
    (False, False): "do neither beyond chance",
}


def how_few(mistakes: FollowedMistakes) -> list[str]:
    """A warning where there are too few mistakes to say much; else nothing."""
    if not len(mistakes):
        return [f"{mistakes.by} gets every test image right: there is no mistake to look at in this chapter."]
    if len(mistakes) >= ROUGH:
        return []
    return [f"{mistakes.by} makes few mistakes: the shares below are rough, as their intervals show."]


def sides(spaces: Spaces, reference: str) -> list[str]:
    """Whether centroids contradict the last layer of `reference`, and whether the other models differ.

    The model that made the mistakes is left out of the tests: the images were chosen by its errors.
    """
    if not len(spaces[reference].right):
        return []
    others = {name: one.nearer for name, one in spaces.items() if name != reference}
    ahead = [
        f"{spaces[pair.better].title} than {spaces[pair.a if pair.better == pair.b else pair.b].title} "
        f"({p_value(pair.p_adjusted)})"
        for pair in pairwise(others)
        if pair.better
    ]
    if ahead:
        tests = f"Beyond chance more images are put nearer to the truth by {listed(ahead)}"
    else:
        tests = "No two of the other models differ in this by more than chance explains"
    told = f" {tests} (exact McNemar tests, Holm)." if len(others) > 1 else ""
    return [_own_space(spaces[reference]) + told]


def _own_space(space: SpaceOfModel) -> str:
    if not space.nearer.any():
        return (
            f"In the feature space of {space.title} itself every one of its mistakes lies nearer to the class it "
            "was taken for: its last layer and its centroids agree."
        )
    return (
        f"In the feature space of {space.title} itself {share_interval(space.share)} lie nearer to their true "
        "class, although the network says otherwise: there its last layer draws the border elsewhere than "
        "half-way between the two centroids."
    )


def ways(spaces: Spaces, reference: str) -> list[str]:
    """In which way the other models bring the images to the right side: sign tests against `reference`."""
    from scipy.stats import binomtest

    others, before = [one for name, one in spaces.items() if name != reference], spaces[reference].distances
    images = len(before.truth)
    if not others or not images:
        return []
    moved = np.array([
        [(one.distances.relative_to_truth < before.relative_to_truth).sum(),
         (one.distances.relative_to_predicted > before.relative_to_predicted).sum()]
        for one in others
    ])  # fmt: skip
    p = holm([binomtest(int(number), images).pvalue for number in moved.ravel()]).reshape(moved.shape)
    ways = list(map(tuple, (p < SIGNIFICANT) & (2 * moved > images)))
    shares = [
        f"{one.title} ({percent(nearer / images, 0)} nearer to the truth, {percent(further / images, 0)} further "
        "from the mistake)"
        for one, (nearer, further) in zip(others, moved, strict=True)
    ]
    found = {way: [told for told, other in zip(shares, ways, strict=True) if other == way] for way in WAYS}
    told = [f"{WAYS[way]} in {listed(models)}" for way, models in found.items() if models]
    return [
        f"Against {spaces[reference].title} these {images:,} images {'; they '.join(told)}. (Sign tests, "
        f"corrected for {p.size} by Holm. The images were chosen by its mistakes, which favours all others.)"
    ]


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
        f"{len(spaces)} models. Models that learnt differently agree against the label there: an image may be "
        "ambiguous, its label wrong, or the models share a weakness."
    ]


def nearest_centroid(spaces: Spaces, accuracies: Mapping[str, float]) -> list[str]:
    """How good the plainest classifier on the features is: the nearest centroid. `accuracies` by model."""
    told = [
        f"{space.title} {percent(space.nearest_centroid.value)} (its own last layer: {percent(accuracies[name])})"
        for name, space in spaces.items()
    ]
    return [f"Nearest centroid instead of the last layer, on all test images: {listed(told)}."]
