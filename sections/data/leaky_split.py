"""What a split blind to near-duplicates would have promised: the same model on either split."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.datasets.split import blind_split
from helpers.datasets.types import Splits
from helpers.metrics.comparison import difference_of_means
from helpers.metrics.intervals import Interval, wilson
from helpers.show.display import Table
from helpers.show.words import points, points_bounds
from helpers.training.runs import Run

HELD_OUT = ("val", "test")


@dataclass(frozen=True)
class SplitScore:
    """How one model does on the images that a split keeps from it.

    `validation` is what its owner would have seen; `held_out` takes validation and test images together, which are
    more. `seen` is the share of these that resemble a training image of the split.
    """

    name: str
    validation: Interval
    held_out: Interval
    images: int
    seen: float


@dataclass(frozen=True)
class Promise:
    """The same recipe on a split that is blind to near-duplicates and on the study's own.

    `too_much`: accuracy on held-out images, blind minus own, with Welch's 95 % interval.
    """

    model: str
    blind: SplitScore
    own: SplitScore
    too_much: Interval


def compare_promises(splits: Splits, train: Callable[[Splits], Run], seed: int = 0) -> Promise:
    """Train one model on a plain random split and on the study's own; `train` gives the run for a split."""
    divided = {"plain random split": blind_split(splits, seed), "this study's split": splits}
    runs = [train(one) for one in divided.values()]
    right = [np.concatenate([run.outputs(part).correct for part in HELD_OUT]) for run in runs]
    scores = [_score(name, one, correct) for (name, one), correct in zip(divided.items(), right, strict=True)]
    return Promise(runs[1].title, *scores, difference_of_means(*(correct.astype(float) for correct in right)))


def _score(name: str, splits: Splits, correct: np.ndarray) -> SplitScore:
    """`correct` (n,) bool: validation images first, then test images."""
    held_out, validation = np.concatenate([splits.val, splits.test]), correct[: len(splits.val)]
    return SplitScore(
        name=name,
        validation=wilson(int(validation.sum()), len(validation)),
        held_out=wilson(int(correct.sum()), len(correct)),
        images=len(correct),
        seen=float(np.isin(splits.groups[held_out], splits.groups[splits.train]).mean()),
    )


def promise_table(promise: Promise) -> Table:
    """One row a split: what it promises, and how many of its held-out images resemble training images."""
    rows = [
        {
            "Split": score.name,
            "Validation accuracy": score.validation,
            "All held-out images": score.held_out,
            "Images": score.images,
            "Resemble training images": score.seen,
        }
        for score in (promise.blind, promise.own)
    ]
    caption = f"{promise.model} on two splits of the same images: shares that are right, with 95 % intervals."
    return Table(rows, caption, {"*": ".3f", "Images": ",d"})


def promised_too_much(promise: Promise) -> str:
    """Whether the blind split promises more than the study's own, and by how much."""
    gap = promise.too_much
    measured = f"Over all held-out images the plain split shows {points(gap.value)} "
    measured += f"{'more' if gap.value >= 0 else 'less'} (95 % interval of the difference {points_bounds(gap)})"
    if gap.low > 0:
        return f"{measured}: that much of its score is memory, not skill."
    if gap.high < 0:
        return f"{measured}: here what resembles training images did not flatter it."
    return f"{measured}: on so many images this could be chance."
