"""Why a scene may have gone wrong: sentences from what was measured of it and of all others (chapter 07)."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.metrics.intervals import Interval
from helpers.show.words import count, listed, number, percent, quoted, sentence
from sections.street_scenes.failures.measured import POOR, Correlation, FailedScene, Failures

OUTER = 10  # percentiles: the most unusual tenth
MOST_REASONS = 3  # named for one scene: more would be a list, not an argument


@dataclass(frozen=True)
class LikelyReason:
    """A measurement at one end of its range: the upper if `high`. `general`: such scenes in the plural."""

    key: str
    high: bool
    words: str
    general: str

    def holds(self, failure: FailedScene) -> bool:
        rank = failure.ranks.get(self.key)
        return rank is not None and (rank >= 100 - OUTER if self.high else rank <= OUTER)


REASONS = (
    LikelyReason("brightness", False, "it is darker than {others} of the scenes", "dark scenes"),
    LikelyReason("brightness", True, "it is brighter than {others} of the scenes", "bright scenes"),
    LikelyReason("contrast", False, "it has less contrast than {others}", "scenes of low contrast"),
    LikelyReason("contrast", True, "it has more contrast than {others}", "scenes of high contrast"),
    LikelyReason("classes", True, "it shows more classes than {others}", "scenes of many classes"),
    LikelyReason("classes", False, "it shows fewer classes than {others}", "scenes of few classes"),
    LikelyReason("rare_share", True, "more of it is of rare classes than in {others}", "scenes with rare classes"),
    LikelyReason(
        "rare_share", False, "less of it is of rare classes than in {others}", "scenes without rare classes"
    ),
    LikelyReason("object_size", False, "its regions are smaller than in {others}", "scenes of small regions"),
    LikelyReason("object_size", True, "its regions are larger than in {others}", "scenes of large regions"),
    LikelyReason(
        "small_share", True, "more of it lies in tiny regions than in {others}", "scenes with tiny regions"
    ),
    LikelyReason(
        "small_share", False, "less of it lies in tiny regions than in {others}", "scenes without tiny regions"
    ),
    LikelyReason(
        "boundary_share", True, "more of it lies near borders than in {others}", "scenes of many borders"
    ),
    LikelyReason(
        "boundary_share", False, "less of it lies near borders than in {others}", "scenes of few borders"
    ),
)


def likely_reasons(failure: FailedScene, correlations: Sequence[Correlation]) -> str:
    """What stands out about one scene, whether that goes with low IoU in general, and its costliest confusion."""
    known = {one.measure.key: one for one in correlations}
    held = [reason for reason in REASONS if reason.holds(failure)]
    likely = [reason for reason in held if _supports(reason, known.get(reason.key))]
    likely.sort(key=lambda reason: -abs(known[reason.key].rho.value))
    told = [
        f"{sentence(_told(reason, failure))}, and {reason.general} score lower over the whole set "
        f"(ρ = {number(known[reason.key].rho.value, 2)})."
        for reason in likely[:MOST_REASONS]
    ]
    rest = [_told(reason, failure) for reason in held if reason not in likely][:MOST_REASONS]
    return " ".join(filter(None, [*told, _unsupported(rest, bool(told)), _confusion(failure)]))


def _supports(reason: LikelyReason, correlation: Correlation | None) -> bool:
    """Do such scenes score lower in general, beyond chance?"""
    if correlation is None or not correlation.holds:
        return False
    return correlation.rho.value < 0 if reason.high else correlation.rho.value > 0


def _told(reason: LikelyReason, failure: FailedScene) -> str:
    rank = failure.ranks[reason.key]
    return reason.words.format(others=f"{(rank if reason.high else 100 - rank):.0f} %")


def _unsupported(told: Sequence[str], after_others: bool) -> str:
    if told:
        also = "It is unusual in other ways too" if after_others else "It is unusual"
        return f"{also}, but such scenes do not clearly score lower in general: {listed(told)}."
    if after_others:
        return ""
    return f"Nothing that was measured lies in the outer {OUTER} %: to these measures it is an ordinary scene."


def _confusion(failure: FailedScene) -> str:
    one = failure.confusion
    if one is None:
        return ""
    return (
        f"What costs most: {quoted(one.truth)} taken for {quoted(one.predicted)} on {percent(one.share)} of its "
        f"labelled pixels; without that its mean IoU would be {number(failure.iou + one.cost, 2)} instead of "
        f"{number(failure.iou, 2)}."
    )


def how_many(failures: Failures) -> list[str]:
    """How many scenes failed, and what the lowest is."""
    poor, scenes = len(failures.poor), len(failures.scored)
    lowest = number(float(failures.ious[failures.scored[0]]), 3)
    if not poor:
        return [
            f"No scene has a mean IoU of {POOR:g} or less: the lowest has {lowest}. The ones shown are the "
            "lowest there are."
        ]
    sequences = {failures.evaluation.sequences[position] for position in failures.poor}
    of = len({failures.evaluation.sequences[position] for position in failures.scored})
    return [
        f"{count(poor, 'scene has', 'scenes have')} a mean IoU of {POOR:g} or less, {percent(poor / scenes)} of "
        f"{scenes:,}; they come from {len(sequences)} of {of} sequences. The lowest is {lowest}."
    ]


def correlations(failures: Failures) -> list[str]:
    """Which measurements go with IoU over the whole set, and which do not."""
    found = failures.correlations
    if not found:
        return [
            f"With {count(len(failures.scored), 'scene')} that have a label no correlation could be told from "
            "chance."
        ]
    said = []
    sure = [one for one in found if one.holds and one.measure.key != "lost"]  # a confusion is part of the score
    worse = [one for one in sure if one.rho.value < 0]
    better = [one for one in sure if one.rho.value > 0]
    if worse:
        said.append(f"Scenes score lower the more they have of {_named(worse)}.")
    if better:
        said.append(f"Scenes score higher the more they have of {_named(better)}.")
    unclear = [one.measure.title for one in found if not one.holds]
    if unclear:
        said.append(f"For {listed(unclear)} the correlation could be chance.")
    return [" ".join(said), *_strength(sure)]


def _named(found: Sequence[Correlation]) -> str:
    return listed([
        f"{one.measure.title} (ρ = {number(one.rho.value, 2)}, {number(one.rho.low, 2)} to "
        f"{number(one.rho.high, 2)})"
        for one in found
    ])  # fmt: skip


def correlation(rho: Interval) -> str:
    """ "−0.70 [−0.94, 0.03]"."""
    return f"{number(rho.value, 2)} [{number(rho.low, 2)}, {number(rho.high, 2)}]"


def _strength(sure: Sequence[Correlation]) -> list[str]:
    """How much the strongest measurement explains."""
    if not sure:
        return []
    title, explained = sure[0].measure.title, sure[0].rho.value ** 2
    rest = "most of why a scene fails lies elsewhere." if explained < 0.5 else "more than half of it."
    return [f"The strongest, {title}, accounts for {percent(explained, 0)} of the variance of the ranks: {rest}"]
