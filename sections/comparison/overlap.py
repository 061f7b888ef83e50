"""Test images that have a near-duplicate among the training images: what they add to the scores."""

from dataclasses import dataclass

import numpy as np

from helpers.datasets.types import Splits
from helpers.metrics.comparison import SIGNIFICANT, holm
from helpers.metrics.intervals import Interval, wilson
from helpers.metrics.tables import fisher_exact
from helpers.show.display import Table
from helpers.show.table import seed_cells
from helpers.show.words import bare_p_value, listed
from sections.comparison.scores.measured import Comparison, ModelResult


@dataclass(frozen=True)
class OverlapScores:
    """Accuracy of one model on all test images, on those without and on those with a twin in training."""

    title: str
    all: Interval
    without: Interval
    on_twins: Interval
    p_value: float  # Fisher's exact test that the last two are equal
    without_by_seed: list[float]  # the second by seed, the first seed's too


@dataclass(frozen=True)
class Overlap:
    """All models by name; `models` is empty where no test image has a twin, or none is left without."""

    images: int  # test images
    twins: int
    models: dict[str, OverlapScores]

    def adjusted(self) -> list[float]:
        """The models' p-values, Holm-adjusted: with many models one stands out by luck."""
        return holm([one.p_value for one in self.models.values()]).tolist()


def measure_overlap(comparison: Comparison, splits: Splits) -> Overlap:
    """Score the models again without the test images that have a near-duplicate among the training images."""
    is_twin = np.isin(comparison.index, splits.overlapping)
    mixed = bool(is_twin.any() and not is_twin.all())
    models = {name: _scores(one, is_twin) for name, one in comparison.models.items() if mixed}
    return Overlap(len(is_twin), int(is_twin.sum()), models)


def _scores(model: ModelResult, is_twin: np.ndarray) -> OverlapScores:
    correct = model.outputs.correct
    counts = {key: (int(part.sum()), len(part)) for key, part in
              {"all": correct, "without": correct[~is_twin], "on_twins": correct[is_twin]}.items()}  # fmt: skip
    return OverlapScores(
        title=model.title,
        **{key: wilson(*counted) for key, counted in counts.items()},
        p_value=fisher_exact(*counts["on_twins"], *counts["without"]),
        without_by_seed=[float(seed.outputs.correct[~is_twin].mean()) for seed in model.seeds],
    )


def overlap_sentences(found: Overlap) -> list[str]:
    """How much of the scores twins are, and whether models are right on them more often."""
    if not found.twins:
        return [
            "No test image has a near-duplicate among the training images: there is nothing to leave out, and no "
            "score is too high on that account."
        ]
    if not found.models:
        return ["Every test image has a near-duplicate among the training images: no honest score can be given."]
    telling = [one for one, p in zip(found.models.values(), found.adjusted(), strict=True) if p < SIGNIFICANT]
    easier = [one.title for one in telling if one.on_twins.value > one.without.value]
    harder = [one.title for one in telling if one.on_twins.value < one.without.value]
    told = [f"{how} often right on twins than on the others, beyond chance: {listed(titles)}."
            for how, titles in (("More", easier), ("Less", harder)) if titles]  # fmt: skip
    return [" ".join(told) or "No model is right on twins more often, or less often, than chance explains."]


def overlap_tables(found: Overlap) -> list[Table]:
    """One row a model; nothing where there is no twin."""
    rows = [
        {
            "Model": one.title,
            "All test images": one.all,
            "Without twins": one.without,
            **seed_cells("Without twins", one.without_by_seed),
            "Twins only": one.on_twins,
            "p (Fisher, Holm)": bare_p_value(p),
        }
        for one, p in zip(found.models.values(), found.adjusted(), strict=True)
    ]
    caption = (
        f"Accuracy with 95 % intervals; {found.twins:,} of {found.images:,} test images have a near-duplicate "
        "among the training images. p: that twins and the others are got right equally often, corrected for the "
        "number of models."
    )
    return [Table(rows, caption)] if rows else []
