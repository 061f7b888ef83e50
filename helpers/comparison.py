"""All models of a study on the same test images: scores, tests, agreement and costs in one place."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from helpers.errors import CourseError
from helpers.feature_distances import OutputsLike, RunLike
from helpers.metrics.classification import confusion_matrix, scores
from helpers.metrics.comparison import (
    Agreement,
    ClassDifference,
    PairResult,
    agreement,
    pairwise,
    recall_differences,
)
from helpers.metrics.intervals import (
    Interval,
    SeedSpread,
    bootstrap_matrix,
    class_intervals,
    normal_quantile,
    seed_spread,
)

METRICS = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "macro_precision": "macro precision",
    "macro_recall": "macro recall",
}
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class ModelResult:
    """What one model makes of the test images; arrays (n,) in the order of the test part."""

    title: str
    predictions: np.ndarray  # int64
    correct: np.ndarray  # bool
    confidence: np.ndarray  # float32, probability of the predicted class
    scores: dict[str, Interval]  # by metric, see METRICS
    by_class: dict[str, list[Interval]]  # precision, recall, f1
    over_seeds: dict[str, SeedSpread]  # by metric; the first seed is the one in all other fields


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


def compare(runs: Mapping[str, Sequence[RunLike]]) -> Comparison:
    """Compare models from their stored test outputs; `runs` maps a name to one run a seed.

    Raises CourseError where there is no model, or where two models were tested on different images.
    """
    if not runs:
        raise CourseError("there is no model to compare: the study must name at least one under 'models'.")
    outputs = {name: [run.outputs("test") for run in seeds] for name, seeds in runs.items()}
    _same_images({runs[name][0].title: each for name, each in outputs.items()})
    classes, titles = next(iter(runs.values()))[0].classes, distinct_titles(runs)
    models = {name: _judge(titles[name], each, len(classes)) for name, each in outputs.items()}
    correct = {name: result.correct for name, result in models.items()}
    labels = next(iter(outputs.values()))[0].labels
    return Comparison(
        classes=classes,
        labels=labels,
        index=next(iter(outputs.values()))[0].index,
        models=models,
        pairs=pairwise(correct),
        class_differences=recall_differences(labels, correct, len(classes)),
        agreement=agreement(np.stack(list(correct.values()))),
    )


def distinct_titles(runs: Mapping[str, Sequence[RunLike]]) -> dict[str, str]:
    """Titles by model name; where two models share one, the name is added."""
    titles = {name: seeds[0].title for name, seeds in runs.items()}
    repeated = {title for title in titles.values() if list(titles.values()).count(title) > 1}
    return {name: f"{title} ({name})" if title in repeated else title for name, title in titles.items()}


def _same_images(outputs: Mapping[str, Sequence[OutputsLike]]) -> None:
    first, index = next((title, seeds[0].index) for title, seeds in outputs.items())
    for title, seeds in outputs.items():
        if not all(np.array_equal(one.index, index) for one in seeds):
            raise CourseError(f"{title} was tested on other images than {first}: train both on one split.")


def _judge(title: str, seeds: Sequence[OutputsLike], num_classes: int) -> ModelResult:
    first = seeds[0]
    matrices = [confusion_matrix(one.labels, one.predictions, num_classes) for one in seeds]
    of_seeds = [scores(matrix) for matrix in matrices]
    return ModelResult(
        title=title,
        predictions=first.predictions,
        correct=first.predictions == first.labels,
        confidence=first.probabilities.max(axis=1),
        scores=bootstrap_matrix(matrices[0]),
        by_class=class_intervals(matrices[0]),
        over_seeds={name: seed_spread([getattr(one, name) for one in of_seeds]) for name in METRICS},
    )


def images_to_resolve(only_a: int, only_b: int, images: int, tests: int = 1, power: float = 0.8) -> int | None:
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


def costs(runs: Mapping[str, Sequence]) -> dict[str, Cost]:
    """Cost of each model from the records of its first run (`summary` and `timings` of a Run)."""
    titles = distinct_titles(runs)
    found = {}
    for name, (run, *_) in runs.items():
        size = {key: run.summary[key] for key in ("parameters", "multiply_adds", "epochs")}
        speed = ("train_seconds", "train_images_per_second", "test_images_per_second")
        found[name] = Cost(title=titles[name], **size, **{key: run.timings[key] for key in speed})
    return found
