"""All models of a study on the same test images: scores, tests and agreement in one place."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from helpers.base.errors import CourseError
from helpers.metrics.comparison import (
    SIGNIFICANT,
    ClassDifference,
    PairResult,
    gain_of,
    pairwise,
    recall_differences,
)
from helpers.metrics.intervals import Interval, SeedSpread, normal_quantile
from helpers.study.recipe import Roles
from helpers.training.loop import Outputs
from helpers.training.runs import Run, distinct_titles
from sections.comparison.scores.agreement import Agreement, agreement
from sections.one_model.scores.measured import ClassifierEvaluation, evaluate_run, headline_entries, spread_of

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

    @property
    def outputs(self) -> Outputs:
        return self.evaluation.outputs

    @property
    def accuracy(self) -> Interval:
        return self.evaluation.intervals["accuracy"]

    @cached_property
    def over_seeds(self) -> dict[str, SeedSpread]:
        """Mean and standard deviation over the seeds, by metric (see `METRICS`)."""
        return spread_of(self.seeds)


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
    def metrics(self) -> dict[str, str]:
        """The scores that are shown, by name, with their titles: the same for all models."""
        return next(iter(self.models.values())).evaluation.shown_metrics

    @property
    def ranking(self) -> list[str]:
        """Names of the models, highest accuracy first; equal ones in the order of the study file."""
        return sorted(self.models, key=lambda name: -self.models[name].accuracy.value)

    def pair(self, a: str, b: str) -> PairResult:
        """The test between two models, whichever way round it was made."""
        return next(pair for pair in self.pairs if {pair.a, pair.b} == {a, b})

    @property
    def num_seeds(self) -> int:
        """Trained seeds of each model."""
        return min(len(result.seeds) for result in self.models.values())


def compare_models(runs: Mapping[str, Sequence[Run]]) -> Comparison:
    """Compare models from their stored test outputs; `runs` maps a name to one run a seed.

    Raises CourseError where there is no model, or where two models were tested on different images.
    """
    if not runs:
        raise CourseError("there is no model to compare: the study must name at least one under 'models'.")
    titles = distinct_titles({name: seeds[0].title for name, seeds in runs.items()})
    models = {name: ModelResult(titles[name], tuple(map(evaluate_run, seeds))) for name, seeds in runs.items()}
    first = next(iter(models.values()))
    for other in models.values():
        if not np.array_equal(first.outputs.index, other.outputs.index):
            raise CourseError(
                f"{other.title} was tested on other images than {first.title}: train both on one split."
            )
    correct = {name: result.outputs.correct for name, result in models.items()}
    classes, labels = first.evaluation.classes, first.outputs.labels
    return Comparison(
        classes=classes,
        labels=labels,
        index=first.outputs.index,
        models=models,
        pairs=pairwise(correct),
        class_differences=recall_differences(labels, correct, len(classes)),
        agreement=agreement(np.stack(list(correct.values()))),
    )


def images_to_resolve(only_a: int, only_b: int, images: int, tests: int = 1) -> int | None:
    """Test images with which a difference like the one seen would be found with probability `POWER`.

    With p and q the shares of images that only a or only b gets right (Connor 1987, Biometrics 43:207):
    n = (z_α √(p + q) + z_β √(p + q - (p - q)²))² / (p - q)², two-sided at 5 % divided by the number of
    `tests` (the strictest step of Holm's procedure). It takes the shares seen for the true ones, so it is
    an order of magnitude, no promise. None where the models differ by nothing.
    """
    if only_a == only_b:
        return None
    p, q = only_a / images, only_b / images
    z_alpha = normal_quantile(1 - SIGNIFICANT / tests)
    z_beta = normal_quantile(2 * POWER - 1)
    spread = z_alpha * math.sqrt(p + q) + z_beta * math.sqrt(p + q - (p - q) ** 2)
    return math.ceil((spread / (p - q)) ** 2)


def patterns(comparison: Comparison) -> list[tuple[tuple[str, ...], int]]:
    """Which models are right together, by name, and on how many images; most frequent first."""
    names = np.array(list(comparison.models))
    correct = np.stack([result.outputs.correct for result in comparison.models.values()], axis=1)
    return Counter(tuple(names[right].tolist()) for right in correct).most_common()


def hardest_images(comparison: Comparison) -> np.ndarray:
    """Rows of the test images that no model gets right, those with the surest wrong answers first."""
    rows = comparison.agreement.images(0)
    sureness = np.mean([result.outputs.confidence[rows] for result in comparison.models.values()], axis=0)
    return rows[np.argsort(-sureness, kind="stable")]


def role_gains(comparison: Comparison, roles: Roles) -> dict[str, dict[str, Any]]:
    """What pretraining gains over training from scratch, and augmentation over the pretrained model without it.

    A gain is one of accuracy, with its 95 % interval and the p-value corrected for all pairs of the comparison.
    """
    steps = {
        "transfer": (roles.from_scratch, roles.fine_tuned),
        "augmentation": (roles.fine_tuned, roles.augmented),
    }
    found = {}
    for step, (before, after) in steps.items():
        if before != after:
            pair = comparison.pair(before, after)
            gain = gain_of(pair) if pair.a == before else pair.difference
            titles = {"before": comparison.title(before), "after": comparison.title(after)}
            found[step] = titles | asdict(gain) | {"p_value": pair.p_adjusted}
    return found


def comparison_results(comparison: Comparison, costs: pd.DataFrame, roles: Roles) -> dict[str, Any]:
    """What chapter 06 keeps as JSON: nothing that differs between two identical runs."""
    found = comparison.agreement
    return {
        "headline": [row for result in comparison.models.values() for row in headline_entries(result.evaluation)],
        "models": {
            name: {
                "title": one.title,
                "scores": one.evaluation.intervals,
                "classes": {
                    metric: dict(zip(comparison.classes, values, strict=True))
                    for metric, values in one.evaluation.class_intervals.items()
                },
                "seeds": one.over_seeds,
                "parameters": costs.parameters[name],
                "multiply_adds": costs.multiply_adds[name],
            }
            for name, one in comparison.models.items()
        },
        "gains": role_gains(comparison, roles),
        "pairs": comparison.pairs,
        "agreement": {"all": found.all_right, "some": found.some_right, "none": found.none_right},
        "patterns": [{"right": right, "count": count} for right, count in patterns(comparison)],
        "no_model_right": comparison.index[found.images(0)].tolist(),
        "test_images": len(comparison.labels),
    }
