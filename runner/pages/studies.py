"""Sentences about several studies side by side, for the index of the report."""

from collections.abc import Sequence
from typing import NamedTuple

from helpers.metrics.intervals import Interval
from helpers.show.names import plain
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots
from helpers.show.style import GRID, WIDTH, class_colour, class_marker, new_axes, quiet_grid
from helpers.show.words import in_words, listed, points, points_bounds

SIGNIFICANT = 0.05


class StudyModel(NamedTuple):
    """A model of a study: its accuracy and what it costs."""

    study: str
    title: str
    accuracy: Interval
    parameters: int
    multiply_adds: int  # for one image
    train_seconds: float | None


class Gain(NamedTuple):
    """What a step (such as 'pretraining') gained in accuracy in one study, from one model to another."""

    study: str
    step: str
    interval: Interval
    p_value: float
    before: str
    after: str


def gained(gains: Sequence[Gain], step: str) -> list[str]:
    """In how many studies a step gained or lost beyond chance, and where it gained most."""
    of_step = [gain for gain in gains if gain.step == step]
    if not of_step:
        return []
    sure = [gain for gain in of_step if gain.p_value < SIGNIFICANT]
    better = [gain for gain in sure if gain.interval.value > 0]
    worse = [gain for gain in sure if gain.interval.value < 0]
    text = (
        f"{step.capitalize()} raised the accuracy beyond chance in {in_words(len(better))} of "
        f"{in_words(len(of_step))} studies"
    )
    if better:
        most = max(better, key=lambda gain: gain.interval.value)
        text += f", most in {most.study} ({_by(most.interval)})"
    if worse:
        text += f", and lowered it in {listed([f'{gain.study} ({_by(gain.interval)})' for gain in worse])}"
    return [text + "."]


def caution(drawn: Sequence[str], total: int) -> list[str]:
    """What the numbers are about, where some studies ran on drawings."""
    if not drawn:
        return []
    which = "All studies" if len(drawn) == total else listed(drawn)
    return [
        f"{which} ran on images drawn by the project: such numbers compare methods on drawings and say nothing "
        "of photographs."
    ]


def _by(gain: Interval) -> str:
    return f"{points(gain.value)}, 95 % interval {points_bounds(gain)}"


def accuracies(models: Sequence[StudyModel]) -> Picture:
    """Accuracy of each model with its interval, a block of rows for each study."""
    studies = list(dict.fromkeys(model.study for model in models))
    figure, axes = new_axes(1.35 * WIDTH, 1.0 + 0.24 * (len(models) + len(studies)))
    labels, place = [], 0
    for number, study in enumerate(studies):
        labels.append((place, plain(study), True))
        for model in (model for model in models if model.study == study):
            place += 1
            capped_dots(axes, [model.accuracy], [place], class_marker(number), class_colour(number))
            labels.append((place, plain(model.title), False))
        place += 1
    axes.set_yticks([place for place, _, _ in labels], [text for _, text, _ in labels])
    for tick, (_, _, is_study) in zip(axes.get_yticklabels(), labels, strict=True):
        tick.set_fontweight("bold" if is_study else "normal")
    for start, _, is_study in labels:
        if is_study and start:
            axes.axhline(start - 0.5, color=GRID, linewidth=0.7)
    axes.set(ylim=(place - 0.5, -0.7), xlabel="Accuracy on the study's own test images, %")
    quiet_grid(axes, "x")
    told = "; ".join(f"{one.study}, {one.title}: {100 * one.accuracy.value:.1f} %" for one in models)
    return Picture(
        figure,
        alt=f"Dots with intervals: accuracy of every model of every study. {told}.",
        caption="Bars are 95 % intervals. Studies differ in their classes and images: "
        "compare models within a study, and gains between studies. The axis does not start at 0.",
    )
