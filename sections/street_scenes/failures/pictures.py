"""Which measurements of a scene go with its score (chapter 07)."""

from helpers.show.picture import Picture
from helpers.show.scenes import HOME
from helpers.show.style import WIDTH, new_figure, quiet_grid
from helpers.show.words import number
from sections.street_scenes.failures.measured import COSTLIEST, Failures

PANELS_A_ROW = 3  # panels


def measure_scatters(failures: Failures, most: int = 6) -> Picture | list[str]:
    """Scene IoU against each of the measurements that go with it most; nothing where there is none."""
    import seaborn as sns

    chosen, scenes = failures.correlations[:most], failures.scenes
    if not chosen:
        return []
    rows = -(-len(chosen) // PANELS_A_ROW)
    figure = new_figure(WIDTH, 0.3 + 1.9 * rows)
    panels = figure.subplots(rows, PANELS_A_ROW, sharey=True, squeeze=False).ravel()
    for axes, one in zip(panels, chosen, strict=False):
        sns.scatterplot(scenes, x=one.measure.key, y="mean_iou", ax=axes, s=14, color=HOME, alpha=0.5, linewidth=0)
        axes.set_title(f"ρ = {number(one.rho.value, 2)}", fontsize=9.5, fontweight="normal")
        axes.set(xlabel=one.measure.title, ylabel="")
        axes.locator_params(axis="x", nbins=4)
        quiet_grid(axes, "both")
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    figure.supylabel("mean IoU of the scene", fontsize=10.5)
    names = ", ".join(one.measure.title for one in chosen)
    low, high = scenes["mean_iou"].iloc[[0, -1]]
    itself = " The costliest confusion is part of the score itself."
    return Picture(
        figure,
        f"Scatter plots of the mean IoU of {len(scenes)} scenes ({number(low, 2)} to {number(high, 2)}) against "
        f"{names}.",
        f"A dot is a scene.{itself if COSTLIEST in [one.measure.key for one in chosen] else ''}",
    )
