"""Why a scene may have gone wrong: sentences from what was measured of it and of all others (chapter 07)."""

from collections.abc import Sequence

from helpers.show.words import count, listed, number, percent, quoted
from sections.street_scenes.failures.measured import COSTLIEST, POOR, Failures

OUTER = 10  # percentiles: the most unusual tenth
MOST_REASONS = 3  # named for one scene: more would be a list, not an argument


def likely_reasons(failures: Failures, position: int) -> str:
    """What stands out about one scene, whether that goes with low IoU in general, and its costliest confusion."""
    lower = {one.measure.key: one for one in failures.correlations if one.holds}
    likely, other = [], []
    for measure in failures.measures:
        rank = failures.ranks.loc[position, measure.key]
        if measure.key == COSTLIEST or OUTER < rank < 100 - OUTER:
            continue
        word, found = (measure.high if rank > 50 else measure.low), lower.get(measure.key)
        if found and found.worse == word:
            likely.append(
                (-abs(found.rho.value), f"{word} (rank {number(rank, 0)}, ρ = {number(found.rho.value, 2)})")
            )
        else:
            other.append(f"{word} (rank {number(rank, 0)})")
    told = [
        f"Unusual, and such scenes score lower in general: {_first([text for _, text in sorted(likely)])}."
        if likely else "",
        f"Unusual, but such scenes do not clearly score lower in general: {_first(other)}." if other else "",
        "" if likely or other else f"Nothing that was measured lies in the outer {OUTER} %.",
        _costliest(failures, position),
    ]  # fmt: skip
    return " ".join(filter(None, told))


def _first(reasons: Sequence[str]) -> str:
    return listed(reasons[:MOST_REASONS])


def _costliest(failures: Failures, position: int) -> str:
    one, iou = failures.costliest(position), float(failures.scenes.loc[position, "mean_iou"])
    if one is None:
        return ""
    told = (
        f"What costs most: {quoted(one.truth)} taken for {quoted(one.predicted)} on {percent(one.share)} of its "
        "labelled pixels; without that its mean IoU would be"
    )
    without = number(iou + one.cost)
    return f"{told} hardly higher." if without == number(iou) else f"{told} {without} instead of {number(iou)}."


def how_many_failed(failures: Failures) -> list[str]:
    """How many scenes failed, and what the lowest is."""
    poor, scenes = failures.poor, failures.scenes
    lowest, highest = (number(float(scenes["mean_iou"].iloc[place])) for place in (0, -1))
    if poor.empty:
        return [
            f"No scene has a mean IoU of {POOR:g} or less: the lowest has {lowest}. The ones shown are the "
            "lowest there are."
        ]
    if len(poor) == len(scenes):
        every = "The one scene has" if len(scenes) == 1 else f"All {len(scenes):,} scenes have"
        return [f"{every} a mean IoU of {POOR:g} or less{_range(lowest, highest)}."]
    sequences, among = scenes["sequence"].nunique(), poor["sequence"].nunique()
    come = "comes" if len(poor) == 1 else "come"
    spread = f"; {'it' if len(poor) == 1 else 'they'} {come} from {among} of {sequences} sequences"
    return [
        f"Of {len(scenes):,} scenes, {count(len(poor), 'has', 'have')} a mean IoU of {POOR:g} or less"
        f"{spread if sequences > 1 else ''}. The lowest has {lowest}."
    ]


def _range(lowest: str, highest: str) -> str:
    return f": {lowest}" if lowest == highest else f", from {lowest} to {highest}"


def what_goes_with_low_scores(failures: Failures) -> list[str]:
    """Which scenes score lower beyond chance, and how much the strongest measurement explains."""
    if not failures.correlations:
        return [f"{count(len(failures.scenes), 'scene')}: too few, or too much alike, to measure a correlation."]
    sure = [one for one in failures.correlations if one.holds and one.measure.key != COSTLIEST]
    if not sure:
        return [
            "Beside the costliest confusion, which is part of the score, nothing that was measured goes with a "
            "scene's mean IoU beyond chance."
        ]
    told = [f"{one.worse} (ρ = {number(one.rho.value, 2)})" for one in sure]
    explained = sure[0].rho.value ** 2
    most = f"{sure[0].measure.title} says most: it" if len(sure) > 1 else "this"
    return [
        f"Scenes with {listed(told)} score lower, more clearly so than chance explains of scenes that are "
        "independent. Beside the costliest confusion, which is left out here because it is part of the score, "
        f"{most} accounts for {percent(explained, 0)} of the variance of the ranks."
    ]
