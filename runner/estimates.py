"""How long jobs take, and how long a run has left: from what they took here before, or from a model of the work.

Seconds of the model are those of one core of the machine that it was measured on. What jobs take in the run itself
says how much faster or slower this machine is, for what computes with networks and for everything else.
"""

import heapq
import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from helpers.base.paths import runs_dir, write_json

COMPUTING = ("training", "segmenter", "weights", "evaluation", "07_segmentation", "09_cross_domain")
# The loops of a job that follow one another, each with its share of the job's time.
SPANS = {
    "data": {
        "drawing": (0.0, 0.65),
        "decoding images": (0.65, 0.85),
        "comparing images that look alike": (0.85, 1),
    },
    "scenes": {"drawing": (0.0, 0.85), "reading scene": (0.85, 1.0)},
    "weights": {"drawing": (0.0, 0.1), "epoch": (0.1, 1.0)},
    "training": {"epoch": (0.02, 0.97), "predicting": (0.97, 1.0)},
    "segmenter": {"epoch": (0.02, 1.0)},
    "evaluation": {"scene": (0.0, 1.0)},
}
PRIOR_SECONDS = 15.0  # how much is believed that this machine is as fast as the model's, or as it was before
GROUND_SECONDS = 20.0  # of expected work that must be behind a run before it says how long the rest may take
FOUND = 0.1  # of what was expected: then its result was there already, which says nothing of the machine
LEAST_LEFT = 0.15  # of the time that a job has taken, where it has taken longer than was expected
HALF_LIFE = 300.0  # seconds after which an ended job says half as much of how fast the machine is now
TRUST = 0.05  # of what was measured here before: so many seconds more is it believed that nothing has changed
CLIP = 2.0  # a job that is so many times slower or faster than the usual one counts as one that is this much


class ExpectedTime(NamedTuple):
    """Seconds that a job may take; what it is remembered by; whether it was measured here; what it waits for."""

    seconds: float
    key: str = ""
    remembered: bool = False
    waits: tuple[str, ...] = ()


@dataclass
class TimedJob:
    """A job as an estimate sees it, by `study/name`: `elapsed` once it has begun, `ended` once it is over.

    `fraction` of it is done, as far as it tells; `found` was when it began, as with a training that goes on.
    `age` is how many seconds ago it ended.
    """

    name: str
    expected: ExpectedTime
    elapsed: float | None = None
    fraction: float | None = None
    found: float = 0.0
    ended: bool = False
    age: float = 0.0

    @property
    def computes(self) -> bool:
        return self.name.partition("/")[2].split(".")[0] in COMPUTING

    @property
    def begun(self) -> bool:
        return self.elapsed is not None

    @property
    def runs(self) -> bool:
        return self.begun and not self.ended


def overall_fraction(job: str, loop: str, fraction: float) -> float | None:
    """How much of a job is done when one of its loops is at that fraction; None where nobody can say."""
    first, last = SPANS.get(job.split(".")[0], {}).get(loop, (None, None))
    return None if first is None else first + (last - first) * fraction


def evidence(job: TimedJob) -> tuple[float, float] | None:
    """How many times slower than expected a job is or was, and the expected seconds that this rests on."""
    if not job.begun:
        return None
    behind = job.expected.seconds * ((1.0 if job.ended else job.fraction or 0.0) - job.found)
    if behind < 1 or (job.ended and job.elapsed < FOUND * behind):
        return None
    return max(job.elapsed, 0.1) / behind, behind * 0.5 ** (job.age / HALF_LIFE)


def slowness(found: Collection[tuple[float, float]], prior: float = 1.0, belief: float = PRIOR_SECONDS) -> float:
    """The usual ratio of (ratio, weight): their weighted mean, what is far from the median counted as near."""
    weighted = sorted([*found, (prior, belief)])
    half, middle = sum(weight for _, weight in weighted) / 2, prior
    for ratio, weight in weighted:
        half -= weight
        if half <= 0:
            middle = ratio
            break
    total = sum(weight for _, weight in weighted)
    return sum(min(max(ratio, middle / CLIP), middle * CLIP) * weight for ratio, weight in weighted) / total


def slowness_by_kind(jobs: Iterable[TimedJob]) -> dict[bool, float]:
    """For jobs that compute with networks and for others; what is not yet known of one is taken from both."""
    jobs = list(jobs)
    found = [(job.computes, ratio) for job in jobs if (ratio := evidence(job)) is not None]
    measured = sum(job.expected.seconds for job in jobs if job.expected.remembered)
    belief = PRIOR_SECONDS + TRUST * measured
    overall = slowness([ratio for _, ratio in found], belief=belief)
    return {
        computes: slowness([one for kind, one in found if kind == computes], overall, belief)
        for computes in (True, False)
    }


def left_of(job: TimedJob, factor: float) -> float:
    """Seconds that a job has left: as expected at first, more and more as its own pace says."""
    if job.ended:
        return 0.0
    usual, elapsed = job.expected.seconds * factor, job.elapsed or 0.0
    if job.fraction is not None:
        own = max(0.0, job.fraction - job.found) / max(1e-6, 1 - job.found)  # how much its own pace counts
        pace = elapsed / max(1e-6, job.fraction - job.found) if own else 0.0
        return (1 - job.fraction) * (own * pace + (1 - own) * usual)
    return max(usual - elapsed, LEAST_LEFT * elapsed)


def seconds_left(jobs: Collection[TimedJob], at_a_time: int) -> float | None:
    """Until all are done, `at_a_time` together; None while there is no ground for saying so."""
    if not has_ground(jobs):
        return None
    factors = slowness_by_kind(jobs)
    return makespan(
        {job.name: left_of(job, factors[job.computes]) for job in jobs if not job.ended}, jobs, at_a_time
    )


def has_ground(jobs: Collection[TimedJob]) -> bool:
    """Whether most of what is left was measured here before, or enough of the run is behind it."""
    left = [job for job in jobs if not job.ended]
    measured = sum(job.expected.seconds for job in left if job.expected.remembered)
    behind = sum(found[1] for job in jobs if (found := evidence(job)))
    enough = min(GROUND_SECONDS, 0.2 * sum(job.expected.seconds for job in jobs))
    return bool(jobs) and (measured > 0.8 * sum(job.expected.seconds for job in left) or behind >= enough)


def makespan(left: Mapping[str, float], jobs: Iterable[TimedJob], at_a_time: int) -> float:
    """Seconds until the last ends: whenever one ends, the one with the longest chain behind it begins."""
    jobs = [job for job in jobs if job.name in left]
    waits = {job.name: {name for name in job.expected.waits if name in left} for job in jobs}
    followers: dict[str, list[str]] = {name: [] for name in left}
    for name, before in waits.items():
        for other in before:
            followers[other].append(name)
    chains = chain_lengths(left, followers)
    ready = [(not job.runs, -chains[job.name], job.name) for job in jobs if not waits[job.name]]
    heapq.heapify(ready)
    now, running = 0.0, []
    while ready or running:
        while ready and len(running) < max(1, at_a_time):
            name = heapq.heappop(ready)[2]
            heapq.heappush(running, (now + left[name], name))
        now, ended = heapq.heappop(running)
        for name in followers[ended]:
            waits[name].remove(ended)
            if not waits[name]:
                heapq.heappush(ready, (True, -chains[name], name))
    return now


def chain_lengths(left: Mapping[str, float], followers: Mapping[str, list[str]]) -> dict[str, float]:
    """Seconds of each job and of the longest chain of jobs that wait for it."""
    found: dict[str, float] = {}

    def length(name: str) -> float:
        if name not in found:
            found[name] = 0.0  # should they wait for one another
            found[name] = left[name] + max(map(length, followers[name]), default=0.0)
        return found[name]

    return {name: length(name) for name in left}


def in_words(seconds: float | None, narrow: bool = False) -> str:
    """Such as 'about 7 min left'; nothing where it is not known."""
    if seconds is None:
        return ""
    if seconds < 60:
        return "< 1 min" if narrow else "less than a minute left"
    minutes = round(seconds / 60)
    length = (
        f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h" if minutes < 600 else f"{minutes / 60:.0f} h"
    )
    return f"~{length}" if narrow else f"about {length} left"


def durations_file() -> Path:
    """What jobs took on this machine."""
    return runs_dir() / "durations.json"


def read_durations() -> dict[str, float]:
    """Seconds by what a job is remembered by; what cannot be read is forgotten."""
    try:
        found = json.loads(durations_file().read_text(encoding="utf-8"))
        return {str(key): float(value) for key, value in found.items() if math.isfinite(value) and value >= 0}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def remember(took: Mapping[str, float]) -> None:
    """Add to what is known of jobs; where it cannot be written, the next run knows less."""
    try:
        write_json(durations_file(), read_durations() | {key: round(value, 1) for key, value in took.items()})
    except OSError:
        return
