"""Drawn stand-ins for the data sets, in their publishers' own layouts; see `make_sample`."""

from pathlib import Path

from helpers.datasets.sample import wildlife
from helpers.datasets.sample.others import draw_pretraining
from helpers.datasets.sample.planting import ClassFolders
from helpers.datasets.sample.write import make
from helpers.errors import CourseError

SAMPLES: dict[str, ClassFolders] = {
    "wildlife": ClassFolders(
        name="wildlife",
        version=5,
        root="Cropped_final",
        classes=tuple(wildlife.CLASSES),
        draw=wildlife.draw,
        look_alikes=wildlife.LOOK_ALIKES,
    )
}


def make_sample(
    name: str, folder: Path, images_per_class: int = 240, seed: int = 0, threads: int | None = None
) -> dict:
    """Draw the sample into `folder` in its publisher's layout, unless it is there; returns its manifest.

    The manifest (also `manifest.json` in the folder) names what was planted: `near_duplicates` (file, of, how),
    `wrong_labels` (file, true_class) and `unreadable` (file, how). The same seed gives the same bytes, whatever
    `threads`, the number of processes that draw (one a core, at most four, if None).

    Raises:
        CourseError: there is no such sample, or `folder` holds files that were not drawn here.
    """
    if name not in SAMPLES:
        raise CourseError(f"There is no drawn sample {name!r}: choose one of {', '.join(SAMPLES)}.")
    return make(SAMPLES[name], Path(folder), images_per_class, seed, threads)


__all__ = ["SAMPLES", "draw_pretraining", "make_sample"]
