"""Drawn stand-ins for the data sets, in their publishers' own layouts; see `make_sample`."""

from pathlib import Path

from drawings import wildlife
from drawings.land_covers.layout import LandCovers
from drawings.landscapes.layout import Landscapes
from drawings.landscapes.places import draw_pretraining_places
from drawings.others import draw_pretraining
from drawings.planting import ClassFolders, DrawnSample
from drawings.small import house_numbers, vehicles_animals
from drawings.streets.layout import StreetTrees
from drawings.write import make
from helpers.base.errors import CourseError

SAMPLES: dict[str, DrawnSample] = {
    "wildlife": ClassFolders(
        name="wildlife",
        root="Cropped_final",
        classes=tuple(wildlife.CLASSES),
        draw=wildlife.draw,
        look_alikes=wildlife.LOOK_ALIKES,
    ),
    "streets": StreetTrees(),
    "landscapes": Landscapes(),
    "land_covers": LandCovers(),
    "house_numbers": house_numbers.SAMPLE,
    "vehicles_animals": vehicles_animals.SAMPLE,
}


def make_sample(
    name: str, folder: Path, amount: int | None = None, seed: int = 0, threads: int | None = None
) -> dict:
    """Draw the sample into `folder` in its publisher's layout, unless it is there; returns its manifest.

    `amount` counts images of each class (on average; wildlife: 240 if None) or scenes in all (streets: 480). The
    manifest (also `manifest.json` in the folder) names what was planted, `near_duplicates` (file, of, how),
    `wrong_labels` (file, true_class) and `unreadable` (file, how); streets: `parts` (how many scenes) and
    `deleted_objects` (files). The same seed gives the same bytes, whatever `threads`, the number of processes
    that draw (one a core, at most four, if None).

    Raises:
        CourseError: there is no such sample, or `folder` holds files that were not drawn here.
    """
    if name not in SAMPLES:
        raise CourseError(f"There is no drawn sample {name!r}: choose one of {', '.join(SAMPLES)}.")
    sample = SAMPLES[name]
    return make(sample, Path(folder), sample.default if amount is None else amount, seed, threads)


__all__ = ["SAMPLES", "draw_pretraining", "draw_pretraining_places", "make_sample"]
