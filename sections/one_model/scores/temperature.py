"""Can confidences be made honest afterwards? Temperature scaling: fitted on validation images, judged on test."""

from dataclasses import dataclass

import numpy as np

from helpers.metrics.calibration import ece_interval
from helpers.metrics.classification import image_log_loss
from helpers.metrics.intervals import Interval, mean_interval
from helpers.metrics.temperature import Temperature, fit_temperature, scaled_probabilities
from helpers.show.display import Table
from helpers.show.words import count, number, number_interval
from helpers.training.runs import Run
from sections.one_model.scores.measured import ClassifierEvaluation


@dataclass(frozen=True)
class TemperatureScaling:
    """What one temperature, fitted on validation images, does to the test images' probabilities."""

    temperature: Temperature
    errors: tuple[Interval, Interval]  # expected calibration error before and after
    losses: tuple[Interval, Interval]  # cross-entropy before and after, nats
    loss_change: Interval  # after - before, image by image
    predictions_kept: bool


def scale(run: Run, evaluation: ClassifierEvaluation) -> TemperatureScaling:
    """Fit the temperature of a run on its validation images, and apply it to what it says of the test images."""
    val, test = run.outputs("val"), evaluation.outputs
    temperature = fit_temperature(val.probabilities, val.labels)
    exact = scaled_probabilities(test.probabilities, temperature.value if temperature.is_found else 1.0)
    after = exact.astype(test.probabilities.dtype)  # a loss is capped by the smallest step of its dtype
    losses = [image_log_loss(probabilities, test.labels) for probabilities in (test.probabilities, after)]
    return TemperatureScaling(
        temperature,
        (evaluation.calibration_error, ece_interval(after, test.labels)),
        (mean_interval(losses[0]), mean_interval(losses[1])),
        mean_interval(losses[1] - losses[0]),
        bool((exact.argmax(axis=1) == test.predictions).all()),
    )


def scaling_table(found: TemperatureScaling) -> Table | list[str]:
    """Calibration error and cross-entropy on the test images before and after; nothing where no T was found."""
    if not found.temperature.is_found:
        return []
    names = ("as trained, T = 1", f"T = {number(found.temperature.value, 2)}")
    rows = [
        {"Probabilities": name, "Expected calibration error": error, "Cross-entropy, nats": loss}
        for name, error, loss in zip(names, found.errors, found.losses, strict=True)
    ]
    return Table(rows, "The test images before and after temperature scaling, 95 % intervals in brackets.")


def scaling_verdict(found: TemperatureScaling) -> list[str]:
    """Whether a temperature other than 1 is called for, and what it does on the test images."""
    images = count(found.temperature.images, "validation image")
    if not found.temperature.is_found:
        reason = (
            f"There is no mistake on the {images}, so that the cross-entropy only falls as T goes to 0"
            if found.temperature.value < 1
            else f"On the {images} evenly spread probabilities would cost no more than those of the network"
        )
        return [f"{reason}: no temperature can be fitted, and the probabilities stay as they are."]
    return [f"{_fitted(found.temperature, images)} {_on_test(found)}"]


def _fitted(found: Temperature, images: str) -> str:
    value = number(found.value, 2)
    told = f"The cross-entropy of the {images} is lowest at T = {value} ({_bounds(found.interval)})"
    if found.interval.contains(1):
        return f"{told}. The interval holds 1: nothing says that the logits need another scale."
    direction = "too large, the network too sure" if found.value > 1 else "too small, the network not sure enough"
    return f"{told}: the logits are {direction}."


def _bounds(interval: Interval) -> str:
    """The 95 % interval; with few images it may have one end, or none."""
    low, high = number(interval.low, 2), number(interval.high, 2)
    if interval.low == 0:
        return "95 % interval: all values" if np.isinf(interval.high) else f"95 % interval up to {high}"
    return f"95 % interval from {low} on" if np.isinf(interval.high) else f"95 % interval {low} to {high}"


def _on_test(found: TemperatureScaling) -> str:
    (before, after), change = (number(one.value) for one in found.errors), found.loss_change
    moved = "falls" if change.high < 0 else "rises" if change.low > 0 else "does not change for certain"
    error = f"stays at {after}" if before == after else f"goes from {before} to {after}"
    same = " No prediction changes, and so no accuracy." if found.predictions_kept else ""
    return (
        f"On the test images, with logits divided by this T, the cross-entropy {moved} (a change of "
        f"{number_interval(change)} nats), and the expected calibration error {error}.{same}"
    )


def scaling_results(found: TemperatureScaling) -> dict[str, object]:
    """What chapter 02 keeps of it as JSON."""
    return {
        "temperature": found.temperature.interval,
        "validation_images": found.temperature.images,
        "expected_calibration_error": {"before": found.errors[0], "after": found.errors[1]},
        "cross_entropy": {"before": found.losses[0], "after": found.losses[1], "change": found.loss_change},
    }
