"""Variants of one network that differ in a setting or two: what each changes, over epochs, seeds and on test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.classification import image_log_loss, precision_of
from helpers.metrics.comparison import holm, mcnemar_exact, paired_difference
from helpers.metrics.intervals import Interval, SeedSpread, bootstrap, seed_spread
from helpers.training.runs import distinct_titles, other_differences
from sections.one_model.scores.measured import ClassifierEvaluation, evaluate

if TYPE_CHECKING:
    from helpers.training.runs import Run

MEASURES = ("accuracy", "loss", "precision")
PARTS = {"train": "train_eval", "val": "val"}  # and how their keys in a history begin
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
    base: str
    models: dict[str, ComparedVariant]

    @property
    def others(self) -> list[ComparedVariant]:
        """All but the base."""
        return [variant for name, variant in self.models.items() if name != self.base]

    @property
    def precision_title(self) -> str:
        """Whose precision it is: see `helpers.metrics.classification.precision_of`."""
        return f"of {self.classes[1]}" if len(self.classes) == 2 else "mean over the classes (macro)"

    @property
    def num_seeds(self) -> int:
        """Trainings of each variant."""
        return min(variant.kept["val_loss"].n for variant in self.models.values())


def compare_variants(runs: Mapping[str, Sequence["Run"]]) -> Variants:
    """Measure all variants; `runs` maps a name to one run a seed, and its first entry is the base."""
    base, *others = runs
    titles = distinct_titles({name: seeds[0].title for name, seeds in runs.items()})
    correct = {name: seeds[0].outputs("test").correct for name, seeds in runs.items()}
    gains = {name: paired_difference(correct[name], correct[base]) for name in others}
    tests = holm([mcnemar_exact(correct[name], correct[base]).p_value for name in others])
    p_values = dict(zip(others, tests.tolist(), strict=True))
    first = runs[base][0]
    models = {
        name: ComparedVariant(
            name, titles[name], _differences(first, seeds[0]), **_measured(seeds),
            gain=gains.get(name, Interval(0.0, 0.0, 0.0)), p_value=p_values.get(name, 1.0),
        )
        for name, seeds in runs.items()
    }  # fmt: skip
    return Variants(tuple(first.classes), base, models)


def _differences(base: "Run", run: "Run") -> list[Difference]:
    old, new = base.spec.augment, run.spec.augment
    return other_differences(base, run) + ([("augment", old, new)] if old != new else [])


def _measured(seeds: Sequence["Run"]) -> dict[str, Any]:
    first, kept = seeds[0], [_at_kept_epoch(run) for run in seeds]
    tested = [_test_values(evaluate(run)) for run in seeds]
    return {
        "parameters": first.summary["parameters"],
        "epochs": len(first.history["epoch"]),
        "best_epoch": first.best_epoch,
        "over_epochs": {name: seed_spread(values) for name, values in _curves(first).items()},
        "kept": {name: seed_spread([one[name] for one in kept]) for name in kept[0]},
        "test": _test_intervals(evaluate(first)),
        "test_over_seeds": {name: seed_spread([one[name] for one in tested]) for name in MEASURES},
    }


def _curves(run: "Run") -> dict[str, np.ndarray]:
    """Each measure of training and validation by epoch."""
    keys = {"accuracy": "accuracy", "loss": "loss", "precision": "macro_precision"}
    return {
        f"{part}_{measure}": run.history[f"{prefix}_{keys[measure]}"]
        for part, prefix in PARTS.items()
        for measure in MEASURES
    }


def _at_kept_epoch(run: "Run") -> dict[str, float]:
    return {name: float(values[run.best_epoch - 1]) for name, values in _curves(run).items()}


def _losses(evaluation: ClassifierEvaluation) -> np.ndarray:
    return image_log_loss(evaluation.outputs.probabilities, evaluation.outputs.labels)


def _test_values(evaluation: ClassifierEvaluation) -> dict[str, float]:
    return {
        "accuracy": evaluation.scores.accuracy,
        "loss": float(_losses(evaluation).mean()),
        "precision": precision_of(evaluation.scores),
    }


def _test_intervals(evaluation: ClassifierEvaluation) -> dict[str, Interval]:
    losses, two = _losses(evaluation), len(evaluation.classes) == 2
    intervals = evaluation.intervals
    return {
        "accuracy": intervals["accuracy"],
        "loss": bootstrap(lambda index: losses[index].mean(axis=1), len(losses)),
        "precision": evaluation.class_intervals["precision"][1] if two else intervals["macro_precision"],
    }


def csv_rows(found: Variants) -> list[dict[str, Any]]:
    """One row a variant with every number, for a spreadsheet; differences as in the study file."""
    return [_csv_row(found, variant) for variant in found.models.values()]


def _csv_row(found: Variants, variant: ComparedVariant) -> dict[str, Any]:
    row = {
        "model": variant.name,
        "title": variant.title,
        "differs_from": "" if variant.name == found.base else found.base,
        "differences": "; ".join(f"{key}: {old} -> {new}" for key, old, new in variant.differences),
        "parameters": variant.parameters,
        "epochs": variant.epochs,
        "kept_epoch": variant.best_epoch,
        "seeds": found.num_seeds,
    }
    row |= _spread_columns(variant.over_epochs, "over_epochs")
    row |= _spread_columns(variant.kept, "kept_over_seeds")
    for name, interval in variant.test.items():
        row |= {
            f"test_{name}": interval.value,
            f"test_{name}_low": interval.low,
            f"test_{name}_high": interval.high,
        }
    row |= _spread_columns({f"test_{name}": one for name, one in variant.test_over_seeds.items()}, "over_seeds")
    gain = {"test_accuracy_gain": variant.gain.value, "test_accuracy_gain_p": variant.p_value}
    return row | (dict.fromkeys(gain) if variant.name == found.base else gain)


def _spread_columns(spreads: Mapping[str, SeedSpread], over: str) -> dict[str, float]:
    columns = {}
    for name, spread in spreads.items():
        columns |= {f"{name}_mean_{over}": spread.mean, f"{name}_sd_{over}": spread.std}
    return columns


def variant_results(found: Variants) -> dict[str, Any]:
    """What chapter 02 keeps of the variants as JSON."""
    return {
        "base": found.base,
        "models": {
            name: {
                "differences": variant.differences,
                "over_epochs": {key: spread._asdict() for key, spread in variant.over_epochs.items()},
                "kept": {key: spread._asdict() for key, spread in variant.kept.items()},
                "test": {key: vars(interval) for key, interval in variant.test.items()},
                "test_over_seeds": {key: spread._asdict() for key, spread in variant.test_over_seeds.items()},
                "gain": vars(variant.gain),
                "p_value": variant.p_value,
            }
            for name, variant in found.models.items()
        },
    }
