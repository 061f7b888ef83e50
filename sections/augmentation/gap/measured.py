"""How far a model does better on the images it was trained on, and whether another training narrowed that gap."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.classification import image_log_loss
from helpers.metrics.comparison import McNemar, difference_of_means, mcnemar_exact, paired_difference
from helpers.metrics.intervals import Interval, SeedSpread, seed_spread
from helpers.metrics.overfitting import FitDiagnosis, analyse
from helpers.show.table import seed_cells

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from helpers.training.loop import Outputs
    from helpers.training.runs import Run


@dataclass(frozen=True)
class GapChange:
    """Two trainings compared: `before` (say, without augmentation) and `after` (with it).

    Gaps are those of the kept weights over all training images, as they are, and all validation images:
    validation loss - training loss (nats), and training accuracy - validation accuracy (share).
    """

    before: "Run"
    after: "Run"
    fit_before: FitDiagnosis
    fit_after: FitDiagnosis
    loss_gap_before: Interval
    loss_gap_after: Interval
    loss_gap_change: Interval  # after - before; below 0: the gap narrowed
    accuracy_gap_before: Interval
    accuracy_gap_after: Interval
    accuracy_gap_change: Interval
    test_change: Interval  # test accuracy after - before, on the same images
    test: McNemar  # a is before, b is after


def compare_gaps(before: "Run", after: "Run") -> GapChange:
    """Compare two runs on the same images."""
    old, new = before.outputs("test").correct, after.outputs("test").correct
    return GapChange(
        before=before,
        after=after,
        fit_before=analyse(before.history, len(before.classes)),
        fit_after=analyse(after.history, len(after.classes)),
        **_measure_gap("loss", before, after, _losses),
        **_measure_gap("accuracy", before, after, _mistakes),
        test_change=paired_difference(new, old),
        test=mcnemar_exact(old, new),
    )


def _measure_gap(
    name: str, before: "Run", after: "Run", costs: "Callable[[Outputs], np.ndarray]"
) -> dict[str, Interval]:
    """The gap, validation minus training, of a cost of each image: before, after and the change."""
    old_train, old_val = (costs(before.outputs(part)) for part in ("train", "val"))
    new_train, new_val = (costs(after.outputs(part)) for part in ("train", "val"))
    return {
        f"{name}_gap_before": difference_of_means(old_val, old_train),
        f"{name}_gap_after": difference_of_means(new_val, new_train),
        f"{name}_gap_change": difference_of_means(new_val - old_val, new_train - old_train),
    }


def _losses(outputs: "Outputs") -> np.ndarray:
    return image_log_loss(outputs.probabilities, outputs.labels)


def _mistakes(outputs: "Outputs") -> np.ndarray:
    return (~outputs.correct).astype(np.float64)


def change_over_seeds(before: "Sequence[Run]", after: "Sequence[Run]") -> SeedSpread:
    """Change of the loss gap after the last epoch, from seed to seed."""
    pairs = zip(before, after, strict=True)
    return seed_spread([_final_gap(new) - _final_gap(old) for old, new in pairs])


def _final_gap(run: "Run") -> float:
    return analyse(run.history, len(run.classes)).gap_at_end.loss


def gap_rows(change: GapChange, before: "Sequence[Run]" = (), after: "Sequence[Run]" = ()) -> list[dict[str, Any]]:
    """Rows of a table: each measure without and with, and the change, with several seeds also over these.

    `before` and `after` are the runs of all seeds, the same ones in the same order.
    """
    pairs = [(analyse(old.history, len(old.classes)), analyse(new.history, len(new.classes)))
             for old, new in zip(before, after, strict=True)]  # fmt: skip
    changes = [[b - a for _, a, b in _measures(*pair)] for pair in pairs]
    return [
        {"Measure": name, "Without": a, "With": b, "Change": b - a}
        | seed_cells("Change", [over[row] for over in changes])
        for row, (name, a, b) in enumerate(_measures(change.fit_before, change.fit_after))
    ]


def _measures(old: FitDiagnosis, new: FitDiagnosis) -> tuple[tuple[str, float, float], ...]:
    return (
        ("Epoch of the lowest validation loss", old.best_epoch, new.best_epoch),
        ("Lowest validation loss", old.lowest_val_loss, new.lowest_val_loss),
        ("Validation loss after the last epoch", old.final_val_loss, new.final_val_loss),
        ("Gap of the losses, at the best epoch", old.gap_at_best.loss, new.gap_at_best.loss),
        ("Gap of the losses, after the last epoch", old.gap_at_end.loss, new.gap_at_end.loss),
        ("Gap of the accuracies, at the best epoch", old.gap_at_best.accuracy, new.gap_at_best.accuracy),
        ("Gap of the accuracies, after the last epoch", old.gap_at_end.accuracy, new.gap_at_end.accuracy),
    )


def _plain(value: float) -> str:
    text = str(value) if isinstance(value, int) else f"{value:.3f}"
    return text.replace("-", "−")


def _signed(value: float) -> str:
    return f"+{_plain(value)}" if value > 0 else _plain(value)


GAP_FORMATS = {"Without": _plain, "With": _plain, "Change": _signed}  # for a table of `gap_rows`


def gap_results(change: GapChange) -> dict[str, Any]:
    """The comparison as JSON."""
    intervals = {name: vars(value) for name, value in vars(change).items() if isinstance(value, Interval)}
    return {
        "before": change.before.name,
        "after": change.after.name,
        "verdict": {"before": change.fit_before.verdict.value, "after": change.fit_after.verdict.value},
        "best_epoch": {"before": change.fit_before.best_epoch, "after": change.fit_after.best_epoch},
        "mcnemar": vars(change.test),
        **intervals,
    }
