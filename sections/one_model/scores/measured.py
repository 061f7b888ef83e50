"""Everything that is measured of a finished run on the test set, computed once and passed around."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from helpers.metrics.calibration import (
    CalibrationTest,
    ReliabilityBins,
    calibration_test,
    ece_interval,
    expected_calibration_error,
    reliability,
)
from helpers.metrics.classification import Scores, confusion_matrix, scores
from helpers.metrics.intervals import (
    Interval,
    SeedSpread,
    bootstrap_groups,
    bootstrap_matrix,
    class_intervals,
    seed_spread,
)
from helpers.show.table import Table, seed_cells
from helpers.show.words import number
from helpers.training.loop import Outputs
from helpers.training.runs import Run

METRICS = {
    "accuracy": "Accuracy",
    "macro_recall": "Balanced accuracy",
    "macro_f1": "Macro F1",
    "macro_precision": "Macro precision",
}


@dataclass(frozen=True)
class ClassifierEvaluation:
    """One run on the test set. Everything derives from `outputs`."""

    model: str
    title: str
    classes: tuple[str, ...]
    outputs: Outputs
    scenes: np.ndarray | None = None  # (n,) int64, from `group_by`: images of one scene are alike

    def __repr__(self) -> str:
        told = f"{self.title}: accuracy {number(self.scores.accuracy)} of {len(self.outputs.labels):,} test images"
        return f"ClassifierEvaluation({told}; `scores`, `intervals`, `matrix`, …)"

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
    def shown_metrics(self) -> dict[str, str]:
        """The scores that a page shows, by name, with their titles.

        Balanced accuracy (macro recall, the mean recall of the classes that have images) is among them only where
        it can differ from accuracy: not where all of these have equally many.
        """
        support = self.scores.support[self.scores.support > 0]
        left_out = {"macro_recall"} if (support == support[0]).all() else set()
        return {name: title for name, title in METRICS.items() if name not in left_out}

    @cached_property
    def class_intervals(self) -> dict[str, list[Interval | None]]:
        """95 % intervals of precision, recall and F1 of every class; None for one without test images."""
        found, absent = class_intervals(self.matrix), self.scores.absent
        return {key: [None if c in absent else one for c, one in enumerate(of)] for key, of in found.items()}

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


def evaluate_run(run: Run) -> ClassifierEvaluation:
    """What a run scores on the test set, from the outputs it left on disk."""
    outputs = run.outputs("test")
    scenes = None if run.scenes is None else run.scenes[outputs.index]
    return ClassifierEvaluation(run.name, run.title, tuple(run.classes), outputs, scenes)


def answers_to(run: Run, images: np.ndarray) -> Outputs:
    """What a run says of images (m, S, S, 3) uint8 that are in no part of its data; their labels mean nothing."""
    from helpers.base.device import pick_device
    from helpers.datasets.loader import ImagePart
    from helpers.training.loop import predict

    index = np.arange(len(images))
    part = ImagePart(images, np.zeros_like(index), [""] * len(images), index)
    return predict(run.model(pick_device()), part)


def spread_of(evaluations: Sequence[ClassifierEvaluation]) -> dict[str, SeedSpread]:
    """Mean and standard deviation of accuracy and macro scores over evaluations of one model's seeds."""
    return {name: seed_spread([getattr(one.scores, name) for one in evaluations]) for name in METRICS}


def total_score_table(evaluation: ClassifierEvaluation, runs: Sequence[Run]) -> Table:
    """Accuracy, means over classes, calibration error; of several `runs` (seeds) also mean ± deviation."""
    others = [evaluate_run(run) for run in runs]
    rows = [
        {"Score": title, "Value": evaluation.intervals[name]}
        | seed_cells("Mean ± sd", [getattr(one.scores, name) for one in others])
        for name, title in evaluation.shown_metrics.items()
    ]
    errors = [expected_calibration_error(one.outputs.probabilities, one.outputs.labels) for one in others]
    rows.append({"Score": "Expected calibration error", "Value": evaluation.calibration_error}
                | seed_cells("Mean ± sd", errors))  # fmt: skip
    return Table(rows, "Scores on the test set, with 95 % intervals in brackets.")


def scores_by_class_table(evaluation: ClassifierEvaluation, runs: Sequence[Run]) -> Table:
    """One row a class: precision, recall and F1 with intervals, the number of images, and F1 over seeds."""
    others = [evaluate_run(run).scores.f1 for run in runs]
    rows = [
        {"Class": name, "Images": int(evaluation.scores.support[c])}
        | {key.capitalize(): values[c] for key, values in evaluation.class_intervals.items()}
        | seed_cells("F1", [f1[c] for f1 in others], 2)
        for c, name in enumerate(evaluation.classes)
    ]
    return Table(rows, "Each class, with 95 % intervals in brackets.", {"*": ".2f", "Images": ",d"})


def headline_entries(evaluation: ClassifierEvaluation) -> list[dict[str, Any]]:
    """The entries that the index of all studies shows: accuracy and macro F1 with their intervals."""
    return [
        {"model": evaluation.model, "title": evaluation.title, "metric": name, **vars(evaluation.intervals[name])}
        for name in ("accuracy", "macro_f1")
    ]


def classifier_results(run: Run, runs: Sequence[Run]) -> dict[str, Any]:
    """What a chapter keeps of a run as JSON; `runs` are the same model's other seeds, if there are any."""
    found = evaluate_run(run)
    spread = spread_of([evaluate_run(one) for one in runs]) if len(runs) > 1 else {}
    wanted = ("architecture", "parameters", "multiply_adds", "best_epoch", "epochs", "weights", "precision")
    return {
        "headline": headline_entries(found),
        "model": {"name": run.name, "title": run.title, "seed": run.seed}
        | {key: run.summary[key] for key in wanted if key in run.summary},
        "test": {
            "scores": found.intervals,
            "classes": {
                name: {key: values[c] for key, values in found.class_intervals.items()}
                for c, name in enumerate(found.classes)
            },
            "confusion_matrix": found.matrix,
            "expected_calibration_error": vars(found.calibration_error) | {"p_value": found.calibration.p_value},
            "mean_confidence": found.outputs.confidence.mean(),
        },
        "seeds": spread,
        "history": {key: values for key, values in run.history.items() if key != "seconds"},
    }
