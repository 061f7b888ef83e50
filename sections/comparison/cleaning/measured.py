"""What became of a model that was trained without suspicious images (chapter 06)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from helpers.datasets.planted import drawn_labels
from helpers.datasets.types import Splits
from helpers.metrics.comparison import PairResult, pairwise
from helpers.metrics.intervals import Interval, SeedSpread, seed_spread, wilson
from helpers.study.study import Study
from helpers.training.cleaning import Suspects, find
from helpers.training.runs import Run


@dataclass(frozen=True)
class Planted:
    """How the search fared against the wrong labels that a drawn sample is known to have."""

    planted: int  # wrong labels among the training images
    doubted: int  # training images whose label was not believed
    found: int  # both
    among_unsure: int  # wrong labels among the images that could be anything
    precision: Interval  # share of the doubted labels that are wrong
    recall: Interval  # share of the wrong labels that were doubted
    by_chance: float  # precision of doubting labels at random: the share of wrong ones


@dataclass(frozen=True)
class Cleaned:
    """A model with `clean: true`: its suspects, and its comparison with the same model without cleaning.

    `uncleaned` is None where the study has no model that differs in nothing else; then there is no comparison.
    """

    run: Run
    suspects: Suspects
    splits: Splits
    drawn_as: np.ndarray | None  # (N,) int64: what each image really shows, known of drawn images only
    uncleaned: Run | None = None
    over_seeds: SeedSpread | None = None  # of the gain in test accuracy

    @cached_property
    def gain(self) -> PairResult | None:
        """The model without cleaning (a) and this one (b) on the test set as it is."""
        return self._compare(self.splits.labels) if self.uncleaned else None

    @cached_property
    def true_gain(self) -> PairResult | None:
        """The same by what the test images really show; None where that is unknown or just what the labels say."""
        if self.uncleaned is None or self.drawn_as is None or not self.wrong_test_labels:
            return None
        return self._compare(self.drawn_as)

    def _compare(self, labels: np.ndarray) -> PairResult:
        pair = {run.name: run.outputs("test") for run in (self.uncleaned, self.run)}
        (found,) = pairwise({name: one.predictions == labels[one.index] for name, one in pair.items()})
        return found

    @property
    def wrong_test_labels(self) -> int:
        """Wrong labels that are known to be in the test set."""
        test = self.splits.test
        return 0 if self.drawn_as is None else int((self.drawn_as[test] != self.splits.labels[test]).sum())

    @cached_property
    def is_wrong(self) -> np.ndarray | None:
        """(n,) bool, in the order of the training part: labels known to be wrong; None where nothing is known."""
        index = self.suspects.index
        return None if self.drawn_as is None else self.drawn_as[index] != self.splits.labels[index]

    @property
    def planted(self) -> Planted | None:
        """Precision and recall of the search; None for images that were not drawn."""
        if self.is_wrong is None:
            return None
        wrong, doubted = int(self.is_wrong.sum()), int(self.suspects.mislabelled.sum())
        found = int((self.is_wrong & self.suspects.mislabelled).sum())
        return Planted(
            planted=wrong,
            doubted=doubted,
            found=found,
            among_unsure=int((self.is_wrong & self.suspects.unsure).sum()),
            precision=wilson(found, doubted),
            recall=wilson(found, wrong),
            by_chance=wrong / len(self.is_wrong),
        )


def cleaned_models(study: Study, splits: Splits, runs: Mapping[str, Sequence[Run]]) -> list[Cleaned]:
    """Every model of the study that was trained without suspicious images, in the order of the study file."""
    return [_cleaned(study, splits, name, runs) for name in runs if study.models[name].clean]


def _cleaned(study: Study, splits: Splits, name: str, runs: Mapping[str, Sequence[Run]]) -> Cleaned:
    first, others = runs[name][0], runs.get(uncleaned_model(study, name), [])
    gains = [
        new.outputs("test").correct.mean() - old.outputs("test").correct.mean()
        for old, new in zip(others, runs[name], strict=bool(others))
    ]
    return Cleaned(
        run=first,
        suspects=find(study, splits, name, first.seed),
        splits=splits,
        drawn_as=drawn_labels(splits),
        uncleaned=others[0] if others else None,
        over_seeds=seed_spread(gains) if gains else None,
    )


def uncleaned_model(study: Study, name: str) -> str | None:
    """The model that differs from `name` in nothing but cleaning; None where the study has none."""
    recipes = {other: spec.model_dump(exclude={"title"}) for other, spec in study.models.items()}
    return next((other for other in recipes if recipes[other] == recipes[name] | {"clean": False}), None)


def cleaning_results(cleaned: Cleaned) -> dict[str, Any]:
    """What chapter 06 keeps as JSON."""
    found, planted = cleaned.suspects, cleaned.planted
    return {
        "images": len(found.index),
        "mislabelled": int(found.mislabelled.sum()),
        "unsure": int(found.unsure.sum()),
        "judges_agree": float((found.suggested == found.labels).mean()),
        "files": [cleaned.splits.files[index] for index in found.index[found.left_out]],
        "planted": planted,
        "uncleaned": cleaned.uncleaned.name if cleaned.uncleaned else None,
        "gain": cleaned.gain,
        "gain_by_true_labels": cleaned.true_gain,
        "gain_over_seeds": cleaned.over_seeds,
    }
