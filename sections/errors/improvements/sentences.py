"""What resolving which confusion would win, and what could help, by rules with stated thresholds (chapter 08)."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.segmentation.types import BANDS, SEGMENT_SHARES
from helpers.show.words import count, in_words, listed, number, percent, quoted
from sections.errors.improvements.measured import NEAR, SMALL

if TYPE_CHECKING:
    from sections.errors.analysis import Analysis
    from sections.errors.improvements.measured import Area, ClassGain, Improvement

MOST = 0.5  # share of a confusion's pixels from which it counts as a matter of that kind
RARE = 0.01  # share of the labelled pixels below which a class is rare
FREQUENT = 0.1  # share of the wrong pixels
TOP = 5  # confusions resolved together


@dataclass(frozen=True)
class ConfusionRule:
    """One kind of confusion: when it is assumed, and what could help."""

    name: str
    when: str
    holds: "Callable[[Improvement, float], bool]"  # of a confusion and its true class's share of the pixels
    help: str


RULES = (
    ConfusionRule(
        "definition", f"at least {percent(MOST, 0)} of its pixels have a debatable label",
        lambda one, share: one.debatable >= MOST,
        "settle what counts as {truth}; chapter 09 scores without such labels",
    ),
    ConfusionRule(
        "small or thin things",
        f"at least {percent(MOST, 0)} lie on segments up to {100 * SEGMENT_SHARES[SMALL]:g} % of the image, or "
        f"within {BANDS[NEAR]:g} px of a border as do at least {percent(MOST, 0)} of all pixels of the true class",
        lambda one, share: one.small >= MOST or min(one.near, one.thin) >= MOST,
        "more pixels for them: a larger input, or the scene in overlapping crops; for a map of patches, smaller "
        "ones",
    ),
    ConfusionRule(
        "outlines", f"at least {percent(MOST, 0)} of its pixels lie within {BANDS[NEAR]:g} px of a border",
        lambda one, share: one.near >= MOST,
        "sharper outlines: output stride 8, or a larger input; for a map of patches, a shorter stride",
    ),
    ConfusionRule(
        "rare class", f"the true class has less than {percent(RARE, 0)} of the labelled pixels",
        lambda one, share: share < RARE,
        "more training scenes with {truth}, or a larger weight of it in the loss",
    ),
    ConfusionRule(
        "another look", "none of the others: whole regions of a class that is not rare",
        lambda one, share: True,
        "scenes that show how {truth} looks here: labelled ones to train on, or chapter 09's remedies without "
        "labels",
    ),
)  # fmt: skip


def kind_of(one: "Improvement", share: float) -> ConfusionRule:
    """The first rule that holds; `share` is the true class's part of the labelled pixels."""
    return next(rule for rule in RULES if rule.holds(one, share))


def rule_rows() -> list[dict[str, str]]:
    """The rules in the order in which they are tried, for the page."""
    return [
        {"Kind": rule.name, "Holds if": rule.when, "What could help": rule.help.format(truth="the true class")}
        for rule in RULES
    ]


def ranking(analysis: "Analysis") -> list[str]:
    """What leads the list, how sure its order is, and what the first few bring together."""
    ranked, names = analysis.ranked, analysis.classes
    if not ranked:
        return ["There is no confusion left to resolve."]
    first, now = ranked[0], float(analysis.together[0])
    told = (
        f"The costliest confusion: {quoted(names[first.truth])} taken for {quoted(names[first.predicted])}. "
        f"Resolved by itself it would raise mean IoU by {_gain(first)}, from {number(now)} to "
        f"{number(now + first.gain.value)}, {_share_of(first)} {_certainty(ranked)}"
    )
    return [told, _together(analysis)]


def _share_of(first: "Improvement") -> str:
    if first.share > FREQUENT:
        return f"and it is {percent(first.share)} of the wrong pixels."
    return (
        f"though it is only {percent(first.share)} of the wrong pixels: every class counts alike in the mean, "
        "however few its pixels."
    )


def _gain(one: "Improvement | Area") -> str:
    gain = one.gain
    told = f"{100 * gain.value:.2f} points"
    if math.isnan(gain.low):
        return told
    return f"{told} (95 % interval {100 * gain.low:.2f} to {100 * gain.high:.2f})"


def _certainty(ranked: "Sequence[Improvement]") -> str:
    """Which of the first places hold when other scenes are drawn."""
    first, last = ranked[0].place
    if math.isnan(ranked[0].gain.low):
        return "What other scenes would say, these cannot tell."
    if last == 1:
        return "It stays in first place whichever scenes are drawn."
    places = f"{_place(first)} to {_place(last)}"
    return f"With other scenes it could have come {places}: read the list as a group, not as an order."


def _place(place: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if place % 100 in (11, 12, 13) else endings.get(place % 10, "th")
    return f"{place}{ending}"


def _together(analysis: "Analysis") -> str:
    steps = analysis.together
    top = min(TOP, len(steps) - 1)
    half = (steps[0] + steps[-1]) / 2
    needed = int((steps >= half).argmax())
    share = sum(one.share for one in analysis.ranked[:top])
    return (
        f"The first {in_words(top)} together would raise mean IoU from {number(steps[0])} to "
        f"{number(steps[top])}; they are {percent(share, 0)} of the wrong pixels. To win half of what is missing "
        f"takes the first {count(needed, 'confusion')} of {len(steps) - 1}."
    )


def kinds(analysis: "Analysis", most: int) -> list[str]:
    """What kind the costliest confusions are, and what could help against the first of all."""
    shares = analysis.found.matrix.sum(1) / max(1, analysis.found.matrix.sum())
    found = [kind_of(one, float(shares[one.truth])) for one in analysis.ranked[:most]]
    if not found:
        return []
    tally = Counter(rule.name for rule in found).most_common()
    told = listed([f"{amount} {quoted(name)}" for name, amount in tally])
    truth, predicted = (
        quoted(analysis.classes[c]) for c in (analysis.ranked[0].truth, analysis.ranked[0].predicted)
    )
    first = f"The first of all is {truth} taken for {predicted}"
    if len(tally) == 1:
        by_kind = f"The {len(found)} costliest are all of the kind {quoted(found[0].name)}. {first}."
    else:
        by_kind = f"By kind, of the {len(found)} costliest: {told}. {first}, of the kind {quoted(found[0].name)}."
    return [f"{by_kind} What could help: {found[0].help.format(truth=truth)}."]


def areas(found: "Sequence[Area]", classes: "Sequence[ClassGain]") -> list[str]:
    """Outlines against regions, small against large, kinds of things; the class that costs most."""
    groups = " ".join(filter(None, [_against(found, "place"), _against(found, "size")]))
    return list(filter(None, [groups, _within_kinds(found), _labels(found), _class(classes)]))


def _against(found: "Sequence[Area]", kind: str) -> str:
    """The two groups of one kind, the larger gain first."""
    groups = sorted((area for area in found if area.kind == kind), key=lambda area: -area.gain.value)
    if len(groups) < 2:
        return ""
    more, less = groups
    return (
        f"All errors {more.name} resolved: {_gain(more)} of mean IoU for {percent(more.share, 0)} of the wrong "
        f"pixels. All errors {less.name}: {_gain(less)} for {percent(less.share, 0)}."
    )


def _within_kinds(found: "Sequence[Area]") -> str:
    groups = [area for area in found if area.kind == "kind" and area.name.startswith("within")]
    between = [area for area in found if area.name == "between kinds"]
    if not groups or not between:
        return ""
    most = max(groups, key=lambda area: area.gain.value)
    return (
        f"Confusions between kinds of things are {percent(between[0].share, 0)} of the wrong pixels and would "
        f"bring {_gain(between[0])}. Of those within one kind, {most.name.removeprefix('within ')} are the most "
        f"rewarding: {_gain(most)}."
    )


def _labels(found: "Sequence[Area]") -> str:
    labels = [area for area in found if area.kind == "label"]
    if not labels:
        return ""
    return (
        f"Pixels whose label is debatable are {percent(labels[0].share, 0)} of the wrong ones; if the network "
        f"were granted all of them: {_gain(labels[0])}."
    )


def _class(classes: "Sequence[ClassGain]") -> str:
    rows = [row for row in classes if row.both.value > 0]
    if not rows:
        return ""
    first = rows[0]
    missed, alarms = first.missed.value, first.false_alarms.value
    side = "being missed" if missed > alarms else "being seen where it is not"
    return (
        f"The single class that costs most is {quoted(first.name)}: {100 * first.both.value:.1f} points if "
        f"nothing about it were wrong, and it loses more by {side} ({100 * max(missed, alarms):.1f}) than "
        f"the other way round ({100 * min(missed, alarms):.1f})."
    )
