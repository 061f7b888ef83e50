"""What remedies without labels win back (chapter 09), and from which images they were made."""

from collections.abc import Sequence

from helpers.show.words import count, listed, number, percent, quoted
from sections.abroad.drop.measured import Shift
from sections.abroad.trials import Outcome, Remedies


def how_adapted(remedies: Remedies, shift: Shift) -> list[str]:
    """From which images the remedies were made."""
    if not remedies.adapting:
        return [
            "All target scenes but one at most are evaluated, so there are none to learn statistics from: only "
            "averaging is tried. Set 'segmentation.share' below 1 to try the others."
        ]
    evaluated = f"The {count(len(shift.target), 'evaluated scene was', 'evaluated scenes were')}"
    return [
        f"Statistics were taken from {count(remedies.adapting, 'scene')} of {shift.target_title} that are not "
        f"evaluated, without their labels. {evaluated} looked at only to be scored."
    ]


def remedy_verdict(shift: Shift, outcomes: Sequence[Outcome]) -> list[str]:
    """Which remedies help or harm beyond chance, and what is left of the drop with the best."""
    helping = [one for one in outcomes if one.gain.low > 0]
    harming = [one for one in outcomes if one.gain.high < 0]
    told = f"Beyond chance, each taken by itself, {_titles(helping)} {'helps' if len(helping) < 2 else 'help'}"
    told += f" and {_titles(harming)} {'harms' if len(harming) < 2 else 'harm'}."
    if not helping and not harming:
        return [f"Of {count(len(outcomes), 'remedy', 'remedies')}, none helps or harms beyond chance."]
    if helping and shift.is_clear:
        best = max(helping, key=lambda one: one.gain.value)
        left = shift.home_mean.value - best.mean_iou.value
        told += f" {quoted(best.title)} wins back {percent(best.share.value, 0)} of the drop"
        told += f"; {number(left)} of mean IoU is still missing to home." if left > 0 else "."
    return [told]


def _titles(outcomes: Sequence[Outcome]) -> str:
    return listed([quoted(one.title) for one in outcomes]) if outcomes else "none"
