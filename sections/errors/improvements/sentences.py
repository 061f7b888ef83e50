"""What resolving which confusion would win, and what could help, by rules with stated thresholds (chapter 08)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.show.words import count, in_words, number, percent, quoted, some
from sections.errors.improvements.measured import BORDER, SMALL_AREA, Improvement
from sections.street_scenes.learnt import LEARNT

if TYPE_CHECKING:
    from sections.errors.analysis import Analysis

MOST_OF_IT = 0.5  # share of a confusion's pixels from which it counts as a matter of that kind
RARE_CLASS = 0.01  # share of the labelled pixels below which a class is rare
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
        "not learnt", f"the true class has an IoU below {LEARNT:g} even at home",
        lambda one: not one.learnt,
        "teach the class first: more training scenes that show it, or a larger weight of it in the "
        "loss; the other cures are for what is known",
    ),
    ConfusionRule(
        "definition", f"at least {percent(MOST_OF_IT, 0)} of its pixels have a debatable label",
        lambda one: one.debatable >= MOST_OF_IT,
        "settle what counts as the true class",
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
        "more training scenes with the true class, or a larger weight of it in the loss",
    ),
    ConfusionRule(
        "another look", "none of the others: whole regions of a class that is not rare",
        lambda one: True,
        "scenes that show how the true class looks here: labelled ones to train on, or remedies without labels",
    ),
)  # fmt: skip


def confusion_rule_of(one: Improvement) -> ConfusionRule:
    """The first rule that holds."""
    return next(rule for rule in CONFUSION_RULES if rule.holds(one))


def what_leads(analysis: "Analysis", is_abroad: bool = True) -> list[str]:
    """What resolving the first few confusions together brings, and how many win half of what is missing.

    is_abroad: whether the scenes are of another set than that which the network learnt from.
    """
    ranked, steps = analysis.ranked, analysis.together
    if not ranked:
        return ["There is no confusion left to resolve."]
    top = min(FIRST_FEW, len(ranked))
    share = sum(one.share for one in ranked[:top])
    needed = int((steps >= (steps[0] + steps[-1]) / 2).argmax())
    first = f"first {in_words(top)} together" if top > 1 else "only confusion, resolved,"
    told = (
        f"The {first} would raise mean IoU from {number(steps[0])} to {number(steps[top])}; "
        f"{'they are' if top > 1 else 'it has'} {percent(share, 0)} of the wrong pixels."
    )
    if len(ranked) > 1:
        many = f"first {count(needed, 'confusion')}" if needed > 1 else "first alone"
        told += f" To win half of what is missing takes the {many} of {len(ranked)}."
    if unlearnt := [quoted(one.arrow) for one in ranked[:top] if not one.learnt]:
        classes = "class of {} is" if len(unlearnt) == 1 else "classes of {} are"
        told += f" The true {classes.format(some(unlearnt))} not learnt{' even at home' * is_abroad}."
    return [told]
