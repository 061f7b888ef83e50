"""What maps of patches lose under other cameras, and what another training wins back, in words."""

from helpers.metrics.intervals import opposite
from helpers.show.words import listed, none_or, number, number_interval, quoted
from sections.patches.cameras.measured import Travels


def camera_verdict(travels: Travels) -> list[str]:
    """How many cameras cost something beyond chance, which costs most, and whether the costs add up."""
    sure = [trip for trip in travels.alone if travels.drop(trip).low > 0]
    told = [
        f"Of {len(travels.alone)} single changes {none_or(len(sure))} {'cost' if len(sure) > 1 else 'costs'} "
        f"{travels.titles[0]} something beyond chance."
    ]
    if sure:
        worst, lost = travels.worst.camera.title.lower(), travels.drop(travels.worst)
        told.append(f"The worst is {quoted(worst)}: mean IoU falls by {number_interval(lost)}.")
    added = sum(travels.drop(trip).value for trip in travels.alone)
    told += [
        f"All together: {number_interval(travels.drop(trip))}; the single drops add up to {number(added)}."
        for trip in travels.trips
        if trip not in travels.alone
    ]
    return [" ".join(told)]


def camera_remedy_verdict(travels: Travels) -> list[str]:
    """What the other training costs at home, and where it helps and does harm."""
    cost, who = travels.home.gain, f"At home the mean IoU of {travels.titles[1]} is"
    if cost.low <= 0 <= cost.high:
        home = f"{who} not different beyond chance ({number_interval(cost)})."
    elif cost.value > 0:
        home = f"{who} higher by {number_interval(cost)}."
    else:
        home = f"{who} lower by {number_interval(opposite(cost))}."
    better = [quoted(trip.camera.title.lower()) for trip in travels.trips if trip.gain.low > 0]
    worse = [quoted(trip.camera.title.lower()) for trip in travels.trips if trip.gain.high < 0]
    told = [home, f"It is better beyond chance under {listed(better or ['none of the cameras'])}."]
    told += [f"It is worse beyond chance under {listed(worse)}."] if worse else []
    return [" ".join(told)]
