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
        ([0.5], [0.6], Verdict.UNCLEAR),  # a single epoch is no curve
        ([0.2, 0.4, 0.3, 0.1], [0.25, 0.66, 0.56, 0.37], Verdict.RECOVERS),  # the bump of a one-cycle schedule
        (FALLING, [0.8, 1.6, 1.5, 1.4, 1.3], Verdict.RECOVERS),  # as high as ever, but falling to the end
        (FALLING, [0.8, 1.6, 1.5, 1.58, 1.55], Verdict.OVERFITS),  # up and down at a height
        ([1.9, 1.8, 1.7, 1.65, 1.6], [0.97, 1.1, 1.5, 1.6, 1.69], Verdict.OVERFITS),  # little learnt, and by heart
        ([1.6, 1.7, 1.65, 1.65, 1.61], [0.97, 1.1, 1.5, 1.6, 1.69], Verdict.UNCLEAR),  # that is no want of epochs
        ([0.76, 0.7, 0.66, 0.62, 0.53], [0.996, 1.017, 0.996, 1.003, 0.96], Verdict.SETTLED),  # one lucky epoch
    ],
)
def test_verdicts(train, val, verdict):
    found = analyse(history(train, val), 10)
    assert found.verdict is verdict
    assert (found.overfits_from is None) is (verdict is not Verdict.OVERFITS)


def test_thresholds_lie_where_they_are_documented():
    def rises(factor):
        return analyse(history(FALLING, [1.3, 1.0, 0.8, 0.8 * factor, 0.8 * factor]), 10).verdict

    assert rises(1.06) is Verdict.OVERFITS
    assert rises(1.04) is Verdict.SETTLED
    half = 0.5 * np.log(10)
    assert analyse(history([half * 1.01], [2.0]), 10).verdict is Verdict.UNDERFITS
    assert analyse(history([half * 0.99] * 2, [2.0] * 2), 10).verdict is Verdict.SETTLED


def test_what_few_images_leave_open_is_no_rise_and_no_fall():
    up, down = [1.3, 1.0, 0.8, 1.0, 1.1], [1.3, 1.0, 0.9, 0.8, 0.6]
    assert analyse(history(FALLING, up), 10, 0.09).verdict is Verdict.OVERFITS
    assert analyse(history(FALLING, up), 10, 0.11).verdict is Verdict.UNCLEAR
    assert analyse(history(FALLING, down), 10, 0.09).verdict is Verdict.STILL_IMPROVING
    assert analyse(history(FALLING, down), 10, 0.11).verdict is Verdict.SETTLED


@pytest.mark.parametrize(("apart", "overfits"), [(0.35, 0.02), (0.5, 0.08)])
def test_a_curve_that_is_flat_in_truth_is_seldom_called_overfitting(apart, overfits):
    """Equally good networks in every epoch, whose losses of an image have a correlation of 0.8, or of a half."""
    rng, found = np.random.default_rng(0), []
    for _ in range(400):
        images, epochs = int(rng.integers(40, 300)), int(rng.integers(4, 20))
        common = rng.gamma(0.5, 1.0, images)
        losses = (1 - apart) * common + apart * rng.gamma(0.5, 1.0, (epochs, images))
        val, best = losses.mean(1), losses[losses.mean(1).argmin()]
        curves = history(np.linspace(0.3, 0.1, epochs).tolist(), val.tolist())
        found.append(analyse(curves, 10, float(best.std(ddof=1)) / images**0.5).verdict)
    assert np.mean([one is Verdict.OVERFITS for one in found]) < overfits
    assert np.mean([one is Verdict.SETTLED for one in found]) > 1 - 5 * overfits


@pytest.mark.parametrize("seed", range(300))
def test_every_verdict_has_the_evidence_that_it_names(seed):
    """Small random results: what the words of `Verdict` say, checked by other code on the numbers themselves."""
    rng = np.random.default_rng(seed)
    epochs, error = int(rng.integers(1, 12)), float(rng.choice([0.0, 0.05, 0.3]))
    train, val = np.exp(rng.normal(0, 0.7, (2, epochs)).cumsum(1) * rng.choice([0.1, 0.5, 1.0])).tolist()
    found = analyse(history(train, val), 10, error)
    low, margin, late = min(val), max(0.05 * min(val), 2 * error), max(1, epochs // 4)
    best, end = val.index(low), val[-1]
    assert found.overfits_from == (best + 2 if found.verdict is Verdict.OVERFITS else None)
    evidence = {
        Verdict.OVERFITS: lambda: all(one > low + margin for one in val[-2:]) and train[-1] < train[best],
        Verdict.RECOVERS: lambda: low + margin < end < max(val[best:]),
        Verdict.UNDERFITS: lambda: train[-1] > 0.5 * np.log(10) and end <= 1.05 * low,
        Verdict.STILL_IMPROVING: lambda: best >= epochs - late and low + margin < min(val[:-late]),
        Verdict.SETTLED: lambda: end <= low + margin and min(val[:-late]) <= low + margin,
        Verdict.UNCLEAR: lambda: epochs == 1 or end > low + margin,
    }
    assert evidence[found.verdict]()


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
