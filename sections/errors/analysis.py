"""Everything that chapter 08 measures of one evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from helpers.base.paths import plain
from helpers.metrics.calibration import ReliabilityBins
from helpers.segmentation.places import LookedAt
from helpers.segmentation.resampling import what_is_drawn
from helpers.segmentation.types import SegmenterEvaluation
from sections.errors.composition import measured as composition
from sections.errors.confidence import measured as confidence
from sections.errors.improvements import measured as improvements
from sections.street_scenes.learnt import not_learnt

MOST_KEPT = 40  # confusions written to the results file


@dataclass(frozen=True)
class Analysis:
    """One network on one set of scenes; `set_title` is how the set is called in sentences."""

    found: SegmenterEvaluation
    set_title: str
    drawn: str  # what intervals are over
    unlearnt: dict[str, float]  # classes not known even at home, and their IoU there
    class_scores: list[composition.ClassScores]
    bands: list[composition.Part]
    segments: list[composition.Part]
    pairs: list[composition.ClassPair]
    trimap: composition.Trimap
    ranked: list[improvements.Improvement]
    together: np.ndarray  # mean IoU now, and while the confusions are resolved in the order of `ranked`
    areas: list[improvements.Area]
    class_gains: list[improvements.ClassGain]
    reliability: ReliabilityBins
    overall: confidence.Confidence
    confidences: list[confidence.Confidence]
    coverage: confidence.Coverage


def analyse_errors(found: SegmenterEvaluation, set_title: str, home: SegmenterEvaluation) -> Analysis:
    """Everything at once: the chapter shows all of it. home: the same network where it comes from."""
    unlearnt = not_learnt(home)
    ranked = improvements.rank_confusions(found, unlearnt)
    return Analysis(
        found=found,
        set_title=set_title,
        drawn=what_is_drawn(found),
        unlearnt=unlearnt,
        class_scores=composition.score_classes(found),
        bands=composition.by_band(found),
        segments=composition.by_segment(found),
        pairs=composition.by_pair(found),
        trimap=composition.measure_trimap(found),
        ranked=ranked,
        together=improvements.resolve_together(found, ranked),
        areas=improvements.group_errors(found, families(found.classes)),
        class_gains=improvements.gains_by_class(found),
        reliability=confidence.pixel_reliability(found),
        overall=confidence.confidence_of(found),
        confidences=[confidence.confidence_of(found, c) for c in range(len(found.classes))],
        coverage=confidence.measure_coverage(found),
    )


def families(classes: Sequence[str]) -> tuple[str, ...]:
    """The kind of thing that each class is: its place in the coarsest list of shared classes."""
    from helpers.datasets.streets.tables import collapse, level_classes

    kinds = level_classes("coarse")
    places = collapse(classes, kinds)
    return tuple(kinds[k] if k < len(kinds) else name for name, k in zip(classes, places, strict=True))


def error_results(analysis: Analysis) -> dict[str, Any]:
    """What the chapter keeps as JSON; lists of classes are in the order of the confusion matrix."""
    found = analysis.found
    measured = {one.name: getattr(analysis, one.name) for one in fields(analysis) if one.name != "found"}
    lists = {name: measured[name][:MOST_KEPT] for name in ("pairs", "ranked", "together")}
    counted = {"set": found.set_name, "scenes": len(found), "classes": found.classes, "matrix": found.matrix}
    return plain(counted | measured | lists)


def evaluate_errors(part: LookedAt) -> None:
    """Evaluate all that chapter 08 asks for; see `runner.shards`."""
    part.evaluate("target")
    part.evaluate("home")
