"""What a cloud of features shows, and what its picture pretends."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.show.table import seed_cells
from helpers.show.words import percent
from sections.one_model.embedding.measured import feature_purity

if TYPE_CHECKING:
    from helpers.training.runs import Run
    from sections.one_model.embedding.measured import Cloud


def purity_rows(cloud: "Cloud", runs: Sequence["Run"] = ()) -> list[dict[str, object]]:
    """Purity in each space, with its interval, and what chance would give; in feature space also over seeds."""
    over = [feature_purity(run).interval.value for run in runs] if len(runs) > 1 else []
    return [
        {"Space": name, "Purity": one.interval, "Chance": one.chance}
        | (seed_cells("Purity", over) if name == "features" else {})
        for name, one in cloud.purities.items()
    ]


def purities(cloud: "Cloud") -> list[str]:
    """How pure the neighbourhoods are in feature space, and whether the pictures flatter or hide."""
    feature = cloud.purities["features"]
    sentences = [
        f"Of the {feature.k} nearest neighbours of an image in feature space, "
        f"{percent(feature.interval.value)} are of its own class (chance: {percent(feature.chance)})."
    ]
    if len(cloud.labels) < cloud.available:
        whole = cloud.among_all.interval.value
        error = 100 * abs(whole - feature.interval.value)
        sentences.append(
            f"These are {len(cloud.labels):,} of {cloud.available:,} images. With all of them as neighbours it "
            f"would be {percent(whole)}: the sample errs by {error:.1f} points."
        )
    return sentences + [_picture(cloud, name) for name in ("two dimensions", "three dimensions")]


def _picture(cloud: "Cloud", name: str) -> str:
    feature, drawn = cloud.purities["features"].interval, cloud.purities[name].interval
    if drawn.low > feature.high:
        verdict = "the picture flatters: classes look better separated than they are"
    elif drawn.high < feature.low:
        verdict = "the picture hides: classes are better separated than they look"
    else:
        verdict = "in this respect the picture tells the truth"
    return f"In {name} it is {percent(drawn.value)}, against {percent(feature.value)} in the features: {verdict}."


def mixed_classes(cloud: "Cloud", most: int = 3) -> list[str]:
    """Which classes lie among each other in feature space."""
    mixing = cloud.mixing.copy()
    np.fill_diagonal(mixing, 0)
    if mixing.max() == 0:
        return ["No image has a neighbour of another class in feature space."]
    order = np.argsort(mixing, axis=None)[::-1][:most]
    pairs = [np.unravel_index(i, mixing.shape) for i in order if mixing.flat[i] > 0]
    told = [
        f"{cloud.classes[a]} among {cloud.classes[b]} ({percent(mixing[a, b])} of its neighbours)"
        for a, b in pairs
    ]
    return [f"The classes that lie closest to another are: {'; '.join(told)}."]


def parts(cloud: "Cloud") -> list[str]:
    """Whether validation images lie as well among their own class as training images do."""
    from helpers.metrics.embedding import neighbour_agreement

    agreement = neighbour_agreement(cloud.features, cloud.labels, cloud.neighbours)
    train, val = agreement[~cloud.is_val].mean(), agreement[cloud.is_val].mean()
    sentence = (
        f"Training images have {percent(train)} neighbours of their own class, validation images {percent(val)}"
    )
    if train - val > 0.02:
        return [f"{sentence}: the network has pulled the images it was trained on further apart than new ones."]
    return [f"{sentence}: new images find their place about as well as those it was trained on."]
