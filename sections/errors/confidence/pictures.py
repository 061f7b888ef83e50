"""Do the confidences of pixels keep their promise, and can errors be told by them? (chapter 08)"""

import numpy as np

from helpers.metrics.calibration import ReliabilityBins
from helpers.show.picture import Picture
from helpers.show.style import MUTED, TEST, WIDTH, new_axes, quiet_grid
from helpers.show.words import number, percent
from sections.errors.confidence.measured import Confidence, Coverage
from sections.one_model.scores.calibration import draw_sizes, reliability_panels

FEWEST_PIXELS = 100  # of a bin; fewer show noise
SUREST = 0.8  # share of the pixels that the text names


def pixel_reliability_diagram(bins: ReliabilityBins, whole: Confidence) -> Picture:
    """Accuracy against confidence in bins, above the share of the pixels in each bin."""
    figure, upper, lower = reliability_panels("Reliability of pixels")
    shown = bins.count >= FEWEST_PIXELS
    upper.plot(bins.confidence[shown], bins.accuracy[shown], "o-", color=TEST, label="this network")
    upper.legend(loc="upper left")
    shares = 100 * bins.count / max(1, bins.count.sum())
    draw_sizes(lower, bins, shares, [number(share, 0) if share >= 0.5 else "" for share in shares], "pixels, %")
    return Picture(
        figure,
        f"Reliability diagram of {whole.pixels:,} pixels. Mean confidence {percent(whole.confidence)}, accuracy "
        f"{percent(whole.accuracy)}, expected calibration error {number(whole.calibration_error)}.",
        "On the dashed line confidence and accuracy agree; points below it: surer than right. Below: per cent of "
        f"the pixels in each bin. Bins with fewer than {FEWEST_PIXELS} pixels have no point. No intervals: "
        "neighbouring pixels share their fate, and intervals that took them for independent would be far too "
        "narrow.",
    )


def accuracy_of_the_surest(curve: Coverage) -> Picture:
    """Accuracy of what is kept when the least certain pixels are set aside, between worthless and perfect."""
    figure, axes = new_axes(WIDTH, 3.2)
    whole, kept = float(curve.accuracy[-1]), np.linspace(max(0.01, curve.kept[0]), 1, 101)
    perfect = np.minimum(1, whole / kept)
    axes.plot(100 * kept, 100 * perfect, ":", color=MUTED, linewidth=1.6, label="perfect order")
    axes.plot(100 * curve.kept, 100 * curve.accuracy, "o-", color=TEST, markersize=2.5, label="this network")
    axes.axhline(100 * whole, color=MUTED, linestyle="--", linewidth=1.2, label="worthless confidence")
    axes.set(xlabel="pixels kept, the most certain, %", ylabel="of these right, %", xlim=(0, 100))
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
