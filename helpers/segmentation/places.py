"""What chapters 07 to 09 ask of street scenes and of mosaics alike: networks scored in two places."""

from typing import TYPE_CHECKING

import numpy as np

from helpers.base.paths import runs_dir
from helpers.base.telling import counted
from helpers.datasets.streets.types import SegmentationSet
from helpers.study.study import Study

if TYPE_CHECKING:
    from helpers.models.segmenters.predictor import Predicts
    from helpers.segmentation.types import SegmenterEvaluation


class LookedAt:
    """The scenes `target` and `home`, and the networks `names` that look at them.

    Who inherits has `predictor(name, seed)` and `seeds(name)`; `size` in pixels is what the networks see.
    """

    study: Study
    names: list[str]
    size: int
    batch_size = 1
    shard = (0, 1)  # number of this process, and how many share its evaluations

    def place(self, where: str) -> SegmentationSet:
        """`target` or `home`."""
        if where not in {"target", "home"}:
            raise ValueError(f"no place '{where}': there are 'target' and 'home'")
        return getattr(self, where)

    def evaluate(self, where: str, name: str | None = None, seed: int | None = None) -> "SegmenterEvaluation":
        """Everything that is counted about a network on `target` or `home`; computed once."""
        name = name or self.names[0]
        return self.evaluate_on(self.place(where), self.predictor(name, seed), name, "all")

    def over_seeds(self, where: str, name: str | None = None) -> list["SegmenterEvaluation"]:
        """`evaluate` for every seed of the study; the first is what the chapters look into."""
        return [self.evaluate(where, name, seed) for seed in self.seeds(name)]

    def evaluate_with(self, predictor: "Predicts", where: str, label: str) -> "SegmenterEvaluation":
        """The confusion matrices of a variant of a network, named `label`, on `target` or `home`."""
        return self.evaluate_on(self.place(where), predictor, label)

    def evaluate_on(
        self, scenes: SegmentationSet, predictor: "Predicts", label: str, observers: str = "matrices"
    ) -> "SegmenterEvaluation":
        """Counts about any set of scenes, such as some of them."""
        from helpers.segmentation.evaluation import evaluate

        folder = runs_dir() / "evaluations"
        with counted("evaluations"):
            return evaluate(
                predictor, scenes, folder, size=self.size, batch_size=self.batch_size, model_name=label,
                observers=observers, shard=self.shard,
            )  # fmt: skip

    def scene(
        self, where: str, position: int, name: str | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Image, label, prediction and confidence of one scene (see `evaluation.predict_scene`)."""
        from helpers.segmentation.evaluation import predict_scene

        return predict_scene(self.predictor(name), self.place(where), position, self.size)
