"""Test images that have a near-duplicate among the training images: what they add to the scores."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.comparison import holm
from helpers.metrics.intervals import Interval, wilson
from helpers.metrics.tables import fisher_exact
from sections.comparison.scores.measured import Comparison, ModelResult

if TYPE_CHECKING:
    from helpers.datasets.types import Splits


@dataclass(frozen=True)
class TwinScores:
    """Accuracy of one model on all test images, on those without and on those with a twin in training."""

    title: str
    all: Interval
    without: Interval
    on_twins: Interval
    p_value: float  # Fisher's exact test that the last two are equal
    without_by_seed: list[float]  # the second by seed, the first seed's too


@dataclass(frozen=True)
class Twins:
    """All models by name; `models` is empty where no test image has a twin, or none is left without."""

    images: int  # test images
    twins: int
    models: dict[str, TwinScores]

    def adjusted(self) -> dict[str, float]:
        """The models' p-values by name, Holm-adjusted: with many models one stands out by luck."""
        return dict(zip(self.models, holm([one.p_value for one in self.models.values()]).tolist(), strict=True))


def without_twins(comparison: Comparison, splits: "Splits") -> Twins:
    """Score the models again without the test images that have a near-duplicate among the training images."""
    is_twin = np.isin(comparison.index, splits.twins)
    mixed = bool(is_twin.any() and not is_twin.all())
    models = {name: _scores(one, is_twin) for name, one in comparison.models.items() if mixed}
    return Twins(len(is_twin), int(is_twin.sum()), models)


def _scores(model: ModelResult, is_twin: np.ndarray) -> TwinScores:
    on, rest = model.correct[is_twin], model.correct[~is_twin]
    return TwinScores(
        title=model.title,
        all=wilson(int(model.correct.sum()), len(is_twin)),
        without=wilson(int(rest.sum()), len(rest)),
        on_twins=wilson(int(on.sum()), len(on)),
        p_value=fisher_exact(int(on.sum()), len(on), int(rest.sum()), len(rest)),
        without_by_seed=[float(seed.outputs.correct[~is_twin].mean()) for seed in model.seeds],
    )


def results_of(found: Twins) -> dict[str, Any]:
    """What chapter 06 keeps of twins as JSON."""
    return {
        "test_images": found.images,
        "twins": found.twins,
        "models": {
            name: {
                "all": vars(one.all),
                "without": vars(one.without),
                "on_twins": vars(one.on_twins),
                "p_value": one.p_value,
            }
            for name, one in found.models.items()
        },
    }
