"""Readings of what each model costs and what it gives for that (chapter 06)."""

from collections.abc import Mapping

from helpers.show.words import listed, percent, points, short_number
from sections.comparison.scores.measured import Comparison, Cost

FEW_MODELS = 3  # beside the cheapest: each has its own sentence; of more only those worth choosing are named


def cost_and_gain(comparison: Comparison, costs: Mapping[str, Cost]) -> list[str]:
    """What each model costs more than the cheapest, and what it gives for that."""
    cheapest = min(costs, key=lambda name: costs[name].multiply_adds)
    others = [name for name in costs if name != cheapest]
    if len(others) <= FEW_MODELS:
        return [_against(comparison, costs, cheapest, name) for name in others]
    best = comparison.ranking[0]
    leader = [_against(comparison, costs, cheapest, best)] if best != cheapest else []
    return [_good_choices(comparison, costs), *leader]


def _good_choices(comparison: Comparison, costs: Mapping[str, Cost]) -> str:
    """The models that no other beats in both: multiply-adds and accuracy on these test images."""
    good = [
        f"{costs[name].title} ({percent(_accuracy(comparison, name))} with "
        f"{short_number(costs[name].multiply_adds)})"
        for name in sorted(costs, key=lambda name: costs[name].multiply_adds)
        if not any(_dominates(comparison, costs, other, name) for other in costs)
    ]
    told = f"{len(good)} of {len(costs)} models are" if len(good) > 1 else f"One of {len(costs)} models is"
    return (
        f"{told} not beaten at once in work and in accuracy by another, going by these test images (accuracy with "
        f"multiply-adds): {listed(good)}."
    )


def _accuracy(comparison: Comparison, name: str) -> float:
    return comparison.models[name].scores["accuracy"].value


def _dominates(comparison: Comparison, costs: Mapping[str, Cost], one: str, other: str) -> bool:
    """Whether `one` is at least as cheap and as accurate as `other`, and in one of the two better."""
    gain = _accuracy(comparison, one) - _accuracy(comparison, other)
    saved = costs[other].multiply_adds - costs[one].multiply_adds
    return gain >= 0 and saved >= 0 and (gain > 0 or saved > 0)


def _against(comparison: Comparison, costs: Mapping[str, Cost], cheapest: str, name: str) -> str:
    one, base = costs[name], costs[cheapest]
    gain = _accuracy(comparison, name) - _accuracy(comparison, cheapest)
    more = "more" if gain > 0 else "fewer"
    effect = f"{points(gain)} {more} images right" if gain else "exactly as many images right"
    pair = comparison.pair(name, cheapest)
    doubt = "" if pair.better else ", which could be chance"
    return (
        f"{one.title} against {base.title}: multiply-adds {_times(one.multiply_adds, base.multiply_adds)}, "
        f"parameters {_times(one.parameters, base.parameters)}, training time on this machine "
        f"{_times(one.train_seconds, base.train_seconds)}; {effect}{doubt}."
    )


def _times(value: float, base: float) -> str:
    ratio = value / base if base else float("inf")
    text = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 0.1 else f"{ratio:.2g}"
    return f"× {text}"
