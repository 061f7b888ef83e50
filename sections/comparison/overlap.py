"""Test images that have a near-duplicate among the training images: what they add to the scores."""

from dataclasses import dataclass

import numpy as np

from helpers.datasets.duplicates import LOOKED_FOR
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
    """Accuracy of one model on all test images, on those without and with a near-duplicate in training."""

    title: str
    all: Interval
    without: Interval
    overlapping: Interval
    p_value: float  # Fisher's exact test that the last two are equal
    without_by_seed: list[float]  # the second by seed, the first seed's too


@dataclass(frozen=True)
class Overlap:
    """All models by name; `models` is empty where no test image has a near-duplicate in training, or every one."""

    images: int  # test images
    overlapping: int
    models: dict[str, OverlapScores]

    def adjusted(self) -> list[float]:
        """The models' p-values, Holm-adjusted: with many models one stands out by luck."""
        return holm([one.p_value for one in self.models.values()]).tolist()


def measure_overlap(comparison: Comparison, splits: Splits) -> Overlap:
    """Score the models again without the test images that have a near-duplicate among the training images."""
    overlaps = np.isin(comparison.index, splits.overlapping)
    mixed = bool(overlaps.any() and not overlaps.all())
    models = {name: _scores(one, overlaps) for name, one in comparison.models.items() if mixed}
    return Overlap(len(overlaps), int(overlaps.sum()), models)


def _scores(model: ModelResult, overlaps: np.ndarray) -> OverlapScores:
    correct = model.outputs.correct
    parts = {"all": correct, "without": correct[~overlaps], "overlapping": correct[overlaps]}
    counts = {key: (int(part.sum()), len(part)) for key, part in parts.items()}
    return OverlapScores(
        title=model.title,
        **{key: wilson(*counted) for key, counted in counts.items()},
        p_value=fisher_exact(*counts["overlapping"], *counts["without"]),
        without_by_seed=[float(seed.outputs.correct[~overlaps].mean()) for seed in model.seeds],
    )


def overlap_sentences(found: Overlap) -> list[str]:
    """Whether models are right more often on test images of which a near-duplicate was trained on."""
    if not found.overlapping:
        return [
            "No near-duplicate of a test image was found among the training images, so none is left out. Looked "
            f"for were images {LOOKED_FOR}."
        ]
    if not found.models:
        return ["Every test image has a near-duplicate among the training images: no honest score can be given."]
    telling = [one for one, p in zip(found.models.values(), found.adjusted(), strict=True) if p < SIGNIFICANT]
    easier = [one.title for one in telling if one.overlapping.value > one.without.value]
    harder = [one.title for one in telling if one.overlapping.value < one.without.value]
    told = [f"{how} often right on the overlap than on the other test images, beyond chance: {listed(titles)}."
            for how, titles in (("More", easier), ("Less", harder)) if titles]  # fmt: skip
    return [" ".join(told) or "No model is right on the overlap more often, or less often, than chance explains."]


def overlap_tables(found: Overlap) -> list[Table]:
    """One row a model; nothing where there is no overlap."""
    rows = [
        {
            "Model": one.title,
            "All test images": one.all,
            "Without overlap": one.without,
            **seed_cells("Without overlap", one.without_by_seed),
            "Overlap only": one.overlapping,
            "p (Fisher, Holm)": bare_p_value(p),
        }
        for one, p in zip(found.models.values(), found.adjusted(), strict=True)
    ]
    caption = (
        f"Accuracy with 95 % intervals; {found.overlapping:,} of {found.images:,} test images have a "
        "near-duplicate among the training images: the overlap. p: that these and the others are got right "
        "equally often, corrected for the number of models."
    )
    return [Table(rows, caption)] if rows else []
