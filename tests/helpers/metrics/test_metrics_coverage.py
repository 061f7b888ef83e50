"""Do intervals contain the truth as often as they say? Simulated test sets from worlds that are known.

Each check counts how many of 400 intervals at 95 % contain the true value. By chance alone the count's
standard deviation is 1.1 %; three and a half of them are allowed.
"""

import numpy as np
import pytest

from helpers.metrics.calibration import ece_interval
from helpers.metrics.classification import ClassCounts
from helpers.metrics.comparison import paired_difference
from helpers.metrics.intervals import bootstrap_groups, bootstrap_matrix, class_intervals, mean_interval, wilson

SETS = 400
SLACK = 3.5 * np.sqrt(0.95 * 0.05 / SETS)


def as_promised(covered: np.ndarray) -> bool:
    return abs(np.mean(covered) - 0.95) <= SLACK


def world(num_classes: int, accuracy: float, rng: np.random.Generator) -> np.ndarray:
    """Probabilities (C, C) of truth and prediction: unequal classes, some hard, mistakes that cluster."""
    share = rng.dirichlet(np.full(num_classes, 8))
    right = 1 - (1 - accuracy) * rng.uniform(0.3, 1.7, num_classes)
    wrong = np.array([np.insert(rng.dirichlet(np.ones(num_classes - 1)), i, 0) for i in range(num_classes)])
    return share[:, None] * (np.diag(right) + (1 - right)[:, None] * wrong)


def true_scores(cells: np.ndarray) -> dict[str, float]:
    per_class = ClassCounts.of(cells)
    return {
        "accuracy": np.trace(cells),
        "macro_precision": per_class.precision.mean(),
        "macro_recall": per_class.recall.mean(),
        "macro_f1": per_class.f1.mean(),
    }


WORLDS = [(10, 0.8, 480), (10, 0.97, 480), (4, 0.98, 100), (2, 0.9, 40)]


@pytest.mark.parametrize("num_classes, accuracy, images", WORLDS)
def test_headline_intervals_cover(num_classes, accuracy, images):
    rng = np.random.default_rng(1)
    cells = world(num_classes, accuracy, rng)
    truth = true_scores(cells)
    drawn = rng.multinomial(images, cells.ravel(), size=SETS).reshape(SETS, num_classes, num_classes)
    found = [bootstrap_matrix(cm, replicates=500) for cm in drawn]
    for name, value in truth.items():
        assert as_promised([one[name].contains(value) for one in found]), name


@pytest.mark.parametrize(
    ("recalls", "shares", "images"),
    [((0.02, 0.95, 0.9), (0.7, 0.2, 0.1), 60), ((0.98, 0.9, 0.7), (0.9, 0.07, 0.03), 300)],
)
def test_balanced_accuracy_covers_where_classes_are_rare_and_all_or_none_is_found(recalls, shares, images):
    rng, recalls = np.random.default_rng(5), np.array(recalls)
    cells = np.array(shares)[:, None] * np.where(np.eye(3) > 0, recalls, (1 - recalls[:, None]) / 2)
    drawn = rng.multinomial(images, cells.ravel(), size=SETS).reshape(SETS, 3, 3)
    found = [bootstrap_matrix(cm, replicates=500)["macro_recall"] for cm in drawn]
    assert as_promised([one.contains(recalls.mean()) for one in found])


def test_class_intervals_cover():
    rng = np.random.default_rng(2)
    cells = world(4, 0.85, rng)
    truth = ClassCounts.of(cells)
    found = [class_intervals(cm.reshape(4, 4)) for cm in rng.multinomial(200, cells.ravel(), size=SETS)]
    for name in ("precision", "recall", "f1"):
        covered = [[i.contains(t) for i, t in zip(one[name], getattr(truth, name), strict=True)] for one in found]
        assert abs(np.mean(covered) - 0.95) <= SLACK / 2  # four classes a set: half the chance error


@pytest.mark.parametrize("share, images", [(0.75, 100), (0.9, 60), (0.98, 480)])
def test_wilson_covers(share, images):
    successes = np.random.default_rng(3).binomial(images, share, SETS)
    assert as_promised([wilson(k, images).contains(share) for k in successes])


def test_with_scenes_whose_images_are_alike_intervals_cover_and_wilson_does_not():
    rng, scenes = np.random.default_rng(7), 25
    covered, too_sure = [], []
    for _ in range(SETS):
        groups = np.repeat(np.arange(scenes), rng.integers(4, 9, scenes))
        hits = rng.random(len(groups)) < rng.beta(4, 1, scenes)[groups]  # 0.8 on average
        covered.append(bootstrap_groups(0 * groups, ~hits, 2, groups, replicates=500)["accuracy"].contains(0.8))
        too_sure.append(wilson(hits.sum(), len(hits)).contains(0.8))
    assert as_promised(np.array(covered)) and np.mean(too_sure) < 0.92


def test_interval_of_a_mean_covers():
    sets = np.random.default_rng(4).gamma(2, size=(SETS, 80))
    assert as_promised([mean_interval(values).contains(2.0) for values in sets])


@pytest.mark.parametrize("only_a, only_b, images", [(0.15, 0.05, 480), (0.03, 0.02, 480), (0.2, 0.1, 60)])
def test_paired_difference_covers(only_a, only_b, images):
    rng = np.random.default_rng(5)
    kind = rng.choice(3, size=(SETS, images), p=[only_a, only_b, 1 - only_a - only_b])
    found = [paired_difference(row != 1, row != 0) for row in kind]
    assert as_promised([one.contains(only_a - only_b) for one in found])


@pytest.mark.parametrize("images", [150, 480])
@pytest.mark.parametrize("overconfidence", [0.0, 0.02, 0.1])
def test_calibration_interval_covers(overconfidence, images):
    """It promises less than 95 %: the estimate is biased (see `ece_interval`). 0 is the hard case."""
    rng = np.random.default_rng(6)
    covered = []
    for _ in range(200):
        confidence = 1 - 0.45 * rng.beta(0.6, 2, images)
        labels = (rng.random(images) >= confidence - overconfidence).astype(int)
        probabilities = np.column_stack([confidence, 1 - confidence])
        covered.append(ece_interval(probabilities, labels, replicates=300).contains(overconfidence))
    assert np.mean(covered) >= 0.86
