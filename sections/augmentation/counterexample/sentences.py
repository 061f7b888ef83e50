"""What an augmentation that is not true of the data does, told from numbers (chapter 04)."""

from typing import TYPE_CHECKING

import numpy as np

from helpers.datasets.augmentations import AUGMENTATIONS
from helpers.metrics.comparison import SIGNIFICANT, PairResult, gain_of
from helpers.show.words import count, in_words, listed, number, p_value, percent, points_bounds, quoted, sentence

if TYPE_CHECKING:
    from helpers.metrics.class_pairs import PairDifference
    from sections.augmentation.counterexample.measured import Counterexample

MOST = 4  # pairs that are named


def guise_name(extra: dict[str, float]) -> str:
    """ "mirrored", or "under rotation and shift"."""
    return "mirrored" if list(extra) == ["flip"] else f"under {listed(list(extra))}"


def changed_images(extra: dict[str, float]) -> str:
    """ "mirrored images", or "images under rotation and shift"."""
    name = guise_name(extra)
    return f"{name} images" if name == "mirrored" else f"images {name}"


def difference(one: "Counterexample") -> list[str]:
    """In what the counterexample differs from the augmented model."""
    if not one.extra:
        return [f"{one.wrong.title} has no augmentation that {one.honest.title} has not."]
    told = listed([f"{name} {value:g} ({AUGMENTATIONS[name].meaning})" for name, value in one.extra.items()])
    if one.other_differences:
        others = listed([f"{key} ({old} and {new})" for key, old, new in one.other_differences])
        return [f"{one.wrong.title} adds {told}. Not a clean comparison: the recipes also differ in {others}."]
    return [f"{one.wrong.title} differs from {one.honest.title} in one thing: {told}."]


def effect(one: "Counterexample") -> list[str]:
    """What the extra augmentation does to accuracy, and to which classes."""
    pair, gain = one.overall, gain_of(one.overall)
    if pair.p_value >= SIGNIFICANT:
        verdict = "over all classes this test set shows neither harm nor benefit"
    else:
        verdict = f"over all classes it {'hurt' if gain.value < 0 else 'helped'}"
    told = (
        f"{one.wrong.title} gets {percent(pair.accuracy_b)} of the test images right, {one.honest.title} "
        f"{percent(pair.accuracy_a)}: a change of {number(100 * gain.value, 1)} percentage points (95 % interval "
        f"{points_bounds(gain)}), {p_value(pair.p_value)} by the exact McNemar test; {verdict}."
    )
    return [told + _classes(one)]


def _classes(one: "Counterexample") -> str:
    worse = [row for row in one.recalls if row.p_adjusted < SIGNIFICANT and row.difference.value > 0]
    if not worse:
        return ""
    told = [
        f"{quoted(one.classes[row.class_index])} ({percent(row.recall_a, 0)} to {percent(row.recall_b, 0)})"
        for row in sorted(worse, key=lambda row: -row.difference.value)
    ]
    return f" Recall falls by more than chance explains in {listed(told)}."


def risk(one: "Counterexample") -> list[str]:
    """Which classes become alike under the extra augmentation, as the model says that never saw it."""
    guise = one.guise
    if not one.at_risk:
        return [
            f"{sentence(changed_images(one.extra))} of one class do not look like another to {one.honest.title}: "
            "there is no pair that this augmentation should confuse."
        ]
    order = sorted(one.at_risk, key=lambda pair: -max(guise.changed[pair], guise.changed[pair[::-1]]))
    told = [_alike(one, *pair) for pair in order[:MOST]]
    more = f" ({in_words(len(order) - MOST)} more pairs with at least 10 %)" if len(order) > MOST else ""
    return [
        f"To {one.honest.title}, which never saw them, {changed_images(one.extra)} look like another class: "
        f"{listed(told)}{more}.{_unharmed(one)}"
    ]


def _alike(one: "Counterexample", first: int, second: int) -> str:
    changed, plain = one.guise.changed, one.guise.plain
    if changed[second, first] > changed[first, second]:
        first, second = second, first
    return (
        f"{percent(changed[first, second], 0)} of {quoted(one.classes[first])} are {quoted(one.classes[second])} "
        f"(as they are {percent(plain[first, second], 0)})"
    )


def _unharmed(one: "Counterexample") -> str:
    kept = np.diag(one.guise.changed) >= 0.9 * np.diag(one.guise.plain)
    names = [quoted(name) for name, same in zip(one.classes, kept, strict=True) if same]
    if not names:
        return " No class is recognised as well as before."
    return f" Recognised as well as before: {listed(names)}."


def suffering(one: "Counterexample") -> list[str]:
    """The pairs that are mixed up more, by name; and whether the rest of the mistakes grew too."""
    family = "pairs at risk" if one.at_risk else "pairs of classes"
    if one.suffering:
        told = [_pair(one, pair) for pair in one.suffering[:MOST]]
        more = f" and {in_words(len(one.suffering) - MOST)} more" if len(one.suffering) > MOST else ""
        first = f"{one.wrong.title} mixes up more than {one.honest.title}, by more than chance explains: "
        first += f"{'; '.join(told)}{more} (exact McNemar tests, Holm over {len(one.pairs)} {family})."
    else:
        first = (
            f"For none of the {len(one.pairs)} {family} alone can this test set show that {one.wrong.title} mixes "
            f"up more images (exact McNemar tests, Holm).{_largest(one)}"
        )
    return [first, *_reason(one)]


def _pair(one: "Counterexample", pair: "PairDifference") -> str:
    before, after = one.matrices
    i, j = pair.first, pair.second
    ways = listed([
        f"{quoted(one.classes[a])} for {quoted(one.classes[b])} ({before[a, b]} before, {after[a, b]} after)"
        for a, b in ((i, j), (j, i))
    ])  # fmt: skip
    return f"{ways}, {p_value(pair.p_adjusted)}"


def _largest(one: "Counterexample") -> str:
    pair = max(one.pairs, key=lambda pair: pair.mixed_b - pair.mixed_a, default=None)
    if pair is None or pair.mixed_b <= pair.mixed_a:
        return ""
    names = listed([quoted(one.classes[pair.first]), quoted(one.classes[pair.second])])
    return f" The largest increase is that of {names}, from {pair.mixed_a} to {pair.mixed_b}."


def _reason(one: "Counterexample") -> list[str]:
    """Mistakes within the pairs at risk against all other mistakes: does the reason given carry?"""
    if not one.at_risk:
        return []
    within, beyond = one.within_risk, one.beyond_risk
    total = len(one.labels)
    told = (
        f"Within all pairs at risk together mistakes go from {_mistakes(within.accuracy_a, total)} to "
        f"{_mistakes(within.accuracy_b, total)} ({p_value(within.p_value)}), all other mistakes from "
        f"{_mistakes(beyond.accuracy_a, total)} to {_mistakes(beyond.accuracy_b, total)} "
        f"({p_value(beyond.p_value)})"
    )
    return [f"{told}: {_verdict(within, beyond, one)}."]


def _mistakes(free: float, total: int) -> int:
    return round((1 - free) * total)


def _verdict(within: PairResult, beyond: PairResult, one: "Counterexample") -> str:
    if not _grew(within):
        return f"learning from {changed_images(one.extra)} did no harm here that this test set can show"
    seen = changed_images(one.extra)
    cause = f"told that {seen} keep their label, the network can no longer tell these classes apart"
    if _grew(beyond):
        return f"{cause}, and it makes more of the other mistakes as well"
    return f"{cause}, and elsewhere nothing got worse by more than chance explains"


def _grew(pair: PairResult) -> bool:
    return pair.p_value < SIGNIFICANT and pair.accuracy_b < pair.accuracy_a


def shown(one: "Counterexample", cards: int) -> list[str]:
    """How many test images only the counterexample gets wrong, beside those shown."""
    lost, won = one.overall.only_a, one.overall.only_b
    return [
        f"{count(lost, 'test image is', 'test images are')} right without the extra augmentation and wrong with "
        f"it, {in_words(won)} the other way round; {in_words(cards)} of the former are shown above."
    ]
