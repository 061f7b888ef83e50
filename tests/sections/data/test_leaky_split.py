"""The experiment with a split blind to near-duplicates: with a model that only remembers, the promise is known."""

from dataclasses import dataclass

import numpy as np
from made_up_splits import made_up_splits

from helpers.datasets.types import Splits
from sections.data.leaky_split import compare_promises, promise_table, promised_too_much

RUNS, LENGTH = 40, 5  # runs of images that resemble each other, and images in each


def runs_of_images() -> Splits:
    """Two classes; every run of five images lies in one part of the study's own split."""
    run = np.repeat(np.arange(RUNS), LENGTH)
    part = np.where(run % 4 < 2, 0, np.where(run % 4 == 2, 1, 2))
    parts = [np.flatnonzero(part == number).tolist() for number in range(3)]
    return made_up_splits((run >= RUNS // 2).astype(int).tolist(), *parts, groups=run.tolist())


@dataclass
class Answers:
    correct: np.ndarray


@dataclass
class Memory:
    """A model that is right only on images of runs that it saw in training."""

    splits: Splits
    title: str = "Memory"

    def outputs(self, part: str) -> Answers:
        index = getattr(self.splits, part)
        return Answers(np.isin(self.splits.groups[index], self.splits.groups[self.splits.train]))


def test_a_model_that_only_remembers_is_found_out() -> None:
    promise = compare_promises(runs_of_images(), Memory)
    assert promise.own.validation.value == promise.own.held_out.value == promise.own.seen == 0
    assert promise.blind.seen == promise.blind.held_out.value > 0.9  # a run of five has mates in training
    assert promise.blind.images == promise.own.images == 100
    assert promise.too_much.low > 0.8
    assert promise.too_much.value == promise.blind.held_out.value
    assert "memory, not skill" in promised_too_much(promise)


def test_a_model_that_understands_is_not_accused() -> None:
    class Skill(Memory):
        def outputs(self, part: str) -> Answers:
            index = getattr(self.splits, part)
            return Answers(index % 10 != 0)

    promise = compare_promises(runs_of_images(), Skill)
    assert promise.too_much.low < 0 < promise.too_much.high
    assert "could be chance" in promised_too_much(promise)
    rows = promise_table(promise).rows()
    assert [row["Split"] for row in rows] == ["plain random split", "this study's split"]
