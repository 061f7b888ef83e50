"""Two classes: how well each model ranks the images between them, and where on its scale to cut.

The second of the two classes is the one called positive. A cut is chosen on the validation images; the test
images only show what it brings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from helpers.base.errors import CourseError
from helpers.metrics.classification import Scores, scores
from helpers.metrics.comparison import holm, mcnemar_exact, paired_difference
from helpers.metrics.intervals import Interval, wilson
from helpers.training.loop import Outputs
from helpers.training.runs import Run, distinct_titles
from sections.comparison.thresholds.ranking import (
    ScoreCounts,
    best_threshold,
    macro_f1,
    matrices_at,
    ranking_intervals,
    recall_where_precise,
    score_counts,
)

EVEN_ODDS = 0.0  # log-odds of one half: the more probable class wins


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


@dataclass(frozen=True)
class Ranked:
    """One training's scores (log-odds of the positive class) of validation and test images, and the cuts."""

    val: ScoreCounts
    test: ScoreCounts
    cuts: dict[str, Cut]  # default: 0.5; balanced: best macro F1, precise: precise enough, both on validation


@dataclass(frozen=True)
class TwoClassModel:
    """One model between two classes. Unless it says otherwise, all is of its first seed."""

    title: str
    seeds: list[Ranked]
    ranking: dict[str, Interval]  # roc_area and average_precision on the test set
    gain: Interval  # test accuracy at the balanced cut minus that at 0.5
    p_value: float  # exact McNemar test that both are equally right, Holm-adjusted over the models

    @property
    def test(self) -> ScoreCounts:
        """Scores of the test images."""
        return self.seeds[0].test

    @property
    def cuts(self) -> dict[str, Cut]:
        """The thresholds by name; `precise` only where some threshold is precise enough."""
        return self.seeds[0].cuts


@dataclass(frozen=True)
class TwoClasses:
    """All models of a study with two classes, by name."""

    negative: str  # the classes' names
    positive: str
    wanted_precision: float
    models: dict[str, TwoClassModel]

    @property
    def best(self) -> TwoClassModel:
        """The model with the largest area under the ROC curve."""
        return max(self.models.values(), key=lambda model: model.ranking["roc_area"].value)


def log_odds(outputs: Outputs) -> np.ndarray:
    """log(p / (1 - p)) of the positive class, (n,) float64.

    It ranks images as the probability does, but tells apart those whose probabilities both round to 1.
    """
    logs = np.log(np.maximum(outputs.probabilities.astype(np.float64), np.finfo(np.float32).tiny))
    return logs[:, 1] - logs[:, 0]


def between_two(runs: Mapping[str, Sequence[Run]], wanted_precision: float = 0.99) -> TwoClasses:
    """Rank and cut for every model; `runs` maps its name to one run a seed.

    Raises CourseError where there are not two classes, and MetricError where a part has images of one only.
    """
    classes = tuple(next(iter(runs.values()))[0].classes)
    if len(classes) != 2:
        raise CourseError(f"a threshold between two classes needs two classes, but the study has {len(classes)}.")
    titles = distinct_titles({name: seeds[0].title for name, seeds in runs.items()})
    models = [_between(seeds, titles[name], wanted_precision) for name, seeds in runs.items()]
    adjusted = holm([model.p_value for model in models]).tolist()
    found = [replace(model, p_value=p) for model, p in zip(models, adjusted, strict=True)]
    return TwoClasses(*classes, wanted_precision, dict(zip(runs, found, strict=True)))


def _between(runs: Sequence[Run], title: str, wanted: float) -> TwoClassModel:
    """One model, its p-value not adjusted yet."""
    seeds = [_ranked(run, wanted) for run in runs]
    outputs, first = runs[0].outputs("test"), seeds[0]
    half, cut = (
        (log_odds(outputs) >= first.cuts[name].log_odds) == outputs.labels for name in ("default", "balanced")
    )
    gain, p = paired_difference(cut, half), mcnemar_exact(cut, half).p_value
    return TwoClassModel(title, seeds, ranking_intervals(first.test), gain, p)


def _ranked(run: Run, wanted: float) -> Ranked:
    outputs = [run.outputs(part) for part in ("val", "test")]
    val, test = (score_counts(log_odds(one), one.labels == 1) for one in outputs)
    thresholds = {
        "default": EVEN_ODDS,
        "balanced": best_threshold(val, macro_f1, EVEN_ODDS),
        "precise": best_threshold(val, recall_where_precise(wanted), EVEN_ODDS),
    }
    cuts = {
        name: Cut(value, matrices_at(val, [value])[0], matrices_at(test, [value])[0])
        for name, value in thresholds.items()
        if value is not None
    }
    return Ranked(val, test, cuts)


def threshold_results(found: TwoClasses) -> dict[str, Any]:
    """What chapter 06 keeps of thresholds as JSON."""
    return {
        "positive": found.positive,
        "wanted_precision": found.wanted_precision,
        "models": {
            name: {
                "ranking": {score: asdict(interval) for score, interval in model.ranking.items()},
                "cuts": {
                    choice: asdict(cut) | {"probability": cut.probability} for choice, cut in model.cuts.items()
                },
                "gain": asdict(model.gain),
                "p_value": model.p_value,
            }
            for name, model in found.models.items()
        },
    }
