"""What a split that is blind to twins would have promised: the same model, trained and scored on either split."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.datasets.split import blind_split
from helpers.metrics.comparison import difference_of_means
from helpers.metrics.intervals import Interval, wilson
from helpers.show.words import percent, points, points_bounds, share_interval

if TYPE_CHECKING:
    from helpers.datasets.types import Splits
    from helpers.training.runs import Run

Trainer = Callable[["Splits"], "Run"]
HELD_OUT = ("val", "test")


@dataclass(frozen=True)
class SplitScore:
    """How one model does on the images that a split keeps from it.

    `validation` is what its owner would have seen; `held_out` takes validation and test images together, which are
    more. `overlapping` is the share of these that resemble a training image of the split.
    """

    name: str
    validation: Interval
    held_out: Interval
    images: int
    overlapping: float
    correct: np.ndarray  # (images,) bool


@dataclass(frozen=True)
class Promise:
    """The same recipe on a split that is blind to twins and on the study's own."""

    model: str
    blind: SplitScore
    own: SplitScore

    @property
    def too_much(self) -> Interval:
        """Accuracy on held-out images, blind minus own, with Welch's 95 % interval."""
        return difference_of_means(self.blind.correct.astype(float), self.own.correct.astype(float))


def compare_promises(splits: "Splits", train: Trainer, seed: int = 0) -> Promise:
    """Train one model on a plain random split and on the study's own; `train` gives the run for a split."""
    blind = blind_split(splits, seed)
    own_run = train(splits)
    return Promise(
        own_run.title,
        _score("plain random split", blind, train(blind)),
        _score("this study's split", splits, own_run),
    )


def _score(name: str, splits: "Splits", run: "Run") -> SplitScore:
    validation, test = (run.outputs(part).correct for part in HELD_OUT)
    correct = np.concatenate([validation, test])
    held_out = np.concatenate([splits.val, splits.test])
    return SplitScore(
        name=name,
        validation=wilson(int(validation.sum()), len(validation)),
        held_out=wilson(int(correct.sum()), len(correct)),
        images=len(correct),
        overlapping=float(np.isin(splits.groups[held_out], splits.groups[splits.train]).mean()),
        correct=correct,
    )


def promise_rows(promise: Promise) -> list[dict[str, Any]]:
    """One row a split: what it promises, and how many of its held-out images resemble training images."""
    return [
        {
            "Split": score.name,
            "Validation accuracy": score.validation,
            "All held-out images": score.held_out,
            "Images": score.images,
            "With a twin in training": score.overlapping,
        }
        for score in (promise.blind, promise.own)
    ]


def promise_results(promise: Promise) -> dict[str, Any]:
    """What chapter 01 keeps as JSON."""
    scores = {"blind": promise.blind, "own": promise.own}
    return {"model": promise.model, "too_much": vars(promise.too_much)} | {
        name: {
            "validation": vars(score.validation),
            "held_out": vars(score.held_out),
            "images": score.images,
            "with_twins": score.overlapping,
        }
        for name, score in scores.items()
    }


def promised(promise: Promise) -> list[str]:
    """What either split shows, and whether the blind one promises too much."""
    blind, own = promise.blind, promise.own
    return [
        f"{promise.model}, on a plain random split: {share_interval(blind.validation)} of the validation images "
        f"are right. On this study's split it is {share_interval(own.validation)}.",
        f"{percent(blind.overlapping)} of the images that the plain split holds out have a twin or a neighbour of "
        f"the same scene in its training images; in this study's split {_those(own.overlapping)}.",
        _verdict(promise),
    ]


def _those(share: float) -> str:
    return f"{percent(share)} have" if share else "none has"


def _verdict(promise: Promise) -> str:
    gap = promise.too_much
    measured = f"Over all held-out images the plain split shows {points(gap.value)} "
    measured += f"{'more' if gap.value >= 0 else 'less'} (95 % interval of the difference {points_bounds(gap)})"
    if gap.low > 0:
        return f"{measured}: that much of its score is memory, not skill."
    if gap.high < 0:
        return f"{measured}: here the twins did not flatter it."
    return f"{measured}: on so many images this could be chance."
