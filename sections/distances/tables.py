"""Tables of distances in feature space (chapter 05)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.datasets.types import Splits
from helpers.show.display import Note, Photo, Table
from helpers.show.table import seed_cells
from helpers.show.words import number
from sections.distances.measured import FollowedMistakes, SpaceOfModel, Spaces


def space_table(spaces: Spaces, caption: str, *, mistake: str = "Mistake", seeds: Sequence[Spaces] = ()) -> Table:
    """One row a model: distances of the images to truth and mistake, raw and relative, and on which side.

    `seeds` holds the same for every seed; where there are several, their mean ± standard deviation is added.
    """
    rows = []
    for name, space in spaces.items():
        found = space.distances
        columns = {
            "Truth, raw": found.to_truth,
            f"{mistake}, raw": found.to_predicted,
            "Truth ÷ s": found.relative_to_truth,
            f"{mistake} ÷ s": found.relative_to_predicted,
        }
        rows.append(
            {"Model": space.title, "Images": len(space.right), "s": found.within}
            | {column: float(values.mean()) if len(values) else None for column, values in columns.items()}
            | {"All test images ÷ s": space.ordinary, "Nearer to truth": space.share if len(space.right) else None}
            | seed_cells("Nearer to truth", [one[name].share.value for one in seeds if len(one[name].right)], 2)
        )
    caption += (
        " Means over the images; s is the model's mean distance within classes, of its training images, the unit "
        "of relative distances. “All test images”: to their true class, right or wrong. Brackets: 95 % intervals."
    )
    return Table(rows, caption, formats={"*": ".2f", "Images": ",d"})


def image_table(
    splits: Splits, mistakes: FollowedMistakes, spaces: Spaces, chosen: Sequence[int] | np.ndarray, caption: str
) -> Table | Note:
    """The chosen mistakes (numbers within `mistakes`) with pictures and their distances in every model.

    A cell reads "0.92 < 1.31": distance to the truth, the nearer side, distance to the mistake.
    """
    if not len(chosen):
        return Note("There is no such image: this takes at least one mistake, and another model to compare with.")
    rows = []
    for place in chosen:
        index = int(mistakes.index[place])
        truth, predicted = (splits.classes[labels[place]] for labels in (mistakes.truth, mistakes.predicted))
        photo = Photo(np.array(splits.images[index]), f"An image labelled {truth}, taken for {predicted}")
        sides = {space.title: _sides(space, place) for space in spaces.values()}
        rows.append(
            {"Image": photo, "True class": truth, "Taken for": predicted, **sides, "File": splits.files[index]}
        )
    return Table(rows, caption, row_names=False)


def _sides(space: SpaceOfModel, place: int) -> str:
    truth = space.distances.relative_to_truth[place]
    mistake = space.distances.relative_to_predicted[place]
    sign = "<" if truth < mistake else ">" if truth > mistake else "="
    return f"{number(truth, 2)} {sign} {number(mistake, 2)}"


def confusion_table(
    mistakes: FollowedMistakes, spaces: Spaces, classes: Sequence[str], most: int = 8
) -> Table | Note:
    """One row a kind of mistake, most frequent first: the share that each model puts nearer to the truth."""
    if not len(mistakes):
        return Note("There is no mistake to list.")
    titles = [one.title for one in spaces.values()]
    nearer = pd.DataFrame({place: one.nearer for place, one in enumerate(spaces.values())})
    kinds = nearer.groupby([mistakes.truth, mistakes.predicted])
    shares = kinds.mean().assign(images=kinds.size()).sort_values("images", ascending=False, kind="stable")[:most]
    rows = [
        {"True class": classes[truth], "Taken for": classes[predicted], "Images": int(images)}
        | dict(zip(titles, values, strict=True))
        for (truth, predicted), (*values, images) in zip(shares.index, shares.to_numpy(), strict=True)
    ]
    return Table(
        rows,
        f"The most frequent mistakes of {mistakes.by}: the share that each model puts nearer to the truth.",
        formats=dict.fromkeys(titles, ".0%"),
    )
