"""Scores of a classifier, all derived from one confusion matrix over the whole set.

Nothing is averaged over batches: matrices of parts are added, and the scores come from the sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError, as_labels, as_matrix, not_empty, same_length


def confusion_matrix(
    y_true: ArrayLike, y_pred: ArrayLike, num_classes: int, ignore: int | None = None
) -> np.ndarray:
    """Count how often each class was taken for each: (C, C) int64, rows are the truth.

    `y_true` and `y_pred` are whole numbers of any one shape (images, or the pixels of a mask). Positions
    whose truth is `ignore` count nowhere. Add the matrices of two parts to get the matrix of both.

    Raises MetricError where the lengths differ or a label lies outside 0 .. C - 1.
    """
    truth, predicted = as_labels(y_true, name="y_true"), as_labels(y_pred, name="y_pred")
    same_length(y_true=truth, y_pred=predicted)
    if ignore is not None:
        kept = truth != ignore
        truth, predicted = truth[kept], predicted[kept]
    truth, predicted = as_labels(truth, num_classes, "y_true"), as_labels(predicted, num_classes, "y_pred")
    cells = np.bincount(truth * num_classes + predicted, minlength=num_classes**2)
    return cells.reshape(num_classes, num_classes)


@dataclass(frozen=True)
class ClassCounts:
    """All of a confusion matrix that scores depend on, and these scores; every array has shape (..., C).

    With TP, FP and FN per class: precision TP/(TP+FP), recall TP/(TP+FN), F1 2TP/(2TP+FP+FN), the harmonic mean
    of the two (van Rijsbergen 1979, Information Retrieval). 0/0 counts as 0, as scikit-learn's
    `zero_division=0` has it.
    """

    hits: np.ndarray  # the diagonal of the matrix
    truths: np.ndarray  # its row sums
    guesses: np.ndarray  # its column sums

    @classmethod
    def of(cls, matrices: np.ndarray) -> ClassCounts:
        """Those of confusion matrices (..., C, C), rows the truth."""
        return cls(np.diagonal(matrices, axis1=-2, axis2=-1), matrices.sum(-1), matrices.sum(-2))

    @cached_property
    def present(self) -> np.ndarray:
        """Bool: the class occurs in truth or prediction."""
        return (self.truths + self.guesses) > 0

    @cached_property
    def precision(self) -> np.ndarray:
        return _ratio(self.hits, self.guesses)

    @cached_property
    def recall(self) -> np.ndarray:
        return _ratio(self.hits, self.truths)

    @cached_property
    def f1(self) -> np.ndarray:
        return _ratio(2 * self.hits, self.truths + self.guesses)

    def macro(self, values: np.ndarray, over: np.ndarray | None = None) -> np.ndarray:
        """Mean of `values` (..., C) over the classes present, or those in the mask `over`: (...)."""
        over = self.present if over is None else over
        with np.errstate(invalid="ignore"):  # NaN where there is nothing at all
            return (values * over).sum(-1) / over.sum(-1)

    def totals(self) -> dict[str, np.ndarray]:
        """Accuracy and the macro scores by name, each (...); NaN where there is nothing at all.

        Macro scores are means over the classes that are true somewhere: the same for whatever is predicted.
        """
        with np.errstate(invalid="ignore"):
            accuracy = self.hits.sum(-1) / self.truths.sum(-1)
        macro = {f"macro_{name}": self.macro(getattr(self, name), self.truths > 0)
                 for name in ("precision", "recall", "f1")}  # fmt: skip
        return {"accuracy": accuracy} | macro


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.zeros(np.shape(bottom)), where=bottom > 0)


@dataclass(frozen=True)
class Scores:
    """Scores of one model on one set. Per-class arrays have shape (C,)."""

    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    support: np.ndarray  # int64: images of each true class
    predicted: np.ndarray  # int64: images given each class
    absent: tuple[int, ...]  # classes without an image, left out of the macro means

    @property
    def total(self) -> int:
        """Number of images scored."""
        return int(self.support.sum())


def scores(cm: ArrayLike) -> Scores:
    """All scores from a (C, C) confusion matrix of counts, rows truth.

    Macro scores are plain means over the classes that have images, so that models with the same images are
    averaged over the same classes. The others are listed in `absent`; what is falsely taken for one of them is
    missed by its own class. A class that is never predicted has precision 0 (see `ClassCounts`), which counts.

    Raises MetricError for a matrix that is not square, has negative counts or no image at all.
    """
    counts = ClassCounts.of(checked_matrix(cm))
    return Scores(
        **{name: float(value) for name, value in counts.totals().items()},
        precision=counts.precision,
        recall=counts.recall,
        f1=counts.f1,
        support=counts.truths,
        predicted=counts.guesses,
        absent=tuple(np.flatnonzero(counts.truths == 0).tolist()),
    )


def checked_matrix(cm: ArrayLike) -> np.ndarray:
    """The confusion matrix as (C, C) int64, or MetricError that says what is wrong with it."""
    cm = as_matrix(cm, "The confusion matrix")
    if cm.shape[0] != cm.shape[1] or (cm < 0).any() or (cm != np.floor(cm)).any():
        raise MetricError(f"A confusion matrix is square and holds counts; this one has shape {cm.shape}.")
    not_empty(int(cm.sum()))
    return cm.astype(np.int64)


def normalise_rows(cm: ArrayLike) -> np.ndarray:
    """Share of each true class that was given each label: (..., C, C) float64, rows sum to 1.

    The row of a class without images is all 0.
    """
    cm = np.asarray(cm, dtype=np.float64)
    return _ratio(cm, np.broadcast_to(cm.sum(-1, keepdims=True), cm.shape))


@dataclass(frozen=True)
class Confusion:
    """`count` images of class `truth` were taken for `predicted`: `share` of that class's images."""

    truth: int
    predicted: int
    count: int
    share: float


def largest_confusions(cm: ArrayLike, k: int) -> list[Confusion]:
    """The k most frequent mistakes, largest count first, then largest share of the true class.

    Fewer than k where the model made fewer kinds of mistake; cells without a mistake are never listed.
    """
    cm = checked_matrix(cm)
    share = normalise_rows(cm)
    found = [
        Confusion(int(i), int(j), int(cm[i, j]), float(share[i, j]))
        for i, j in zip(*np.nonzero(cm), strict=True)
        if i != j
    ]
    return sorted(found, key=lambda one: (-one.count, -one.share, one.truth, one.predicted))[:k]


def image_log_loss(probabilities: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """Cross-entropy of each image in nats: -ln(probability given to the true class), (n,) float64.

    What training minimises is their mean: 0 is perfect, ln(C) is guessing evenly.

    `probabilities` is (n, C). A probability of 0 counts as the smallest step of its own dtype (as
    scikit-learn has it), so that one certain mistake costs much but not infinitely much.
    """
    probabilities, labels = checked_probabilities(probabilities, labels)
    smallest = np.finfo(probabilities.dtype).eps
    of_truth = np.take_along_axis(probabilities, labels[:, None], axis=1)[:, 0]
    return -np.log(np.clip(of_truth.astype(np.float64), smallest, 1.0))


def checked_probabilities(probabilities: ArrayLike, labels: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """(n, C) floating probabilities with rows that sum to 1 and their (n,) labels, or MetricError."""
    probabilities = as_matrix(probabilities, "probabilities")
    if probabilities.dtype.kind != "f":
        probabilities = probabilities.astype(np.float64)
    labels = as_labels(labels, probabilities.shape[1])
    not_empty(same_length(probabilities=probabilities, labels=labels))
    sums = probabilities.sum(1, dtype=np.float64)
    if probabilities.min() < 0 or np.abs(sums - 1).max() > 1e-2:
        raise MetricError("Each row of probabilities must be positive and sum to 1; apply softmax first.")
    return probabilities, labels


def precision_of(score: Scores) -> float:
    """Mean precision of the classes; of two classes, the precision of the second, which counts as the positive."""
    return float(score.precision[1]) if len(score.precision) == 2 else score.macro_precision
