"""What maps of patches lose under other cameras, and what another training wins back, in words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.metrics.intervals import Interval, opposite
from helpers.show.words import in_words, listed, number, number_interval, percent, quoted, share_interval

if TYPE_CHECKING:
    from sections.patches.cameras.elsewhere import Tiles
    from sections.patches.cameras.measured import Step, Travels, Trip

LOST = 0.1  # of mean IoU: what the report calls a loss worth naming a strength for


def drops(travels: "Travels") -> list[str]:
    """Which cameras cost something beyond chance, which costs most, and whether the costs add up."""
    sure = [trip for trip in travels.alone if travels.drop(trip).low > 0]
    sentences = [
        f"At home {travels.plain_title} has a mean IoU of {number_interval(travels.home.interval)}.",
        f"Of {in_words(len(travels.alone))} single changes {in_words(len(sure))} "
        f"{'costs' if len(sure) == 1 else 'cost'} it something beyond chance.",
    ]
    if sure:
        sentences.append(
            f"The worst is “{travels.worst.camera.title.lower()}”: {_loss(travels.drop(travels.worst))}."
        )
    return [*sentences, *_together(travels)]


def _loss(drop: Interval) -> str:
    return f"mean IoU falls by {number_interval(drop)}"


def _together(travels: "Travels") -> list[str]:
    trips = [trip for trip in travels.trips if trip not in travels.alone]
    if not trips:
        return []
    drop, added = travels.drop(trips[0]), sum(travels.drop(trip).value for trip in travels.alone)
    comparison = "more" if drop.value > added else "less"
    return [f"All together: {_loss(drop)}, {comparison} than the single drops add up to ({number(added)})."]


def classes(travels: "Travels") -> list[str]:
    """Which class loses most under the worst change, and which least."""
    change = travels.home.ious - travels.worst.plain.ious
    if np.isnan(change).all():
        return []
    most, least = int(np.nanargmax(change)), int(np.nanargmin(change))
    told = [f"{travels.classes[c]} ({number(travels.home.ious[c], 2)} to "
            f"{number(travels.worst.plain.ious[c], 2)})" for c in (most, least)]  # fmt: skip
    return [
        f"Under “{travels.worst.camera.title.lower()}” the IoU of {told[0]} changes most for the worse, "
        f"that of {told[1]} least."
    ]


def remedy(travels: "Travels") -> list[str]:
    """What the other training wins back, where it does harm, and what it costs at home."""
    return [
        _at_home(travels),
        *_wins(travels),
        *(_share(travels, trip) for trip in travels.trips if trip.gain.low > 0),
    ]


def _at_home(travels: "Travels") -> str:
    cost = travels.cost_at_home
    who = f"At home the mean IoU of {travels.remedied_title} is"
    if cost.low <= 0 <= cost.high:
        return f"{who} not different beyond chance ({number_interval(cost)})."
    if cost.value > 0:
        return f"{who} higher by {number_interval(cost)}."
    return f"{who} lower by {number_interval(opposite(cost))}."


def _wins(travels: "Travels") -> list[str]:
    better = [quoted(trip.camera.title.lower()) for trip in travels.trips if trip.gain.low > 0]
    worse = [quoted(trip.camera.title.lower()) for trip in travels.trips if trip.gain.high < 0]
    told = [f"It is better beyond chance under {listed(better or ['none of the cameras'])}."]
    return told + ([f"It is worse beyond chance under {listed(worse)}."] if worse else [])


def _share(travels: "Travels", trip: "Trip") -> str:
    won, gain = travels.won_back(trip), number_interval(trip.gain)
    if won is None:
        return f"{trip.camera.title}: it wins {gain}, where no drop beyond chance was to be won back."
    drop = number(travels.drop(trip).value)
    return f"{trip.camera.title}: of the drop of {drop} it wins back {share_interval(won)}."


def growing(travels: "Travels", steps: "Sequence[Step]") -> list[str]:
    """From which strength on each model has lost a tenth of mean IoU."""
    rows = ((travels.plain_title, [step.plain.mean_iou for step in steps]),
            (travels.remedied_title, [step.remedied.mean_iou for step in steps]))  # fmt: skip
    return [_first_loss(title, [step.strength for step in steps], scores) for title, scores in rows]


def _first_loss(title: str, grown: Sequence[float], scores: Sequence[float]) -> str:
    lost = [strength for strength, score in zip(grown, scores, strict=True) if scores[0] - score > LOST]
    if not lost:
        return f"{title} loses less than {LOST:g} of mean IoU up to a strength of {grown[-1]:g}."
    return f"{title} has lost more than {LOST:g} of mean IoU at a strength of {lost[0]:g}."


def elsewhere(tiles: "Sequence[Tiles]") -> list[str]:
    """How each model names the tiles of real other cameras."""
    return [
        f"{one.place}, {one.model}: {share_interval(one.accuracy)} of {one.matrix.sum():,} tiles are right, "
        f"{one.classes[int(np.nanargmin(one.recalls))]} least often ({percent(float(np.nanmin(one.recalls)), 0)})."
        for one in tiles
    ]
