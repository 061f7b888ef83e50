"""Verdicts on curves whose story is known."""

import numpy as np
import pytest

from helpers.metrics.checks import MetricError
from helpers.metrics.overfitting import CURVES, Verdict, analyse


def history(train: list[float], val: list[float]) -> dict[str, np.ndarray]:
    train, val = np.array(train), np.array(val)
    return {
        "train_eval_loss": train,
        "val_loss": val,
        "train_eval_accuracy": 1 - train / 3,
        "val_accuracy": 1 - val / 4,
    }


FALLING = [1.2, 0.9, 0.6, 0.4, 0.2]


def test_overfitting_is_measured_from_the_minimum_of_the_validation_loss():
    found = analyse(history(FALLING, [1.3, 1.0, 0.8, 1.0, 1.2]), 10)
    assert found.verdict is Verdict.OVERFITS
    assert (found.epochs, found.best_epoch, found.overfits_from) == (5, 3, 4)
    assert (found.lowest_val_loss, found.final_val_loss) == (0.8, 1.2)
    assert found.rise_percent == pytest.approx(50)


def test_gaps_are_positive_where_validation_is_worse():
    found = analyse(history(FALLING, [1.3, 1.0, 0.8, 1.0, 1.2]), 10)
    assert found.gap_at_best.loss == pytest.approx(0.8 - 0.6)
    assert found.gap_at_best.accuracy == pytest.approx((1 - 0.6 / 3) - (1 - 0.8 / 4))
    assert found.gap_at_end.loss == pytest.approx(1.2 - 0.2)
    assert found.gap_at_end.accuracy == pytest.approx((1 - 0.2 / 3) - (1 - 1.2 / 4))


@pytest.mark.parametrize(
    ("train", "val", "verdict"),
    [
        (FALLING, [1.3, 1.0, 0.8, 0.7, 0.6], Verdict.STILL_IMPROVING),
        (FALLING, [1.3, 1.0, 0.8, 0.81, 0.82], Verdict.SETTLED),
        (FALLING, [1.3, 0.8, 0.9, 0.82, 1.1], Verdict.UNCLEAR),  # up for one epoch only
        (FALLING, [1.3, 1.0, 0.9, 0.7, 1.1], Verdict.UNCLEAR),  # the minimum was an epoch ago
        ([0.9, 0.5, 0.6, 0.7, 0.8], [1.0, 0.7, 0.9, 1.0, 1.1], Verdict.UNCLEAR),  # training got worse, too
        ([2.3, 2.2, 2.1, 2.0, 1.9], [2.3, 2.2, 2.1, 2.0, 1.9], Verdict.UNDERFITS),
        (FALLING, [1.3, 1.0, 0.8, 0.9, np.nan], Verdict.DIVERGED),
        ([1.2, 0.9, np.inf, 0.5, 0.4], [1.3, 1.0, 0.8, 0.9, 1.0], Verdict.DIVERGED),
        ([0.5], [0.6], Verdict.STILL_IMPROVING),
    ],
)
def test_verdicts(train, val, verdict):
    found = analyse(history(train, val), 10)
    assert found.verdict is verdict
    assert found.overfits_from is None


def test_thresholds_lie_where_they_are_documented():
    def rises(factor):
        return analyse(history(FALLING, [1.3, 1.0, 0.8, 0.8 * factor, 0.8 * factor]), 10).verdict

    assert rises(1.06) is Verdict.OVERFITS
    assert rises(1.04) is Verdict.SETTLED
    half = 0.5 * np.log(10)
    assert analyse(history([half * 1.01], [2.0]), 10).verdict is Verdict.UNDERFITS
    assert analyse(history([half * 0.99], [2.0]), 10).verdict is Verdict.STILL_IMPROVING


def test_the_first_of_equal_minima_counts():
    assert analyse(history(FALLING, [1.0, 0.5, 0.5, 0.6, 0.7]), 10).best_epoch == 2


def test_nan_epochs_are_no_minimum():
    assert analyse(history(FALLING, [np.nan, 0.9, 0.8, -np.inf, 0.9]), 10).best_epoch == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"val_loss": None}, "no val_loss"),
        ({"val_loss": [np.nan] * 5}, "lower the learning rate"),
        ({"val_accuracy": [0.5]}, "val_accuracy has 1"),
        ({name: [] for name in CURVES}, "no epoch"),
    ],
)
def test_histories_that_cannot_be_judged_are_refused(change, told):
    broken = history(FALLING, FALLING) | change
    broken = {name: values for name, values in broken.items() if values is not None}
    with pytest.raises(MetricError, match=told):
        analyse(broken, 10)
