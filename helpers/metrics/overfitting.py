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

RISE = 0.05  # share of its minimum by which a validation loss must differ to be called different
ERRORS = 2  # and by so many of its standard errors; epochs share their images, so this is on the safe side
UNFITTED = 0.5  # a training loss above half of what guessing costs, ln(C), means not even they were learnt
CURVES = ("train_eval_loss", "train_eval_accuracy", "val_loss", "val_accuracy")


class Verdict(StrEnum):
    """Judged in this order; the first that applies is given. Two losses differ if by more than `margin`."""

    DIVERGED = "diverged"  # a loss is NaN or infinite
    RECOVERS = "recovers"  # validation loss ends above its minimum, but on its way back to it
    OVERFITS = "overfits"  # it is above its minimum in the last two epochs, while training loss fell further
    UNDERFITS = "underfits"  # training loss ends above UNFITTED · ln(C), and validation loss has not risen by RISE
    STILL_IMPROVING = "still improving"  # its minimum lies in the last quarter, and differs from all before that
    SETTLED = "settled"  # validation loss does not differ from its minimum at the end
    UNCLEAR = "unclear"  # it differs, but not for two epochs, or training loss rose as well; or one epoch


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
    margin: float  # nats: by more than this two validation losses differ
    peak_epoch: int  # of the highest validation loss from the minimum on
    late: int  # epochs in the last quarter, one at least
    gap_at_best: Gap
    gap_at_end: Gap
    verdict: Verdict

    @property
    def overfits_from(self) -> int | None:
        """First epoch after the minimum, where the verdict is OVERFITS; None otherwise."""
        return self.best_epoch + 1 if self.verdict is Verdict.OVERFITS else None


def analyse(history: Mapping[str, ArrayLike], num_classes: int, val_error: float = 0.0) -> FitDiagnosis:
    """Judge a training from its `history`: `train_eval_loss`, `train_eval_accuracy`, `val_loss`,
    `val_accuracy`, each (epochs,), losses being cross-entropies in nats.

    val_error: standard error of the lowest validation loss, nats: its images' deviation / √n. On few images a
    curve that is flat in truth goes up and down by that much.

    A single bad last epoch is no verdict of overfitting: the rise must hold over the last two epochs, both
    after the minimum, and must not be on its way back, as after the high rates of a one-cycle schedule. Raises
    MetricError for missing, empty or unequal curves, or no finite validation loss.
    """
    curves = _curves(history)
    val_loss = curves["val_loss"]
    finite = np.where(np.isfinite(val_loss), val_loss, np.nan)
    best, last = int(np.nanargmin(finite)), len(val_loss) - 1
    lowest = float(val_loss[best])
    margin, late = max(RISE * lowest, ERRORS * val_error), max(1, len(val_loss) // 4)
    return FitDiagnosis(
        epochs=last + 1,
        best_epoch=best + 1,
        lowest_val_loss=lowest,
        final_val_loss=float(val_loss[last]),
        rise_percent=100 * float(val_loss[last] - lowest) / max(lowest, np.finfo(float).tiny),
        margin=margin,
        peak_epoch=best + int(np.nanargmax(finite[best:])) + 1,
        late=late,
        gap_at_best=_gap(curves, best),
        gap_at_end=_gap(curves, last),
        verdict=_verdict(curves["train_eval_loss"], val_loss, margin, late, UNFITTED * np.log(num_classes)),
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


def _verdict(train: np.ndarray, val: np.ndarray, margin: float, late: int, unfitted: float) -> Verdict:
    if not np.isfinite([*train, *val]).all():
        return Verdict.DIVERGED
    best, end = int(val.argmin()), val[-1]
    since = val[best + 1 :]
    if end - val[best] > margin:
        falls = end == since.min() and since.max() - end > margin
        if falls or end - val[best] < (since.max() - val[best]) / 2:
            return Verdict.RECOVERS
    if val[-2:].min() - val[best] > margin and train[-1] < train[best]:
        return Verdict.OVERFITS
    if train[-1] > unfitted and end <= (1 + RISE) * val[best]:
        return Verdict.UNDERFITS
    if len(val) == 1:
        return Verdict.UNCLEAR
    if val[:-late].min() - val[best] > margin:
        return Verdict.STILL_IMPROVING
    return Verdict.SETTLED if end - val[best] <= margin else Verdict.UNCLEAR
