"""Tables of distances in feature space (chapter 05)."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from helpers.datasets.types import Splits
from helpers.show.display import Note, Photo, Table
from helpers.show.table import seed_cells
from helpers.show.words import percent
from sections.distances.measured import ConfusionSpaces, FollowedMistakes, SpaceOfModel

whole_percent = partial(percent, digits=0)
Spaces = Mapping[str, SpaceOfModel]


def space_table(spaces: Spaces, caption: str, *, mistake: str = "Mistake", seeds: Sequence[Spaces] = ()) -> Table:
    """One row a model: distances of the images to truth and mistake, raw and relative, and on which side.

    `seeds` holds the same for every seed; where there are several, their mean ± standard deviation is added.
    """
    caption += (
        " Means over the images; s is the model's mean distance within classes, the unit of relative distances. "
        "In brackets a 95 % interval."
    )
    rows = [
        _space_row(space, mistake)
        | seed_cells("Nearer to truth", [one[name].share.value for one in seeds if len(one[name].right)], 2)
        for name, space in spaces.items()
    ]
    return Table(rows, caption, formats={"*": ".2f", "Images": "d"})


def _space_row(space: SpaceOfModel, mistake: str) -> dict[str, object]:
    found, images = space.distances, len(space.right)
    return {
        "Model": space.title,
        "Images": images,
        "s": found.within,
        "Truth, raw": _mean(found.to_truth),
        f"{mistake}, raw": _mean(found.to_predicted),
        "Truth ÷ s": _mean(found.relative_to_truth),
        f"{mistake} ÷ s": _mean(found.relative_to_predicted),
        "Nearer to truth": space.share if images else None,
    }


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


def image_table(
    splits: Splits, mistakes: FollowedMistakes, spaces: Spaces, chosen: Sequence[int] | np.ndarray, caption: str
) -> Table | Note:
    """The chosen mistakes (numbers within `mistakes`) with pictures and their distances in every model.

    A cell reads "0.92 < 1.31": distance to the truth, the nearer side, distance to the mistake.
    """
    if not len(chosen):
        return Note("There is no such image: this takes at least one mistake, and another model to compare with.")
    rows = [_image_row(splits, mistakes, spaces, int(number)) for number in chosen]
    return Table(rows, caption, row_names=False)


def _image_row(splits: Splits, mistakes: FollowedMistakes, spaces: Spaces, number: int) -> dict[str, object]:
    index = int(mistakes.index[number])
    truth, predicted = (splits.classes[labels[number]] for labels in (mistakes.truth, mistakes.predicted))
    photo = Photo(np.array(splits.images[index]), f"An image labelled {truth}, taken for {predicted}")
    sides = {space.title: _sides(space, number) for space in spaces.values()}
    return {"Image": photo, "True class": truth, "Taken for": predicted, **sides, "File": splits.files[index]}


def _sides(space: SpaceOfModel, number: int) -> str:
    truth = space.distances.relative_to_truth[number]
    mistake = space.distances.relative_to_predicted[number]
    sign = "<" if truth < mistake else ">" if truth > mistake else "="
    return f"{truth:.2f} {sign} {mistake:.2f}"


def confusion_table(
    kinds: Sequence[ConfusionSpaces], spaces: Spaces, classes: Sequence[str], caption: str
) -> Table | Note:
    """One row a kind of mistake, most frequent first: the share that each model puts nearer to the truth."""
    if not kinds:
        return Note("There is no mistake to list.")
    rows = [
        {"True class": classes[kind.truth], "Taken for": classes[kind.predicted], "Images": kind.count}
        | {spaces[name].title: share for name, share in kind.shares.items()}
        for kind in kinds
    ]
    return Table(rows, caption, formats={space.title: whole_percent for space in spaces.values()})
