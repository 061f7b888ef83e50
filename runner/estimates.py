"""How long a run has left: from what its jobs took here before, or by a model of the work.

What jobs take in the run itself says how much faster or slower this machine is than was expected, for what
computes with networks and for everything else.
"""

import json
import math
from collections.abc import Collection, Mapping
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
PRIOR_SECONDS = 15.0  # of expected work: so much is believed beforehand that nothing is faster or slower
TRUST = 0.05  # the same, for each expected second that was measured here
GROUND_SECONDS = 20.0  # of expected work that must be behind a run before it says how long the rest may take
FOUND = 0.1  # of what was expected: then its result was there already, which says nothing of the machine
LEAST_LEFT = 0.15  # of the time that a job has taken, where it has taken longer than was expected


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
    """

    name: str
    expected: ExpectedTime
    elapsed: float | None = None
    fraction: float | None = None
    found: float = 0.0
    ended: bool = False

    @property
    def computes(self) -> bool:
        return self.name.partition("/")[2].split(".")[0] in COMPUTING

    @property
    def runs(self) -> bool:
        return self.elapsed is not None and not self.ended


def overall_fraction(job: str, loop: str, fraction: float) -> float | None:
    """How much of a job is done when one of its loops is at that fraction; None where nobody can say."""
    first, last = SPANS.get(job.split(".")[0], {}).get(loop, (None, None))
    return None if first is None else first + (last - first) * fraction


def seconds_behind(job: TimedJob) -> float:
    """How many of the expected seconds are over; 0 where that says nothing of how fast the machine is."""
    if job.elapsed is None:
        return 0.0
    behind = job.expected.seconds * ((1.0 if job.ended else job.fraction or 0.0) - job.found)
    return 0.0 if behind < 1 or (job.ended and job.elapsed < FOUND * behind) else behind


def slowness(jobs: Collection[TimedJob], computes: bool) -> float:
    """How many times slower than expected jobs are that compute with networks, or others."""
    belief = PRIOR_SECONDS + TRUST * sum(job.expected.seconds for job in jobs if job.expected.remembered)

    def ratio(of: Collection[TimedJob], prior: float) -> float:
        took = sum(job.elapsed for job in of if seconds_behind(job))
        return (belief * prior + took) / (belief + sum(map(seconds_behind, of)))

    return ratio([job for job in jobs if job.computes == computes], ratio(jobs, 1.0))


def left_of(job: TimedJob, factor: float) -> float:
    """Seconds that a job has left: as expected at first, more and more as its own pace says."""
    usual, elapsed = job.expected.seconds * factor, job.elapsed or 0.0
    if job.fraction is None:
        return max(usual - elapsed, LEAST_LEFT * elapsed)
    own = max(0.0, job.fraction - job.found) / max(1e-6, 1 - job.found)  # how much its own pace counts
    pace = elapsed / (job.fraction - job.found) if own else 0.0
    return (1 - job.fraction) * (own * pace + (1 - own) * usual)


def seconds_left(jobs: Collection[TimedJob], at_a_time: int) -> float | None:
    """Until all are done, `at_a_time` together; None while there is no ground for saying so."""
    if not has_ground(jobs):
        return None
    factors = {computes: slowness(jobs, computes) for computes in (True, False)}
    left = {job.name: left_of(job, factors[job.computes]) for job in jobs if not job.ended}
    waits = {job.name: job.expected.waits for job in jobs}
    return max(sum(left.values()) / max(1, at_a_time), longest_chain(left, waits))


def has_ground(jobs: Collection[TimedJob]) -> bool:
    """Whether most of what is left was measured here before, or enough of the run is behind it."""
    left = [job.expected for job in jobs if not job.ended]
    measured = sum(expected.seconds for expected in left if expected.remembered)
    behind = sum(map(seconds_behind, jobs))
    enough = min(GROUND_SECONDS, 0.2 * sum(job.expected.seconds for job in jobs))
    return bool(jobs) and (measured > 0.8 * sum(expected.seconds for expected in left) or behind >= enough)


def longest_chain(left: Mapping[str, float], waits: Mapping[str, Collection[str]]) -> float:
    """Seconds of the jobs that cannot run side by side since each waits for the one before it."""
    ends: dict[str, float] = {}

    def end(name: str) -> float:
        if name not in ends:
            ends[name] = 0.0  # should they wait for one another
            ends[name] = left[name] + max((end(other) for other in waits[name] if other in left), default=0.0)
        return ends[name]

    return max(map(end, left), default=0.0)


def left_in_words(seconds: float | None, narrow: bool = False) -> str:
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


def remember(key: str, seconds: float) -> None:
    """Add to what is known of jobs; where it cannot be written, the next run knows less."""
    try:
        write_json(durations_file(), read_durations() | {key: round(seconds, 1)})
    except OSError:
        return
