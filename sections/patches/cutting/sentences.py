"""What maps of patches say: tiles against pixels, near borders and far from them, cut finer or coarser."""

from collections.abc import Sequence

from helpers.segmentation.patches.patches import Patches
from helpers.segmentation.types import BANDS
from helpers.show.words import count, number, percent, points, share_interval, short_number, signed, some, written
from helpers.training.runs import Run
from sections.errors.composition.measured import by_band
from sections.patches.cutting.measured import WayToCut
from sections.street_scenes.scores.measured import Results

MUCH_LESS = 0.02  # difference of shares from which pixels are called worse or better than tiles


def work_of_map(run: Run, part: Patches) -> list[str]:
    """Which network names the patches, and what a mosaic costs it."""
    patches = part.predictor().patches_of(part.spec.mosaic_size, part.spec.mosaic_size)
    whole, votes = patches * run.summary["multiply_adds"], (part.spec.patch / part.spec.stride) ** 2
    return [
        f"{run.title} names the patches. It takes {count(patches, 'patch', 'patches')} to cover a mosaic, "
        f"{short_number(whole)} multiply-adds, {written(whole / part.spec.mosaic_size**2, ',.0f')} for each "
        "pixel; away from "
        f"the border of the image a pixel gets {count(round(votes), 'vote')}."
    ]


def tiles_and_pixels(run: Run, results: Results) -> list[str]:
    """Whether pixels far from borders are named as well as single test tiles."""
    bands = by_band(results.evaluation)
    tiles, far = float(run.outputs("test").correct.mean()), bands[-1]
    told = (
        f"Of single test tiles {percent(tiles)} are named rightly, of the mosaics' pixels "
        f"{share_interval(results.intervals['pixel_accuracy'])}."
    )
    if not far.pixels:
        return [told]
    lost = tiles - (1 - far.error_rate)
    told += f" Farther than {BANDS[-1]:g} pixels from a border it is {percent(1 - far.error_rate)}"
    if lost > MUCH_LESS:
        return [
            f"{told}, {points(lost)} less than of single tiles; there a patch may straddle several tiles of one "
            "class, a sight that the network was not trained on."
        ]
    told += ", about as good as on single tiles" if lost > -MUCH_LESS else ", better than on single tiles"
    if not any(band.wrong for band in bands):
        return [f"{told}."]
    if far.wrong_share == 1:
        return [f"{told}; all of the map's errors lie there."]
    return [
        f"{told}; {percent(1 - far.wrong_share, 0)} of the map's errors lie within {BANDS[-1]:g} pixels of a "
        "border, where a patch sees two classes at once."
    ]


def cutting_verdict(found: Sequence[WayToCut]) -> list[str]:
    """Whether another way of cutting is better beyond chance, at what cost, and which are worse."""
    own, best = found[0], max(found, key=lambda one: one.mean_iou.value)
    if len(found) == 1:
        return []
    worse = [one.title for one in found[1:] if one.difference.high < 0]
    clear = f" Clearly worse than it: {some(worse)}." if worse else " None of the others is clearly worse than it."
    if best is own:
        return [f"None of the other ways scores higher than the study's own ({own.title}).{clear}"]
    ratio = best.patches / own.patches
    cost = f"{number(ratio, 1)} times the work" if ratio > 1 else f"{percent(ratio, 0)} of the work"
    beyond = "more than chance" if best.difference.low > 0 else "no more than chance could do"
    return [
        f"The highest mean IoU of {count(len(found), 'way')} is that with {best.title}; it differs from the "
        f"study's own ({own.title}) by {signed(best.difference)} on the same mosaics: {beyond}, for {cost}.{clear}"
    ]
