"""What maps of patches lose under other cameras, and what another training wins back, in words."""

from helpers.metrics.intervals import opposite
from helpers.show.words import change, count, listed, none_or, number_interval, quoted, signed
from sections.patches.cameras.measured import Travels


def camera_verdict(travels: Travels) -> list[str]:
    """How many cameras cost something beyond chance, which costs most, and whether the costs add up."""
    sure = [trip for trip in travels.alone if travels.drop(trip).low > 0]
    told = [
        f"Of {count(len(travels.alone), 'single change')} {none_or(len(sure))} "
        f"{'cost' if len(sure) > 1 else 'costs'} {travels.titles[0]} something beyond chance, each taken by "
        "itself."
    ]
    if sure:
        worst = max(sure, key=lambda trip: travels.drop(trip).value)
        most = "The worst is " if len(sure) > 1 else "It is "
        told.append(
            f"{most}{quoted(worst.camera.title.lower())}: mean IoU falls by "
            f"{number_interval(travels.drop(worst))}."
        )
    added = sum(travels.drop(trip).value for trip in travels.alone)
    told += [
        f"All together, mean IoU changes by {signed(opposite(travels.drop(trip)))}; the single changes add up to "
        f"{change(-added)}."
        for trip in travels.trips
        if trip not in travels.alone
    ]
    return [" ".join(told)]


def camera_remedy_verdict(travels: Travels) -> list[str]:
    """What the other training costs at home, and where it helps and does harm."""
    cost, who = travels.home.gain, f"At home the mean IoU of {travels.titles[1]} is"
    if cost.low > 0:
        home = f"{who} higher by {number_interval(cost)}."
    elif cost.high < 0:
        home = f"{who} lower by {number_interval(opposite(cost))}."
    else:
        same = not change(cost.value).strip("0.")
        home = f"{who} the same." if same else f"{who} different by {signed(cost)}, which could be chance."
    better = [quoted(trip.camera.title.lower()) for trip in travels.trips if trip.gain.low > 0]
    worse = [quoted(trip.camera.title.lower()) for trip in travels.trips if trip.gain.high < 0]
    told = [home, f"It is better beyond chance under {listed(better or ['none of the cameras'])}."]
    told += [f"It is worse beyond chance under {listed(worse)}."] if worse else []
    return [" ".join(told)]
