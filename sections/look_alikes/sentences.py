"""Classes that look alike: how often they are mixed up, which way, and what the mistakes look like."""

from typing import TYPE_CHECKING

from helpers.metrics.class_pairs import PairDifference
from helpers.show.words import count, in_words, listed, none_or, p_value, percent, quoted, share_interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from helpers.metrics.class_pairs import MixUp
    from sections.look_alikes.measured import Distinction, LookAlike, LookAlikes, OverModels

SIGNIFICANT = 0.05
FACTS = {
    "brightness": ("brighter", "darker"),
    "contrast": ("richer in contrast", "poorer in contrast"),
    "sharpness": ("sharper", "softer"),
    "colourfulness": ("more colourful", "greyer"),
}


def mixed_up(found: "LookAlikes") -> list[str]:
    """For each pair how often either is taken for the other, whether one way, and their part of all mistakes."""
    evenly = 2 / (len(found.classes) * (len(found.classes) - 1))
    return [_mixed_up(one, found.mistakes, evenly) for one in found.pairs]


def _mixed_up(one: "LookAlike", mistakes: int, evenly: float) -> str:
    first, second = map(quoted, one.names)
    mixed = one.mix_up
    if not mixed.count:
        return f"{first} and {second} are never taken for each other."
    told = (
        f"{first} is taken for {second} in {share_interval(mixed.there)} of its test images, {second} for {first} "
        f"in {share_interval(mixed.back)}: {_direction(mixed, first, second)}. That makes {mixed.count} of all "
        f"{count(mistakes, 'mistake')}, {percent(mixed.of_mistakes.value, 0)}"
    )
    if evenly < 1:
        told += f"; spread evenly over all pairs of classes it would be {percent(evenly, 0)}"
    return f"{told}. {_second_best(one) if evenly < 1 else ''}".strip()


def _direction(mixed: "MixUp", first: str, second: str) -> str:
    if mixed.direction_p >= SIGNIFICANT:
        return f"not clearly more one way than the other ({p_value(mixed.direction_p)}, Fisher's exact test)"
    to = second if mixed.there.value > mixed.back.value else first
    return f"the model leans towards {to} ({p_value(mixed.direction_p)}, Fisher's exact test)"


def _second_best(one: "LookAlike") -> str:
    of = len(one.positions)
    if of == 1:
        return f"The truth was {'' if one.second_best else 'not even '}the second most probable class."
    return f"In {none_or(one.second_best)} of these {in_words(of)} the truth was the second most probable class."


def looks(found: "LookAlikes") -> list[str]:
    """How images that were mixed up differ from those of the same class that were recognised, by measurement."""
    if not found.looks:
        return ["Too few images were mixed up to say how they differ from those that were recognised."]
    telling = [look for look in found.looks if look.p_value < SIGNIFICANT]
    if not telling:
        return [
            "In brightness, contrast, sharpness and colour the images that were mixed up do not differ from those "
            "of their class that were recognised by more than chance explains "
            f"({len(found.looks)} rank-sum tests, Holm)."
        ]
    directions = dict.fromkeys((look.truth, look.predicted) for look in telling)
    return [_look(found, [look for look in telling if (look.truth, look.predicted) == one]) for one in directions]


def _look(found: "LookAlikes", telling: "list[Distinction]") -> str:
    truth, predicted = quoted(found.classes[telling[0].truth]), quoted(found.classes[telling[0].predicted])
    told = [
        f"{FACTS[look.fact][look.mixed_up < look.recognised]} (median rank {look.mixed_up:.0f} against "
        f"{look.recognised:.0f} of those recognised, {p_value(look.p_value)})"
        for look in telling
    ]
    return f"Images of {truth} that were taken for {predicted} are {listed(told)}."


def over_models(found: "OverModels") -> list[str]:
    """For each pair which model tells it apart best and worst, and which differences are more than chance."""
    if len(found.titles) < 2:
        return []
    told = []
    for pair, by_model in found.rates.items():
        names = [quoted(found.classes[label]) for label in pair]
        tests = [one for one in found.differences if (one.first, one.second) == pair]
        told.append(_over_models(names, found.titles, by_model, tests))
    return told


def _over_models(
    names: list[str], titles: "Mapping[str, str]", by_model: "dict[str, MixUp]", differences: list[PairDifference]
) -> str:
    shares = {name: mixed.both.value for name, mixed in by_model.items()}
    best, worst = min(shares, key=shares.get), max(shares, key=shares.get)
    pair = listed(names)
    if shares[best] == shares[worst]:
        return f"{pair}: every model mixes up {percent(shares[best])} of their images."
    told = (
        f"{pair}: {titles[best]} mixes up {percent(shares[best])} of their images, "
        f"{titles[worst]} {percent(shares[worst])}."
    )
    certain = [one for one in differences if one.worse]
    if not certain:
        return f"{told} No two models differ here by more than chance explains."
    ahead = [_ahead(one, titles) for one in sorted(certain, key=lambda one: one.p_adjusted)[:3]]
    more = f" ({in_words(len(certain))} such differences in all)" if len(certain) > 3 else ""
    return f"{told} More than chance explains: {listed(ahead)}{more}."


def _ahead(one: PairDifference, titles: "Mapping[str, str]") -> str:
    better = one.a if one.worse == one.b else one.b
    return f"{titles[better]} mixes up fewer than {titles[one.worse]} ({p_value(one.p_adjusted)})"
