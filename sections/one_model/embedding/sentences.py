"""What a cloud of features shows, and what its picture pretends."""

from collections.abc import Sequence

import numpy as np

from helpers.show.table import Table, seed_cells
from helpers.show.words import percent, quoted
from helpers.training.runs import Run
from sections.one_model.embedding.measured import Cloud, feature_purity


def purity_table(cloud: Cloud, runs: Sequence[Run]) -> Table:
    """Purity in each space, with its interval, and what chance would give; in feature space also over seeds.

    Below these, for comparison, that of the features of training images.
    """
    over = [feature_purity(run) for run in runs] if len(runs) > 1 else []
    rows = [{"Space": name, "Purity": one.interval, "Chance": one.chance} for name, one in cloud.purities.items()]
    rows[0] |= seed_cells("Purity", over)
    trained = cloud.trained
    rows.append({"Space": "features, of training images", "Purity": trained.interval, "Chance": trained.chance})
    caption = (
        f"Neighbours of the same class among {len(cloud.labels):,} validation and test images, with 95 % "
        "intervals in brackets. In the last row about as many training images: they lie where training has pulled "
        "them."
    )
    return Table(rows, caption, {"*": ".3f"})


def does_the_picture_flatter(cloud: Cloud) -> str:
    """Whether classes look better separated in the pictures than they are, by intervals that do not touch."""
    if cloud.is_one_point:
        return (
            f"All {len(cloud.labels):,} images have the same features: the network does not tell them apart, so "
            "there is nothing to lay out, and which of them count as neighbours means nothing."
        )
    true = cloud.purities["features"].interval
    verdicts = {}
    for name in ("two dimensions", "three dimensions"):
        drawn = cloud.purities[name].interval
        verdicts[name] = (
            "flatters: classes look better separated than they are" if drawn.low > true.high
            else "hides: classes are better separated than they look" if drawn.high < true.low
            else "tells the truth in this respect"
        )  # fmt: skip
    flat, solid = verdicts.values()
    if flat == solid:
        return f"In two dimensions as in three the picture {flat}."
    return f"In two dimensions the picture {flat}; in three it {solid}."


def mixed_classes(cloud: Cloud, most: int = 3) -> str | list[str]:
    """Which classes lie among each other in feature space; nothing where all lie at one point."""
    if cloud.is_one_point:
        return []
    mixing = cloud.mixing * (1 - np.eye(len(cloud.classes)))
    places = np.argsort(mixing, axis=None)[::-1][:most]
    told = [
        f"{quoted(cloud.classes[a])} among {quoted(cloud.classes[b])} ({percent(mixing[a, b])} of its neighbours)"
        for a, b in zip(*np.unravel_index(places, mixing.shape), strict=True)
        if mixing[a, b] > 0
    ]
    if not told:
        return "No image has a neighbour of another class in feature space."
    return f"The classes that lie closest to another are: {'; '.join(told)}."


def new_images(cloud: Cloud) -> str | list[str]:
    """Whether new images lie among their own class as training images do, by intervals that do not touch.

    Nothing where all lie at one point.
    """
    if cloud.is_one_point:
        return []
    new, trained = cloud.purities["features"].interval, cloud.trained.interval
    told = (
        f"Among validation and test images {percent(new.value)} of the neighbours are of the same class, among "
        f"about as many training images {percent(trained.value)}"
    )
    if trained.low > new.high:
        return f"{told}: the network tells apart what it was trained on better than what is new."
    if trained.high < new.low:
        return f"{told}: new images find their place even better than those it was trained on."
    return f"{told}: the 95 % intervals overlap, so new images may well find their place no worse."
