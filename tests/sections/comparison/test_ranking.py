"""One score for two classes: against scikit-learn, against counting by hand, and intervals that cover."""

import numpy as np
import pytest
from sklearn import metrics as sk

from helpers.metrics.checks import MetricError
from helpers.metrics.pixel_precision import average_precision, precision_recall
from sections.comparison.thresholds import ranking as ours


def some_scores(kind: str, n: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.4
    scores = rng.normal(1.5 * positive, 1)
    return {"smooth": scores, "ties": scores.round(), "few": (scores > 0).astype(float)}[kind], positive


@pytest.mark.parametrize("kind", ["smooth", "ties", "few"])
def test_curves_and_areas_are_scikit_learns(kind):
    scores, positive = some_scores(kind)
    found = ours.score_counts(scores, positive)
    expected = sk.roc_curve(positive, scores, drop_intermediate=False)
    for mine, theirs in zip(ours.roc_curve(found), expected, strict=True):
        np.testing.assert_allclose(mine, theirs)
    precision, recall, thresholds = sk.precision_recall_curve(positive, scores)
    mine = precision_recall(found.counts, found.scores)
    np.testing.assert_allclose(mine.precision, precision[:-1][::-1])
    np.testing.assert_allclose(mine.recall, recall[:-1][::-1])
    np.testing.assert_allclose(mine.thresholds, thresholds[::-1])
    intervals = ours.ranking_intervals(found, replicates=50)
    assert intervals["roc_area"].value == pytest.approx(sk.roc_auc_score(positive, scores))
    assert intervals["average_precision"].value == pytest.approx(sk.average_precision_score(positive, scores))


def test_resampled_scores_are_those_of_the_resampled_images():
    scores, positive = some_scores("ties", 60)
    found = ours.score_counts(scores, positive)
    areas, precisions = ours._resampled(found, 5, np.random.default_rng(3))
    cells = np.repeat(np.arange(found.counts.size), found.counts.ravel())
    for row, chosen in enumerate(np.random.default_rng(3).integers(0, len(cells), (5, len(cells)))):
        truth, level = np.divmod(cells[chosen], len(found.scores))
        assert areas[row] == pytest.approx(sk.roc_auc_score(truth, found.scores[level]))
        assert precisions[row] == pytest.approx(sk.average_precision_score(truth, found.scores[level]))


@pytest.mark.parametrize("kind", ["smooth", "ties"])
def test_matrices_at_thresholds_are_counted(kind):
    scores, positive = some_scores(kind, 80)
    found = ours.score_counts(scores, positive)
    thresholds = [-9, -0.3, 0, 0.5, 1, 2, 99]
    for threshold, matrix in zip(thresholds, ours.matrices_at(found, thresholds), strict=True):
        np.testing.assert_array_equal(matrix, sk.confusion_matrix(positive, scores >= threshold))


def test_the_best_threshold_is_the_best_of_all():
    scores, positive = some_scores("smooth")
    found = ours.score_counts(scores, positive)
    best = ours.best_threshold(found, ours.macro_f1, default=0.0)
    everywhere = [sk.f1_score(positive, scores >= t, average="macro") for t in np.linspace(-4, 5, 2000)]
    assert sk.f1_score(positive, scores >= best, average="macro") >= max(everywhere)


def test_a_threshold_stays_where_it_is_without_a_reason():
    found = ours.score_counts([-3, -2, 2, 3], np.array([False, False, True, True]))
    assert ours.best_threshold(found, ours.macro_f1, default=0.5) == 0.5
    assert ours.best_threshold(found, ours.macro_f1, default=2.5) == 0.0  # halfway through the gap


def test_a_wanted_precision_costs_as_little_recall_as_possible():
    scores, positive = some_scores("smooth")
    found = ours.score_counts(scores, positive)
    threshold = ours.best_threshold(found, ours.recall_where_precise(0.9), default=0.0)
    assert sk.precision_score(positive, scores >= threshold) >= 0.9
    lower = scores[scores < threshold]
    recall = sk.recall_score(positive, scores >= threshold)
    for other in lower:  # any lower threshold that finds more is not precise enough
        if sk.recall_score(positive, scores >= other) > recall:
            assert sk.precision_score(positive, scores >= other) < 0.9


def test_a_precision_that_no_threshold_reaches():
    found = ours.score_counts([0, 1, 2, 3], np.array([True, False, True, False]))
    assert ours.best_threshold(found, ours.recall_where_precise(0.99), default=0.0) is None


def test_intervals_cover_the_truth():
    """Normal scores one and a half apart: the true area is Φ(1.5/√2); its average precision from many images."""
    many = ours.score_counts(*some_scores("smooth", 400_000, seed=9))
    truth = {"roc_area": ours.roc_area(many), "average_precision": float(average_precision(many.counts[None])[0])}
    hits = dict.fromkeys(truth, 0)
    for seed in range(150):
        found = ours.score_counts(*some_scores("smooth", 120, seed))
        for name, interval in ours.ranking_intervals(found, 200, seed).items():
            hits[name] += interval.contains(truth[name])
    assert all(133 <= count <= 150 for count in hits.values()), hits  # 89 % or more


def test_a_perfect_ranking_still_has_an_interval():
    found = ours.score_counts([1, 2, 3, 4, 5], np.array([False, False, False, True, True]))
    area = ours.ranking_intervals(found)["roc_area"]
    assert (area.value, area.high) == (1, 1) and area.low < 0.6


@pytest.mark.parametrize(("positive", "scores"), [([True, True], [0, 1]), ([True, False], [0, np.nan])])
def test_what_cannot_be_ranked_is_refused(positive, scores):
    with pytest.raises(MetricError):
        ours.score_counts(scores, np.array(positive))
