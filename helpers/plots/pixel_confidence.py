"""Do the confidences of pixels keep their promise, and can errors be told by them? (chapter 08)"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.plots.names import short
from helpers.plots.picture import Picture
from helpers.plots.style import CLASS_COLOURS, GRID, INK, MUTED, TEST, WIDTH, new_figure, quiet_grid
from helpers.readings.words import number, percent

if TYPE_CHECKING:
    from helpers.metrics.calibration import ReliabilityBins
    from helpers.segmentation.confidence import Confidence, Coverage

FEWEST = 100  # pixels of a bin; fewer show noise
SUREST = 0.8  # share of the pixels that the text names


def reliability_diagram(bins: "ReliabilityBins", whole: "Confidence") -> Picture:
    """Accuracy against confidence in bins, above the share of the pixels in each bin."""
    figure = new_figure(height=4.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    shown = bins.count >= FEWEST
    upper.plot([0, 1], [0, 1], "--", color=MUTED, linewidth=1.2, label="perfectly calibrated")
    upper.plot(bins.confidence[shown], bins.accuracy[shown], "o-", color=TEST, label="this network")
    upper.set(title="Reliability of pixels", ylabel="accuracy in the bin", xlim=(0, 1.02), ylim=(-0.03, 1.05))
    upper.legend(loc="upper left")
    quiet_grid(upper, "both")
    _draw_shares(lower, bins)
    return Picture(
        figure,
        f"Reliability diagram of {whole.pixels:,} pixels. Mean confidence {percent(whole.confidence)}, accuracy "
        f"{percent(whole.accuracy)}, expected calibration error {number(whole.calibration_error)}.",
        "On the dashed line confidence and accuracy agree; points below it: surer than right. Below: per cent of "
        f"the pixels in each bin. Bins with fewer than {FEWEST} pixels have no point. No intervals: neighbouring "
        "pixels share their fate, and intervals that took them for independent would be far too narrow.",
    )


def _draw_shares(axes: Axes, bins: "ReliabilityBins") -> None:
    shares = 100 * bins.count / max(1, bins.count.sum())
    axes.bar(bins.edges[:-1], shares, np.diff(bins.edges), align="edge", color=TEST, edgecolor="white")
    for left, right, share in zip(bins.edges[:-1], bins.edges[1:], shares, strict=True):
        if share >= 0.5:
            axes.text((left + right) / 2, share, f"{share:.0f}", ha="center", va="bottom", fontsize=8, color=INK)
    axes.set(xlabel="confidence of the prediction", ylabel="pixels, %", ylim=(0, 1.25 * max(1, shares.max())))
    axes.tick_params(length=0)


def by_class(rows: "Sequence[Confidence]") -> Picture:
    """Mean confidence and accuracy of the pixels given each class; the longer the line, the worse calibrated."""
    shown = sorted((row for row in rows if row.pixels), key=lambda row: -row.gap)
    figure = new_figure(WIDTH, 1.2 + 0.28 * len(shown))
    axes = figure.subplots()
    places = np.arange(len(shown))
    sure, right = (100 * np.array([getattr(row, kind) for row in shown]) for kind in ("confidence", "accuracy"))
    axes.hlines(places, right, sure, color=GRID, linewidth=4)
    axes.scatter(sure, places, s=36, marker="o", color=CLASS_COLOURS[0], label="mean confidence", zorder=3)
    axes.scatter(right, places, s=36, marker="s", color=CLASS_COLOURS[1], label="right", zorder=3)
    axes.set_yticks(places, [short(row.name) for row in shown])
    axes.set_ylim(len(shown) - 0.45, -0.55)
    axes.set(xlabel="%", xlim=(-2, 102))
    quiet_grid(axes, "both")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    told = [f"{row.name} {percent(row.confidence, 0)} and {percent(row.accuracy, 0)}" for row in shown]
    return Picture(
        figure,
        f"Mean confidence and share right by predicted class: {', '.join(told)}.",
        "By predicted class, the most overconfident on top. Where the square lies left of the circle, the network "
        "is surer of this class than it is right.",
    )


def coverage(curve: "Coverage") -> Picture:
    """Accuracy of what is kept when the least certain pixels are set aside, between worthless and perfect."""
    figure = new_figure(WIDTH, 3.2)
    axes = figure.subplots()
    whole = float(curve.accuracy[-1])
    kept = np.linspace(max(0.01, curve.kept[0]), 1, 101)
    axes.plot(
        100 * kept, 100 * np.minimum(1, whole / kept), ":", color=MUTED, linewidth=1.6, label="perfect order"
    )
    axes.plot(100 * curve.kept, 100 * curve.accuracy, "o-", color=TEST, markersize=2.5, label="this network")
    axes.axhline(100 * whole, color=MUTED, linestyle="--", linewidth=1.2, label="worthless confidence")
    axes.set(xlabel="pixels kept, the most certain, %", ylabel="of these right, %", xlim=(0, 100))
    axes.set_ylim(100 * whole - 4, 101)
    quiet_grid(axes, "both")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    surest = curve.at(SUREST)
    return Picture(
        figure,
        f"Accuracy against the share of pixels kept: {percent(whole)} of all, {percent(surest.accuracy)} of the "
        f"surest {percent(surest.share, 0)}.",
        "If the confidence were worthless, accuracy would stay on the dashed line, however many pixels are set "
        "aside; if it knew every error, it would follow the dotted one.",
    )
