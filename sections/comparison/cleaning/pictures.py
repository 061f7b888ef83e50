"""How much the judges believe the labels of the training images (chapter 06)."""

import numpy as np

from helpers.show.picture import Picture
from helpers.show.style import CLASS_COLOURS, WIDTH, new_axes, quiet_grid
from helpers.show.words import count
from sections.comparison.cleaning.measured import Cleaned

LOWEST_BELIEF = 1e-4  # probabilities below are drawn here: the axis is logarithmic
FATES = {"kept": "#9CC7E4", "label not believed": CLASS_COLOURS[1], "could be anything": CLASS_COLOURS[4]}


def belief(cleaned: Cleaned) -> Picture:
    """Histogram of the probability that judges give to the label, by what became of the image."""
    import seaborn as sns  # late: half of its time is needed by no other picture

    found, names = cleaned.suspects, list(FATES)
    fate = np.select([found.mislabelled, found.unsure], names[1:], names[0])
    values = np.clip(found.quality, LOWEST_BELIEF, 1)
    figure, axes = new_axes(WIDTH, 3.4)
    sns.histplot(
        x=values, hue=fate, hue_order=names, palette=FATES, bins=32, binrange=(np.log10(LOWEST_BELIEF), 0),
        log_scale=True, alpha=1, edgecolor="white", ax=axes,
    )  # fmt: skip
    sns.move_legend(axes, "lower center", bbox_to_anchor=(0.5, 1), ncols=3, title=None)
    axes.set_yscale("symlog", linthresh=10)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
    axes.set(xlabel="probability of the given label, %", ylabel="training images")
    quiet_grid(axes)
    strokes = ""
    if cleaned.is_wrong is not None and cleaned.is_wrong.any():
        sns.rugplot(x=values[cleaned.is_wrong], height=-0.04, color="black", clip_on=False, expand_margins=False,
                    ax=axes)  # fmt: skip
        planted = count(int(cleaned.is_wrong.sum()), "label")
        strokes = f" Strokes below the axis: {planted} that the sample planted as wrong."
    told = ", ".join(f"{name} {(fate == name).sum()}" for name in names)
    return Picture(
        figure,
        alt=f"Histogram of the probability that judges give to the label of each training image: {told}.",
        caption=f"Probabilities by judges that had not seen the image; those below {100 * LOWEST_BELIEF:g} % "
        "stand at the left edge. Bars stand one before the other; both axes are stretched where numbers are small."
        + strokes,
    )
