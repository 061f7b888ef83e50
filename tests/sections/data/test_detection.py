"""Scoring what a search found."""

import math

import numpy as np
import pytest
import sklearn.metrics as sk
from statsmodels.stats.proportion import proportion_confint

from sections.data.detection import pairs_of_groups, score_found


@pytest.mark.parametrize("seed", range(8))
def test_scores_equal_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    planted, found = rng.random(40) < 0.3, rng.random(40) < 0.5
    ours = score_found(np.flatnonzero(found).tolist(), np.flatnonzero(planted).tolist())
    assert ours.precision.value == pytest.approx(sk.precision_score(planted, found))
    assert ours.recall.value == pytest.approx(sk.recall_score(planted, found))
    assert ours.f1.value == pytest.approx(sk.f1_score(planted, found))
    assert len(ours.hits) + len(ours.missed) == planted.sum()
    bounds = proportion_confint((planted & found).sum(), planted.sum(), method="wilson")
    assert (ours.recall.low, ours.recall.high) == pytest.approx(bounds)


def test_finds_by_hand():
    ours = score_found(["c.jpg", "a.jpg", "a.jpg", "x.jpg", "y.jpg"], ["a.jpg", "b.jpg", "c.jpg"])
    assert ours.hits == ("a.jpg", "c.jpg")
    assert ours.false_alarms == ("x.jpg", "y.jpg")
    assert ours.missed == ("b.jpg",)
    assert (ours.precision.value, ours.recall.value) == (2 / 4, 2 / 3)
    assert ours.f1.value == pytest.approx(4 / 7)


def test_nothing_planted_and_nothing_found():
    ours = score_found([], [])
    assert math.isnan(ours.precision.value) and math.isnan(ours.recall.value) and math.isnan(ours.f1.value)
    missed = score_found([], ["a"])
    assert (missed.recall.value, missed.f1.value) == (0, 0)
    assert math.isnan(missed.precision.value)


def test_groups_become_all_their_pairs():
    assert pairs_of_groups([5, 2, 5, 9, 5, 2]) == {(0, 2), (0, 4), (2, 4), (1, 5)}
    assert pairs_of_groups(np.arange(4)) == pairs_of_groups([]) == set()
