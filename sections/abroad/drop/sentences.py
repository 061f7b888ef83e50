"""Readings of one network at home and abroad (chapter 09): the drop, its reasons, and what remedies win back."""

import math
from collections.abc import Sequence

from helpers.metrics.intervals import opposite
from helpers.show.words import count, listed, number, number_interval, p_value, percent, points, quoted, signed
from sections.abroad.drop.appearance import ColourDistance, FeatureDistance, LookDifference
from sections.abroad.drop.measured import Change, ClassDrop, Shift, largest_changes
from sections.abroad.drop.reasons import DropReason, Shape, SizeGroup, shapes, width_to_match

PLAIN_LOOK = 0.5  # standard deviations from which two sets look different ("medium", Cohen 1988)


def drop(shift: Shift) -> list[str]:
    """Mean IoU in both places, the drop, and whether it is more than chance."""
    told = (
        f"Over the {count(len(shift.common), 'class', 'classes')} that both sets show, the mean IoU is "
        f"{number_interval(shift.home_mean)} in {shift.home_title} and {number_interval(shift.target_mean)} in "
        f"{shift.target_title}: {_drop_in_words(shift)}"
    )
    home, target, lost = shift.accuracies
    accuracy = (
        f"Pixel accuracy {'falls' if lost.value > 0 else 'rises'} from {percent(home.value)} to "
        f"{percent(target.value)}, by {points(lost.value)}."
    )
    return [told, accuracy, *_other_classes(shift)]


def _drop_in_words(shift: Shift) -> str:
    lost = shift.drop
    if shift.is_clear:
        return f"a drop of {number_interval(lost)}, more than chance explains."
    if lost.high < 0:
        return f"the network does better abroad, by {number_interval(opposite(lost))}."
    return f"a difference of {signed(opposite(lost))}, which could be chance: there is no drop to explain."


def _other_classes(shift: Shift) -> list[str]:
    told = []
    for names, title in ((shift.home_only, shift.home_title), (shift.target_only, shift.target_title)):
        if names:
            told.append(f"only {title} shows {listed([quoted(name) for name in names])}")
    home, target = shift.published
    if not told and math.isclose(home.value - target.value, shift.drop.value, abs_tol=5e-4):
        return []
    why = f"; {' and '.join(told)}" if told else ""
    return [
        f"Over all classes in each set's own truth or prediction, as mean IoU is usually published, it is "
        f"{number(home.value)} and {number(target.value)}{why}. Such a difference also depends on which classes "
        "happen to be there, so this chapter keeps to the common ones."
    ]


def classes(shift: Shift) -> list[str]:
    """Which classes lose most, which nothing, and for how many it is certain."""
    both = [row for row in shift.class_drops if row.drop]
    sure = [row for row in both if row.drop.low > 0]
    better = [row for row in both if row.drop.high < 0]
    told = f"Of {count(len(both), 'class', 'classes')} that both show, {len(sure)} lose more than chance explains"
    gaining = "gains" if len(better) == 1 else "gain"
    told += f", {len(better)} {gaining}." if better else " and none gains as surely."
    worst = [row for row in both[:3] if row.drop.value > 0]
    if worst:
        told += f" The largest drops: {listed([_fall(row) for row in worst])}."
    safest = both[-1]
    if len(both) > 3 and safest not in worst:
        told += f" The least is lost by {_fall(safest)}."
    return [told, *_rare(both)]


def _fall(row: ClassDrop) -> str:
    return f"{quoted(row.name)} (from {number(row.home.value, 2)} to {number(row.target.value, 2)})"


def _rare(rows: Sequence[ClassDrop]) -> list[str]:
    few = [row.name for row in rows if min(row.scenes) < 5]
    if not few:
        return []
    verb = "is" if len(few) == 1 else "are"
    return [
        f"{listed([quoted(name) for name in few])} {verb} seen in fewer than five scenes of one of the sets: "
        "there the drop says little about other scenes."
    ]


def changes(shift: Shift, most: int = 3) -> list[str]:
    """Which answers become more frequent abroad."""
    rising = [one for one in largest_changes(shift, 50) if one.difference > 0][:most]
    if not rising:
        return ["No confusion is more frequent abroad than at home."]
    return [f"The confusions that grow most: {listed([_growth(shift, one) for one in rising])}."]


def _growth(shift: Shift, one: Change) -> str:
    truth, predicted = (quoted(shift.classes[c]) for c in (one.truth, one.predicted))
    return (
        f"{truth} taken for {predicted} ({percent(one.home)} of its pixels at home, {percent(one.target)} abroad)"
    )


def looks(rows: Sequence[LookDifference], titles: tuple[str, str]) -> list[str]:
    """In what the images of the two sets differ visibly."""
    known = [row for row in rows if not math.isnan(row.in_spreads)]
    plain = [row for row in known if abs(row.in_spreads) >= PLAIN_LOOK]
    if not plain:
        return [
            f"In colour and light the two sets are alike: no measurement differs by half a standard deviation of "
            f"{titles[0]}'s scenes."
        ]
    told = [
        f"{row.title} is {'higher' if row.in_spreads > 0 else 'lower'} by {abs(row.in_spreads):.1f}"
        for row in plain[:3]
    ]
    furthest = max(plain, key=lambda row: row.outside)
    return [
        f"Compared with {titles[0]}, in standard deviations of its scenes, in {titles[1]} {listed(told)}. By "
        f"“{furthest.title}” {percent(furthest.outside, 0)} of its scenes lie outside what 95 % of {titles[0]}'s "
        "scenes show."
    ]


def distance(found: FeatureDistance) -> list[str]:
    """The Fréchet distance next to its yardstick, and what matching colours does to it."""
    home, *others = found.names
    told = [
        f"Two random halves of {home}, {count(found.scenes, 'scene')} each, lie {number(found.within, 2)} apart "
        f"in the network's features; as many scenes of {others[0]} lie {number(found.between[0], 2)} from "
        f"{home}: {number(found.ratios[0], 1)} times as far. {_is_far(found.ratios[0])}"
    ]
    if len(others) > 1:
        told.append(
            f"In home's colours {others[0]} lies {number(found.ratios[1], 1)} times as far: "
            f"{_closer(*found.ratios)}"
        )
    return told


def _closer(before: float, after: float) -> str:
    if after < before:
        return "matching colours brings the sets together in what the network makes of them."
    return "to the network, alike in colour is not alike."


def _is_far(ratio: float) -> str:
    if math.isnan(ratio):
        return "The features do not vary, so there is nothing to measure by."
    if ratio < 1.2:
        return "To its features the sets are hardly more different than home is from itself."
    if ratio < 2:
        return "That is farther than chance alone would put them, but not far."
    return (
        "The features see that these are other scenes: what follows the backbone works on inputs it did not learn."
    )


def colour_distance(found: ColourDistance, title: str) -> list[str]:
    """Whether scenes in unfamiliar colours score lower."""
    if math.isnan(found.correlation):
        return [f"Colours or scores do not vary over the scenes of {title}: no correlation can be told."]
    told = f"Spearman's ρ = {number(found.correlation, 2)}, {p_value(found.p_value)}, {len(found.iou)} scenes"
    if found.p_value >= 0.05:
        return [
            f"Within {title}, scenes whose colours are farther from home's do not score noticeably lower or "
            f"higher ({told})."
        ]
    side = "lower" if found.correlation < 0 else "higher"
    return [f"Within {title}, the farther a scene's colours are from home's, the {side} its mean IoU ({told})."]


def sizes(groups: Sequence[SizeGroup], titles: tuple[str, str]) -> list[str]:
    """Whether regions are smaller abroad, and whether small ones suffer more."""
    moved = max(groups, key=lambda one: abs(one.target.share - one.home.share))
    side = "more" if moved.target.share > moved.home.share else "less"
    told = (
        f"The largest difference in size: regions of {moved.name} of the image make up "
        f"{percent(moved.home.share)} of the pixels in {titles[0]} and {percent(moved.target.share)}, {side}, in "
        f"{titles[1]}."
    )
    known = [one for one in groups if one.home.pixels and one.target.pixels]
    if known:
        worst = max(known, key=lambda one: one.target.error_rate - one.home.error_rate)
        told += (
            f" The share of wrong pixels grows most in regions of {worst.name}: from "
            f"{percent(worst.home.error_rate, 0)} to {percent(worst.target.error_rate, 0)}."
        )
    return [told]


def shape(shift: Shift) -> list[str]:
    """What resizing to a square does to both sets, and whether that was tried out."""
    home, target = shapes(shift)
    told = f"Made square, images of {_shape(shift.home_title, home)} and of {_shape(shift.target_title, target)}."
    if (width := width_to_match(home, target)) is None:
        return [f"{told} The shapes are the same, so this cannot be a reason."]
    ratio = target.squeeze / home.squeeze
    wider = f"{percent(abs(1 / ratio - 1), 0)} {'wider' if ratio < 1 else 'narrower'}"
    return [
        f"{told} Things abroad are therefore {wider} than the network is used to, for the same height. To see "
        f"what that costs, the target's images are also shown to it at {width} × {target.size} pixels (width × "
        "height), squeezed as home's are."
    ]


def _shape(title: str, shape: Shape) -> str:
    return (
        f"{title} ({shape.width:.0f} × {shape.height:.0f}) are squeezed {number(shape.squeeze, 2)} times sideways"
    )


def reasons(shift: Shift, found: Sequence[DropReason]) -> list[str]:
    """Which reasons take away a part of the drop beyond chance."""
    if not shift.is_clear:
        return ["There is no clear drop, so no share of it can be told."]
    known = [one for one in found if one.explained]
    bounded = [one for one in known if not math.isnan(one.explained.low)]
    real = sorted((one for one in bounded if one.explained.low > 0), key=lambda one: -one.explained.value)
    told = [f"{one.title} ({percent(one.explained.value, 0)})" for one in real]
    grows = [one.title for one in bounded if one.explained.high < 0]
    text = f"More than chance goes away with: {listed(told, 'and')}." if told else (
        "No reason by itself takes away more of the drop than chance would."
    )  # fmt: skip
    if grows:
        text += f" The drop even grows with: {listed(grows)}."
    most = max((one.explained.value for one in known), default=0.0)
    if most < 0.5:
        text += (
            " Each of them leaves most of the drop. What things look like, which counting cannot equalise, is the "
            "likeliest rest."
        )
    return [text]
