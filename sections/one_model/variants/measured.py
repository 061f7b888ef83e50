"""Variants of one network that differ in a setting or two: what each changes, over epochs, seeds and on test."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from helpers.metrics.classification import image_log_loss
from helpers.metrics.comparison import holm, mcnemar_exact, paired_difference
from helpers.metrics.intervals import Interval, SeedSpread, mean_interval, seed_spread
from helpers.training.runs import Run, distinct_titles, other_differences
from sections.one_model.scores.measured import ClassifierEvaluation, evaluate_run

MEASURED = ("accuracy", "loss", "precision")
IN_HISTORY = {"train": "train_eval", "val": "val"}  # how the keys of a part begin there
Difference = tuple[str, Any, Any]  # key of the recipe, the base's value, the variant's


@dataclass(frozen=True)
class ComparedVariant:
    """One variant. Spreads are keyed 'train_accuracy', 'val_loss' and so on; those of a test set 'accuracy', …"""

    name: str
    title: str
    differences: list[Difference]  # from the base
    parameters: int
    epochs: int
    best_epoch: int  # of the first seed: the epoch whose weights are kept
    over_epochs: dict[str, SeedSpread]  # of the first seed: mean and standard deviation over its epochs
    kept: dict[str, SeedSpread]  # with the weights that are kept, over the seeds
    test: dict[str, Interval]  # of the first seed
    test_over_seeds: dict[str, SeedSpread]
    gain: Interval  # test accuracy minus the base's, on the same images; 0 for the base itself
    p_value: float  # exact McNemar test of that, Holm-adjusted over the variants; 1 for the base itself


@dataclass(frozen=True)
class Variants:
    """All variants by name, the base first."""

    classes: tuple[str, ...]
    models: dict[str, ComparedVariant]

    @property
    def base(self) -> ComparedVariant:
        return next(iter(self.models.values()))

    @property
    def others(self) -> list[ComparedVariant]:
        """All but the base."""
        return list(self.models.values())[1:]

    @property
    def precision_title(self) -> str:
        """Whose precision it is: of two classes, that of the second, which counts as the positive."""
        return f"of {self.classes[1]}" if len(self.classes) == 2 else "mean over the classes (macro)"

    @property
    def num_seeds(self) -> int:
        """Trainings of each variant."""
        return min(variant.kept["val_loss"].n for variant in self.models.values())


def compare_variants(runs: Mapping[str, Sequence[Run]]) -> Variants:
    """Measure all variants; `runs` maps a name to one run a seed, and its first entry is the base."""
    base, *others = runs
    titles = distinct_titles({name: seeds[0].title for name, seeds in runs.items()})
    correct = {name: seeds[0].outputs("test").correct for name, seeds in runs.items()}
    p_values = holm([mcnemar_exact(correct[name], correct[base]).p_value for name in others])
    gains = {
        name: {"gain": paired_difference(correct[name], correct[base]), "p_value": float(p)}
        for name, p in zip(others, p_values, strict=True)
    } | {base: {"gain": Interval(0.0, 0.0, 0.0), "p_value": 1.0}}
    models = {
        name: ComparedVariant(
            name, titles[name], _differences(runs[base][0], seeds[0]), **_measured(seeds), **gains[name]
        )
        for name, seeds in runs.items()
    }
    return Variants(tuple(runs[base][0].classes), models)


def _differences(base: Run, run: Run) -> list[Difference]:
    old, new = base.spec.augment, run.spec.augment
    return other_differences(base, run) + ([("augment", old, new)] if old != new else [])


def _measured(seeds: Sequence[Run]) -> dict[str, Any]:
    first, tested = seeds[0], [_tested(evaluate_run(run)) for run in seeds]
    kept = [{name: float(values[run.best_epoch - 1]) for name, values in _curves_of(run).items()} for run in seeds]
    return {
        "parameters": first.summary["parameters"],
        "epochs": int(first.history["epoch"][-1]),
        "best_epoch": first.best_epoch,
        "over_epochs": {name: seed_spread(values) for name, values in _curves_of(first).items()},
        "kept": {name: seed_spread([one[name] for one in kept]) for name in kept[0]},
        "test": tested[0],
        "test_over_seeds": {name: seed_spread([one[name].value for one in tested]) for name in MEASURED},
    }


def _curves_of(run: Run) -> dict[str, np.ndarray]:
    """Each measure of training and validation by epoch."""
    return {
        f"{part}_{name}": run.history[f"{prefix}_{'macro_precision' if name == 'precision' else name}"]
        for part, prefix in IN_HISTORY.items()
        for name in MEASURED
    }


def _tested(evaluation: ClassifierEvaluation) -> dict[str, Interval]:
    losses = image_log_loss(evaluation.outputs.probabilities, evaluation.outputs.labels)
    two, intervals = len(evaluation.classes) == 2, evaluation.intervals
    return {
        "accuracy": intervals["accuracy"],
        "loss": mean_interval(losses),
        "precision": (two and evaluation.class_intervals["precision"][1]) or intervals["macro_precision"],
    }


def variant_results(found: Variants) -> dict[str, dict[str, Any]]:
    """What chapter 02 keeps of the variants as JSON, by name."""
    return {name: asdict(variant) for name, variant in found.models.items()}
