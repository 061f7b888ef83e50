"""What remedies without labels win back (chapter 09), and from which images they were made."""

from collections.abc import Sequence

from helpers.show.words import count, listed, number, percent, quoted
from sections.abroad.drop.measured import Shift
from sections.abroad.trials import Outcome, Remedies


def how_adapted(remedies: Remedies, shift: Shift) -> list[str]:
    """From which images the remedies were made."""
    if not remedies.adapting:
        return [
            "All target scenes are evaluated, so none is free to learn statistics from: only averaging is tried. "
            "Set 'segmentation.share' below 1 to try the others."
        ]
    return [
        f"Statistics were taken from {count(remedies.adapting, 'scene')} of {shift.target_title} that are not "
        f"evaluated, without their labels. The {len(shift.target)} evaluated scenes were looked at only to be "
        "scored."
    ]


def remedy_verdict(shift: Shift, outcomes: Sequence[Outcome]) -> list[str]:
    """Which remedies help or harm beyond chance, and what is left of the drop with the best."""
    helping = [quoted(one.title) for one in outcomes if one.gain.low > 0]
    harming = [quoted(one.title) for one in outcomes if one.gain.high < 0]
    told = f"Beyond chance, {_listed(helping)} {'helps' if len(helping) < 2 else 'help'}"
    told += f", {_listed(harming)} {'harms' if len(harming) < 2 else 'harm'}."
    best = max(outcomes, key=lambda one: one.gain.value)
    left = shift.home_mean.value - best.mean_iou.value
    if helping and best.share and left > 0:
        told += (
            f" With “{best.title}”, which wins back {percent(best.share.value, 0)} of the drop, {number(left)} of "
            "mean IoU are still missing to home."
        )
    return [told]


def _listed(names: Sequence[str]) -> str:
    return listed(names) if names else "none"
