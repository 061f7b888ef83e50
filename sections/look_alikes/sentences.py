"""Classes that look alike: how often they are mixed up, which way, and what the mistakes look like."""

from helpers.metrics.comparison import SIGNIFICANT
from helpers.show.words import count, in_words, listed, none_or, number, p_value, percent, quoted
from sections.look_alikes.measured import Distinction, LookAlike, LookAlikes, OverModels

LOOK_WORDS = {  # for what is higher and what is lower
    "brightness": ("brighter", "darker"),
    "contrast": ("richer in contrast", "poorer in contrast"),
    "sharpness": ("sharper", "softer"),
    "colourfulness": ("more colourful", "greyer"),
}


def mixed_up(found: LookAlikes) -> list[str]:
    """For each pair whether it is mixed up more one way, and how large a part of all mistakes that is."""
    evenly = 2 / (len(found.classes) * (len(found.classes) - 1))
    return [" ".join(_mixed_up(one, found.mistakes, evenly) for one in found.pairs)]


def _mixed_up(one: LookAlike, mistakes: int, evenly: float) -> str:
    (first, second), mixed = map(quoted, one.names), one.mix_up
    if not mixed.count:
        return f"{first} and {second} are never taken for each other."
    leaning = "not clearly more one way than the other"
    if mixed.direction_p < SIGNIFICANT:
        leaning = f"the model leans towards {second if mixed.there.value > mixed.back.value else first}"
    told = (
        f"{first} and {second}: {leaning} ({p_value(mixed.direction_p)}, Fisher's exact test); {mixed.count:,} of "
        f"all {count(mistakes, 'mistake')}, {percent(mixed.of_mistakes.value, 0)}"
    )
    if evenly == 1:  # of two classes there is no other pair
        return f"{told}."
    return (
        f"{told}, where evenly over all pairs of classes it would be {percent(evenly, 0)}. The truth was the "
        f"second most probable class in {none_or(one.second_best)} of these."
    )


def distinctions(found: LookAlikes) -> list[str]:
    """How images that were mixed up differ from those of the same class that were recognised, by measurement."""
    if not found.looks:
        return ["Too few validation images were mixed up to say how they differ from those that were recognised."]
    telling = [look for look in found.looks if look.p_value < SIGNIFICANT]
    if not telling:
        return [
            "In brightness, contrast, sharpness and colour the validation images that were mixed up do not differ "
            "from those of their class that were recognised by more than chance explains "
            f"({len(found.looks)} rank-sum tests, Holm)."
        ]
    directions = dict.fromkeys((look.truth, look.predicted) for look in telling)
    return [_look(found, [look for look in telling if (look.truth, look.predicted) == one]) for one in directions]


def _look(found: LookAlikes, telling: list[Distinction]) -> str:
    truth, predicted = quoted(found.classes[telling[0].truth]), quoted(found.classes[telling[0].predicted])
    told = [
        f"{LOOK_WORDS[look.fact][look.mixed_up < look.recognised]} (median rank {number(look.mixed_up, 0)} "
        "against "
        f"{number(look.recognised, 0)} of those recognised, {p_value(look.p_value)})"
        for look in telling
    ]
    return f"Validation images of {truth} that were taken for {predicted} are {listed(told)}."


def told_apart(found: OverModels) -> list[str]:
    """For each pair which differences between models are more than chance."""
    if len(found.titles) < 2:
        return []
    return [" ".join(_told_apart(found, pair) for pair in found.rates)]


def _told_apart(found: OverModels, pair: tuple[int, int]) -> str:
    names = listed([quoted(found.classes[label]) for label in pair])
    certain = [one for one in found.differences if one.worse and (one.first, one.second) == pair]
    if not certain:
        return f"{names}: no two models differ by more than chance explains."
    ahead = [
        f"{found.titles[one.a if one.worse == one.b else one.b]} mixes up fewer than {found.titles[one.worse]} "
        f"({p_value(one.p_adjusted)})"
        for one in sorted(certain, key=lambda one: one.p_adjusted)[:3]
    ]
    more = f" ({in_words(len(certain))} such differences in all)" if len(certain) > 3 else ""
    return f"{names}, beyond chance: {listed(ahead)}{more}."
