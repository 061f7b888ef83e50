"""Readings of remedies without labels (chapter 09): what each wins, what all win together, for which classes."""

from collections.abc import Sequence

from helpers.metrics.intervals import opposite
from helpers.show.words import count, listed, number, number_interval, percent, quoted, signed
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


def remedies(shift: Shift, outcomes: Sequence[Outcome]) -> list[str]:
    """What each remedy wins or costs, and what they do together."""
    told = [_effect(one) for one in outcomes]
    best = max(outcomes, key=lambda one: one.gain.value)
    left = shift.home_mean.value - best.mean_iou.value
    if shift.is_clear and best.gain.low > 0 and left > 0:
        told.append(
            f"Even with “{best.title}” {number(left)} of mean IoU are missing to home: what is left needs labels, "
            "other training data or another network."
        )
    elif best.gain.low <= 0:
        told.append("None of them helps by more than chance: statistics alone do not bring the two sets together.")
    return [" ".join(told), *_parts_and_whole(outcomes)]


def _effect(one: Outcome) -> str:
    if one.gain.high < 0:
        return f"{one.title}: costs {number_interval(opposite(one.gain))}."
    if one.gain.low <= 0:
        return f"{one.title}: changes mean IoU by {signed(one.gain)}, which could be chance."
    share = f", {percent(one.share.value, 0)} of the drop" if one.share else ""
    return f"{one.title}: wins {number_interval(one.gain)}{share}."


def _parts_and_whole(outcomes: Sequence[Outcome]) -> list[str]:
    together = next((one for one in outcomes if one.key == "together"), None)
    if together is None:
        return []
    parts = sum(one.gain.value for one in outcomes if one is not together)
    return [
        f"The single effects add up to {number(parts)}, together they make {number(together.gain.value)}: "
        + _sum_in_words(parts, together.gain.value)
    ]


def _sum_in_words(parts: float, whole: float) -> str:
    if abs(whole - parts) < 0.005:
        return "as much as one by one."
    if whole < parts:
        return "worse than one by one, because they partly repair the same thing or get in each other's way."
    return "better than one by one, because each changes what the others have to work on."


def class_gains(shift: Shift, one: Outcome) -> list[str]:
    """Which classes a remedy helps and which it harms."""
    known = [(float(one.class_gains[c]), shift.classes[c]) for c in shift.common]
    up, down = sorted(known, reverse=True)[:3], sorted(known)[:3]
    gains = [f"{quoted(name)} ({_plus(value)})" for value, name in up if value > 0]
    losses = [f"{quoted(name)} ({_plus(value)})" for value, name in down if value < 0]
    told = f"“{one.title}” helps {sum(value > 0 for value, _ in known)} of {len(known)} classes"
    told += f", most {listed(gains)}" if gains else ""
    told += f"; it harms {sum(value < 0 for value, _ in known)}, most {listed(losses)}" if losses else ""
    return [f"{told}."]


def _plus(value: float) -> str:
    return f"+{value:.2f}" if value > 0 else number(value, 2)
