"""Everything that is measured of a finished run on one part of the data, computed once and passed around."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.calibration import (
    CalibrationTest,
    ReliabilityBins,
    calibration_test,
    ece_interval,
    expected_calibration_error,
    reliability,
)
from helpers.metrics.classification import Scores, confusion_matrix, largest_confusions, scores
from helpers.metrics.intervals import (
    Interval,
    SeedSpread,
    bootstrap_groups,
    bootstrap_matrix,
    class_intervals,
    seed_spread,
)
from helpers.show.table import seed_cells

if TYPE_CHECKING:
    from helpers.training.loop import Outputs
    from helpers.training.runs import Run

METRICS = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "macro_precision": "Macro precision",
    "macro_recall": "Macro recall",
}


@dataclass(frozen=True)
class ClassifierEvaluation:
    """One run on one part, the test set unless told otherwise. Everything derives from `outputs`."""

    model: str
    title: str
    classes: tuple[str, ...]
    outputs: "Outputs"
    part: str = "test"
    scenes: np.ndarray | None = None  # (n,) int64, from `group_by`: images of one scene are alike

    @cached_property
    def matrix(self) -> np.ndarray:
        """Confusion matrix (C, C) int64, rows are the truth."""
        return confusion_matrix(self.outputs.labels, self.outputs.predictions, len(self.classes))

    @cached_property
    def scores(self) -> Scores:
        return scores(self.matrix)

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        """95 % intervals of accuracy and the macro scores, by name; over scenes where images have any."""
        if self.scenes is None:
            return bootstrap_matrix(self.matrix)
        outputs = self.outputs
        return bootstrap_groups(outputs.labels, outputs.predictions, len(self.classes), self.scenes)

    @cached_property
    def class_intervals(self) -> dict[str, list[Interval]]:
        """95 % intervals of precision, recall and F1 of every class."""
        return class_intervals(self.matrix)

    @cached_property
    def reliability(self) -> ReliabilityBins:
        return reliability(self.outputs.probabilities, self.outputs.labels)

    @cached_property
    def calibration(self) -> CalibrationTest:
        return calibration_test(self.outputs.probabilities, self.outputs.labels)

    @cached_property
    def calibration_error(self) -> Interval:
        """Expected calibration error with its 95 % interval."""
        return ece_interval(self.outputs.probabilities, self.outputs.labels)


def evaluate(run: "Run", part: str = "test") -> ClassifierEvaluation:
    """What a run scores on a part ('test', 'val' or 'train'), from the outputs it left on disk."""
    outputs = run.outputs(part)
    scenes = None if run.scenes is None else run.scenes[outputs.index]
    return ClassifierEvaluation(run.name, run.title, tuple(run.classes), outputs, part, scenes)


def answers_to(run: "Run", images: np.ndarray) -> "Outputs":
    """What a run says of images (m, S, S, 3) uint8 that are in no part of its data; their labels mean nothing."""
    from helpers.base.device import pick_device
    from helpers.datasets.loader import ImagePart
    from helpers.training.loop import predict

    index = np.arange(len(images))
    part = ImagePart(images, np.zeros_like(index), [""] * len(images), index)
    return predict(run.model(pick_device()), part)


def over_seeds(runs: Sequence["Run"], part: str = "test") -> dict[str, SeedSpread]:
    """Mean and standard deviation of accuracy and macro scores over runs that differ in their seed only."""
    return spread_of([evaluate(run, part) for run in runs])


def spread_of(evaluations: Sequence[ClassifierEvaluation]) -> dict[str, SeedSpread]:
    """Mean and standard deviation of accuracy and macro scores over evaluations of one model's seeds."""
    return {name: seed_spread([getattr(one.scores, name) for one in evaluations]) for name in METRICS}


def headline_rows(evaluation: ClassifierEvaluation, runs: Sequence["Run"] = ()) -> list[dict[str, Any]]:
    """Rows of the headline table; with several `runs` (seeds) also their mean ± standard deviation."""
    others = [evaluate(run, evaluation.part) for run in runs]
    rows = [
        _headline_row(title, evaluation.intervals[name], [getattr(one.scores, name) for one in others])
        for name, title in METRICS.items()
    ]
    errors = [expected_calibration_error(one.outputs.probabilities, one.outputs.labels) for one in others]
    return [*rows, _headline_row("Expected calibration error", evaluation.calibration_error, errors)]


def _headline_row(title: str, interval: Interval, over: Sequence[float]) -> dict[str, Any]:
    row = {"Score": title, "Value": interval.value, "95 % interval": f"{interval.low:.3f} to {interval.high:.3f}"}
    return row | seed_cells("Mean ± sd", over)


def class_rows(evaluation: ClassifierEvaluation, runs: Sequence["Run"] = ()) -> list[dict[str, Any]]:
    """One row a class: precision, recall and F1 with intervals, the number of images, and F1 over seeds."""
    by_class = evaluation.class_intervals
    others = [evaluate(run, evaluation.part).scores.f1 for run in runs]
    return [
        {
            "Class": name,
            "Images": int(evaluation.scores.support[c]),
            "Precision": by_class["precision"][c],
            "Recall": by_class["recall"][c],
            "F1": by_class["f1"][c],
            **seed_cells("F1", [f1[c] for f1 in others], 2),
        }
        for c, name in enumerate(evaluation.classes)
    ]


def headline(evaluation: ClassifierEvaluation) -> list[dict[str, Any]]:
    """The entries that the index of all studies shows: accuracy and macro F1 with their intervals."""
    return [
        {"model": evaluation.model, "title": evaluation.title, "metric": name, **vars(evaluation.intervals[name])}
        for name in ("accuracy", "macro_f1")
    ]


def classifier_results(run: "Run", runs: Sequence["Run"] = ()) -> dict[str, Any]:
    """What a chapter keeps of a run as JSON; `runs` are the same model's other seeds, if there are any."""
    found = evaluate(run)
    spread = over_seeds(runs) if len(runs) > 1 else {}
    return {
        "headline": headline(found),
        "model": {"name": run.name, "title": run.title, "seed": run.seed, **_plain_summary(run)},
        "test": _test_results(found),
        "seeds": {name: one._asdict() for name, one in spread.items()},
        "history": {key: values.tolist() for key, values in run.history.items() if key != "seconds"},
    }


def _plain_summary(run: "Run") -> dict[str, Any]:
    wanted = ("architecture", "parameters", "multiply_adds", "best_epoch", "epochs", "weights", "precision")
    return {key: run.summary[key] for key in wanted if key in run.summary}


def _test_results(found: ClassifierEvaluation) -> dict[str, Any]:
    measured = found.scores
    confusions = largest_confusions(found.matrix, 5)
    return {
        "images": measured.total,
        "scores": {name: vars(interval) for name, interval in found.intervals.items()},
        "classes": {
            name: {
                "support": int(measured.support[c]),
                **{key: vars(values[c]) for key, values in found.class_intervals.items()},
            }
            for c, name in enumerate(found.classes)
        },
        "absent_classes": [found.classes[c] for c in measured.absent],
        "confusion_matrix": found.matrix.tolist(),
        "largest_confusions": [
            {"truth": found.classes[one.truth], "predicted": found.classes[one.predicted], "count": one.count}
            for one in confusions
        ],
        "expected_calibration_error": vars(found.calibration_error),
        "calibration_p_value": found.calibration.p_value,
        "mean_confidence": float(found.outputs.confidence.mean()),
    }
