"""Which measurements of a scene go with its score (chapter 07)."""

import numpy as np

from helpers.show.picture import Picture
from helpers.show.rows import lined_dots, name_rows
from helpers.show.scenes import HOME, TARGET
from helpers.show.style import INK, MUTED, WIDTH, new_axes, new_figure, quiet_grid
from sections.street_scenes.failures.measured import Correlation, Failures

COLUMNS = 3  # of small pictures side by side


def correlations(found: list[Correlation]) -> Picture | list[str]:
    """Rank correlation of each measurement with scene IoU and its interval; nothing where there is none."""
    if not found:
        return []
    figure, axes = new_axes(WIDTH, 1.0 + 0.36 * len(found))
    for row, one in enumerate(found):
        colour = (TARGET if one.rho.value < 0 else HOME) if one.holds else MUTED
        lined_dots(axes, [one.rho], [row], "o" if one.holds else "D", colour, size=34)
    axes.axvline(0, color=INK, linewidth=1)
    axes.set_xlim(-1.02, 1.02)
    name_rows(axes, [one.measure.title for one in found], "Spearman's ρ with the scene's mean IoU")
    told = [f"{one.measure.title} {one.rho.value:+.2f}" for one in found]
    return Picture(
        figure,
        f"Rank correlations of measurements with scene IoU: {', '.join(told)}.",
        "Left of 0: the more of it, the worse the scene. Right of 0: the more of it, the better. With 95 % "
        "intervals; grey diamonds cannot be told from chance after Holm's correction.",
    )


def scatters(failures: Failures, most: int = 6) -> Picture | list[str]:
    """Scene IoU against each of the measurements that go with it most."""
    chosen = failures.correlations[:most]
    if not chosen:
        return []
    rows = -(-len(chosen) // COLUMNS)
    figure = new_figure(WIDTH, 0.3 + 1.9 * rows)
    panels = figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).ravel()
    for axes, one in zip(panels, chosen, strict=False):
        values = failures.values[one.measure.key][failures.scored]
        axes.scatter(values, failures.ious[failures.scored], s=9, color=HOME, alpha=0.5, linewidth=0)
        axes.set_title(f"ρ = {one.rho.value:.2f}".replace("-", "−"), fontsize=9.5, fontweight="normal")
        axes.set_xlabel(one.measure.title, fontsize=9.5)
        axes.locator_params(axis="x", nbins=4)
        axes.tick_params(labelsize=8.5)
        quiet_grid(axes, "both")
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    figure.supylabel("mean IoU of the scene", fontsize=10.5)
    names = ", ".join(one.measure.title for one in chosen)
    low, high = (float(value) for value in np.quantile(failures.ious[failures.scored], [0, 1]))
    return Picture(
        figure,
        f"Scatter plots of the mean IoU of {len(failures.scored)} scenes ({low:.2f} to {high:.2f}) against "
        f"{names}.",
        "A dot is a scene.",
    )
