"""Everything that chapter 08 measures of one evaluation, computed when first asked for and passed around."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.segmentation import only_errors
from helpers.segmentation.types import BANDS, SegmenterEvaluation
from sections.errors.composition import measured as errors
from sections.errors.confidence import measured as confidence
from sections.errors.improvements import measured as gains

if TYPE_CHECKING:
    from helpers.metrics.calibration import ReliabilityBins
    from helpers.segmentation.places import LookedAt

MOST_KEPT = 40  # confusions written to the results file


@dataclass(frozen=True)
class Analysis:
    """One network on one set of scenes; `set_title` is how the set is called in sentences."""

    found: SegmenterEvaluation
    set_title: str

    @property
    def classes(self) -> tuple[str, ...]:
        return self.found.classes

    @cached_property
    def wrong(self) -> int:
        """Labelled pixels that were given another class."""
        return int(only_errors(self.found.matrix).sum())

    @cached_property
    def class_scores(self) -> list[errors.ClassScores]:
        return errors.class_scores(self.found)

    @cached_property
    def bands(self) -> list[errors.Part]:
        return errors.by_band(self.found)

    @cached_property
    def segments(self) -> list[errors.Part]:
        return errors.by_segment(self.found)

    @cached_property
    def pairs(self) -> list[errors.ClassPair]:
        return errors.by_pair(self.found)

    @cached_property
    def trimap(self) -> errors.Trimap:
        return errors.trimap(self.found)

    @cached_property
    def ranked(self) -> list[gains.Improvement]:
        return gains.ranking(self.found)

    @cached_property
    def together(self) -> np.ndarray:
        """Mean IoU now and while the confusions are resolved in the order of `ranked`."""
        return gains.together(self.found, self.ranked)

    @cached_property
    def areas(self) -> list[gains.Area]:
        return gains.areas(self.found, families(self.classes))

    @cached_property
    def class_gains(self) -> list[gains.ClassGain]:
        return gains.class_gains(self.found)

    @cached_property
    def reliability(self) -> "ReliabilityBins":
        return confidence.pixel_reliability(self.found)

    @cached_property
    def overall(self) -> confidence.Confidence:
        return confidence.overall(self.found)

    @cached_property
    def confidences(self) -> list[confidence.Confidence]:
        return confidence.confidences(self.found)

    @cached_property
    def coverage(self) -> confidence.Coverage:
        return confidence.coverage(self.found)


def families(classes: Sequence[str]) -> tuple[str, ...]:
    """The kind of thing that each class is: its place in the coarsest list of shared classes."""
    from helpers.datasets.streets.tables import collapse, level_classes

    kinds = level_classes("coarse")
    return tuple(kinds[place] if place < len(kinds) else name
                 for name, place in zip(classes, collapse(classes, kinds), strict=True))  # fmt: skip


def error_results(analysis: Analysis) -> dict[str, Any]:
    """What the chapter keeps as JSON."""
    return {
        "set": analysis.found.set_name,
        "scenes": len(analysis.found),
        "confusion_matrix": {"classes": list(analysis.classes), "pixels": analysis.found.matrix.tolist()},
        "classes": {row.name: asdict(row) for row in analysis.class_scores},
        "errors": _accounts(analysis),
        "trimap": _trimap(analysis.trimap),
        "calibration": {row.name: vars(row) for row in [analysis.overall, *analysis.confidences]},
        "improvements": [_improvement(one, analysis.classes) for one in analysis.ranked[:MOST_KEPT]],
        "together": analysis.together[: MOST_KEPT + 1].tolist(),
        "areas": [asdict(area) for area in analysis.areas],
        "class_gains": {row.name: _class_gain(row) for row in analysis.class_gains},
    }


def _accounts(analysis: Analysis) -> dict[str, Any]:
    names = analysis.classes
    return {
        "share": analysis.wrong / max(1, int(analysis.found.matrix.sum())),
        "by_distance": {part.name: _part(part) for part in analysis.bands},
        "by_segment": {part.name: _part(part) for part in analysis.segments},
        "by_pair": [
            {"first": names[pair.first], "second": names[pair.second], "pixels": pair.pixels, "share": pair.share}
            for pair in analysis.pairs[:MOST_KEPT]
        ],
    }


def _class_gain(row: gains.ClassGain) -> dict[str, Any]:
    return {kind: vars(getattr(row, kind)) for kind in ("missed", "false_alarms", "both")}


def _part(part: errors.Part) -> dict[str, Any]:
    return {"pixels": part.pixels, "wrong": part.wrong, "share": part.share, "wrong_share": part.wrong_share}


def _trimap(curve: errors.Trimap) -> dict[str, Any]:
    return {
        "pixels_from_border": list(BANDS),
        "within": {"accuracy": curve.within_accuracy.tolist(), "mean_iou": curve.within_mean_iou.tolist()},
        "band": {"accuracy": curve.band_accuracy.tolist(), "mean_iou": curve.band_mean_iou.tolist()},
    }


def _improvement(one: gains.Improvement, names: Sequence[str]) -> dict[str, Any]:
    return asdict(one) | {"truth": names[one.truth], "predicted": names[one.predicted]}


def evaluate_errors(part: "LookedAt") -> None:
    """Evaluate all that chapter 08 asks for; see `runner.shards`."""
    part.evaluate("target")
