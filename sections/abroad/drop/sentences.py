"""What one network loses abroad, in which classes, and which reasons the measurements leave (chapter 09)."""

import math
from collections.abc import Sequence

import pandas as pd

from helpers.metrics.intervals import opposite
from helpers.show.words import (
    count,
    in_words,
    listed,
    none_or,
    number,
    number_interval,
    p_value,
    percent,
    quoted,
    signed,
)
from sections.abroad.drop.appearance import ColourDistance, FeatureDistance, look_differences
from sections.abroad.drop.measured import ClassDrop, Shift
from sections.abroad.drop.reasons import DropReason, squeeze, width_to_match

PLAIN_LOOK = 0.5  # standard deviations from which two sets look different ("medium", Cohen 1988)
LEARNT = 0.1  # IoU at home below which a network does not know a class
FEW_SCENES = 5  # that show a class: its drop says little about others


def drop_verdict(shift: Shift) -> list[str]:
    """Whether the network loses more than chance explains."""
    lost = shift.drop
    if shift.is_clear:
        told = f"It loses {number_interval(lost)} of mean IoU, more than chance explains"
    elif lost.high < 0:
        told = f"The network does better abroad, by {number_interval(opposite(lost))} of mean IoU"
    else:
        told = f"Mean IoU changes by {signed(opposite(lost))}, which could be chance: there is no drop to explain"
    return [f"{told}. It is taken over the {count(len(shift.common), 'class', 'classes')} that both sets show."]


def class_verdict(shift: Shift) -> list[str]:
    """For how many classes a drop is certain, and of which classes the drop says nothing."""
    both = [row for row in shift.class_drops if row.drop]
    losing = sum(row.drop.low > 0 for row in both)
    gaining = sum(row.drop.high < 0 for row in both)
    return [
        f"Of {count(len(both), 'class', 'classes')} that both show, {none_or(losing)} "
        f"{'lose' if losing > 1 else 'loses'} more than chance explains, {none_or(gaining)} "
        f"{'gain' if gaining > 1 else 'gains'} as surely.",
        *_named([row for row in both if row.home.value < LEARNT],
                f"not learnt even at home (IoU below {LEARNT:g}), with little to lose"),
        *_named([row for row in both if min(row.scenes) < FEW_SCENES],
                f"seen in fewer than {in_words(FEW_SCENES)} scenes of one of the sets: there the drop says little "
                "about other scenes"),
    ]  # fmt: skip


def _named(rows: Sequence[ClassDrop], what: str) -> list[str]:
    verb = "is" if len(rows) == 1 else "are"
    return [f"{listed([quoted(row.name) for row in rows])} {verb} {what}."] if rows else []


def plain_looks(looks: pd.DataFrame, titles: tuple[str, str]) -> list[str]:
    """In what the images of the two sets differ visibly."""
    told = [f"{name} ({number(value, 1)})" for name, value in look_differences(looks).items()
            if abs(value) >= PLAIN_LOOK]  # fmt: skip
    if not told:
        return [f"No colour or light measured differs by half a standard deviation of {titles[0]}'s scenes."]
    return [f"{titles[1]} differs from {titles[0]}, in standard deviations of its scenes, in {listed(told)}."]


def colour_verdict(found: ColourDistance, title: str) -> list[str]:
    """Whether scenes in unfamiliar colours score lower."""
    if math.isnan(found.correlation):
        return [f"Colours or scores do not vary over the scenes of {title}: no correlation can be told."]
    told = f"Spearman's ρ = {number(found.correlation, 2)}, {p_value(found.p_value)}, {len(found.scenes)} scenes"
    if found.p_value >= 0.05:
        return [
            f"Within {title}, scenes whose colours are farther from home's do not score noticeably lower or "
            f"higher ({told})."
        ]
    side = "lower" if found.correlation < 0 else "higher"
    return [f"Within {title}, the farther a scene's colours are from home's, the {side} its mean IoU ({told})."]


def feature_verdict(found: FeatureDistance) -> list[str]:
    """Whether the sets are farther apart in the network's features than home is from itself."""
    target, ratio = next(iter(found.ratios.items()))
    if math.isnan(ratio):
        return ["The features do not vary, so there is nothing to measure by."]
    told = f"{target} lies {number(ratio, 1)} times as far from half of {found.home} as its other half"
    if ratio < 1.2:
        return [f"{told}: to its features the sets are hardly more different than home is from itself."]
    if ratio < 2:
        return [f"{told}: farther than chance alone would put them, but not far."]
    return [f"{told}: what follows the backbone works on inputs that it did not learn."]


def squeeze_plan(shift: Shift) -> list[str]:
    """What resizing to a square does to both sets, and whether that is tried out."""
    home, target, width = squeeze(shift.home), squeeze(shift.target), width_to_match(shift)
    told = f"Made square, images at home are squeezed {number(home, 2)} times sideways, abroad {number(target, 2)}"
    if width is None:
        return [f"{told}: the shapes are the same, so this cannot be a reason."]
    wider = f"{percent(abs(home / target - 1), 0)} {'wider' if target < home else 'narrower'}"
    return [
        f"{told}: things there are {wider} than the network is used to. To see what that costs, the target's "
        f"images are also shown to it at {width} × {shift.target.size} pixels, squeezed as home's are."
    ]


def reason_verdict(shift: Shift, found: Sequence[DropReason]) -> list[str]:
    """Which reasons take away a part of the drop beyond chance."""
    if not shift.is_clear:
        return ["There is no clear drop, so no share of it can be told."]
    known = [one for one in found if one.explained]
    gone = [_share(one) for one in known if one.explained.low > 0]  # false of those without bounds
    grows = [one.title for one in known if one.explained.high < 0]
    told = [
        f"Beyond chance, a part of the drop goes away with {listed(gone)}." if gone
        else "No reason by itself takes away more of the drop than chance would.",
        *([f"It grows with {listed(grows)}."] if grows else []),
        *(["Each of them leaves most of it. What things look like, which counting cannot equalise, is the "
           "likeliest rest."] if all(one.explained.value < 0.5 for one in known) else []),
    ]  # fmt: skip
    return [" ".join(told)]


def _share(one: DropReason) -> str:
    return f"“{one.title}” ({percent(one.explained.value, 0)})"
