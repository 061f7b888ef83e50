"""Pictures of distances in feature space: where misclassified images lie (chapter 05)."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from helpers.show.names import plain, short, wrapped
from helpers.show.picture import Picture
from helpers.show.rows import capped_dots, name_rows
from helpers.show.style import CLASS_COLOURS, GRID, MUTED, WIDTH, new_axes, new_figure, quiet_grid
from sections.distances.measured import SpaceOfModel

RIGHT, WRONG = CLASS_COLOURS[0], CLASS_COLOURS[1]
MOST_LINES = 300  # more lines than that are a grey block
MOST_UPRIGHT = 3  # models whose names fit side by side below a panel
UNIT = "mean distance within classes"
PANEL_HEIGHT = {1: 4.1, 2: 3.15, 3: 2.45}  # inches, by panels in a row


def distance_scatter(spaces: Mapping[str, SpaceOfModel], mistakes_by: str) -> Picture:
    """A panel for each model: relative distance to the truth against that to the class it was taken for.

    Below the diagonal an image is nearer to its true class. `mistakes_by` is the title of the model that
    made the mistakes.
    """
    columns = min(len(spaces), 2) if len(spaces) < 5 else 3
    rows = -(-len(spaces) // columns)
    figure = new_figure(WIDTH if columns > 1 else 4.2, 1.0 + rows * PANEL_HEIGHT[columns])
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    limits = _limits(spaces)
    for axes in grid.flat[len(spaces) :]:
        axes.set_visible(False)
    for place, (axes, space) in enumerate(zip(grid.flat, spaces.values(), strict=False)):
        axes.tick_params(labelbottom=place + columns >= len(spaces))  # nothing stands below it
        _scatter(axes, space, limits, width=20 if columns == 3 else 32)
    figure.supxlabel(f"distance to the class that {plain(mistakes_by)} predicted", fontsize=11)
    figure.supylabel("distance to the true class", fontsize=11)
    if handles := grid.flat[0].get_legend_handles_labels()[0]:
        figure.legend(handles=handles, loc="outside upper center", ncols=2, handletextpad=0.1)
    images = len(next(iter(spaces.values())).right)
    shares = "; ".join(f"{one.title}: {_percent(one)} below" for one in spaces.values())
    return Picture(
        figure,
        alt=f"Scatter plots, one for each model, of the {images} test images that {mistakes_by} "
        f"misclassifies: distance to the true class against distance to the predicted one. Below the diagonal "
        f"an image is nearer to its true class. {shares}.",
        caption=f"Both distances in units of the model's own {UNIT}. Below the diagonal (shaded) an image is "
        "nearer to its true class. The colour says whether the panel's model itself names the class rightly.",
    )


def _scatter(axes: Axes, space: SpaceOfModel, limits: tuple[float, float], width: int) -> None:
    axes.fill_between(limits, limits, limits[0], color=GRID, alpha=0.45, linewidth=0)
    axes.plot(limits, limits, "--", color=MUTED, linewidth=1)
    found = space.distances
    for right, colour, marker, label in ((False, WRONG, "x", "this model is wrong"), (True, RIGHT, "o", "right")):
        chosen = space.right == right
        edge = {"linewidth": 0} if marker == "o" else {"linewidth": 1.2}
        axes.scatter(
            found.relative_to_predicted[chosen], found.relative_to_truth[chosen], s=14, color=colour,
            marker=marker, alpha=0.75, label=label, **edge,
        )  # fmt: skip
    axes.set(xlim=limits, ylim=limits, aspect="equal")
    axes.locator_params(nbins=5)
    title = f"{wrapped(space.title, width)}\n{_percent(space)} nearer to truth"
    axes.set_title(title, fontsize=10)
    axes.tick_params(length=0)


def paired_distances(spaces: Mapping[str, SpaceOfModel], mistakes_by: str) -> Picture:
    """The same images followed from model to model: relative distance to the truth and to the mistake."""
    many = len(spaces) > MOST_UPRIGHT
    figure = new_figure(WIDTH, 6.4 if many else 3.9)
    first, second = figure.subplots(2, 1, sharex=True) if many else figure.subplots(1, 2, sharey=True)
    to_truth = np.array([space.distances.relative_to_truth for space in spaces.values()])
    to_mistake = np.array([space.distances.relative_to_predicted for space in spaces.values()])
    for axes, values, name in (
        (first, to_truth, "to the true class"),
        (second, to_mistake, "to the class it was taken for"),
    ):
        _lines(axes, values)
        axes.set_title(name, fontsize=11)
        _name_models(axes, [one.title for one in spaces.values()], many)
        axes.set_xlim(-0.35, len(spaces) - 0.65)
        quiet_grid(axes)
        if many or axes is first:
            axes.set(ylabel="relative distance")
    return Picture(
        figure,
        alt=f"Lines that follow each image that {mistakes_by} misclassifies from model to model. "
        + _medians_in_words(spaces, to_truth, to_mistake),
        caption=f"Distances in units of each model's {UNIT}. A thin line for each image, the thick line for their "
        "median, the bars from the lower to the upper quartile." + _lines_left_out(to_truth),
    )


def _name_models(axes: Axes, titles: list[str], many: bool) -> None:
    """Names below the marks: in lines where few stand side by side, aslant where there are many."""
    if many:
        names = [short(title, 34) for title in titles]
        axes.set_xticks(range(len(titles)), names, fontsize=9, rotation=30, ha="right", rotation_mode="anchor")
    else:
        axes.set_xticks(range(len(titles)), [wrapped(title) for title in titles], fontsize=9)


def _lines(axes: Axes, values: np.ndarray) -> None:
    """values: (models, images)."""
    models, images = values.shape
    if not images:
        return
    thin = values[:, np.linspace(0, images - 1, min(images, MOST_LINES)).astype(int)]
    places = np.arange(models)
    opacity = float(np.clip(18 / thin.shape[1], 0.08, 0.5))
    axes.plot(places, thin, color=MUTED, linewidth=0.8, alpha=opacity, marker=".", markersize=3)
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75], axis=1)
    axes.errorbar(
        places, middle, [middle - low, high - middle], color=CLASS_COLOURS[0], marker="o", capsize=4, linewidth=2.4
    )  # fmt: skip


def _lines_left_out(values: np.ndarray) -> str:
    images = values.shape[1]
    return f" Of {images} images {MOST_LINES} are drawn." if images > MOST_LINES else ""


def _medians_in_words(spaces: Mapping[str, SpaceOfModel], to_truth: np.ndarray, to_mistake: np.ndarray) -> str:
    if not to_truth.shape[1]:
        return "There is no such image."
    medians = zip(spaces.values(), np.median(to_truth, axis=1), np.median(to_mistake, axis=1), strict=True)
    told = (f"{one.title} {truth:.2f} and {mistake:.2f}" for one, truth, mistake in medians)
    return f"Median distance to the truth and to the mistake: {'; '.join(told)}."


def shares_nearer(
    spaces: Mapping[str, SpaceOfModel], own: Mapping[str, SpaceOfModel], mistakes_by: str
) -> Picture:
    """Share of images nearer to their true class: one model's mistakes, and each model's own, by model."""
    figure, axes = new_axes(WIDTH, 1.5 + 0.62 * len(spaces))
    _share_dots(axes, spaces, -0.13, "o", CLASS_COLOURS[0], f"mistakes of {plain(mistakes_by)}")
    _share_dots(axes, own, 0.13, "D", CLASS_COLOURS[4], "the model's own mistakes")
    axes.axvline(50, color=MUTED, linestyle="--", linewidth=1)
    axes.set_xlim(0, 100)
    names = [wrapped(one.title, 24) for one in spaces.values()]
    name_rows(axes, names, "nearer to the true class, % of those images")
    if axes.get_legend_handles_labels()[0]:
        figure.legend(loc="outside upper center", ncols=1 if len(mistakes_by) > 24 else 2)
    told = (f"{one.title} {_percent(one)}" for one in spaces.values())
    return Picture(
        figure,
        alt=f"Dots with intervals: share of the images misclassified by {mistakes_by} that each model puts nearer "
        f"to the truth: {', '.join(told)}. Second dots for each model's own mistakes.",
        caption="Bars are 95 % Wilson intervals. A dot on the dashed line: as many images on either side.",
    )


def _share_dots(
    axes: Axes, spaces: Mapping[str, SpaceOfModel], shift: float, marker: str, colour: str, label: str
) -> None:
    known = [(place + shift, space.share) for place, space in enumerate(spaces.values()) if len(space.right)]
    if known:
        places, shares = zip(*known, strict=True)
        capped_dots(axes, shares, places, marker, colour, label)


def _percent(space: SpaceOfModel) -> str:
    return f"{100 * space.share.value:.0f} %" if len(space.right) else "no image"


def _limits(spaces: Mapping[str, SpaceOfModel]) -> tuple[float, float]:
    """One range for both axes of all panels, a little wider than the distances."""
    found = [space.distances for space in spaces.values()]
    values = np.concatenate(
        [one.relative_to_truth for one in found] + [one.relative_to_predicted for one in found]
    )
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 2.0)
    room = 0.05 * (high - low) + 0.02
    return max(0.0, low - room), high + room
