"""Which original classes are taken for another group (chapter 06)."""

import numpy as np

from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.rows import joined_marks, legend_columns, name_rows
from helpers.show.style import MUTED, WIDTH, new_axes
from helpers.show.words import number
from sections.comparison.original_classes.measured import OriginalClasses


def wrong_shares(found: OriginalClasses) -> Picture:
    """A row for each original class, sorted within its group, a mark for each model: the share taken wrongly."""
    present = np.flatnonzero(found.support)
    order = present[np.lexsort((-found.shares[:, present].mean(0), found.group_of[present]))]
    shares, titles = 100 * found.shares[:, order], [model.title for model in found.models.values()]
    figure, axes = new_axes(WIDTH, 1.6 + 0.36 * len(order))
    joined_marks(axes, shares, np.arange(len(order)), titles)
    for place in np.flatnonzero(np.diff(found.group_of[order])):
        axes.axhline(place + 0.5, color=MUTED, linewidth=0.8)
    names = [short(f"{found.originals[o]} ({found.group(o)})", 30) for o in order]
    name_rows(axes, names, "taken for another group, % of the test images")
    figure.legend(loc="outside upper center", ncols=legend_columns(titles))
    told = (f"{found.originals[o]} {'/'.join(number(value, 0) for value in column)}"
            for o, column in zip(order, shares.T, strict=True))  # fmt: skip
    return Picture(
        figure,
        alt=f"Per cent of each original class taken for another group, by model: ({'/'.join(titles)}) "
        f"{', '.join(told)}.",
        caption="Each row is one of the classes as the data came, in brackets the group that it was put into; the "
        "hardest of each group, on average over the models, at its top. Intervals are in the table.",
    )
