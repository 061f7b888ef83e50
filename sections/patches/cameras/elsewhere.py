"""Images of other cameras that the user has: tiles in class folders are scored, large images are mapped."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from helpers.base.errors import CourseError
from helpers.base.paths import display_path
from helpers.datasets.cache import open_cache
from helpers.datasets.folders import scan
from helpers.metrics.classification import confusion_matrix
from helpers.metrics.intervals import Interval, wilson
from helpers.segmentation.patches.large import ClassMap, find_images, map_images
from helpers.segmentation.patches.patches import Patches
from sections.one_model.scores.measured import answers_to


@dataclass(frozen=True)
class TilesNamed:
    """Tiles of another camera as one model names them."""

    place: str
    model: str
    classes: tuple[str, ...]
    matrix: np.ndarray  # (C, C) int64, rows truth

    @property
    def accuracy(self) -> Interval:
        return wilson(int(np.trace(self.matrix)), int(self.matrix.sum()))

    @property
    def recalls(self) -> np.ndarray:
        """(C,) float64."""
        return np.diag(self.matrix) / self.matrix.sum(axis=1)


def tiles_elsewhere(patches: Patches) -> list[TilesNamed]:
    """Both models on every folder of `segmentation.abroad` that holds the study's classes.

    Raises CourseError for a folder that is not there or holds neither class folders nor images.
    """
    found = []
    for place, folder in patches.spec.abroad.items():
        _check(place, Path(folder))
        if _has_classes(Path(folder)):
            models = dict.fromkeys([patches.names[0], patches.remedy])
            found += [_score(patches, place, Path(folder), model) for model in models]
    return found


def maps_elsewhere(patches: Patches, most: int) -> dict[str, list[ClassMap]]:
    """The maps of the first `most` large images of every other folder, by the name of the place."""
    folders = {place: Path(folder) for place, folder in patches.spec.abroad.items()}
    return {
        place: list(islice(map_images(patches.predictor(), find_images(folder)), most))
        for place, folder in folders.items()
        if not _has_classes(folder)
    }


def _has_classes(folder: Path) -> bool:
    return any(path.is_dir() for path in folder.iterdir())


def _check(place: str, folder: Path) -> None:
    if not folder.is_dir():
        raise CourseError(
            f"segmentation.abroad: there is no folder {display_path(folder)} for '{place}'; give one that holds "
            "class folders of tiles, or large images"
        )


def _score(patches: Patches, place: str, folder: Path, model: str) -> TilesNamed:
    found = scan(folder, patches.classes)
    cached = open_cache(found, patches.study.image_size, patches.study.resize)
    labels = found.labels[cached.survey.index]
    run = patches.run(model)
    matrix = confusion_matrix(labels, answers_to(run, cached.images).predictions, len(patches.classes))
    return TilesNamed(place, run.title, patches.classes, matrix)
