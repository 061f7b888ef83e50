"""What the curves of a training say: overfits, underfits, could go on, or has settled.

Training numbers are those measured after each epoch on a fixed part of the training images without
augmentation (`train_eval_loss`, `train_eval_accuracy`), so that they can be set against validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, not_empty, same_length

RISE = 0.05  # a validation loss 5 % above its minimum, held for two epochs, is overfitting and not noise
UNFITTED = 0.5  # a training loss above half of what guessing costs, ln(C), means not even they were learnt
CURVES = ("train_eval_loss", "train_eval_accuracy", "val_loss", "val_accuracy")


class Verdict(StrEnum):
    """Judged in this order; the first that applies is given."""

    DIVERGED = "diverged"  # a loss is NaN or infinite
    OVERFITS = "overfits"  # validation loss rose by RISE and stayed up while training loss fell further
    UNDERFITS = "underfits"  # training loss at its best epoch is still above UNFITTED · ln(C)
    STILL_IMPROVING = "still improving"  # the last epoch was the best: not overfitting yet
    SETTLED = "settled"  # validation loss ends within RISE of its minimum
    UNCLEAR = "unclear"  # it ends higher, but not for two epochs, or the training loss rose as well


@dataclass(frozen=True)
class Gap:
    """Distance between training and validation after one epoch. Above 0: worse on validation."""

    loss: float  # validation loss - training loss, nats
    accuracy: float  # training accuracy - validation accuracy, share


@dataclass(frozen=True)
class FitDiagnosis:
    """What one history says. Epochs are numbered from 1."""

    epochs: int
    best_epoch: int  # of the lowest validation loss, the first of equals
    lowest_val_loss: float
    final_val_loss: float
    rise_percent: float  # final_val_loss - lowest_val_loss, in per cent of the latter
    gap_at_best: Gap
    gap_at_end: Gap
    verdict: Verdict

    @property
    def overfits_from(self) -> int | None:
        """First epoch after the minimum, where the verdict is OVERFITS; None otherwise."""
        return self.best_epoch + 1 if self.verdict is Verdict.OVERFITS else None


def analyse(history: Mapping[str, ArrayLike], num_classes: int) -> FitDiagnosis:
    """Judge a training from its `history`: `train_eval_loss`, `train_eval_accuracy`, `val_loss`,
    `val_accuracy`, each (epochs,), losses being cross-entropies in nats.

    A single bad last epoch is no verdict of overfitting: the rise must hold over the last two epochs, both
    after the minimum. Raises MetricError for missing, empty or unequal curves, or no finite validation loss.
    """
    curves = _curves(history)
    val_loss = curves["val_loss"]
    best, last = int(np.nanargmin(np.where(np.isfinite(val_loss), val_loss, np.nan))), len(val_loss) - 1
    rise = float(val_loss[last] - val_loss[best])
    return FitDiagnosis(
        epochs=last + 1,
        best_epoch=best + 1,
        lowest_val_loss=float(val_loss[best]),
        final_val_loss=float(val_loss[last]),
        rise_percent=100 * rise / max(float(val_loss[best]), np.finfo(float).tiny),
        gap_at_best=_gap(curves, best),
        gap_at_end=_gap(curves, last),
        verdict=_verdict(curves["train_eval_loss"], val_loss, best, num_classes),
    )


def _curves(history: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
    missing = [name for name in CURVES if name not in history]
    if missing:
        raise MetricError(f"The training history has no {missing[0]}; train the model again.")
    curves = {name: np.asarray(history[name], dtype=np.float64) for name in CURVES}
    not_empty(same_length(**curves), "epoch")
    if not np.isfinite(curves["val_loss"]).any():
        raise MetricError("No validation loss is finite: training diverged; lower the learning rate.")
    return curves


def _gap(curves: dict[str, np.ndarray], epoch: int) -> Gap:
    at = {name: float(values[epoch]) for name, values in curves.items()}
    return Gap(
        loss=at["val_loss"] - at["train_eval_loss"],
        accuracy=at["train_eval_accuracy"] - at["val_accuracy"],
    )


def _verdict(train_loss: np.ndarray, val_loss: np.ndarray, best: int, num_classes: int) -> Verdict:
    if not np.isfinite([*train_loss, *val_loss]).all():
        return Verdict.DIVERGED
    stays_up = val_loss[-2:].min() > (1 + RISE) * val_loss[best]
    if stays_up and train_loss[-1] < train_loss[best]:
        return Verdict.OVERFITS
    if train_loss[best] > UNFITTED * np.log(num_classes):
        return Verdict.UNDERFITS
    if best == len(val_loss) - 1:
        return Verdict.STILL_IMPROVING
    return Verdict.SETTLED if val_loss[-1] <= (1 + RISE) * val_loss[best] else Verdict.UNCLEAR
