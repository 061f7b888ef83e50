"""One network at home and abroad, as pictures: classes, confusions, and what the images are like (chapter 09)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.metrics.intervals import Interval
from helpers.segmentation.resampling import what_is_drawn
from helpers.show.matrix import SMALLEST_WRITTEN, heat_map, name_classes
from helpers.show.names import short, wrapped
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots, name_rows
from helpers.show.scenes import HOME, LINE, TARGET, class_names
from helpers.show.style import (
    DIVERGING,
    GRID,
    MUTED,
    SEQUENTIAL,
    WIDTH,
    class_colour,
    class_marker,
    new_axes,
    new_figure,
    quiet_grid,
)
from helpers.show.words import number, percent
from sections.abroad.drop.appearance import ColourDistance, FeatureDistance, look_differences
from sections.abroad.drop.measured import Shift, answer_shares, largest_changes
from sections.abroad.drop.reasons import DropReason

FEW_CLASSES = 9  # with more, confusion matrices show colours only
NOT_SHOWN = "#E4E7EC"  # rows of classes that a set does not show
LEGEND = {"loc": "outside upper center", "ncols": 2}


def class_drop_dots(shift: Shift) -> Picture:
    """IoU of each class at home and abroad with intervals, the largest drop on top."""
    rows = shift.class_drops
    figure, axes = new_axes(WIDTH, 1.2 + LINE * len(rows))
    both = {place: row for place, row in enumerate(rows) if row.drop}
    ends = np.array([[row.home.value, row.target.value] for row in both.values()])
    axes.hlines([*both], *ends.T, color=GRID, linewidth=5, zorder=1)
    sides = (("home", -0.14, HOME, "o", shift.home_title), ("target", 0.14, TARGET, "s", shift.target_title))
    for kind, offset, colour, marker, title in sides:
        found = {place + offset: getattr(row, kind) for place, row in enumerate(rows) if getattr(row, kind)}
        capped_dots(axes, [*found.values()], [*found], marker, colour, short(title, 34), scale=1)
    axes.set_xlim(-0.02, 1.02)
    name_rows(axes, class_names([row.name for row in rows]), "IoU", grid="both")
    figure.legend(**LEGEND)
    told = ", ".join(f"{row.name} {_value(row.home)}/{_value(row.target)}" for row in rows)
    return Picture(
        figure,
        f"IoU of each class with intervals, {shift.home_title}/{shift.target_title}, largest drop first: {told}.",
        f"Lines: 95 % intervals over {what_is_drawn(shift.home)} at home and {what_is_drawn(shift.target)} "
        "abroad. The largest drop is on top; below stand classes that are not learnt even at home, whose drop "
        "has no rank, and those that only one of the sets shows, with one mark.",
    )


def _value(interval: Interval | None) -> str:
    return number(interval.value, 2) if interval else "none"


def confusion_maps(shift: Shift) -> Picture:
    """Shares of each true class by answer, at home and abroad, and what changes in each cell."""
    home, target = answer_shares(shift.home), answer_shares(shift.target)
    change = target - home
    better = np.where(np.eye(len(change), dtype=bool), change, -change)
    span = max(0.01, float(np.nanmax(np.abs(change))))
    figure = new_figure(9.6, 4.6)
    panels = (
        (short(shift.home_title, 24), home, home, ".0f", SEQUENTIAL),
        (short(shift.target_title, 24), target, target, ".0f", SEQUENTIAL),
        ("Abroad minus at home", change, better / span, "+.0f", DIVERGING),
    )
    for axes, (title, shares, shade, how, colours) in zip(figure.subplots(1, 3, sharey=True), panels, strict=True):
        numbers = _numbers(shares, how) if len(shares) <= FEW_CLASSES else None
        lowest = -1.0 if colours is DIVERGING else 0.0
        heat_map(axes, np.sign(shade) * np.sqrt(np.abs(shade)), numbers, colours=colours, lowest=lowest)
        axes.set_facecolor(NOT_SHOWN)
        name_classes(axes, shift.classes, 9 if len(shares) <= FEW_CLASSES else 7, 14)
        axes.set(title=title, ylabel="truth")
        axes.label_outer()
    changes = "; ".join(
        f"{one.truth} taken for {one.predicted} {percent(one.home)} to {percent(one.target)}"
        for one in largest_changes(shift, 5)
    )
    return Picture(
        figure,
        f"Confusion matrices of {shift.home_title} and {shift.target_title} in % of the true class, and their "
        f"difference in percentage points. Largest changes beside the diagonal: {changes or 'none'}.",
        "Each row sums up to 100 %: what the network says of a class. The darkness grows with the root of the "
        "share. On the right orange is worse abroad: fewer hits on the diagonal, more confusions beside it; blue "
        "is better. Grey: a set does not show the class. Largest changes, of classes learnt at home: "
        f"{changes or 'none'}.",
    )


def _numbers(shares: np.ndarray, how: str) -> list[list[str]]:
    return [
        [format(100 * x, how).replace("-", "−") if abs(x) >= SMALLEST_WRITTEN else "" for x in row]  # NaN: empty
        for row in shares
    ]


def look_boxes(looks: pd.DataFrame, titles: tuple[str, str]) -> Picture:
    """Colour and light of the scenes of both sets, in standard deviations of home's scenes."""
    import seaborn as sns

    differences = look_differences(looks)
    names = dict(zip(("home", "target"), (short(title, 34) for title in titles), strict=True))
    scenes = looks.rename(index=names, level=0).rename_axis(["set", "scene"])
    long = scenes.melt(var_name="look", ignore_index=False).reset_index("set")
    figure, axes = new_axes(WIDTH, 1.2 + 0.55 * len(differences))
    sns.boxplot(
        long, x="value", y="look", order=differences.index, hue="set", palette=[HOME, TARGET], whis=(2.5, 97.5),
        showfliers=False, gap=0.15, ax=axes,
    )  # fmt: skip
    axes.get_legend().remove()
    axes.axvline(0, color=MUTED, linestyle="--", linewidth=1, zorder=0)
    places = [wrapped(name, 15) for name in differences.index]
    name_rows(axes, places, "standard deviations of home's scenes, from home's mean")
    axes.set_ylabel("")
    figure.legend(**LEGEND)
    told = ", ".join(f"{name} {number(difference, 1)}" for name, difference in differences.items())
    return Picture(
        figure,
        f"Boxes: colour and light of the scenes of {titles[0]} and {titles[1]}. Difference of the means in "
        f"standard deviations of home: {told}.",
        "Box: the middle half of the scenes, with the median; whiskers: the middle 95 %. The larger the step "
        "between the two boxes of a row, the less the images look alike in that respect.",
    )


def colour_scatter(found: ColourDistance, title: str) -> Picture:
    """Mean IoU of each scene against how far its colours are from home's."""
    figure, axes = new_axes(WIDTH, 3.2)
    axes.scatter("distance", "iou", data=found.scenes, s=24, color=TARGET, marker="s", alpha=0.75, linewidth=0)
    axes.set(xlabel="distance of the scene's colours from home's (Mahalanobis)", ylabel="mean IoU of the scene")
    axes.set_ylim(bottom=0)
    quiet_grid(axes, "both")
    return Picture(
        figure,
        f"Scatter plot of {len(found.scenes)} scenes of {title}: mean IoU against the distance of their colours "
        f"from home's. Rank correlation {number(found.correlation, 2)}.",
        "Mahalanobis distance over six measures, mean and spread of L*, a* and b*, with the covariance of home's "
        "scenes shrunk after Ledoit and Wolf.",
    )


def feature_plane(found: FeatureDistance) -> Picture:
    """Each scene as a dot, where the network's features put it: the first two principal components."""
    figure, axes = new_axes(WIDTH, 4.3)
    for place, (name, points) in enumerate(found.points.items()):
        look = {"color": class_colour(place), "marker": class_marker(place), "alpha": 0.75, "linewidth": 0}
        axes.scatter(*points[:, :2].T, s=24, label=short(name, 44), **look)
    axes.set(xlabel="first principal component", ylabel="second", xticks=[], yticks=[])
    figure.legend(loc=LEGEND["loc"])
    ratios = ", ".join(f"{name} {number(ratio, 1)} times" for name, ratio in found.ratios.items())
    told = (
        f" Fréchet distance of {found.scenes} scenes from half of {found.home}, in units of that of its other "
        f"half ({number(found.within, 2)}): {ratios}."
    )
    return Picture(
        figure,
        "Scatter plot: each scene where the network's features put it.",
        f"Principal components of {found.width} backbone features, averaged over places: scenes that the network "
        f"finds alike lie close together.{'' if np.isnan(found.within) else told}",
    )


def explained_shares(shift: Shift, found: Sequence[DropReason]) -> list[Picture]:
    """The share of the drop that goes away when the sets are made alike in each respect; none without a drop."""
    shares = {one.title: one.explained for one in found if one.explained}
    if not shift.is_clear:
        return []
    figure, axes = new_axes(WIDTH, 1.0 + 0.46 * len(shares))
    axes.axvline(0, color=MUTED, linestyle="--", linewidth=1)
    capped_dots(axes, [*shares.values()], range(len(shares)), "o", HOME)
    name_rows(axes, [wrapped(title, 24) for title in shares], "share of the drop that goes away, %")
    told = "; ".join(f"{title} {percent(share.value, 0)}" for title, share in shares.items())
    return [Picture(
        figure,
        f"Dots with intervals: share of the drop in mean IoU that goes away. {told}.",
        "Lines: 95 % intervals by bootstrap over both sets; a dot without a line is counted for "
        "whole sets only. Left of 0 the drop grows. The shares overlap and need not add up.",
    )]  # fmt: skip
