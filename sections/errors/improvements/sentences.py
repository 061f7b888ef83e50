"""What resolving which confusion would win, and what could help, by rules with stated thresholds (chapter 08)."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.show.words import count, in_words, listed, number, percent, quoted
from sections.errors.improvements.measured import BORDER, SMALL_AREA, Improvement

if TYPE_CHECKING:
    from sections.errors.analysis import Analysis
    from sections.errors.improvements.measured import Area, ClassGain

MOST_OF_IT = 0.5  # share of a confusion's pixels from which it counts as a matter of that kind
RARE_CLASS = 0.01  # share of the labelled pixels below which a class is rare
FREQUENT = 0.1  # share of the wrong pixels
FIRST_FEW = 5  # confusions resolved together


@dataclass(frozen=True)
class ConfusionRule:
    """One kind of confusion: when it is assumed, and what could help."""

    name: str
    when: str
    holds: Callable[[Improvement], bool]
    help: str


CONFUSION_RULES = (
    ConfusionRule(
        "definition", f"at least {percent(MOST_OF_IT, 0)} of its pixels have a debatable label",
        lambda one: one.debatable >= MOST_OF_IT,
        "settle what counts as {truth}; chapter 09 scores without such labels",
    ),
    ConfusionRule(
        "small or thin things",
        f"at least {percent(MOST_OF_IT, 0)} lie on segments up to {SMALL_AREA}, or within {BORDER} as do at least "
        f"{percent(MOST_OF_IT, 0)} of all pixels of the true class",
        lambda one: one.small >= MOST_OF_IT or min(one.near, one.thin) >= MOST_OF_IT,
        "more pixels for them: a larger input, or the scene in overlapping crops; for a map of patches, smaller "
        "ones",
    ),
    ConfusionRule(
        "outlines", f"at least {percent(MOST_OF_IT, 0)} of its pixels lie within {BORDER}",
        lambda one: one.near >= MOST_OF_IT,
        "sharper outlines: output stride 8, or a larger input; for a map of patches, a shorter stride",
    ),
    ConfusionRule(
        "rare class", f"the true class has less than {percent(RARE_CLASS, 0)} of the labelled pixels",
        lambda one: one.truth_share < RARE_CLASS,
        "more training scenes with {truth}, or a larger weight of it in the loss",
    ),
    ConfusionRule(
        "another look", "none of the others: whole regions of a class that is not rare",
        lambda one: True,
        "scenes that show how {truth} looks here: labelled ones to train on, or chapter 09's remedies without "
        "labels",
    ),
)  # fmt: skip


def confusion_rule_of(one: Improvement) -> ConfusionRule:
    """The first rule that holds."""
    return next(rule for rule in CONFUSION_RULES if rule.holds(one))


def what_leads(analysis: "Analysis") -> list[str]:
    """What leads the list, how sure its order is, and what the first few bring together."""
    ranked, steps = analysis.ranked, analysis.together
    if not ranked:
        return ["There is no confusion left to resolve."]
    first, top = ranked[0], min(FIRST_FEW, len(ranked))
    rare = "" if first.share > FREQUENT else ": every class counts alike in the mean, however few its pixels"
    share = sum(one.share for one in ranked[:top])
    needed = int((steps >= (steps[0] + steps[-1]) / 2).argmax())
    return [
        f"The costliest confusion: {quoted(first.truth)} taken for {quoted(first.predicted)}. Resolved by itself "
        f"it would raise mean IoU by {_gain(first)}, and it is {percent(first.share)} of the wrong pixels{rare}. "
        f"{_certainty(first)}",
        f"The first {in_words(top)} together would raise mean IoU from {number(steps[0])} to "
        f"{number(steps[top])}; they are {percent(share, 0)} of the wrong pixels. "
        f"To win half of what is missing takes the first {count(needed, 'confusion')} of {len(ranked)}.",
    ]


def _gain(one: "Improvement | Area") -> str:
    value, low, high = (100 * bound for bound in (one.gain.value, one.gain.low, one.gain.high))
    return f"{value:.2f} points" + ("" if math.isnan(low) else f" (95 % interval {low:.2f} to {high:.2f})")


def _certainty(first: Improvement) -> str:
    """Whether the first place holds when other scenes are drawn."""
    if math.isnan(first.gain.low):
        return "What other scenes would say, these cannot tell."
    if first.place[1] == 1:
        return "It stays in first place in 95 of 100 drawings of the scenes."
    return (
        f"With other scenes its place could have been anything from {first.place[0]} to {first.place[1]}: read "
        "the list as a group, not as an order."
    )


def what_could_help(analysis: "Analysis", most: int) -> list[str]:
    """What kind the costliest confusions are, and what could help against the first of all."""
    rules = [confusion_rule_of(one) for one in analysis.ranked[:most]]
    if not rules:
        return []
    tally = Counter(rule.name for rule in rules).most_common()
    kinds = listed([f"{amount} {quoted(name)}" for name, amount in tally])
    truth, predicted = quoted(analysis.ranked[0].truth), quoted(analysis.ranked[0].predicted)
    return [
        f"By kind, of the {len(rules)} costliest: {kinds}. What could help against the first, {truth} taken for "
        f"{predicted}: {rules[0].help.format(truth=truth)}."
    ]


def what_groups_bring(areas: "Sequence[Area]", classes: "Sequence[ClassGain]") -> list[str]:
    """Which kinds of things are confused, and the class that costs most."""
    within = [area for area in areas if area.name.startswith("within") and area.kind == "Kind of thing"]
    between = [area for area in areas if area.name == "between kinds"]
    told = []
    if within and between:
        most = max(within, key=lambda area: area.gain.value)
        told.append(
            f"Confusions between kinds of things are {percent(between[0].share, 0)} of the wrong pixels and would "
            f"bring {_gain(between[0])}. Of those within one kind, {most.name.removeprefix('within ')} are the "
            f"most rewarding: {_gain(most)}."
        )
    if classes and classes[0].both.value > 0:
        first = classes[0]
        missed, alarms = first.missed.value, first.false_alarms.value
        side = "by being missed" if missed > alarms else "by being seen where it is not"
        told.append(
            f"The single class that costs most is {quoted(first.name)}, and it loses "
            f"{'as much either way' if missed == alarms else f'more {side}'}."
        )
    return [" ".join(told)] if told else []
