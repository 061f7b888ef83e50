"""What a split that is blind to twins would have promised, in words."""

from helpers.show.words import percent, points, points_bounds, share_interval
from sections.data.leaky_split import Promise


def promised(promise: Promise) -> list[str]:
    """What either split shows, and whether the blind one promises too much."""
    blind, own = promise.blind, promise.own
    return [
        f"{promise.model}, on a plain random split: {share_interval(blind.validation)} of the validation images "
        f"are right. On this study's split it is {share_interval(own.validation)}.",
        f"{percent(blind.with_twins)} of the images that the plain split holds out have a twin or a neighbour of "
        f"the same scene in its training images; in this study's split {_those(own.with_twins)}.",
        _verdict(promise),
    ]


def _those(share: float) -> str:
    return f"{percent(share)} have" if share else "none has"


def _verdict(promise: Promise) -> str:
    gap = promise.too_much
    measured = f"Over all held-out images the plain split shows {points(gap.value)} "
    measured += f"{'more' if gap.value >= 0 else 'less'} (95 % interval of the difference {points_bounds(gap)})"
    if gap.low > 0:
        return f"{measured}: that much of its score is memory, not skill."
    if gap.high < 0:
        return f"{measured}: here the twins did not flatter it."
    return f"{measured}: on so many images this could be chance."
