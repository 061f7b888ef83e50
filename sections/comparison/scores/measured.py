"""All models of a study on the same test images: scores, tests, agreement and costs in one place."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.base.errors import CourseError
from helpers.metrics.comparison import (
    SIGNIFICANT,
    Agreement,
    ClassDifference,
    PairResult,
    agreement,
    gain_of,
    pairwise,
    recall_differences,
)
from helpers.metrics.intervals import Interval, SeedSpread, normal_quantile
from helpers.training.runs import distinct_titles
from sections.one_model.scores.measured import ClassifierEvaluation, evaluate_run, headline_entries, spread_of

if TYPE_CHECKING:
    from helpers.study.recipe import Roles
    from helpers.training.runs import Run

POWER = 0.8  # chance of finding a difference for which `images_to_resolve` asks


@dataclass(frozen=True)
class ModelResult:
    """What one model makes of the test images, in the order of the test part.

    `evaluation` is of the first seed, as everything else in a chapter; only `seeds` and `over_seeds` know others.
    """

    title: str  # like the run's, but no two models of a comparison share one
    seeds: tuple[ClassifierEvaluation, ...]  # one or more

    @property
    def evaluation(self) -> ClassifierEvaluation:
        return self.seeds[0]

    @cached_property
    def over_seeds(self) -> dict[str, SeedSpread]:
        """Mean and standard deviation over the seeds, by metric (see `METRICS`)."""
        return spread_of(self.seeds)

    @property
    def predictions(self) -> np.ndarray:
        """(n,) int64"""
        return self.evaluation.outputs.predictions

    @property
    def correct(self) -> np.ndarray:
        """(n,) bool"""
        return self.evaluation.outputs.correct

    @property
    def confidence(self) -> np.ndarray:
        """(n,) float32, probability of the predicted class"""
        return self.evaluation.outputs.confidence

    @property
    def scores(self) -> dict[str, Interval]:
        """Accuracy and macro scores with their 95 % intervals, by metric."""
        return self.evaluation.intervals

    @property
    def by_class(self) -> dict[str, list[Interval]]:
        """`precision`, `recall` and `f1` of every class with their 95 % intervals."""
        return self.evaluation.class_intervals


@dataclass(frozen=True)
class Comparison:
    """Models by name, in the order of the study file, and what their answers say about each other."""

    classes: tuple[str, ...]
    labels: np.ndarray  # (n,) int64
    index: np.ndarray  # (n,) int64, position in the whole set
    models: dict[str, ModelResult]
    pairs: list[PairResult]
    class_differences: list[ClassDifference]
    agreement: Agreement

    def title(self, model: str) -> str:
        """The model's title as a page shows it."""
        return self.models[model].title

    @property
    def ranking(self) -> list[str]:
        """Names of the models, highest accuracy first; equal ones in the order of the study file."""
        return sorted(self.models, key=lambda name: -self.models[name].scores["accuracy"].value)

    def pair(self, a: str, b: str) -> PairResult:
        """The test between two models, whichever way round it was made."""
        return next(pair for pair in self.pairs if {pair.a, pair.b} == {a, b})

    @property
    def num_seeds(self) -> int:
        """Trained seeds of each model."""
        return min(result.over_seeds["accuracy"].n for result in self.models.values())


def compare(runs: Mapping[str, Sequence["Run"]]) -> Comparison:
    """Compare models from their stored test outputs; `runs` maps a name to one run a seed.

    Raises CourseError where there is no model, or where two models were tested on different images.
    """
    if not runs:
        raise CourseError("there is no model to compare: the study must name at least one under 'models'.")
    titles = distinct_titles({name: seeds[0].title for name, seeds in runs.items()})
    models = {name: ModelResult(titles[name], tuple(map(evaluate_run, seeds))) for name, seeds in runs.items()}
    first, *others = models.values()
    for other in others:
        _same_images(first, other)
    correct = {name: result.correct for name, result in models.items()}
    classes, outputs = first.evaluation.classes, first.evaluation.outputs
    return Comparison(
        classes=classes,
        labels=outputs.labels,
        index=outputs.index,
        models=models,
        pairs=pairwise(correct),
        class_differences=recall_differences(outputs.labels, correct, len(classes)),
        agreement=agreement(np.stack(list(correct.values()))),
    )


def _same_images(first: ModelResult, other: ModelResult) -> None:
    if not np.array_equal(first.evaluation.outputs.index, other.evaluation.outputs.index):
        raise CourseError(f"{other.title} was tested on other images than {first.title}: train both on one split.")


def images_to_resolve(only_a: int, only_b: int, images: int, tests: int = 1, power: float = POWER) -> int | None:
    """Test images with which a difference like the one seen would be found with probability `power`.

    With p and q the shares of images that only a or only b gets right (Connor 1987, Biometrics 43:207):
    n = (z_α √(p + q) + z_β √(p + q - (p - q)²))² / (p - q)², two-sided at 5 % divided by the number of
    `tests` (the strictest step of Holm's procedure). It takes the shares seen for the true ones, so it is
    an order of magnitude, no promise. None where the models differ by nothing.
    """
    if only_a == only_b:
        return None
    p, q = only_a / images, only_b / images
    z_alpha = normal_quantile(1 - SIGNIFICANT / tests)
    z_beta = normal_quantile(2 * power - 1)
    spread = z_alpha * math.sqrt(p + q) + z_beta * math.sqrt(p + q - (p - q) ** 2)
    return math.ceil((spread / (p - q)) ** 2)


@dataclass(frozen=True)
class Pattern:
    """A combination of models that are right on the same images."""

    right: tuple[str, ...]  # names of the models that are right, in the order of the study
    count: int


def patterns(comparison: Comparison) -> list[Pattern]:
    """Which models are right together, and on how many images, most frequent first."""
    names = np.array(list(comparison.models))
    correct = np.stack([result.correct for result in comparison.models.values()], axis=1)
    kinds, counts = np.unique(correct, axis=0, return_counts=True)
    found = [Pattern(tuple(names[kind].tolist()), int(n)) for kind, n in zip(kinds, counts, strict=True)]
    return sorted(found, key=lambda one: (-one.count, -len(one.right), one.right))


def hardest_images(comparison: Comparison) -> np.ndarray:
    """Rows of the test images that no model gets right, those with the surest wrong answers first."""
    rows = comparison.agreement.images(0)
    sureness = np.mean([result.confidence[rows] for result in comparison.models.values()], axis=0)
    return rows[np.argsort(-sureness, kind="stable")]


@dataclass(frozen=True)
class Cost:
    """What one model costs. Seconds and images per second depend on the machine and its load."""

    title: str
    parameters: int
    multiply_adds: int  # for one image
    epochs: int
    train_seconds: float
    train_images_per_second: float
    test_images_per_second: float
    seconds_by_seed: tuple[float, ...] = ()  # of training


def costs(runs: Mapping[str, Sequence["Run"]]) -> dict[str, Cost]:
    """Cost of each model from the records of its first run (`summary` and `timings` of a Run)."""
    titles = distinct_titles({name: seeds[0].title for name, seeds in runs.items()})
    found = {}
    for name, (run, *others) in runs.items():
        seconds = tuple(one.timings["train_seconds"] for one in (run, *others))
        size = {key: run.summary[key] for key in ("parameters", "multiply_adds", "epochs")}
        speed = ("train_seconds", "train_images_per_second", "test_images_per_second")
        found[name] = Cost(title=titles[name], **size, **{key: run.timings[key] for key in speed},
                           seconds_by_seed=seconds)  # fmt: skip
    return found


def role_gains(comparison: Comparison, roles: "Roles") -> dict[str, dict[str, Any]]:
    """What pretraining gains over training from scratch, and augmentation over the pretrained model without it.

    A gain is one of accuracy, with its 95 % interval and the p-value corrected for all pairs of the comparison.
    """
    steps = {
        "transfer": (roles.from_scratch, roles.fine_tuned),
        "augmentation": (roles.fine_tuned, roles.augmented),
    }
    return {name: _role_gain(comparison, *step) for name, step in steps.items() if step[0] != step[1]}


def _role_gain(comparison: Comparison, before: str, after: str) -> dict[str, Any]:
    pair = comparison.pair(before, after)
    gain = gain_of(pair) if pair.a == before else pair.difference
    titles = {"before": comparison.title(before), "after": comparison.title(after)}
    return titles | vars(gain) | {"p_value": pair.p_adjusted}


def comparison_results(comparison: Comparison, costs: Mapping[str, Cost], roles: "Roles") -> dict[str, Any]:
    """What chapter 06 keeps as JSON: nothing that differs between two identical runs."""
    found = comparison.agreement
    return {
        "headline": [row for result in comparison.models.values() for row in headline_entries(result.evaluation)],
        "models": {name: _model_results(comparison, name, costs[name]) for name in comparison.models},
        "gains": role_gains(comparison, roles),
        "pairs": [{**vars(pair), "difference": vars(pair.difference)} for pair in comparison.pairs],
        "agreement": {"all": found.all_right, "some": found.some_right, "none": found.none_right},
        "patterns": [vars(pattern) for pattern in patterns(comparison)],
        "no_model_right": comparison.index[comparison.agreement.images(0)].tolist(),
        "test_images": len(comparison.labels),
    }


def _model_results(comparison: Comparison, name: str, cost: Cost) -> dict[str, Any]:
    result = comparison.models[name]
    return {
        "title": result.title,
        "scores": {metric: vars(interval) for metric, interval in result.scores.items()},
        "recall": {
            label: vars(one) for label, one in zip(comparison.classes, result.by_class["recall"], strict=True)
        },
        "f1": {label: vars(one) for label, one in zip(comparison.classes, result.by_class["f1"], strict=True)},
        "seeds": {metric: spread._asdict() for metric, spread in result.over_seeds.items()},
        "parameters": cost.parameters,
        "multiply_adds": cost.multiply_adds,
    }


def timings_of(costs: Mapping[str, Cost]) -> dict[str, dict[str, float]]:
    """What chapter 06 keeps of the clock: seconds and images per second of each model."""
    measured = ("train_seconds", "train_images_per_second", "test_images_per_second")
    return {name: {key: getattr(cost, key) for key in measured} for name, cost in costs.items()}
