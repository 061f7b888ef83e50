"""Whether so many pixels of a set count nowhere that its labels are probably read by the wrong numbers."""

import logging
from contextlib import suppress

import numpy as np

from helpers.datasets.streets.types import IGNORE, SegmentationSet
from helpers.datasets.types import DataError

log = logging.getLogger(__name__)
MUCH = 0.5  # share of ignored pixels; far above what publishers leave out
LOOKED_AT = 3  # labels, spread over a part


def ignored_remark(share: float) -> str | None:
    """A sentence where so large a share of all pixels counts nowhere that masks are probably read wrongly."""
    if share <= MUCH:
        return None
    return (
        f"{100 * share:.0f} % of all pixels count nowhere, far more than usual: check whether the masks' values "
        "are what the list of classes says."
    )


def warn_of_ignored(scenes: SegmentationSet) -> None:
    """Logs it where a few labels of a part say so. One that cannot be read says so when it is used.

    Polygons name their classes: there are no numbers to be mistaken.
    """
    places = sorted({*np.linspace(0, len(scenes) - 1, LOOKED_AT).astype(int).tolist()})
    places = [place for place in places if not scenes.scenes[place].label.endswith(".json")]
    if not places:
        return
    with suppress(DataError):
        ignored = [scenes.read_label(place) == IGNORE for place in places]
        if remark := ignored_remark(sum(one.sum() for one in ignored) / sum(one.size for one in ignored)):
            shown = scenes.scenes[places[0]].label
            log.warning("%s, part %s, by %s and others: %s", scenes.info.title, scenes.part, shown, remark)
