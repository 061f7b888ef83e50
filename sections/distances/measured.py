"""Where the images that a network gets wrong lie in the feature space of every model of a study."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from helpers.base.errors import CourseError
from helpers.datasets.grouping import first_of_each
from helpers.metrics.distances import (
    MistakeDistances,
    centroids,
    distances_to,
    mistake_distances,
    within_class_distance,
)
from helpers.metrics.intervals import Interval, wilson
from helpers.training.runs import Run, distinct_titles


@dataclass(frozen=True)
class FollowedMistakes:
    """The test images that one model misclassifies. Arrays have shape (m,), int64."""

    by: str  # title of the model that made them
    of: int  # test images in all
    rows: np.ndarray  # position in the test part
    index: np.ndarray  # position in the whole set
    truth: np.ndarray
    predicted: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)


def find_mistakes(run: Run) -> FollowedMistakes:
    """Every test image whose most probable class is not the true one, in the order of the test part."""
    test = run.outputs("test")
    rows = np.flatnonzero(~test.correct)
    return FollowedMistakes(
        run.title, len(test.labels), rows, test.index[rows], test.labels[rows], test.predictions[rows]
    )


@dataclass(frozen=True)
class SpaceOfModel:
    """One model's view of somebody's mistakes: the images of `FollowedMistakes` in this model's feature space."""

    title: str
    distances: MistakeDistances
    right: np.ndarray  # (m,) bool: this model itself predicts the true class
    ordinary: float  # mean relative distance of all test images to their true class
    nearest_centroid: Interval  # share of all test images that lie nearest to their true class's centroid

    @property
    def nearer(self) -> np.ndarray:
        """(m,) bool: nearer to the true class's centroid than to that of the class it was taken for."""
        return self.distances.nearer_to_truth

    @property
    def share(self) -> Interval:
        """Share of the images nearer to the truth, with its 95 % Wilson interval."""
        return self.distances.share_nearer_to_truth()


Spaces = Mapping[str, SpaceOfModel]  # by the model's name


def look_from_every_space(runs: Mapping[str, Run], mistakes: FollowedMistakes) -> dict[str, SpaceOfModel]:
    """`look_at_mistakes` with every model of `runs`, by name."""
    titles = distinct_titles({name: run.title for name, run in runs.items()})
    return {name: look_at_mistakes(run, mistakes, titles[name]) for name, run in runs.items()}


def look_at_own_mistakes(runs: Mapping[str, Run]) -> dict[str, SpaceOfModel]:
    """Each model's view of the mistakes that it makes itself, by name."""
    titles = distinct_titles({name: run.title for name, run in runs.items()})
    return {name: look_at_mistakes(run, find_mistakes(run), titles[name]) for name, run in runs.items()}


def every_seed(runs: Mapping[str, Sequence[Run]], reference: str) -> tuple[list[Spaces], list[Spaces]]:
    """For each seed, what the spaces of its models say of the mistakes of its `reference`, and of their own."""
    seeds = [dict(zip(runs, one_seed, strict=True)) for one_seed in zip(*runs.values(), strict=True)]
    others = [look_from_every_space(models, find_mistakes(models[reference])) for models in seeds]
    return others, [look_at_own_mistakes(models) for models in seeds]


def look_at_mistakes(run: Run, mistakes: FollowedMistakes, title: str) -> SpaceOfModel:
    """Distances of the mistakes to the centroids of the true and of the predicted class, in this run's space.

    'Predicted' is what `mistakes.by` predicted, whichever model's space this is. Centroids and the mean
    distance within classes come from the training images.

    Raises CourseError where the run was tested on other images than the mistakes come from.
    """
    train, test = run.outputs("train"), run.outputs("test")
    if len(test.index) != mistakes.of or not np.array_equal(test.index[mistakes.rows], mistakes.index):
        raise CourseError(f"{run.title} was tested on other images than {mistakes.by}: train both on one split.")
    centres = centroids(train.features, train.labels, len(run.classes))
    yardstick = within_class_distance(train.features, train.labels, centres)
    every = distances_to(test.features, centres)
    nearest = every.argmin(axis=1) == test.labels
    return SpaceOfModel(
        title=title,
        distances=mistake_distances(
            test.features[mistakes.rows], mistakes.truth, mistakes.predicted, centres, yardstick
        ),
        right=test.correct[mistakes.rows],
        ordinary=float(every[np.arange(len(nearest)), test.labels].mean() / yardstick),
        nearest_centroid=wilson(int(nearest.sum()), len(nearest)),
    )


def mean_margin(spaces: Spaces) -> np.ndarray:
    """(m,) float64: how much nearer to the truth each image lies, on average over the models.

    The unit is each model's own mean distance within classes; below 0 the images lie nearer to the mistake.
    """
    return np.mean([space.distances.margin for space in spaces.values()], axis=0)


def most_stubborn(spaces: Spaces, groups: np.ndarray, count: int) -> np.ndarray:
    """Numbers of the mistakes that the models together put nearest to the wrong class, worst first.

    One of each group of near-duplicates, which `groups` (m,) tells of each mistake.
    """
    order = np.argsort(mean_margin(spaces), kind="stable")
    return first_of_each(order, groups[order])[:count]


def most_moved(spaces: Spaces, reference: str, groups: np.ndarray, count: int) -> np.ndarray:
    """Numbers of the mistakes that the other models move furthest towards the truth, furthest first.

    Compared with the model `reference`, and one of each of the `groups`, as above; empty where there is no other
    model.
    """
    others = {name: space for name, space in spaces.items() if name != reference}
    if not others:
        return np.empty(0, dtype=np.int64)
    gain = mean_margin(others) - spaces[reference].distances.margin
    order = np.argsort(-gain, kind="stable")
    return first_of_each(order, groups[order])[:count]


def distance_results(mistakes: FollowedMistakes, spaces: Spaces, own: Spaces) -> dict[str, Any]:
    """What chapter 05 keeps as JSON: the mistakes, and what each model's space says of them and of its own."""
    return {
        "mistakes": asdict(mistakes),
        "spaces": {name: asdict(space) | {"share": asdict(space.share)} for name, space in spaces.items()},
        "own_mistakes": {name: asdict(space) | {"share": asdict(space.share)} for name, space in own.items()},
    }
