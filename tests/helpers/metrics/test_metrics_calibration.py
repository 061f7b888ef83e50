"""Calibration against torchmetrics, scikit-learn and bins filled by hand."""

import numpy as np
import pytest
import torch
import torchmetrics.functional.classification as tm
from statsmodels.stats.proportion import proportion_confint

from helpers.metrics import intervals
from helpers.metrics.calibration import (
    calibration_test,
    ece_interval,
    expected_calibration_error,
    reliability,
)
from helpers.metrics.checks import MetricError


def random_case(seed: int, n: int = 200, num_classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(num_classes, 0.3), n)
    guess = probabilities.argmax(1)
    return probabilities, np.where(rng.random(n) < 0.6, guess, rng.integers(0, num_classes, n))


def binary(confidence: list[float], correct: list[bool]) -> tuple[np.ndarray, np.ndarray]:
    """Two classes; class 0 is chosen with the given confidence and is right or not."""
    confidence = np.array(confidence)
    return np.column_stack([confidence, 1 - confidence]), 1 - np.array(correct, dtype=int)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("bins", [1, 10, 15])
def test_expected_calibration_error_equals_torchmetrics(seed, bins):
    probabilities, labels = random_case(seed)
    theirs = tm.multiclass_calibration_error(
        torch.from_numpy(probabilities), torch.from_numpy(labels), 5, n_bins=bins, norm="l1"
    )
    assert expected_calibration_error(probabilities, labels, bins) == pytest.approx(float(theirs), abs=1e-6)


def test_expected_calibration_error_is_the_weighted_gap_of_the_bins():
    probabilities, labels = random_case(1)
    found = reliability(probabilities, labels)
    weighted = np.nansum(np.abs(found.gap) * found.count) / found.count.sum()
    assert expected_calibration_error(probabilities, labels) == pytest.approx(weighted)


def test_bins_by_hand():
    found = reliability(*binary([0.6, 0.75, 0.95, 1.0], [True, False, True, True]), bins=4)
    np.testing.assert_allclose(found.edges, [0, 0.25, 0.5, 0.75, 1.0])
    np.testing.assert_array_equal(found.count, [0, 0, 2, 2])  # 0.75 belongs to the bin that ends there
    np.testing.assert_allclose(found.confidence, [np.nan, np.nan, 0.675, 0.975])
    np.testing.assert_allclose(found.accuracy, [np.nan, np.nan, 0.5, 1.0])
    np.testing.assert_allclose(found.gap[2:], [0.175, -0.025])
    told = found.accuracy_intervals()
    assert (told[2].low, told[2].high) == pytest.approx(proportion_confint(1, 2, method="wilson"))
    assert (told[0].low, told[0].high) == (0, 1)


def test_one_image_certain_and_right_or_wrong():
    assert expected_calibration_error(*binary([1.0], [True])) == 0
    assert expected_calibration_error(*binary([1.0], [False])) == 1


def simulated(n: int, overconfidence: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.6, 1, n)
    return binary(confidence, rng.random(n) < confidence - overconfidence)


def test_calibration_test_finds_overconfidence_and_spares_honesty():
    honest = calibration_test(*simulated(400, 0.0, seed=1))
    boasting = calibration_test(*simulated(400, 0.2, seed=1))
    assert boasting.p_value < 0.01 < 0.05 < honest.p_value
    assert boasting.value == expected_calibration_error(*simulated(400, 0.2, seed=1))
    # What an honest model shows by chance is about what one honest model showed, and not 0.
    assert honest.expected == pytest.approx(honest.value, rel=0.5)


def test_p_values_of_honest_models_are_uniform():
    p_values = [calibration_test(*simulated(100, 0.0, seed), replicates=200).p_value for seed in range(300)]
    assert np.mean(p_values) == pytest.approx(0.5, abs=3.5 * np.sqrt(1 / 12 / 300))
    assert np.mean(np.array(p_values) <= 0.1) == pytest.approx(0.1, abs=3.5 * np.sqrt(0.09 / 300))


def test_interval_contains_its_value_and_reaches_zero_only_for_honest_models():
    honest, boasting = ece_interval(*simulated(400, 0.0, seed=1)), ece_interval(*simulated(400, 0.2, seed=1))
    assert honest.low == 0 < honest.value <= honest.high
    assert 0 < boasting.low < boasting.value < boasting.high < 1
    assert ece_interval(*simulated(400, 0.2, seed=1)) == boasting


def test_interval_does_not_depend_on_how_replicates_are_chunked(monkeypatch):
    case = simulated(60, 0.1, seed=2)
    whole = ece_interval(*case, replicates=300)
    monkeypatch.setattr(intervals, "NUMBERS_AT_ONCE", 1000)
    assert ece_interval(*case, replicates=300) == whole


@pytest.mark.parametrize(
    ("probabilities", "labels"), [(np.array([[3.0, 5.0]]), [0]), (np.eye(2), [0]), (np.eye(2), [0, 2])]
)
def test_what_does_not_fit_is_refused(probabilities, labels):
    with pytest.raises(MetricError):
        expected_calibration_error(probabilities, labels)
