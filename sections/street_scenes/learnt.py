"""Classes that a network has not learnt: of them no loss, cure or gain says anything (chapters 07 to 09)."""

from collections.abc import Mapping

from helpers.metrics.segmentation import ious_of_shown
from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.words import number, quoted, some

# IoU at home. Below it more than nine in ten of the pixels that are of the class, or are called so, are wrong even
# there: what becomes of the tenth elsewhere tells little of the place or of a remedy.
LEARNT = 0.1


def not_learnt(home: SegmenterEvaluation) -> dict[str, float]:
    """The classes that home's scenes show and that have an IoU below `LEARNT` there, each with this IoU."""
    return {
        name: iou
        for name, iou in zip(home.classes, ious_of_shown(home.matrix).tolist(), strict=True)
        if iou < LEARNT  # false of NaN: a class that home does not show
    }


def unlearnt_classes(unlearnt: Mapping[str, float], is_abroad: bool = True) -> list[str]:
    """Which classes no loss or remedy can be told of; nothing where all are learnt.

    is_abroad: whether the network is also looked at elsewhere than at home.
    """
    if not unlearnt:
        return []
    names = some([f"{quoted(name)} ({number(iou)})" for name, iou in unlearnt.items()], 8)
    if not is_abroad:
        was = "This class was" if len(unlearnt) == 1 else "These classes were"
        return [f"{was} not learnt, with an IoU below {LEARNT:g}: {names}."]
    one, it = ("This class was", "it loses or wins")
    if len(unlearnt) > 1:
        one, it = ("These classes were", "they lose or win")
    return [
        f"{one} not learnt even at home, with an IoU below {LEARNT:g} on scenes of the kind that the network was "
        f"trained on: {names}. What {it} elsewhere says nothing about the place or about a remedy."
    ]
