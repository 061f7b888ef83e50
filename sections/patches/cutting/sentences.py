"""What maps of patches say: tiles against pixels, near borders and far from them, cut finer or coarser."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.segmentation.types import BANDS
from helpers.show.words import count, listed, number, percent, points, quoted, share_interval, short_number, signed
from sections.errors.composition.measured import by_band

if TYPE_CHECKING:
    from helpers.segmentation.patches.large import ClassMap
    from helpers.segmentation.patches.patches import Patches
    from helpers.training.runs import Run
    from sections.patches.cutting.inside import Inside
    from sections.patches.cutting.measured import WayToCut
    from sections.street_scenes.scores.measured import Results

SOME = 0.02  # share of a class's pixels inside from which a confusion is named
MOST_NAMED = 4


def work(run: "Run", part: "Patches") -> list[str]:
    """Which network names the patches, and what a mosaic costs it."""
    patches = part.predictor().patches_of(part.spec.mosaic_size, part.spec.mosaic_size)
    whole = patches * run.summary["multiply_adds"]
    votes = (part.spec.patch / part.spec.stride) ** 2
    return [
        f"{run.title} names the patches. A mosaic has {patches:,} of them, {short_number(whole)} multiply-adds, "
        f"{whole / part.spec.mosaic_size**2:,.0f} for each pixel; away from the border of the image a pixel gets "
        f"{number(votes, 0)} votes."
    ]


def tiles_and_pixels(run: "Run", results: "Results") -> list[str]:
    """How often single test tiles are right, and pixels of the mosaics: far from borders, and near them."""
    bands = by_band(results.evaluation)
    tiles, far, near = float(run.outputs("test").correct.mean()), bands[-1], bands[0]
    told = (
        f"Of single test tiles {percent(tiles)} are named rightly, of the mosaics' pixels "
        f"{share_interval(results.intervals['pixel_accuracy'])}."
    )
    if not (far.pixels and near.pixels):
        return [told]
    return [
        f"{told} Farther than {BANDS[-1]:g} pixels from a border it is {percent(1 - far.error_rate)}, up to "
        f"{BANDS[0]:g} pixel from one {percent(1 - near.error_rate)}.",
        _why(tiles, 1 - far.error_rate, far.wrong_share),
    ]


def _why(tiles: float, far: float, far_share: float) -> str:
    if tiles - far > 0.02:
        return (
            f"Even far from borders the map is wrong {points(tiles - far)} more often than on single tiles: there "
            "a patch straddles several tiles of one class, a sight that the network was not trained on."
        )
    return (
        f"Far from borders the map is about as good as on single tiles, or better; {percent(1 - far_share, 0)} of "
        f"its errors lie within {BANDS[-1]:g} pixels of a border, where a patch sees two classes at once."
    )


def settings(found: "Sequence[WayToCut]") -> list[str]:
    """Which way of cutting is best, and what it costs."""
    own, best = found[0], max(found, key=lambda one: one.mean_iou.value)
    if best is own:
        return [f"None of the other ways scores higher than the study's own ({own.title})."] + _clear(found)
    work_ratio = best.patches / own.patches
    cost = f"{work_ratio:.1f} times the work" if work_ratio > 1 else f"{percent(work_ratio, 0)} of the work"
    beyond = "more than chance" if best.difference.low > 0 else "no more than chance could do"
    return [
        f"The highest mean IoU has {best.title}: {number(best.mean_iou.value)} instead of "
        f"{number(own.mean_iou.value)}, a difference of {signed(best.difference)} on the same mosaics, {beyond}, "
        f"for {cost}.",
        *_clear(found),
    ]


def _clear(found: "Sequence[WayToCut]") -> list[str]:
    worse = [one for one in found[1:] if one.difference.high < 0]
    if not worse:
        return ["None of them is clearly worse."]
    told = [f"{one.title} ({number(one.mean_iou.value)})" for one in worse]
    return [f"Clearly worse than the study's own way: {listed(told)}."]


def inside(rows: "Sequence[Inside]") -> list[str]:
    """Which classes are mistaken where nothing else is near, and for what: a matter of looks, not of borders."""
    known = [row for row in rows if row.inside == row.inside]
    wrong = [row for row in known if row.mistaken_for and row.mistaken >= SOME]
    if not wrong:
        return [
            f"Farther than {BANDS[-1]:g} pixels from a border hardly a pixel is wrong: what errs is the border."
        ]
    told = [
        f"{percent(row.mistaken)} of {quoted(row.name)} for {quoted(row.mistaken_for)}"
        for row in wrong[:MOST_NAMED]
    ]
    read = f"Where no other class is near, the map still takes {listed(told)}: these look alike to the network."
    safe = [quoted(row.name) for row in known if row not in wrong]
    if not safe:
        return [read]
    return [read, f"{listed(safe)} {'is' if len(safe) == 1 else 'are'} hardly ever mistaken inside."]


def large(maps: "Sequence[ClassMap]", classes: Sequence[str]) -> list[str]:
    """What covers the user's large images, and where the network is least sure; nothing where there are none."""
    if not maps:
        return []
    pixels = np.array([one.image.shape[0] * one.image.shape[1] for one in maps])
    shares = np.stack([one.shares(len(classes)) for one in maps])
    together = (shares * pixels[:, None]).sum(0) / pixels.sum()
    order = np.argsort(-together, kind="stable")
    told = [f"{quoted(classes[c])} {percent(together[c], 0)}" for c in order if together[c] > 0]
    sure = [float(one.confidence.mean()) for one in maps]
    least = int(np.argmin(sure))
    return [
        f"In {count(len(maps), 'large image')} the map has {listed(told)}. The network is least sure of "
        f"{quoted(maps[least].name)}: {percent(sure[least])} on average. Whether it is right nobody has labelled."
    ]
