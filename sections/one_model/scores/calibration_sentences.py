"""Can the confidences of a model be believed?"""

from typing import TYPE_CHECKING

import numpy as np

from helpers.show.words import count, number, number_interval, p_value, percent, points

if TYPE_CHECKING:
    from sections.one_model.scores.measured import Evaluation

SURE = 0.9


def calibration(evaluation: "Evaluation") -> list[str]:
    """Too sure, not sure enough, or neither; the calibration error against chance; the sure mistakes."""
    return [f"{_direction(evaluation)} {_error(evaluation)}", _sure_mistakes(evaluation)]


def _direction(evaluation: "Evaluation") -> str:
    confidence, accuracy = float(evaluation.outputs.confidence.mean()), evaluation.scores.accuracy
    told = f"On average the model is {percent(confidence)} sure and {percent(accuracy)} right"
    bounds = evaluation.intervals["accuracy"]
    if bounds.low <= confidence <= bounds.high:
        return f"{told}: overall neither too sure nor too timid, as far as this test set can tell."
    side = "too sure of itself" if confidence > accuracy else "less sure than it could be"
    return f"{told}: it is {side} by {points(confidence - accuracy)}."


def _error(evaluation: "Evaluation") -> str:
    test = evaluation.calibration
    told = (
        f"The expected calibration error is {number_interval(evaluation.calibration_error)}; on so many images a "
        f"perfectly calibrated model would show about {number(test.expected)} by chance"
    )
    if test.p_value < 0.05:
        return f"{told}, so the miscalibration is real ({p_value(test.p_value)})."
    return f"{told}, so this may be chance ({p_value(test.p_value)})."


def _sure_mistakes(evaluation: "Evaluation") -> str:
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
