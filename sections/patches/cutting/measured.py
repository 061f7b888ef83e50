"""Is it worth cutting finer? The same mosaics mapped with other patches and other strides."""

from dataclasses import dataclass, replace

import numpy as np

from helpers.metrics.intervals import Interval
from helpers.segmentation.patches.patches import Patches
from helpers.segmentation.resampling import mean_iou_gain, mean_iou_of_shown, score_intervals
from helpers.segmentation.types import SegmenterEvaluation

MOST_MOSAICS = 8  # each setting maps so many: a stride half as long costs four times the work


@dataclass(frozen=True)
class WayToCut:
    """One way of cutting: its scores, and mean IoU minus that of the study's own way on the same mosaics.

    patches: how many cover one mosaic.    difference: None for the study's own way.
    """

    patch: int
    stride: int
    patches: int
    mean_iou: Interval
    pixel_accuracy: Interval
    difference: Interval | None

    @property
    def title(self) -> str:
        return f"patch {self.patch}, stride {self.stride}"


def ways_to_cut(patch: int, stride: int, side: int) -> list[tuple[int, int]]:
    """Patch and stride of the study, then without overlap, finer, with smaller patches, with larger ones."""
    ways = [(patch, stride), (patch, patch), (patch, stride // 2), (patch // 2, stride // 2), (2 * patch, stride)]
    return list(dict.fromkeys((p, s) for p, s in ways if 8 <= p <= side and 1 <= s <= p))


def try_settings(part: Patches, name: str | None = None) -> list[WayToCut]:
    """Each way of cutting on the first few mosaics; the study's own comes first, from its evaluation of all."""
    spec, scenes = part.spec, part.home.choose(np.arange(min(MOST_MOSAICS, len(part.home))))
    found, own = [], None
    for patch, stride in ways_to_cut(spec.patch, spec.stride, spec.mosaic_size):
        predictor = part.predictor(name, patch=patch, stride=stride)
        here = first_of(part.evaluate("home", name), len(scenes)) if own is None else part.evaluate_on(
            scenes, predictor, f"{name or part.names[0]}-patch-{patch}-{stride}"
        )  # fmt: skip
        found.append(WayToCut(
            patch, stride, predictor.patches_of(spec.mosaic_size, spec.mosaic_size),
            mean_iou_of_shown(here), score_intervals(here)["pixel_accuracy"],
            own and mean_iou_gain(own, here.matrices),
        ))  # fmt: skip
        own = own or here
    return found


def first_of(found: SegmenterEvaluation, most: int) -> SegmenterEvaluation:
    """The matrices of the first scenes; what is counted over all scenes together stays."""
    names = ("files", "sequences", "matrices", "network_matrices", "debatable")
    return replace(found, **{name: getattr(found, name)[:most] for name in names})


def evaluate_maps(patches: Patches) -> None:
    """Evaluate all that chapter 07 asks for; see `runner.shards`."""
    patches.evaluate("target")
    patches.over_seeds("target")
    for name in patches.names:
        patches.evaluate("target", name)
    try_settings(patches)
