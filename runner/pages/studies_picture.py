"""The picture on the index that lays the models of all studies side by side."""

from collections.abc import Sequence

from helpers.show.names import plain
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots
from helpers.show.style import GRID, WIDTH, class_colour, class_marker, new_axes, quiet_grid
from runner.pages.studies import StudyModel


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
