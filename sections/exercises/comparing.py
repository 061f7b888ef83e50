"""Chapter 06: the interval of a difference, and the area under the ROC curve without the curve."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.stats import rankdata

from helpers.training.runs import Run
from sections.exercises.checking import exercise, expect

LIMITS = (0.025, 0.975)


@exercise
def paired_interval(answer: Callable, runs: Mapping[str, Sequence[Run]]) -> None:
    """The 95 % interval of what the second model gains in accuracy, from test sets drawn for both at once."""
    rng = np.random.default_rng(0)
    easy = rng.random(80)
    made_up = easy < 0.6, (easy < 0.7) ^ (rng.random(80) < 0.1)
    first, *others = [seeds[0] for seeds in runs.values()]
    last = others[-1] if others else first
    own = first.outputs("val").correct, last.outputs("val").correct
    for (a, b), on in ((made_up, "80 made-up images"), (own, f"{first.title} and {last.title}")):
        draws = rng.integers(0, len(a), (1000, len(a)))
        gains = b[draws].mean(1) - a[draws].mean(1)
        low, high = np.quantile(gains, LIMITS)
        of_a, of_b = (np.quantile(one[draws].mean(1), LIMITS) for one in (a, b))
        expect(answer(a.copy(), b.copy(), draws.copy()), (low, high), {
            "the gain is that of the second model over the first, and yours is the other way round": (-high, -low),
            "you drew different test sets for the two: use the same row of `draws` for both, for they are paired":
                np.quantile(b[draws].mean(1) - a[draws[::-1]].mean(1), LIMITS),
            "you subtracted the bounds of two intervals: take the differences first, then their bounds":
                (of_b[0] - of_a[0], of_b[1] - of_a[1]),
            "you set lower against upper bounds of two intervals: take the differences first, then their bounds":
                (of_b[0] - of_a[1], of_b[1] - of_a[0]),
            "that is a 90 % interval: 95 % leave 2.5 % out on either side": np.quantile(gains, (0.05, 0.95)),
            "that is the middle half: 95 % leave 2.5 % out on either side": np.quantile(gains, (0.25, 0.75)),
            "that is one number, drawn not at all: index both arrays by `draws`": b.mean() - a.mean(),
        }, on=on)  # fmt: skip


@exercise
def area_by_ranks(answer: Callable, runs: Mapping[str, Sequence[Run]]) -> None:
    """The chance that a positive example has a higher score than a negative one; an equal score counts a half."""
    rng = np.random.default_rng(0)
    truth = rng.random(40) < 0.3
    made_up = (rng.random(40) * 4 + 2 * truth).round() / 6, truth  # many scores are equal
    run = next(iter(runs.values()))[0]
    val = run.outputs("val")
    own = val.probabilities[:, 0].astype(np.float64), val.labels == 0
    for (scores, positive), on in ((made_up, "40 made-up scores"), (own, f"{run.title}, first class")):
        if positive.all() or not positive.any():
            continue
        pairs = positive.sum() * (~positive).sum()
        above, equal = _pairs(scores, positive)
        won = above + equal / 2
        expect(answer(scores.copy(), positive.copy()), won / pairs, {
            "equal scores count as lost: they are half won": above / pairs,
            "equal scores count as won: they are half won": (above + equal) / pairs,
            "you counted where the positive one is below: turn the comparison round": 1 - won / pairs,
            "that is how many pairs are won, and a share is asked for: divide by the number of pairs": won,
            "you compared every example with every other: only pairs of a positive and a negative one count":
                won / len(scores) ** 2,
            "that is the accuracy with a threshold of 0.5": ((scores >= 0.5) == positive).mean(),
        }, on=on)  # fmt: skip


def _pairs(scores: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    """How many pairs the positive example wins, and of how many the scores are equal (Mann & Whitney)."""
    pairs = []
    for method in ("min", "max"):  # of equal scores the lowest rank, or the highest
        ranks = rankdata(scores, method)
        among = rankdata(scores[positive], method)
        pairs.append(float((ranks[positive] - among).sum()))
    return pairs[0], pairs[1] - pairs[0]
