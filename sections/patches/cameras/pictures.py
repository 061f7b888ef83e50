"""Pictures of what maps of patches lose under other cameras (chapter 09)."""

from collections.abc import Sequence

import numpy as np

from helpers.segmentation.resampling import what_is_drawn
from helpers.show.matrix import heat_map, name_cells
from helpers.show.names import plain_text, short
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots, name_rows
from helpers.show.style import MUTED, WIDTH, class_colour, class_marker, new_axes, quiet_grid
from helpers.show.words import number
from sections.patches.cameras.measured import Travels, Trip


def camera_scores(travels: Travels) -> Picture:
    """Mean IoU of both models at home and under each camera, with 95 % intervals."""
    stops = travels.stops
    figure, axes = new_axes(WIDTH, 1.2 + 0.5 * len(stops))
    both = [one.plain.interval for one in stops], [one.remedied.interval for one in stops]
    for place, (title, found) in enumerate(zip(travels.titles, both, strict=True)):
        rows = np.arange(len(stops)) + 0.26 * place - 0.13
        capped_dots(axes, found, rows, class_marker(place), class_colour(place), plain_text(title), scale=1)
    axes.axvline(travels.home.plain.mean_iou, color=MUTED, linestyle="--", linewidth=1)
    name_rows(axes, [one.camera.title for one in stops], "mean IoU")
    figure.legend(loc="outside upper center", ncols=1)
    told = "; ".join(f"{one.camera.title}: {_two(one)}" for one in stops)
    return Picture(
        figure,
        f"Dots with intervals: mean IoU of {' and '.join(travels.titles)}. {told}.",
        f"Bars: 95 % intervals over {what_is_drawn(travels.home.plain.evaluation)}, each score by itself. "
        "Dashed: the first model at home. The axis does not start at 0.",
    )


def _two(trip: Trip) -> str:
    return f"{number(trip.plain.mean_iou)} and {number(trip.remedied.mean_iou)}"


def camera_class_ious(travels: Travels) -> Picture:
    """IoU of each class at home and under each camera, for the model as it is."""
    values = np.array([one.plain.ious for one in travels.stops])
    titles = [one.camera.title for one in travels.stops]
    figure, axes = new_axes(WIDTH, 1.1 + 0.42 * len(values))
    texts = [[number(value, 2) if value == value else "–" for value in row] for row in values]
    heat_map(axes, values, texts, 11)
    name_cells(axes, titles, [short(name) for name in travels.classes])
    told = "; ".join(
        f"{title}: " + ", ".join(f"{name} {text}" for name, text in zip(travels.classes, row, strict=True))
        for title, row in zip(titles, texts, strict=True)
    )
    return Picture(figure, f"IoU of each class under each camera. {told}.", f"IoU of {travels.titles[0]}.")


def strengths(travels: Travels, steps: Sequence[Trip]) -> Picture:
    """Mean IoU of both models as the worst single change grows."""
    figure, axes = new_axes(WIDTH, 3.1)
    grown = [step.strength for step in steps]
    both = [step.plain.interval for step in steps], [step.remedied.interval for step in steps]
    for place, (title, found) in enumerate(zip(travels.titles, both, strict=True)):
        colour, marker = class_colour(place), class_marker(place)
        axes.plot(grown, [one.value for one in found], marker=marker, color=colour, label=plain_text(title))
        low, high = [one.low for one in found], [one.high for one in found]
        axes.fill_between(grown, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.set(xlabel=f"strength of the change “{travels.worst.camera.title.lower()}”", ylabel="mean IoU")
    quiet_grid(axes, "y")
    figure.legend(loc="outside upper center", ncols=1)
    told = "; ".join(f"at {step.strength:g} {_two(step)}" for step in steps)
    return Picture(
        figure,
        f"Curves of mean IoU of {' and '.join(travels.titles)} over the strength: {told}.",
        "At 0 the mosaics are as they are; 1 is the strength used above. Bands: 95 % intervals.",
    )
