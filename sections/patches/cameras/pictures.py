"""Pictures of what maps of patches lose under other cameras (chapter 09)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.show.matrix import heat_map, name_cells
from helpers.show.names import plain, short
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots, name_rows
from helpers.show.style import CLASS_COLOURS, MUTED, WIDTH, new_axes, quiet_grid
from helpers.show.words import number

if TYPE_CHECKING:
    from sections.patches.cameras.measured import Step, Travels

PLAIN, REMEDIED = CLASS_COLOURS[0], CLASS_COLOURS[1]


def scores(travels: "Travels") -> Picture:
    """Mean IoU of both models at home and under each camera, with 95 % intervals."""
    rows = [("At home", travels.home, travels.home_remedied)]
    rows += [(trip.camera.title, trip.plain, trip.remedied) for trip in travels.trips]
    figure, axes = new_axes(WIDTH, 1.2 + 0.5 * len(rows))
    for number_, (title, colour, marker) in enumerate(_models(travels)):
        found, places = [row[1 + number_].interval for row in rows], np.arange(len(rows)) + 0.26 * number_ - 0.13
        capped_dots(axes, found, places, marker, colour, plain(title), scale=1)
    axes.axvline(travels.home.mean_iou, color=MUTED, linestyle="--", linewidth=1)
    name_rows(axes, [title for title, *_ in rows], "mean IoU")
    figure.legend(loc="outside upper center", ncols=1)
    told = "; ".join(f"{title}: {number(old.mean_iou)} and {number(new.mean_iou)}" for title, old, new in rows)
    return Picture(
        figure,
        alt=f"Dots with intervals: mean IoU of {travels.plain_title} and {travels.remedied_title}. {told}.",
        caption="Bars: 95 % intervals over mosaics, each score by itself. Dashed: the first model at home. The "
        "axis does not start at 0.",
    )


def _models(travels: "Travels") -> tuple[tuple[str, str, str], ...]:
    return (travels.plain_title, PLAIN, "o"), (travels.remedied_title, REMEDIED, "s")


def class_ious(travels: "Travels") -> Picture:
    """IoU of each class at home and under each camera, for the model as it is."""
    rows = [("At home", travels.home), *((trip.camera.title, trip.plain) for trip in travels.trips)]
    values = np.array([seen.ious for _, seen in rows])
    figure, axes = new_axes(WIDTH, 1.1 + 0.42 * len(rows))
    heat_map(axes, values, [["–" if np.isnan(value) else f"{value:.2f}" for value in row] for row in values], 11)
    name_cells(axes, [title for title, _ in rows], [short(name) for name in travels.classes])
    told = "; ".join(
        f"{title}: "
        + ", ".join(f"{name} {number(iou, 2)}" for name, iou in zip(travels.classes, row, strict=True))
        for (title, _), row in zip(rows, values, strict=True)
    )
    return Picture(figure, f"IoU of each class under each camera. {told}.", f"IoU of {travels.plain_title}.")


def strengths(travels: "Travels", steps: "Sequence[Step]") -> Picture:
    """Mean IoU of both models as the worst single change grows."""
    figure, axes = new_axes(WIDTH, 3.1)
    grown = [step.strength for step in steps]
    lines = [step.plain.interval for step in steps], [step.remedied.interval for step in steps]
    for (title, colour, marker), found in zip(_models(travels), lines, strict=True):
        axes.plot(grown, [one.value for one in found], marker=marker, color=colour, label=plain(title))
        low, high = [one.low for one in found], [one.high for one in found]
        axes.fill_between(grown, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.set(xlabel=f"strength of the change “{travels.worst.camera.title.lower()}”", ylabel="mean IoU")
    quiet_grid(axes, "y")
    figure.legend(loc="outside upper center", ncols=1)
    told = "; ".join(
        f"at {step.strength:g} {number(step.plain.mean_iou)} and {number(step.remedied.mean_iou)}"
        for step in steps
    )
    return Picture(
        figure,
        alt=f"Curves of mean IoU of {travels.plain_title} and {travels.remedied_title} over the strength: {told}.",
        caption="At 0 the mosaics are as they are; 1 is the strength used above. Bands: 95 % intervals.",
    )
