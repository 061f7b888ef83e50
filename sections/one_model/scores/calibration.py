"""Do confidences keep their promise? Reliability diagrams."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.show.picture import Picture
from helpers.show.style import INK, MUTED, TEST, new_figure, quiet_grid
from helpers.show.words import count, number, number_interval, p_value, percent, points

SURE = 0.9

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helpers.metrics.calibration import ReliabilityBins
    from sections.one_model.scores.measured import ClassifierEvaluation


def reliability_diagram(evaluation: "ClassifierEvaluation") -> Picture:
    """Accuracy against confidence in bins, with 95 % intervals, above the number of images in each bin."""
    bins = evaluation.reliability
    figure, upper, lower = reliability_panels("Reliability")
    _draw_reliability(upper, bins)
    draw_sizes(lower, bins, bins.count, [str(count) if count else "" for count in bins.count], "images")
    caption = (
        "On the dashed line confidence and accuracy agree; points below it: surer than right. Bars: 95 % "
        "intervals of the accuracy in each bin, wide where images are few. Below: how many images are in each bin."
    )
    return Picture(figure, _alt(evaluation), caption)


def reliability_panels(title: str) -> tuple[Figure, Axes, Axes]:
    """Accuracy against confidence, with the diagonal on which both agree, above room for `draw_sizes`."""
    figure = new_figure(height=4.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], "--", color=MUTED, linewidth=1.2, label="perfectly calibrated")
    upper.set(title=title, ylabel="accuracy in the bin", xlim=(0, 1.02), ylim=(-0.03, 1.05))
    quiet_grid(upper, "both")
    return figure, upper, lower


def _draw_reliability(axes: Axes, bins: "ReliabilityBins") -> None:
    filled = bins.count > 0
    intervals = [one for one, keep in zip(bins.accuracy_intervals(), filled, strict=True) if keep]
    accuracy, confidence = bins.accuracy[filled], bins.confidence[filled]
    below = accuracy - [one.low for one in intervals]
    above = [one.high for one in intervals] - accuracy
    axes.errorbar(confidence, accuracy, (below, above), fmt="o-", color=TEST, elinewidth=1.2, label="this model")
    axes.legend(loc="upper left")


def draw_sizes(
    axes: Axes, bins: "ReliabilityBins", sizes: np.ndarray, texts: "Sequence[str]", ylabel: str
) -> None:
    """A bar for each bin, its text, if any, on top."""
    axes.bar(bins.edges[:-1], sizes, np.diff(bins.edges), align="edge", color=TEST, edgecolor="white")
    for left, right, size, text in zip(bins.edges[:-1], bins.edges[1:], sizes, texts, strict=True):
        if text:
            axes.text((left + right) / 2, size, text, ha="center", va="bottom", fontsize=8, color=INK)
    axes.set(xlabel="confidence of the prediction", ylabel=ylabel, ylim=(0, 1.25 * max(1, sizes.max())))
    axes.tick_params(length=0)


def _alt(evaluation: "ClassifierEvaluation") -> str:
    outputs = evaluation.outputs
    return (
        f"Reliability diagram of {evaluation.title}. Mean confidence {100 * outputs.confidence.mean():.1f} %, "
        f"accuracy {100 * evaluation.scores.accuracy:.1f} %, "
        f"expected calibration error {evaluation.calibration_error.value:.3f}."
    )


def calibration(evaluation: "ClassifierEvaluation") -> list[str]:
    """Too sure, not sure enough, or neither; the calibration error against chance; the sure mistakes."""
    return [f"{_direction(evaluation)} {_error(evaluation)}", _sure_mistakes(evaluation)]


def _direction(evaluation: "ClassifierEvaluation") -> str:
    confidence, accuracy = float(evaluation.outputs.confidence.mean()), evaluation.scores.accuracy
    told = f"On average the model is {percent(confidence)} sure and {percent(accuracy)} right"
    bounds = evaluation.intervals["accuracy"]
    if bounds.low <= confidence <= bounds.high:
        return f"{told}: overall neither too sure nor too timid, as far as this test set can tell."
    side = "too sure of itself" if confidence > accuracy else "less sure than it could be"
    return f"{told}: it is {side} by {points(confidence - accuracy)}."


def _error(evaluation: "ClassifierEvaluation") -> str:
    test = evaluation.calibration
    told = (
        f"The expected calibration error is {number_interval(evaluation.calibration_error)}; on so many images a "
        f"perfectly calibrated model would show about {number(test.expected)} by chance"
    )
    if test.p_value < 0.05:
        return f"{told}, so the miscalibration is real ({p_value(test.p_value)})."
    return f"{told}, so this may be chance ({p_value(test.p_value)})."


def _sure_mistakes(evaluation: "ClassifierEvaluation") -> str:
    outputs = evaluation.outputs
    sure = outputs.confidence >= SURE
    if not sure.any():
        return f"No prediction reaches a confidence of {percent(SURE, 0)}."
    wrong = int(np.sum(sure & ~outputs.correct))
    return (
        f"Of {count(int(sure.sum()), 'prediction')} with at least {percent(SURE, 0)} confidence "
        f"{wrong:,} {'is' if wrong == 1 else 'are'} wrong ({percent(wrong / sure.sum())}), "
        f"where {percent(1 - float(outputs.confidence[sure].mean()))} were to be expected from their confidences."
    )
