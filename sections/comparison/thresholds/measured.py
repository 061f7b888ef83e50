"""Two classes: how well each model ranks the images between them, and where on its scale to cut.

The second of the two classes is the one called positive. A cut is chosen on the validation images; the test
images only show what it brings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.base.errors import CourseError
from helpers.metrics.classification import Scores, scores
from helpers.metrics.comparison import holm, mcnemar_exact, paired_difference
from helpers.metrics.intervals import Interval, wilson
from helpers.metrics.thresholds import (
    ScoreCounts,
    best_threshold,
    macro_f1,
    matrices_at,
    ranking_intervals,
    recall_where_precise,
    score_counts,
)
from helpers.training.runs import distinct_titles

if TYPE_CHECKING:
    from helpers.training.loop import Outputs
    from helpers.training.runs import Run

POSITIVE = 1
DEFAULT = 0.0  # log-odds of one half: the more probable class wins
CUTS = ("default", "balanced", "precise")  # 0.5; best macro F1 on validation; precise enough on validation


@dataclass(frozen=True)
class Cut:
    """A threshold at work: confusion matrices (2, 2) int64 of validation and test, rows the truth."""

    log_odds: float
    val_matrix: np.ndarray
    test_matrix: np.ndarray

    @property
    def probability(self) -> float:
        """The least probability of the positive class with which an image is taken for it."""
        return float(1 / (1 + np.exp(-self.log_odds)))

    @cached_property
    def val(self) -> Scores:
        """What it scores on the images it may have been chosen on."""
        return scores(self.val_matrix)

    @cached_property
    def test(self) -> Scores:
        """What it scores on images that had no say."""
        return scores(self.test_matrix)

    @property
    def precision(self) -> Interval:
        """Precision of the positive class on the test set; NaN where nothing is taken for positive."""
        return wilson(int(self.test_matrix[1, 1]), int(self.test_matrix[:, 1].sum()))

    @property
    def recall(self) -> Interval:
        """Recall of the positive class on the test set."""
        return wilson(int(self.test_matrix[1, 1]), int(self.test_matrix[1].sum()))

    @property
    def accuracy(self) -> Interval:
        """Share of the test images that are right."""
        return wilson(int(np.trace(self.test_matrix)), int(self.test_matrix.sum()))


@dataclass(frozen=True)
class Ranked:
    """One training's scores (log-odds of the positive class) of validation and test images, and the cuts."""

    val: ScoreCounts
    test: ScoreCounts
    cuts: dict[str, Cut]  # by a name of CUTS; `precise` only where some threshold is precise enough


@dataclass(frozen=True)
class TwoClassModel:
    """One model between two classes. Unless it says otherwise, all is of its first seed."""

    title: str
    seeds: list[Ranked]
    ranking: dict[str, Interval]  # roc_area and average_precision on the test set
    gain: Interval  # test accuracy at the balanced cut minus that at 0.5
    p_value: float  # exact McNemar test that both are equally right, Holm-adjusted over the models

    @property
    def val(self) -> ScoreCounts:
        """Scores of the validation images."""
        return self.seeds[0].val

    @property
    def test(self) -> ScoreCounts:
        """Scores of the test images."""
        return self.seeds[0].test

    @property
    def cuts(self) -> dict[str, Cut]:
        """The thresholds, by a name of CUTS."""
        return self.seeds[0].cuts


@dataclass(frozen=True)
class TwoClasses:
    """All models of a study with two classes, by name."""

    classes: tuple[str, ...]
    wanted_precision: float
    models: dict[str, TwoClassModel]

    @property
    def positive(self) -> str:
        """Name of the class called positive."""
        return self.classes[POSITIVE]

    @property
    def negative(self) -> str:
        """Name of the other class."""
        return self.classes[1 - POSITIVE]

    @property
    def best(self) -> TwoClassModel:
        """The model with the largest area under the ROC curve."""
        return max(self.models.values(), key=lambda model: model.ranking["roc_area"].value)


def log_odds(outputs: "Outputs") -> np.ndarray:
    """log(p / (1 - p)) of the positive class, (n,) float64.

    It ranks images as the probability does, but tells apart those whose probabilities both round to 1.
    """
    logs = np.log(np.maximum(outputs.probabilities.astype(np.float64), np.finfo(np.float32).tiny))
    return logs[:, POSITIVE] - logs[:, 1 - POSITIVE]


def between_two(runs: Mapping[str, Sequence["Run"]], wanted_precision: float = 0.99) -> TwoClasses:
    """Rank and cut for every model; `runs` maps its name to one run a seed.

    Raises CourseError where there are not two classes, and MetricError where a part has images of one only.
    """
    classes = tuple(next(iter(runs.values()))[0].classes)
    if len(classes) != 2:
        raise CourseError(f"a threshold between two classes needs two classes, but the study has {len(classes)}.")
    titles = distinct_titles({name: seeds[0].title for name, seeds in runs.items()})
    models = {name: _between(seeds, titles[name], wanted_precision) for name, seeds in runs.items()}
    adjusted = holm([model.p_value for model in models.values()])
    models = {
        name: replace(model, p_value=float(p)) for (name, model), p in zip(models.items(), adjusted, strict=True)
    }
    return TwoClasses(classes, wanted_precision, models)


def _between(runs: Sequence["Run"], title: str, wanted: float) -> TwoClassModel:
    """One model, its p-value not adjusted yet."""
    seeds = [_ranked(run, wanted) for run in runs]
    outputs, first = runs[0].outputs("test"), seeds[0]
    at_half, at_cut = (_correct(outputs, first.cuts[name]) for name in ("default", "balanced"))
    gain, p = paired_difference(at_cut, at_half), mcnemar_exact(at_cut, at_half).p_value
    return TwoClassModel(title, seeds, ranking_intervals(first.test), gain, p)


def _ranked(run: "Run", wanted: float) -> Ranked:
    val, test = (_counted(run.outputs(part)) for part in ("val", "test"))
    cuts = {"default": _cut(val, test, DEFAULT)}
    for name, value in {"balanced": macro_f1, "precise": recall_where_precise(wanted)}.items():
        threshold = best_threshold(val, value, DEFAULT)
        if threshold is not None:
            cuts[name] = _cut(val, test, threshold)
    return Ranked(val, test, cuts)


def _counted(outputs: "Outputs") -> ScoreCounts:
    return score_counts(log_odds(outputs), outputs.labels == POSITIVE)


def _cut(val: ScoreCounts, test: ScoreCounts, threshold: float) -> Cut:
    return Cut(threshold, matrices_at(val, [threshold])[0], matrices_at(test, [threshold])[0])


def _correct(outputs: "Outputs", cut: Cut) -> np.ndarray:
    return (log_odds(outputs) >= cut.log_odds) == (outputs.labels == POSITIVE)


def threshold_results(found: TwoClasses) -> dict[str, Any]:
    """What chapter 06 keeps of thresholds as JSON."""
    return {
        "positive": found.positive,
        "wanted_precision": found.wanted_precision,
        "models": {name: _model_results(model) for name, model in found.models.items()},
    }


def _model_results(model: TwoClassModel) -> dict[str, Any]:
    return {
        **{name: vars(interval) for name, interval in model.ranking.items()},
        "cuts": {name: _cut_results(cut) for name, cut in model.cuts.items()},
        "gain_of_balanced": vars(model.gain),
        "p_value_of_balanced": model.p_value,
    }


def _cut_results(cut: Cut) -> dict[str, Any]:
    return {
        "threshold": cut.probability,
        "validation": cut.val_matrix.tolist(),
        "test": cut.test_matrix.tolist(),
        "accuracy": vars(cut.accuracy),
        "precision": vars(cut.precision),
        "recall": vars(cut.recall),
        "macro_f1": cut.test.macro_f1,
    }
