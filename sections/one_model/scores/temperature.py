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
    after = scaled_probabilities(test.probabilities, temperature.value if temperature.is_found else 1.0)
    losses = [image_log_loss(probabilities, test.labels) for probabilities in (test.probabilities, after)]
    return TemperatureScaling(
        temperature,
        (evaluation.calibration_error, ece_interval(after, test.labels)),
        (mean_interval(losses[0]), mean_interval(losses[1])),
        mean_interval(losses[1] - losses[0]),
        bool((after.argmax(axis=1) == test.predictions).all()),
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
            f"All {images} are right, so that their cross-entropy only falls as T goes to 0"
            if found.temperature.value < 1
            else f"On the {images} evenly spread probabilities would cost no more than these"
        )
        return [f"{reason}: no temperature can be fitted, and the probabilities stay as they are."]
    return [f"{_fitted(found.temperature, images)} {_on_test(found)}"]


def _fitted(found: Temperature, images: str) -> str:
    low, high = found.interval.low, found.interval.high
    bounds = f"95 % interval {number(low, 2)} to {number(high, 2)}"
    if np.isinf(high):
        bounds = f"95 % interval from {number(low, 2)} on"
    told = f"The cross-entropy of the {images} is lowest at T = {number(found.value, 2)} ({bounds})"
    if found.interval.contains(1):
        return f"{told}. The interval holds 1: these images do not say that the logits need another scale."
    direction = "too large, the network too sure" if found.value > 1 else "too small, the network not sure enough"
    return f"{told}: the logits are {direction}."


def _on_test(found: TemperatureScaling) -> str:
    (before, after), change = found.errors, found.loss_change
    moved = "falls" if change.high < 0 else "rises" if change.low > 0 else "does not change for certain"
    same = "No prediction changes, and so no accuracy." if found.predictions_kept else ""
    return (
        f"On the test images, divided by this T, the cross-entropy {moved} (a change of {number_interval(change)} "
        f"nats), and the expected calibration error goes from {number(before.value)} to {number(after.value)}. "
        f"{same}"
    ).strip()


def scaling_results(found: TemperatureScaling) -> dict[str, object]:
    """What chapter 02 keeps of it as JSON."""
    return {
        "temperature": found.temperature.interval,
        "validation_images": found.temperature.images,
        "expected_calibration_error": {"before": found.errors[0], "after": found.errors[1]},
        "cross_entropy": {"before": found.losses[0], "after": found.losses[1], "change": found.loss_change},
    }
