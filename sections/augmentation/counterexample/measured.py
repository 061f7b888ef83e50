"""An augmentation that is not true of the data: which classes it confuses, and why (chapter 04)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from helpers.datasets.augmentations import BY_CHANCE, MIXED
from helpers.datasets.types import Splits
from helpers.metrics.classification import confusion_matrix, normalise_rows
from helpers.metrics.comparison import (
    ClassDifference,
    PairDifference,
    PairResult,
    pair_differences,
    pairwise,
    recall_differences,
)
from helpers.metrics.neighbours import k_nearest
from helpers.training.runs import Run, other_differences
from sections.augmentation.draws import augmented
from sections.one_model.scores.measured import answers_to

RISK = 0.1
PER_CLASS = 200  # test images of each class that are shown to the honest model in their new guise


@dataclass(frozen=True)
class Counterexample:
    """A model with an augmentation that changes what an image shows, against the same model without it."""

    honest: Run
    wrong: Run
    splits: Splits

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.splits.classes)

    @property
    def extra(self) -> dict[str, float]:
        """The augmentations that only the counterexample has, or has in another strength.

        Those that mix two images are no guise of one, and count as other differences.
        """
        known, own = self.honest.spec.augment, self.wrong.spec.augment
        changed = {name: strength for name, strength in own.items() if known.get(name) != strength}
        return {name: strength for name, strength in changed.items() if name not in MIXED}

    @property
    def other_differences(self) -> list[tuple[str, Any, Any]]:
        """Other settings in which the two recipes differ, and augmentations that only the honest one has."""
        known, own = self.honest.spec.augment, self.wrong.spec.augment
        mixing = {name for name in MIXED if own.get(name) != known.get(name)}
        names = sorted((set(known) - set(own)) | mixing)
        told = [(name, known.get(name, "none"), own.get(name, "none")) for name in names]
        return other_differences(self.honest, self.wrong) + told

    @cached_property
    def labels(self) -> np.ndarray:
        """(n,) int64, of the test images."""
        return self.honest.outputs("test").labels

    @cached_property
    def answers(self) -> dict[str, np.ndarray]:
        """Predictions (n,) on the test images, of the honest model first."""
        return {run.name: run.outputs("test").predictions for run in (self.honest, self.wrong)}

    @cached_property
    def correct(self) -> dict[str, np.ndarray]:
        """Which test images (n,) either gets right, the honest model first."""
        return {name: answers == self.labels for name, answers in self.answers.items()}

    @cached_property
    def overall(self) -> PairResult:
        """Both models on all test images; a is the honest one."""
        return pairwise(self.correct)[0]

    @cached_property
    def recalls(self) -> list[ClassDifference]:
        """Each class under both models; a is the honest one."""
        return recall_differences(self.labels, self.correct, len(self.classes))

    @cached_property
    def at_risk(self) -> list[tuple[int, int]]:
        """Pairs of classes that the extra augmentation makes alike in the eyes of the model that never saw it.

        Of one class at least `RISK` of the images that are so changed are taken for the other, and at least twice
        as many as of the images as they are. Nothing here depends on the counterexample's answers.
        """
        changed, plain = self.guise.changed, self.guise.plain
        alike = (changed >= RISK) & (changed >= 2 * plain)
        np.fill_diagonal(alike, False)
        return [(int(i), int(j)) for i, j in np.argwhere(np.triu(alike | alike.T))]

    @cached_property
    def pairs(self) -> list[PairDifference]:
        """The pairs at risk under both models, or all pairs where none is; those that suffer most first.

        p-values are adjusted by Holm for as many tests as there are pairs here.
        """
        every = list(combinations(range(len(self.classes)), 2))
        found = pair_differences(self.labels, self.answers, self.at_risk or every)
        return sorted(found, key=lambda one: (one.p_adjusted, one.mixed_a - one.mixed_b))

    @cached_property
    def within_risk(self) -> PairResult:
        """Mistakes within all pairs at risk together; `accuracy` is the share of images without such a mistake."""
        return self._mistakes(True)

    @cached_property
    def beyond_risk(self) -> PairResult:
        """All other mistakes together, counted in the same way."""
        return self._mistakes(False)

    def _mistakes(self, at_risk: bool) -> PairResult:
        risky = np.zeros((len(self.classes),) * 2, dtype=bool)
        for i, j in self.at_risk:
            risky[i, j] = risky[j, i] = True
        free = {
            name: self.correct[name] | (risky[self.labels, answers] != at_risk)
            for name, answers in self.answers.items()
        }
        return pairwise(free)[0]

    @property
    def suffering(self) -> list[PairDifference]:
        """The pairs that the counterexample mixes up more, by more than chance explains."""
        return [one for one in self.pairs if one.worse == self.wrong.name]

    @cached_property
    def guise(self) -> "Guise":
        """What the honest model says of test images to which the extra augmentation was done."""
        test = self.honest.outputs("test")
        positions = _some_of_each(self.labels, len(self.classes))
        asked = answers_to(self.honest, disguised(self.splits, test.index[positions], self.extra))
        plain, changed = (
            normalise_rows(confusion_matrix(self.labels[positions], found, len(self.classes)))
            for found in (test.predictions[positions], asked.predictions)
        )
        return Guise(plain, changed)

    def confusions(self, most: int) -> np.ndarray:
        """Test images that only the honest model gets right, within the pairs at risk, the surest mistakes first.

        Of every such pair in turn, so that one does not crowd out the others. Where no pair is at risk, of all.
        """
        pairs = [{one.first, one.second} for one in self.pairs] if self.at_risk else []
        honest, wrong = (self.answers[run.name] for run in (self.honest, self.wrong))
        lost = np.flatnonzero((honest == self.labels) & (wrong != self.labels))
        lost = lost[np.argsort(-self.wrong.outputs("test").confidence[lost], kind="stable")]
        if not pairs:
            return lost[:most]
        kinds = [[i for i in lost if {self.labels[i], wrong[i]} == pair] for pair in pairs]
        turns = [kind[turn] for turn in range(most) for kind in kinds if turn < len(kind)]
        return np.array(turns[:most], dtype=np.int64)


@dataclass(frozen=True)
class Guise:
    """Test images under the extra augmentation, and what the honest model says of them before and after."""

    plain: np.ndarray  # (C, C) shares: rows are the truth, columns the answers to the images as they are
    changed: np.ndarray  # (C, C) shares: the answers to the changed images


def _some_of_each(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Sorted positions of up to `PER_CLASS` images of every class, spread over the whole set."""
    chosen = []
    for label in range(num_classes):
        own = np.flatnonzero(labels == label)
        chosen.append(own[np.unique(np.linspace(0, len(own) - 1, PER_CLASS).astype(int))] if len(own) else own)
    return np.sort(np.concatenate(chosen))


def disguised(splits: Splits, index: np.ndarray, extra: Mapping[str, float]) -> np.ndarray:
    """The images at `index` under the extra augmentation, (m, S, S, 3) uint8; what has a chance always happens."""
    always = {name: 1.0 if name in BY_CHANCE else strength for name, strength in extra.items()}
    return augmented(splits.images[np.asarray(index)], always)


@dataclass(frozen=True)
class MisledImage:
    """A test image that only the counterexample gets wrong."""

    truth: int
    answer: int  # of the counterexample
    confidence: float  # its
    image: np.ndarray  # (S, S, 3) uint8
    changed: np.ndarray  # (S, S, 3) uint8: under the extra augmentation
    honest_answer: int  # of the honest model to the changed image
    neighbour: (
        int  # in the whole set: the training image nearest to the changed one in the honest model's features
    )


def misled_images(one: Counterexample, most: int = 6) -> list[MisledImage]:
    """Images for which the extra augmentation is to blame, as `Counterexample.confusions` chooses them."""
    positions = one.confusions(most)
    if not len(positions):
        return []
    index, wrong = one.honest.outputs("test").index[positions], one.wrong.outputs("test")
    changed = disguised(one.splits, index, one.extra)
    asked, train = answers_to(one.honest, changed), one.honest.outputs("train")
    nearest = train.index[k_nearest(asked.features, train.features, 1).index[:, 0]]
    return [
        MisledImage(
            truth=int(one.labels[position]),
            answer=int(wrong.predictions[position]),
            confidence=float(wrong.confidence[position]),
            image=np.array(one.splits.images[index[i]]),
            changed=changed[i],
            honest_answer=int(asked.predictions[i]),
            neighbour=int(nearest[i]),
        )
        for i, position in enumerate(positions)
    ]


def counterexample_results(one: Counterexample) -> dict[str, Any]:
    """What chapter 04 keeps as JSON."""
    return {
        "honest": one.honest.name,
        "wrong": one.wrong.name,
        "extra": one.extra,
        "overall": asdict(one.overall),
        "at_risk": [[one.classes[i], one.classes[j]] for i, j in one.at_risk],
        "within_risk": asdict(one.within_risk),
        "beyond_risk": asdict(one.beyond_risk),
        "suffering": [
            asdict(pair) | {"classes": [one.classes[pair.first], one.classes[pair.second]]}
            for pair in one.suffering
        ],
    }
