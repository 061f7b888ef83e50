"""Clouds of features as pictures: flat, from two sides in depth, and one to turn."""

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.datasets.types import Splits
from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.rows import legend_columns
from helpers.show.scatter3d import Scatter3D
from helpers.show.style import class_colour, class_marker, new_axes, new_figure
from helpers.show.words import number, written
from sections.one_model.embedding.measured import Cloud

VIEWS = ((20, -60), (20, 30))  # elevation and azimuth, in degrees
POINTED_AT = 48  # pixels a side of the image that is shown for a mark


def flat(cloud: Cloud, title: str) -> Picture:
    """The layout in two dimensions."""
    figure, axes = new_axes(height=5.6)
    _draw(axes, cloud, cloud.flat)
    axes.set(xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set_visible(False)
    return _picture(figure, axes, cloud, title, "two dimensions")


def solid(cloud: Cloud, title: str) -> Picture:
    """The layout in three dimensions, seen from two sides a quarter turn apart."""
    figure = new_figure(height=4.2)
    for position, (elevation, azimuth) in enumerate(VIEWS, 1):
        axes = figure.add_subplot(1, 2, position, projection="3d")
        _draw(axes, cloud, cloud.solid)
        axes.view_init(elevation, azimuth)
        axes.set(xticklabels=[], yticklabels=[], zticklabels=[])
        axes.set_box_aspect(None, zoom=1.25)
    return _picture(figure, axes, cloud, title, "three dimensions")


def _draw(axes: Axes, cloud: Cloud, points: np.ndarray) -> None:
    for label, name in enumerate(cloud.classes):
        style = {"color": class_colour(label), "marker": class_marker(label), "linewidths": 0}
        axes.scatter(*points[cloud.labels == label].T, s=20, alpha=0.8, label=short(name), **style)


def _picture(figure: Figure, axes: Axes, cloud: Cloud, title: str, space: str) -> Picture:
    handles, names = axes.get_legend_handles_labels()
    columns = min(3, legend_columns(names))
    figure.legend(handles, names, loc="outside lower center", ncols=columns, markerscale=1.4)
    purity = cloud.purities[space].interval.value
    shown = "all" if len(cloud.labels) == cloud.available else f"{len(cloud.labels)} of"
    return Picture(
        figure,
        f"t-SNE in {space} of {len(cloud.labels)} images that {title} was not trained on; neighbour purity "
        f"{number(purity, 2)}.",
        f"Features of {shown} {cloud.available} validation and test images, {title}, laid out in {space} by "
        f"t-SNE (perplexity {written(cloud.perplexity, '.3g')}). Axes and distances between far groups have no "
        "meaning.",
    )


def to_turn(cloud: Cloud, splits: Splits, title: str) -> Scatter3D:
    """The layout in three dimensions to be turned; pointing at a mark shows the image and its labels."""
    parts = np.where(cloud.is_val, "validation", "test")
    names = [f"{splits.files[i]} ({part})" for i, part in zip(cloud.index, parts, strict=True)]
    side = (POINTED_AT, POINTED_AT)
    images = [cv2.resize(splits.images[i], side, interpolation=cv2.INTER_AREA) for i in cloud.index]
    return Scatter3D(
        cloud.solid, cloud.labels, cloud.predicted, cloud.classes, names, np.stack(images),
        alt=f"Three-dimensional t-SNE layout, {title}, that can be turned with the mouse",
        caption="Drag to turn, scroll to zoom, point at a mark to see the image. Works without network.",
    )  # fmt: skip
