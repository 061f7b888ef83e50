"""Pairs of classes that look alike: how models mix them up, and which images those are (chapters 03 and 06)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from helpers.base.errors import StudyError
from helpers.metrics.classification import confusion_matrix
from helpers.metrics.comparison import PairDifference, holm, pair_differences
from helpers.metrics.image_facts import ImageFacts
from helpers.study.study import Study
from sections.comparison.scores.measured import Comparison
from sections.look_alikes.mix_ups import MixUp, mix_up, rank_sum_test
from sections.one_model.mistakes.measured import Evidence

FEWEST_MIXED_UP = 5  # mistakes in one direction: of fewer, nothing is said about how they look


@dataclass(frozen=True)
class Distinction:
    """What sets images that were taken for another class apart from those of their class that were recognised."""

    truth: int
    predicted: int
    fact: str  # a field of `ImageFacts`
    mixed_up: float  # median rank among the training images, 0 to 100
    recognised: float
    p_value: float  # rank-sum test, Holm-adjusted over all looks compared


@dataclass(frozen=True)
class LookAlike:
    """Two classes under one model. Positions are in the test part, the largest loss first."""

    names: tuple[str, str]
    mix_up: MixUp
    positions: np.ndarray  # (m,) int64: images taken for the other of the two
    second_best: int  # of these, how often the truth was the second most probable class


@dataclass(frozen=True)
class LookAlikes:
    """All pairs of a study under one model."""

    title: str
    classes: tuple[str, ...]
    mistakes: int  # of the model on the whole test set
    pairs: list[LookAlike]
    looks: list[Distinction]


def class_pairs(study: Study, classes: Sequence[str]) -> list[tuple[int, int]]:
    """The study's look-alikes as class numbers. Raises StudyError for a class that there is not."""
    number = {name: label for label, name in enumerate(classes)}
    for name in [name for pair in study.look_alikes for name in pair if name not in number]:
        raise StudyError(f"look_alikes: there is no class '{name}'; the classes are {', '.join(classes)}")
    return [(number[first], number[second]) for first, second in study.look_alikes]


def examine_pairs(evidence: Evidence, study: Study, held_out: Evidence) -> LookAlikes:
    """Each pair of look-alikes on the test set, under the model of the evidence.

    What sets the images that are mixed up apart may lead to a change, so it is asked of `held_out`, the validation
    images.
    """
    outputs, classes = evidence.outputs, tuple(evidence.splits.classes)
    pairs = class_pairs(study, classes)
    matrix = confusion_matrix(outputs.labels, outputs.predictions, len(classes))
    return LookAlikes(
        title=evidence.run.title,
        classes=classes,
        mistakes=len(evidence.wrong),
        pairs=[_look_alike(evidence, mix_up(matrix, *pair), classes) for pair in pairs],
        looks=_looks(held_out, pairs),
    )


def _look_alike(evidence: Evidence, found: MixUp, classes: tuple[str, ...]) -> LookAlike:
    outputs, wrong, pair = evidence.outputs, evidence.wrong, (found.first, found.second)
    mixed = wrong[np.isin(outputs.labels[wrong], pair) & np.isin(outputs.predictions[wrong], pair)]
    second = np.argsort(-outputs.probabilities[mixed], axis=1, kind="stable")[:, 1]
    names = (classes[found.first], classes[found.second])
    return LookAlike(names, found, mixed, int((second == outputs.labels[mixed]).sum()))


def _looks(evidence: Evidence, pairs: list[tuple[int, int]]) -> list[Distinction]:
    """Every fact in every direction that has enough images on both sides."""
    found = [
        look
        for first, second in pairs
        for truth, predicted in ((first, second), (second, first))
        for look in _direction(evidence, truth, predicted)
    ]
    adjusted = holm([look.p_value for look in found])
    return [replace(look, p_value=float(p)) for look, p in zip(found, adjusted, strict=True)]


def _direction(evidence: Evidence, truth: int, predicted: int) -> list[Distinction]:
    own = evidence.outputs.labels == truth
    mixed, right = own & (evidence.predictions == predicted), own & (evidence.predictions == truth)
    if min(mixed.sum(), right.sum()) < FEWEST_MIXED_UP:
        return []
    facts = {field.name: getattr(evidence.looks, field.name) for field in fields(ImageFacts)}
    return [
        Distinction(truth, predicted, name, float(np.median(values[mixed])), float(np.median(values[right])),
             rank_sum_test(values[mixed], values[right]))
        for name, values in facts.items()
    ]  # fmt: skip


@dataclass(frozen=True)
class OverModels:
    """The look-alikes of a study under every model of a comparison."""

    titles: dict[str, str]
    classes: tuple[str, ...]
    rates: dict[tuple[int, int], dict[str, MixUp]]  # by pair of classes, then by model
    differences: list[PairDifference]


def compare_on_pairs(comparison: Comparison, study: Study) -> OverModels:
    """Each pair of look-alikes under each model, and the paired tests between models."""
    pairs, models = class_pairs(study, comparison.classes), comparison.models
    matrices = {name: result.evaluation.matrix for name, result in models.items()}
    answers = {name: result.outputs.predictions for name, result in models.items()}
    return OverModels(
        titles={name: result.title for name, result in models.items()},
        classes=tuple(comparison.classes),
        rates={pair: {name: mix_up(matrix, *pair) for name, matrix in matrices.items()} for pair in pairs},
        differences=pair_differences(comparison.labels, answers, pairs),
    )


def results_over_models(found: OverModels) -> list[dict[str, Any]]:
    """What chapter 06 keeps as JSON, an entry a pair."""
    return [
        {
            "classes": [found.classes[label] for label in pair],
            "mixed_up": {name: asdict(one.both) | {"count": one.count} for name, one in by_model.items()},
            "tests": [asdict(one) for one in found.differences if (one.first, one.second) == pair],
        }
        for pair, by_model in found.rates.items()
    ]
