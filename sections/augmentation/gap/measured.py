"""How far a model does better on the images it was trained on, and whether another training narrowed that gap."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from helpers.metrics.classification import image_log_loss
from helpers.metrics.comparison import McNemar, difference_of_means, mcnemar_exact, paired_difference
from helpers.metrics.intervals import Interval, SeedSpread, seed_spread
from helpers.metrics.overfitting import analyse
from helpers.training.loop import Outputs
from helpers.training.runs import Run


@dataclass(frozen=True)
class GapOf:
    """The gap of one measure between training and validation, without and with augmentation."""

    before: Interval
    after: Interval
    change: Interval  # after - before; below 0: the gap narrowed


@dataclass(frozen=True)
class GapChange:
    """Two trainings compared: `before` (say, without augmentation) and `after` (with it).

    Gaps are those of the kept weights over all training images, as they are, and all validation images:
    validation loss - training loss (nats), and training accuracy - validation accuracy (share).
    """

    before: Run
    after: Run
    loss: GapOf
    accuracy: GapOf
    test_change: Interval  # test accuracy after - before, on the same images
    test: McNemar  # a is before, b is after


def compare_gaps(before: Run, after: Run) -> GapChange:
    """Compare two runs on the same images."""
    old, new = before.outputs("test").correct, after.outputs("test").correct
    return GapChange(
        before=before,
        after=after,
        loss=_gap(before, after, lambda outputs: image_log_loss(outputs.probabilities, outputs.labels)),
        accuracy=_gap(before, after, lambda outputs: (~outputs.correct).astype(np.float64)),
        test_change=paired_difference(new, old),
        test=mcnemar_exact(old, new),
    )


def _gap(before: Run, after: Run, costs: Callable[[Outputs], np.ndarray]) -> GapOf:
    """The gap, validation minus training, of a cost of each image."""
    old_train, old_val, new_train, new_val = (
        costs(run.outputs(part)) for run in (before, after) for part in ("train", "val")
    )
    return GapOf(
        before=difference_of_means(old_val, old_train),
        after=difference_of_means(new_val, new_train),
        change=difference_of_means(new_val - old_val, new_train - old_train),
    )


def change_over_seeds(before: Sequence[Run], after: Sequence[Run]) -> SeedSpread:
    """Change of the loss gap after the last epoch, from seed to seed."""
    gaps = [[analyse(run.history, len(run.classes)).gap_at_end.loss for run in runs] for runs in (before, after)]
    return seed_spread(np.subtract(gaps[1], gaps[0]).tolist())


def gap_results(change: GapChange) -> dict[str, Any]:
    """The comparison as JSON."""
    return {
        "before": change.before.name,
        "after": change.after.name,
        "loss": asdict(change.loss),
        "accuracy": asdict(change.accuracy),
        "test_change": asdict(change.test_change),
        "mcnemar": asdict(change.test),
    }
