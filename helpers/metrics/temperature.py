"""One number that makes confidences honest: a temperature, fitted on validation images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.classification import checked_probabilities
from helpers.metrics.intervals import Interval

MOST = 1000.0  # temperatures are looked for between 1 / MOST and MOST
CHI_SQUARE = 3.841459  # the 95 % quantile with one degree of freedom


@dataclass(frozen=True)
class Temperature:
    """The temperature of the lowest loss with its 95 % interval, and on how many images it was fitted.

    0 where the loss falls on towards 0, since all images are right, and infinity where even probabilities cost
    least; the interval begins at 0 or has no end (infinity) where the images do not bound it.
    """

    interval: Interval
    images: int

    @property
    def value(self) -> float:
        return self.interval.value

    @property
    def is_found(self) -> bool:
        """Whether there is a lowest loss, at a temperature that can be used."""
        return 0 < self.value < np.inf


def scaled_probabilities(probabilities: ArrayLike, temperature: float) -> np.ndarray:
    """What a softmax of logits divided by a temperature gives, from its probabilities (n, C): (n, C) float64.

    Logits are the logarithms of the probabilities but for a number that is the same for all classes of an image,
    which the softmax takes away. The order of the classes stays, and with it every prediction.
    """
    scaled = np.exp(_log_scaled(_logarithms(np.asarray(probabilities)), temperature))
    return scaled / scaled.sum(axis=1, keepdims=True)


def fit_temperature(probabilities: ArrayLike, labels: ArrayLike) -> Temperature:
    """The temperature T that minimises the cross-entropy of softmax(z / T) (Guo et al. 2017, "On Calibration of
    Modern Neural Networks", ICML, section 4.2), given the probabilities (n, C) at T = 1 and the labels (n,).

    In 1/T the loss is convex, so that there is one minimum. The interval holds every T whose likelihood is not
    significantly lower (2 n (loss(T) - lowest) up to the quantile of χ² with one degree of freedom: Wilks 1938,
    Annals of Mathematical Statistics 9:60); images are taken for independent. MetricError where arrays do not fit.
    """
    from scipy.optimize import brentq, minimize_scalar

    probabilities, labels = checked_probabilities(probabilities, labels)
    logits, rows, most = _logarithms(probabilities), np.arange(len(labels)), np.log(MOST)

    def loss(log_t: float) -> float:
        return float(-_log_scaled(logits, np.exp(log_t))[rows, labels].mean())

    of_truth = logits[rows, labels]
    if (of_truth == logits.max(axis=1)).all():
        best, value = -most, 0.0
    elif of_truth.mean() <= logits.mean():  # the slope of the loss in 1/T, where that is 0
        best, value = most, np.inf
    else:
        best = minimize_scalar(loss, bounds=(-most, most), method="bounded", options={"xatol": 1e-6}).x
        value = np.exp(best)
    lowest = loss(best)

    def excess(log_t: float) -> float:
        return 2 * len(labels) * (loss(log_t) - lowest) - CHI_SQUARE

    low = np.exp(brentq(excess, -most, best)) if excess(-most) > 0 else 0.0
    high = np.exp(brentq(excess, best, most)) if excess(most) > 0 else np.inf
    return Temperature(Interval(float(value), float(low), float(high)), len(labels))


def _logarithms(probabilities: np.ndarray) -> np.ndarray:
    """(n, C) float64; a probability of 0 counts as the smallest number of float32."""
    return np.log(np.clip(probabilities.astype(np.float64), np.finfo(np.float32).tiny, 1.0))


def _log_scaled(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Logarithms of softmax(logits / temperature), (n, C)."""
    scaled = (logits - logits.max(axis=1, keepdims=True)) / temperature
    return scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
