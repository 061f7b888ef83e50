"""How much the judges believe the labels of the training images (chapter 06)."""

from typing import TYPE_CHECKING

import numpy as np

from helpers.show.picture import Picture
from helpers.show.style import CLASS_COLOURS, WIDTH, new_axes, quiet_grid
from helpers.show.words import count

if TYPE_CHECKING:
    from sections.comparison.cleaning.measured import Cleaned

LEAST = 1e-4  # probabilities below are drawn here: the axis is logarithmic
BINS = 33
KEPT, DOUBTED, VAGUE = "#9CC7E4", CLASS_COLOURS[1], CLASS_COLOURS[4]


def belief(cleaned: "Cleaned") -> Picture:
    """Histogram of the probability that judges give to the label, by what became of the image."""
    found = cleaned.suspects
    values = np.log10(np.clip(found.quality, LEAST, 1))
    kinds = {"kept": (~found.left_out, KEPT), "label not believed": (found.mislabelled, DOUBTED),
             "could be anything": (found.unsure, VAGUE)}  # fmt: skip
    figure, axes = new_axes(WIDTH, 3.4)
    edges = np.linspace(np.log10(LEAST), 0, BINS)
    for name, (chosen, colour) in kinds.items():
        axes.hist(values[chosen], edges, label=name, color=colour, edgecolor="white", linewidth=0.4)
    axes.set_yscale("symlog", linthresh=10)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    _mark_planted(axes, cleaned, values)
    ticks = np.arange(np.log10(LEAST), 1)
    axes.set_xticks(ticks, [f"{100 * 10.0**tick:g}" for tick in ticks])
    axes.tick_params(axis="x", pad=12)
    axes.set(xlabel="probability of the given label, %", ylabel="training images")
    quiet_grid(axes)
    figure.legend(loc="outside upper center", ncols=2)
    told = ", ".join(f"{name} {chosen.sum()}" for name, (chosen, _) in kinds.items())
    return Picture(
        figure,
        alt=f"Histogram of the probability that judges give to the label of each training image: {told}.",
        caption=f"Probabilities by judges that had not seen the image; those below {100 * LEAST:g} % stand at the "
        "left edge. Bars stand one before the other; both axes are stretched where numbers are small."
        + _planted_words(cleaned),
    )


def _mark_planted(axes, cleaned: "Cleaned", values: np.ndarray) -> None:
    if cleaned.is_wrong is None or not cleaned.is_wrong.any():
        return
    places = values[cleaned.is_wrong]
    axes.plot(
        places, np.full(len(places), -0.04), "k|", markersize=9, clip_on=False, label="label planted as wrong",
        transform=axes.get_xaxis_transform(),
    )  # fmt: skip


def _planted_words(cleaned: "Cleaned") -> str:
    if cleaned.is_wrong is None:
        return ""
    return (
        f" Strokes below the axis: {count(int(cleaned.is_wrong.sum()), 'label')} that the sample planted as wrong."
    )
