"""Pictures of what maps of patches lose under other cameras (chapter 09)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.plots.names import plain, short
from helpers.plots.picture import Picture
from helpers.plots.style import CLASS_COLOURS, INK, MUTED, SEQUENTIAL, WIDTH, new_figure, quiet_grid
from helpers.readings.words import number

if TYPE_CHECKING:
    from helpers.segmentation.patches.travels import Seen, Step, Travels

PLAIN, REMEDIED = CLASS_COLOURS[0], CLASS_COLOURS[1]


def scores(travels: "Travels") -> Picture:
    """Mean IoU of both models at home and under each camera, with 95 % intervals."""
    rows = [("At home", travels.home, travels.home_remedied)]
    rows += [(trip.camera.title, trip.plain, trip.remedied) for trip in travels.trips]
    figure = new_figure(WIDTH, 1.2 + 0.5 * len(rows))
    axes = figure.subplots()
    for number_, (title, colour, marker) in enumerate(_models(travels)):
        found = [row[1 + number_].interval for row in rows]
        values = np.array([[one.value, one.value - one.low, one.high - one.value] for one in found])
        axes.errorbar(
            values[:, 0], np.arange(len(rows)) + 0.26 * number_ - 0.13, xerr=values[:, 1:].T, fmt=marker,
            color=colour, capsize=3, linewidth=1.6, label=plain(title),
        )  # fmt: skip
    axes.axvline(travels.home.mean_iou, color=MUTED, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(rows)), [title for title, *_ in rows])
    axes.set(ylim=(len(rows) - 0.5, -0.5), xlabel="mean IoU")
    quiet_grid(axes, "x")
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
    figure = new_figure(WIDTH, 1.1 + 0.42 * len(rows))
    axes = figure.subplots()
    axes.imshow(values, cmap=SEQUENTIAL, vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(travels.classes)), [short(name) for name in travels.classes])
    axes.set_yticks(range(len(rows)), [title for title, _ in rows])
    axes.tick_params(length=0)
    for (row, column), value in np.ndenumerate(values):
        text = "–" if np.isnan(value) else f"{value:.2f}"
        axes.text(column, row, text, ha="center", va="center", color="white" if value > 0.55 else INK)
    told = "; ".join(
        f"{title}: "
        + ", ".join(f"{name} {number(iou, 2)}" for name, iou in zip(travels.classes, row, strict=True))
        for (title, _), row in zip(rows, values, strict=True)
    )
    return Picture(figure, f"IoU of each class under each camera. {told}.", f"IoU of {travels.plain_title}.")


def strengths(travels: "Travels", steps: "Sequence[Step]") -> Picture:
    """Mean IoU of both models as the worst single change grows."""
    figure = new_figure(WIDTH, 3.1)
    axes = figure.subplots()
    grown = [step.strength for step in steps]
    for (title, colour, marker), seen in zip(_models(travels), _lines(steps), strict=True):
        _line(axes, grown, seen, title, colour, marker)
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


def _lines(steps: "Sequence[Step]") -> "tuple[list[Seen], list[Seen]]":
    return [step.plain for step in steps], [step.remedied for step in steps]


def _line(axes: Axes, grown: list[float], seen: "Sequence[Seen]", title: str, colour: str, marker: str) -> None:
    found = [one.interval for one in seen]
    axes.plot(grown, [one.value for one in found], marker=marker, color=colour, label=plain(title))
    axes.fill_between(
        grown, [one.low for one in found], [one.high for one in found], color=colour, alpha=0.15, linewidth=0
    )
