"""Which original classes are taken for another group (chapter 06)."""

import numpy as np

from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.rows import joined_marks, legend_columns
from helpers.show.style import MUTED, WIDTH, new_axes, quiet_grid
from sections.comparison.original_classes.measured import OriginalClasses


def wrong_shares(found: OriginalClasses) -> Picture:
    """A row for each original class, sorted within its group, a mark for each model: the share taken wrongly."""
    order = _order(found)
    shares = 100 * found.shares[:, order]
    breaks = np.flatnonzero(np.diff(found.group_of[order]))
    places = np.arange(len(order)) + np.searchsorted(breaks, np.arange(len(order)), side="left") * 0.6
    figure, axes = new_axes(WIDTH, 1.4 + 0.36 * (places[-1] + 1))
    models = list(found.models.values())
    joined_marks(axes, shares, places, [model.title for model in models], size=44)
    for place in breaks:
        axes.axhline((places[place] + places[place + 1]) / 2, color=MUTED, linewidth=0.8)
    axes.set_yticks(places, [short(f"{found.originals[o]} ({found.group(o)})", 30) for o in order])
    axes.set(ylim=(places[-1] + 0.7, -0.7), xlabel="taken for another group, % of the test images")
    quiet_grid(axes, "x")
    figure.legend(loc="outside upper center", ncols=legend_columns(models))
    return Picture(
        figure,
        alt=f"Per cent of each original class taken for another group, by model: {_in_words(found, order)}.",
        caption="Each row is one of the classes as the data came, in brackets the group that it was put into; the "
        "hardest of each group, on average over the models, at its top. Intervals are in the table.",
    )


def _order(found: OriginalClasses) -> np.ndarray:
    """Original classes with test images: by group, the most often wrong first."""
    present = np.flatnonzero(found.support)
    return present[np.lexsort((-found.shares[:, present].mean(0), found.group_of[present]))]


def _in_words(found: OriginalClasses, order: np.ndarray) -> str:
    rows = (f"{found.originals[o]} {'/'.join(f'{100 * v:.0f}' for v in found.shares[:, o])}" for o in order)
    return f"({'/'.join(model.title for model in found.models.values())}) {', '.join(rows)}"
