"""Pictures of distances in feature space: where misclassified images lie (chapter 05)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.show.display import Note
from helpers.show.names import plain_text, wrapped
from helpers.show.picture import Picture
from helpers.show.rows import dotted_rows, name_rows
from helpers.show.style import CLASS_COLOURS, INK, MUTED, WIDTH, new_axes
from helpers.show.words import number, percent
from sections.distances.measured import SpaceOfModel, Spaces

RIGHT, WRONG = CLASS_COLOURS[0], CLASS_COLOURS[1]
MOST_SHARP = 1000  # marks; more are one image of the picture, which stays light
UNIT = "the model's own mean distance within classes"
NO_IMAGE = Note("There is no such image.")


def margins(spaces: Spaces, mistakes_by: str) -> Picture | Note:
    """A mark for each image in every model's row: how much nearer to the truth it lies than to the mistake."""
    if not (images := len(next(iter(spaces.values())).right)):
        return NO_IMAGE
    found = {one.title: (one.distances.margin, one.right) for one in spaces.values()}
    figure, axes = _strips(
        {"this model is wrong": {title: values[~right] for title, (values, right) in found.items()},
         "right": {title: values[right] for title, (values, right) in found.items()}},
        (WRONG, RIGHT), "distance to the mistake − distance to the truth", dodge=False,
    )  # fmt: skip
    axes.axvline(0, color=MUTED, linestyle="--", linewidth=1)
    told = "; ".join(f"{one.title}: {_percent(one)}" for one in spaces.values())
    return Picture(
        figure,
        alt=f"A row for each model, a mark for each of the {images} test images that {mistakes_by} misclassifies: "
        f"distance to the predicted class minus distance to the true one. Above 0, nearer to the truth: {told}.",
        caption=f"In units of {UNIT}. Right of the dashed line an image is nearer to its true class. Dots with "
        "bars: median and quartiles. The colour says whether the row's model itself names the class rightly.",
    )


def both_distances(spaces: Spaces, mistakes_by: str) -> Picture | Note:
    """The same images in every model: relative distance to the truth, and to the class they were taken for."""
    if not len(next(iter(spaces.values())).right):
        return NO_IMAGE
    truth = {one.title: one.distances.relative_to_truth for one in spaces.values()}
    mistake = {one.title: one.distances.relative_to_predicted for one in spaces.values()}
    figure, _ = _strips(
        {"to the true class": truth, "to the class it was taken for": mistake}, (RIGHT, WRONG),
        "relative distance", dodge=True,
    )  # fmt: skip
    told = (
        f"{title} {number(np.median(truth[title]), 2)} and {number(np.median(mistake[title]), 2)}"
        for title in truth
    )
    return Picture(
        figure,
        alt=f"A row for each model, two marks for each image that {mistakes_by} misclassifies. Median distance to "
        f"the true class and to the class it was taken for: {'; '.join(told)}.",
        caption=f"In units of {UNIT}: at 1 lies an ordinary training image of the class. Dots with "
        "bars: median and quartiles.",
    )


def _strips(
    kinds: dict[str, dict[str, np.ndarray]], colours: tuple[str, str], xlabel: str, *, dodge: bool
) -> tuple[Figure, Axes]:
    """Values of two kinds by model, and median and quartiles: of each kind if `dodge`, else of both together."""
    import seaborn as sns  # late: half of its time is needed by no other picture

    found = pd.DataFrame([(kind, row, value) for kind, models in kinds.items()
                          for row, values in enumerate(models.values()) for value in values],
                         columns=["kind", "row", "value"])  # fmt: skip
    titles = [wrapped(title, 22) for title in next(iter(kinds.values()))]
    figure, axes = new_axes(WIDTH, 1.2 + 0.8 * len(titles))
    rows = {"data": found, "x": "value", "y": "row", "order": range(len(titles)), "orient": "h",
            "hue_order": list(kinds), "ax": axes}  # fmt: skip
    chance = np.random.get_state()
    np.random.seed(0)  # seaborn scatters the marks by this, and pages do not change from run to run
    sns.stripplot(**rows, hue="kind", palette=colours, dodge=dodge, jitter=0.25, size=3.5, alpha=0.6,
                  rasterized=len(found) > MOST_SHARP)  # fmt: skip
    np.random.set_state(chance)
    split = {"hue": "kind", "palette": (INK, INK), "dodge": 0.4} if dodge else {"color": INK}
    sns.pointplot(**rows, **split, estimator="median", errorbar=("pi", 50), linestyle="none", capsize=0.15,
                  linewidth=1.6, legend=False, zorder=4)  # fmt: skip
    axes.legend_.remove()
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    axes.set_ylabel("")
    name_rows(axes, titles, xlabel)
    return figure, axes


def shares_nearer(spaces: Spaces, own: Spaces, mistakes_by: str) -> Picture:
    """Share of images nearer to their true class: one model's mistakes, and each model's own, by model."""
    groups = {f"mistakes of {plain_text(mistakes_by)}": spaces, "the model's own mistakes": own}
    figure, axes = dotted_rows(
        [wrapped(one.title, 24) for one in spaces.values()],
        [(title, [one.share for one in found.values()]) for title, found in groups.items()],
        "nearer to the true class, % of those images",
    )
    axes.axvline(50, color=MUTED, linestyle="--", linewidth=1)
    axes.set_xlim(0, 100)
    told = (f"{one.title} {_percent(one)}" for one in spaces.values())
    return Picture(
        figure,
        alt=f"Dots with intervals: share of the images misclassified by {mistakes_by} that each model puts nearer "
        f"to the truth: {', '.join(told)}. Second dots for each model's own mistakes.",
        caption="Bars are 95 % Wilson intervals. A dot on the dashed line: as many images on either side.",
    )


def _percent(space: SpaceOfModel) -> str:
    return percent(space.share.value, 0) if len(space.right) else "no image"
