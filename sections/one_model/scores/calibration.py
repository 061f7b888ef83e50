"""Do confidences keep their promise? Reliability diagrams."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.metrics.calibration import ReliabilityBins
from helpers.show.picture import Picture
from helpers.show.style import INK, MUTED, TEST, new_figure, quiet_grid
from helpers.show.words import count, number, number_interval, p_value, percent, points
from sections.one_model.scores.measured import ClassifierEvaluation

SURE_FROM = 0.9  # confidence of predictions that are called sure


def reliability_of_images(evaluation: ClassifierEvaluation) -> Picture:
    """Accuracy against confidence in bins, with 95 % intervals, above the number of images in each bin."""
    bins = evaluation.reliability
    figure, upper, lower = reliability_panels("Reliability")
    filled = bins.count > 0
    bounds = np.array([[one.low, one.high] for one in bins.accuracy_intervals()])[filled].T
    accuracy = bins.accuracy[filled]
    reach = np.abs(bounds - accuracy)
    upper.errorbar(
        bins.confidence[filled], accuracy, reach, fmt="o-", color=TEST, elinewidth=1.2, label="this model"
    )
    upper.legend(loc="upper left")
    draw_sizes(lower, bins, bins.count, [str(count) if count else "" for count in bins.count], "images")
    return Picture(
        figure,
        f"Reliability diagram of {evaluation.title}. Mean confidence "
        f"{percent(evaluation.outputs.confidence.mean())}, accuracy {percent(evaluation.scores.accuracy)}, "
        f"expected calibration error {number(evaluation.calibration_error.value)}.",
        "On the dashed line confidence and accuracy agree; points below it: surer than right. Bars: 95 % "
        "intervals of the accuracy in each bin, wide where images are few. Below: how many images are in each "
        "bin.",
    )


def reliability_panels(title: str) -> tuple[Figure, Axes, Axes]:
    """Accuracy against confidence, with the diagonal on which both agree, above room for `draw_sizes`."""
    figure = new_figure(height=4.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], "--", color=MUTED, linewidth=1.2, label="perfectly calibrated")
    upper.set(title=title, ylabel="accuracy in the bin", xlim=(0, 1.02), ylim=(-0.03, 1.05))
    quiet_grid(upper, "both")
    return figure, upper, lower


def draw_sizes(axes: Axes, bins: ReliabilityBins, sizes: np.ndarray, texts: Sequence[str], ylabel: str) -> None:
    """A bar for each bin, its text, if any, on top."""
    bars = axes.bar(bins.edges[:-1], sizes, np.diff(bins.edges), align="edge", color=TEST, edgecolor="white")
    axes.bar_label(bars, texts, fontsize=8, color=INK)
    axes.set(xlabel="confidence of the prediction", ylabel=ylabel, ylim=(0, 1.25 * max(1, sizes.max())))
    axes.tick_params(length=0)


def honesty(evaluation: ClassifierEvaluation) -> str:
    """Too sure, not sure enough, or neither; the calibration error against chance; the sure mistakes."""
    confidence, accuracy = float(evaluation.outputs.confidence.mean()), evaluation.scores.accuracy
    bounds, test = evaluation.intervals["accuracy"], evaluation.calibration
    side = "too sure of itself" if confidence > accuracy else "less sure than it could be"
    judged = f"it is {side} by {points(confidence - accuracy)}"
    if bounds.contains(confidence):
        judged = "overall neither too sure nor too timid, as far as this test set can tell"
    chance = "the miscalibration is real" if test.p_value < 0.05 else "this may be chance"
    return (
        f"On average the model is {percent(confidence)} sure and {percent(accuracy)} right: {judged}. The "
        f"expected calibration error is {number_interval(evaluation.calibration_error)}; on so many images a "
        f"perfectly calibrated model would show about {number(test.expected)} by chance, so {chance} "
        f"({p_value(test.p_value)}). {_sure_mistakes(evaluation)}"
    )


def _sure_mistakes(evaluation: ClassifierEvaluation) -> str:
    outputs = evaluation.outputs
    sure = outputs.confidence >= SURE_FROM
    if not sure.any():
        return f"No prediction reaches a confidence of {percent(SURE_FROM, 0)}."
    wrong = int(np.sum(sure & ~outputs.correct))
    return (
        f"Of {count(int(sure.sum()), 'prediction')} with at least {percent(SURE_FROM, 0)} confidence "
        f"{wrong:,} {'is' if wrong == 1 else 'are'} wrong ({percent(wrong / sure.sum())}), "
        f"where {percent(1 - float(outputs.confidence[sure].mean()))} were to be expected from their confidences."
    )
