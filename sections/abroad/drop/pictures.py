"""One network at home and abroad, as pictures: classes, confusions, and what the images are like (chapter 09)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.metrics.intervals import Interval
from helpers.show.names import plain, short, wrapped
from helpers.show.picture import Picture
from helpers.show.rows import lined_dots, name_rows
from helpers.show.scenes import HOME, LINE, TARGET, class_names
from helpers.show.style import (
    CLASS_COLOURS,
    GRID,
    INK,
    MUTED,
    WIDTH,
    class_marker,
    new_axes,
    new_figure,
    quiet_grid,
)
from helpers.show.words import number, percent

if TYPE_CHECKING:
    from sections.abroad.drop.appearance import ColourDistance, FeatureDistance, LookDifference
    from sections.abroad.drop.measured import Shift
    from sections.abroad.drop.reasons import DropReason, SizeGroup
    from sections.abroad.trials import Outcome

OTHER = CLASS_COLOURS[2]
SET_COLOURS = (HOME, TARGET, OTHER)
LEGEND = {"loc": "outside upper center"}


def class_drops(shift: "Shift") -> Picture:
    """IoU of each class at home and abroad with intervals, the largest drop on top."""
    rows = shift.class_drops
    figure, axes = new_axes(WIDTH, 1.2 + 1.15 * LINE * len(rows))
    for place, row in enumerate(rows):
        if row.home and row.target:
            axes.plot([row.home.value, row.target.value], [place, place], color=GRID, linewidth=5, zorder=1)
    sides = (("home", -0.14, HOME, "o", shift.home_title), ("target", 0.14, TARGET, "s", shift.target_title))
    for kind, shift_by, colour, marker, title in sides:
        found = [(place, getattr(row, kind)) for place, row in enumerate(rows) if getattr(row, kind)]
        places = [place + shift_by for place, _ in found]
        lined_dots(axes, [one for _, one in found], places, marker, colour, short(title, 34), size=28, width=1.4)
    axes.set_xlim(-0.02, 1.02)
    name_rows(axes, class_names([row.name for row in rows]), "IoU", grid="both")
    figure.legend(*axes.get_legend_handles_labels(), ncols=2, **LEGEND)
    told = ", ".join(f"{row.name} {_value(row.home)}/{_value(row.target)}" for row in rows)
    return Picture(
        figure,
        f"IoU of each class with intervals, {shift.home_title}/{shift.target_title}, largest drop first: {told}.",
        "Lines: 95 % intervals by bootstrap over scenes. The largest drop is on top; a class that only one of the "
        "sets shows has one mark, and stands at the bottom.",
    )


def _value(interval: Interval | None, digits: int = 2) -> str:
    return number(interval.value, digits) if interval else "none"


def looks(rows: "Sequence[LookDifference]", titles: tuple[str, str]) -> Picture:
    """Colour and light of the scenes of both sets, in standard deviations of home's scenes."""
    rows = [row for row in rows if row.spreads[0] > 0]
    figure, axes = new_axes(WIDTH, 1.2 + 0.55 * len(rows))
    for shift_by, colour, attribute in ((-0.17, HOME, "home"), (0.17, TARGET, "target")):
        values = [(getattr(row, attribute) - row.means[0]) / row.spreads[0] for row in rows]
        _boxes(axes, values, np.arange(len(rows)) + shift_by, colour)
    axes.axvline(0, color=MUTED, linestyle="--", linewidth=1, zorder=0)
    names = [wrapped(row.title, 15) for row in rows]
    name_rows(axes, names, "standard deviations of home's scenes, from home's mean")
    for colour, title in zip((HOME, TARGET), titles, strict=True):
        axes.plot([], [], color=colour, linewidth=7, alpha=0.6, label=short(title, 34))
    figure.legend(*axes.get_legend_handles_labels(), ncols=2, **LEGEND)
    told = ", ".join(f"{row.title} {number(row.in_spreads, 1)}" for row in rows)
    return Picture(
        figure,
        f"Boxes: colour and light of the scenes of {titles[0]} and {titles[1]}. Difference of the means in "
        f"standard deviations of home: {told}.",
        "Box: the middle half of the scenes, with the median; whiskers: the middle 95 %. The larger the step "
        "between the two boxes of a row, the less the images look alike in that respect.",
    )


def _boxes(axes: Axes, values: Sequence[np.ndarray], places: np.ndarray, colour: str) -> None:
    if not len(values):
        return
    axes.boxplot(
        values, positions=places, widths=0.26, orientation="horizontal", whis=(2.5, 97.5), showfliers=False,
        manage_ticks=False, patch_artist=True, boxprops={"facecolor": colour, "alpha": 0.6, "linewidth": 0},
        medianprops={"color": colour, "linewidth": 2.4}, whiskerprops={"color": colour},
        capprops={"color": colour},
    )  # fmt: skip


def feature_plane(found: "FeatureDistance") -> Picture:
    """Each scene as a dot, where the network's features put it: the first two principal components."""
    figure, axes = new_axes(WIDTH, 4.3)
    for place, (name, points) in enumerate(found.points.items()):
        axes.scatter(
            points[:, 0], points[:, 1], s=24, color=SET_COLOURS[place], marker=class_marker(place), alpha=0.75,
            linewidth=0, label=short(name, 44),
        )  # fmt: skip
    axes.set(xlabel="first principal component", ylabel="second")
    axes.set_xticks([])
    axes.set_yticks([])
    figure.legend(*axes.get_legend_handles_labels(), ncols=1 if len(found.points) > 2 else 2, **LEGEND)
    told = ", ".join(
        f"{name} {number(ratio, 1)} times" for name, ratio in zip(found.names[1:], found.ratios, strict=True)
    )
    return Picture(
        figure,
        f"Scatter plot: each scene where the network's features put it. Fréchet distance from {found.names[0]}, "
        f"in units of that between two halves of it: {told}.",
        "Principal components of the backbone's features, averaged over places: scenes that the network finds "
        "alike lie close together.",
    )


def colour_distance(found: "ColourDistance", title: str) -> Picture:
    """Mean IoU of each scene against how far its colours are from home's."""
    figure, axes = new_axes(WIDTH, 3.2)
    axes.scatter(found.distance, found.iou, s=24, color=TARGET, marker="s", alpha=0.75, linewidth=0)
    axes.set(xlabel="distance of the scene's colours from home's (Mahalanobis)", ylabel="mean IoU of the scene")
    axes.set_ylim(bottom=0)
    quiet_grid(axes, "both")
    return Picture(
        figure,
        f"Scatter plot of {len(found.iou)} scenes of {title}: mean IoU against the distance of their colours from "
        f"home's. Rank correlation {number(found.correlation, 2)}.",
    )


def sizes(groups: "Sequence[SizeGroup]", titles: tuple[str, str]) -> Picture:
    """Regions of truth by area, home and abroad: their share of the pixels, and how often these are wrong."""
    figure = new_figure(WIDTH, 1.2 + 0.5 * len(groups))
    left, right = figure.subplots(1, 2, sharey=True)
    places = np.arange(len(groups))
    for axes, attribute in ((left, "share"), (right, "error_rate")):
        for offset, colour, kind in ((-0.18, HOME, "home"), (0.18, TARGET, "target")):
            values = [100 * getattr(getattr(group, kind), attribute) for group in groups]
            title = short(titles[kind == "target"], 34)
            axes.barh(places + offset, np.nan_to_num(values), 0.34, color=colour, label=title)
    name_rows(left, class_names([group.name for group in groups]), "% of the labelled pixels")
    right.set(xlabel="% of them wrong")
    quiet_grid(right, "x")
    figure.legend(*left.get_legend_handles_labels(), ncols=2, **LEGEND)
    told = "; ".join(f"{one.name} {percent(one.home.share)} and {percent(one.target.share)}" for one in groups)
    return Picture(
        figure,
        f"Share of the labelled pixels in regions of each size, {titles[0]} and {titles[1]}: {told}; and how many "
        "of them are wrong.",
        "Connected regions of one class, by their share of the image's area.",
    )


def reasons(found: "Sequence[DropReason]") -> Picture:
    """The share of the drop that goes away when the sets are made alike in each respect by itself."""
    rows = [(one.title, one.explained, one.drop) for one in found if one.explained]
    return _shares(
        rows, "share of the drop that goes away, %",
        "Lines: 95 % intervals by bootstrap over the scenes of both sets; a bar without a line is counted for "
        "whole sets only. Left of 0 the drop grows. The shares overlap and need not add up.",
    )  # fmt: skip


def remedies(shift: "Shift", outcomes: "Sequence[Outcome]") -> Picture:
    """Mean IoU of the target with each remedy, between that without any and that at home."""
    figure, axes = new_axes(WIDTH, 1.4 + 0.42 * (len(outcomes) + 2))
    names = ["As it is", *(one.title for one in outcomes), "At home"]
    found = [shift.target_mean, *(one.mean_iou for one in outcomes), shift.home_mean]
    colours = [TARGET, *[OTHER] * len(outcomes), HOME]
    markers = ["s", *["D"] * len(outcomes), "o"]
    for place, (one, colour, marker) in enumerate(zip(found, colours, markers, strict=True)):
        lined_dots(axes, [one], [place], marker, colour, size=28, width=1.4)
    axes.axvline(shift.target_mean.value, color=TARGET, linestyle="--", linewidth=1, zorder=0)
    axes.axvline(shift.home_mean.value, color=HOME, linestyle="--", linewidth=1, zorder=0)
    name_rows(axes, [wrapped(name, 24) for name in names], "mean IoU")
    told = ", ".join(f"{name} {one.value:.3f}" for name, one in zip(names, found, strict=True))
    return Picture(
        figure,
        f"Mean IoU of {shift.target_title} with each remedy, and at home: {told}.",
        "Lines: 95 % intervals of each score by itself. They are wider than those of the differences in the "
        "table, because a hard scene is hard with and without the remedy. The axis does not start at 0.",
    )


def won_back(outcomes: "Sequence[Outcome]") -> Picture:
    """The share of the drop that each remedy wins back, with its interval."""
    rows = [(one.title, one.share, one.gain.value) for one in outcomes if one.share]
    return _shares(
        rows, "share of the drop won back, %",
        "Lines: 95 % intervals by bootstrap, over the same target scenes before and after, and over home scenes. "
        "At 100 % the network would be as good as at home; left of 0 the remedy does harm.",
    )  # fmt: skip


def _shares(rows: Sequence[tuple[str, Interval, float]], label: str, caption: str) -> Picture:
    figure, axes = new_axes(WIDTH, 1.0 + 0.46 * max(1, len(rows)))
    axes.axvline(0, color=MUTED, linestyle="--", linewidth=1)
    for place, (_, share, _) in enumerate(rows):
        axes.barh(place, 100 * share.value, 0.5, color=CLASS_COLOURS[5] if share.value > 0 else CLASS_COLOURS[4])
        axes.plot([100 * share.low, 100 * share.high], [place, place], color=INK, linewidth=1.6)
    name_rows(axes, [wrapped(plain(title), 24) for title, *_ in rows], label)
    told = "; ".join(f"{title} {percent(share.value, 0)}" for title, share, _ in rows)
    return Picture(figure, f"Bars, {label.removesuffix(', %')}: {told or 'none'}.", caption)
