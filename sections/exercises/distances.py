"""Chapter 05: another ruler, and neighbours who vote."""

from collections.abc import Callable

import numpy as np
from scipy.spatial.distance import cdist

from helpers.training.runs import Run
from sections.exercises.checking import exercise, expect

MOST = (3000, 300)  # training and validation images that are enough to try a function on
TIES = 0.02  # share of images of which neighbours may lie equally far but for rounding


@exercise
def scaled_share(answer: Callable, run: Run) -> None:
    """Share of misclassified images nearer to the centroid of the truth, each feature divided by its spread."""
    rng = np.random.default_rng(27)  # a draw in which each mistake leads to a share of its own
    labels, truth = np.arange(60) % 3, np.arange(40) % 3
    features = rng.normal(size=(60, 4)) * (0.3, 1, 0.5, 6) + np.eye(3, 4)[labels]
    wrong = rng.normal(size=(40, 4)) * (0.1, 4, 1, 6) + np.eye(3, 4)[truth]
    small = (features, labels, wrong, truth, (truth + 1) % 3)
    train, val = run.outputs("train"), run.outputs("val")
    rows = np.flatnonzero(~val.correct)
    own = (train.features, train.labels, val.features[rows], val.labels[rows], val.predictions[rows])
    for given, on in ((small, "a small example"), (own, f"the validation images that {run.title} gets wrong")):
        if not len(given[2]):
            continue
        features, labels, wrong, truth, predicted = given
        spread, own_spread = features.std(0) + 1e-6, wrong.std(0) + 1e-6
        classes = int(max(labels.max(), truth.max(), predicted.max())) + 1
        centres = np.stack([features[labels == c].mean(0) for c in range(classes)])
        margins = {
            "right": _margin(centres / spread, wrong / spread, truth, predicted),
            "plain": _margin(centres, wrong, truth, predicted),
            "test": _margin(centres / own_spread, wrong / own_spread, truth, predicted),
            "mixed": _margin(centres, wrong / spread, truth, predicted),
        }
        share = {name: (margin > 0).mean() for name, margin in margins.items()}
        expect(answer(*(one.copy() for one in given)), share["right"], {
            "that is the share that lies nearer to the mistake": 1 - share["right"],
            "that is the share in plain distances: divide features and centroids by the spread": share["plain"],
            "the spread is to be that of the training images, not of the misclassified ones": share["test"],
            "the images are divided by the spread, and the centroids are not": share["mixed"],
            "that is how many, and a share is asked for": (margins["right"] > 0).sum(),
        }, on=on)  # fmt: skip


def _margin(centres: np.ndarray, points: np.ndarray, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    to_truth, to_mistake = (np.linalg.norm(points - centres[whose], axis=1) for whose in (truth, predicted))
    return to_mistake - to_truth


@exercise
def majority_of_neighbours(answer: Callable, run: Run) -> None:
    """The class that most of the k nearest training images have; of equally frequent ones the first."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 50)
    small = (rng.normal(size=(50, 3)) + 1.2 * np.eye(4, 3)[labels], labels, rng.normal(size=(40, 3)))
    train, val = run.outputs("train"), run.outputs("val")
    learnt, asked = slice(MOST[0]), slice(MOST[1])
    own = (train.features[learnt].astype(float), train.labels[learnt], val.features[asked].astype(float))
    for (features, labels, points), on in ((small, "a small example"), (own, f"the features of {run.title}")):
        k = min(7, len(labels))
        order = cdist(points, features).argsort(axis=1, kind="stable")
        right = _most_frequent(labels[order[:, :k]])
        found = answer(features.copy(), labels.copy(), points.copy(), k)
        assert found is not None, "nothing comes back: its last line must be a return"
        found = np.asarray(found)
        assert found.shape == right.shape, (
            f"a class for each of {len(right)} images must come back, not {found.shape}"
        )
        if (found != right).mean() <= (TIES if len(right) > 50 else 0):
            continue
        expect(found, right, {
            "you let the farthest images vote: the nearest have the smallest distances":
                _most_frequent(labels[order[:, -k:]]),
            "that is the nearest image alone: let k of them vote": labels[order[:, 0]],
            "class numbers are names: their mean says nothing, so count how often each occurs":
                labels[order[:, :k]].mean(1),
            "class numbers are names: a rounded mean of them says nothing, so count how often each occurs":
                labels[order[:, :k]].mean(1).round(),
            "one neighbour is missing: the images are no training images, so the nearest is not the image itself":
                _most_frequent(labels[order[:, 1 : k + 1]]),
        }, on=on)  # fmt: skip


def _most_frequent(votes: np.ndarray) -> np.ndarray:
    return np.array([np.bincount(row).argmax() for row in votes])
