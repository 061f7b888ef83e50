"""What one network loses abroad, in which classes, and which reasons the measurements leave (chapter 09)."""

import math
from collections.abc import Sequence

import pandas as pd

from helpers.metrics.intervals import opposite
from helpers.segmentation.resampling import what_is_drawn
from helpers.show.words import (
    change,
    count,
    in_words,
    listed,
    none_or,
    number,
    number_interval,
    p_value,
    percent,
    quoted,
    sentence,
    signed,
    true_minus,
)
from sections.abroad.drop.appearance import LOOKS, ColourDistance, FeatureDistance, look_differences
from sections.abroad.drop.measured import ClassDrop, Shift
from sections.abroad.drop.reasons import DropReason, squeeze, width_to_match
from sections.street_scenes.learnt import unlearnt_classes

PLAIN_LOOK = 0.5  # standard deviations from which two sets look different ("medium", Cohen 1988)
FEW_SCENES = 5  # that show a class: its drop says little about others


def drop_verdict(shift: Shift) -> list[str]:
    """Whether the network loses more than chance explains."""
    lost = shift.drop
    if shift.is_clear:
        told = f"It loses {number_interval(lost)} of mean IoU, more than chance explains"
    elif lost.high < 0:
        told = f"The network does better abroad, by {number_interval(opposite(lost))} of mean IoU"
    elif not change(lost.value).strip("0."):
        told = "Mean IoU is the same at home and abroad"
    elif math.isnan(lost.low):
        told = f"Mean IoU changes by {signed(opposite(lost))}; one scene of a set says nothing of others"
    else:
        told = f"Mean IoU changes by {signed(opposite(lost))}, which could be chance: no drop is shown"
    return [
        f"{told}. It is taken over the {count(len(shift.common), 'class', 'classes')} that both sets show; the "
        f"intervals are over {what_is_drawn(shift.home)} at home and {what_is_drawn(shift.target)} abroad."
    ]


def class_verdict(shift: Shift) -> list[str]:
    """For how many classes a drop is certain, and of which classes the drop says nothing."""
    both = [row for row in shift.class_drops if row.drop and row.learnt]
    told = unlearnt_classes(shift.unlearnt)
    if not both:
        return [*told, "There is no class that both sets show and that was learnt at home."]
    losing = sum(row.drop.low > 0 for row in both)
    gaining = sum(row.drop.high < 0 for row in both)
    learnt = " and that were learnt at home" if shift.unlearnt else ""
    return [
        *told,
        f"Of {count(len(both), 'class', 'classes')} that both show{learnt}, {none_or(losing)} "
        f"{'lose' if losing > 1 else 'loses'} more than chance explains, each taken by itself, and "
        f"{none_or(gaining)} {'gain' if gaining > 1 else 'gains'} as surely.",
        *_named([row for row in both if min(row.scenes) < FEW_SCENES],
                f"seen in fewer than {in_words(FEW_SCENES)} scenes of one of the sets: there the drop says little "
                "about other scenes"),
    ]  # fmt: skip


def _named(rows: Sequence[ClassDrop], what: str) -> list[str]:
    verb = "is" if len(rows) == 1 else "are"
    return [f"{listed([quoted(row.name) for row in rows])} {verb} {what}."] if rows else []


def plain_looks(looks: pd.DataFrame, titles: tuple[str, str]) -> list[str]:
    """In what the images of the two sets differ visibly."""
    told = [f"{LOOKS[name].words[value > 0]} ({true_minus(value, '+.1f')})"
            for name, value in look_differences(looks).items() if abs(value) >= PLAIN_LOOK]  # fmt: skip
    if not told:
        return [f"No colour or light measured differs by half a standard deviation of {titles[0]}'s scenes."]
    return [
        f"On average, the scenes of {titles[1]} are {listed(told)} than those of {titles[0]}; in brackets, the "
        "difference in standard deviations of the latter."
    ]


def colour_verdict(found: ColourDistance, title: str) -> list[str]:
    """Whether scenes in unfamiliar colours score lower."""
    if math.isnan(found.correlation):
        return [f"Colours or scores do not vary over the scenes of {title}: no correlation can be told."]
    told = (
        f"Spearman's ρ = {number(found.correlation, 2)}, {p_value(found.p_value)}, {len(found.scenes)} scenes "
        "taken as independent"
    )
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
    if math.isnan(found.within):
        return ["Two halves of home, or the target, have fewer than two scenes: no distance can be told."]
    if math.isnan(ratio):
        return ["The features do not vary over the scenes at home, so that no distance can be told."]
    told = sentence(f"{target} lies {number(ratio, 1)} times as far from half of {found.home} as its other half")
    if ratio < 1.2:
        return [f"{told}: to its features the sets are hardly more different than home is from itself."]
    if ratio < 2:
        return [f"{told}: farther than half of home is from the other, but not far."]
    return [f"{told}: to its features these are two different places."]


def squeeze_plan(shift: Shift) -> list[str]:
    """What resizing to a square does to both sets, and whether that is tried out."""
    home, target, width = squeeze(shift.home), squeeze(shift.target), width_to_match(shift)
    told = f"Made square, images at home are squeezed {number(home, 2)} times sideways, abroad {number(target, 2)}"
    if width is None:
        return [f"{told}: the shapes are too nearly the same for this to be a reason."]
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
    grows = [_share(one) for one in known if one.explained.high < 0]
    told = [
        f"Beyond chance, a part of the drop goes away where the sets are made alike in {listed(gone)}." if gone
        else "No reason by itself takes away more of the drop than chance would.",
        *([f"The drop grows beyond chance with {listed(grows)}."] if grows else []),
    ]  # fmt: skip
    return [" ".join(told)]


def _share(one: DropReason) -> str:
    return f"{quoted(one.title)} ({percent(abs(one.explained.value), 0)})"
