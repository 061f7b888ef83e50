"""How much of each class two sets of scenes hold, side by side (chapter 07)."""

import numpy as np

from helpers.show.picture import Picture
from helpers.show.rows import joined_marks, name_rows
from helpers.show.scenes import LINE, class_names
from helpers.show.style import WIDTH, new_figure, quiet_grid
from helpers.show.words import percent
from sections.street_scenes.class_mix.measured import ClassMix

POWERS = (0, 0.01, 0.1, 1, 10, 100)  # per cent


def class_shares(*mixes: ClassMix) -> Picture:
    """Each class's share of the pixels (on a scale of powers of ten) and of the scenes, in one set or two."""
    classes = mixes[0].classes
    figure = new_figure(WIDTH, 1.2 + LINE * len(classes))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    order, titles = np.argsort(-mixes[0].shares, kind="stable"), [mix.title for mix in mixes]
    for axes, kind in ((left, "shares"), (right, "containing")):
        values = 100 * np.stack([getattr(mix, kind)[order] for mix in mixes])
        joined_marks(axes, values, np.arange(len(order)), titles, 30)
    left.set_xscale("symlog", linthresh=POWERS[1], linscale=0.5)
    left.set(xlim=(-POWERS[1] / 5, 150))
    left.set_xticks(POWERS, [f"{power:g}" for power in POWERS])
    left.minorticks_off()
    name_rows(left, class_names([classes[c] for c in order]), "% of the pixels", grid="both")
    right.set(xlabel="% of the scenes", xlim=(-4, 104))
    quiet_grid(right, "both")
    figure.legend(*right.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    told = [
        f"{name} {' and '.join(percent(share, 2) for share in shares)}"
        for name, *shares in zip(classes, *(mix.shares for mix in mixes), strict=True)
    ]
    return Picture(
        figure,
        f"Dots: share of the labelled pixels of each class in {' and in '.join(titles)}: "
        f"{', '.join(told)}; and share of the scenes that contain it.",
        "Left: share of the labelled pixels, from none at all; from the second line on, each line to the right "
        "means ten times as much. Right: share of the scenes that contain the class.",
    )
