"""The jobs of a run as they are seen from outside: which have begun, how far they are, which are over."""

import json
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.base.lock import is_held
from helpers.base.paths import UNPRINTABLE
from helpers.base.telling import NOW, WITHIN
from runner import estimates
from runner.estimates import ExpectedTime, TimedJob
from runner.graph import ChapterFiles

DONE, FAILED = "done in ", "failed after "  # how the last line of a job begins: see `records.Record`
PAGE = ".page"  # how names of pages end
GONE_SECONDS = 10.0  # so long a job must have been silent before anyone asks whether it still lives
LONGEST_STATE = 1 << 12  # bytes: what is longer is no state
FOUND_SHARE = 0.3  # a job that took less than this of what was expected, and told nothing, has found its result


@dataclass
class SeenJob(TimedJob):
    """When it began and was last heard of, what it tells, and whether it has told of work of its own."""

    begun: float = 0.0
    heard_at: float = 0.0
    told: str = ""
    worked: bool = False


class WatchedJobs:
    """Knows of every job of a run what its lines and files say of it.

    files: where those lie that report how far they are. expected: by `study/job`, what each may take; pages are
    called `study/chapter.page`. at_a_time: how many run together.
    """

    def __init__(self, files: Iterable[ChapterFiles], expected: Mapping[str, ExpectedTime], at_a_time: int = 1):
        self.files = {f"{one.study}/{one.chapter}": one for one in files}
        self.expected = dict.fromkeys(self.files, ExpectedTime(0.0)) | dict(expected)
        self.jobs = {name: SeenJob(name, expects) for name, expects in self.expected.items()}
        self.at_a_time, self.started = at_a_time, time.time()
        self.forget_states()

    def heard(self, name: str, line: str) -> None:
        """A job has written a line."""
        job, now = self.jobs.setdefault(name, SeenJob(name, self.expected[name])), time.monotonic()
        if job.elapsed is None or (line == "starts" and job.ended):  # it may be tried again
            job.begun, job.fraction, job.found = now, None, 0.0
        job.heard_at, job.elapsed = now, now - job.begun
        job.ended = line.startswith((DONE, FAILED))  # not, even if it seemed to be gone
        if job.ended:
            self.forget_states(name)
            self._learn(job) if line.startswith(DONE) else self._drop_what_waits(name)

    def look(self) -> None:
        """See how far those are that run, and which pages are there."""
        for name, job in self.jobs.items():
            if name.endswith(PAGE):
                job.ended = job.ended or self._is_made(name)
            elif job.runs:
                job.elapsed = time.monotonic() - job.begun
                self._look_at(job)
                if self._is_gone(job):
                    job.ended, job.elapsed = True, 0.0  # so that it says nothing of how fast the others will be

    def state(self) -> dict[str, Any]:
        """Jobs `done` and in `total`, those `running` with how far they are, and the `seconds_left` or None."""
        running = [(*job.name.split("/"), job) for job in self.jobs.values() if job.runs]
        known = any(job.expected.seconds for job in self.jobs.values())
        return {
            "done": sum(job.ended for job in self.jobs.values()),
            "total": len(self.jobs),
            "running": [
                {"study": study, "job": name, "text": job.told, "fraction": job.fraction}
                for study, name, job in running
            ],
            "seconds_left": estimates.seconds_left(self.jobs.values(), self.at_a_time) if known else None,
        }

    def only_pages_left(self) -> bool:
        """Whether all that is not done is pages."""
        return all(name.endswith(PAGE) for name, job in self.jobs.items() if not job.ended)

    def forget_states(self, *names: str) -> None:
        """What jobs have told, or all: of one that has ended or was killed it is of no use."""
        for name in names or self.files:
            for ending in (NOW, WITHIN):
                path = self.files[name].progress.with_suffix(ending)
                path.unlink(missing_ok=True)
                path.with_name(path.name + ".tmp").unlink(missing_ok=True)

    def _look_at(self, job: SeenJob) -> None:
        path = self.files[job.name].progress
        told, within = (read_told(path.with_suffix(ending)) for ending in (NOW, WITHIN))
        text = ", ".join(one["text"] for one in (told, within) if one)
        if text != job.told:
            job.told, job.heard_at = text, time.monotonic()
        job.worked = job.worked or bool(within) or (bool(told) and told["loop"] != "cell")
        if told:
            part = estimates.overall_fraction(job.name.partition("/")[2], told["loop"], told["fraction"])
            if part is not None:
                job.found = part if job.fraction is None else job.found
                job.fraction = max(part, job.fraction or 0.0)

    def _is_gone(self, job: SeenJob) -> bool:
        """Whether a job was killed: it is silent, and nobody holds its lock."""
        return time.monotonic() - job.heard_at > GONE_SECONDS and not is_held(self.files[job.name].lock)

    def _is_made(self, name: str) -> bool:
        try:
            page = ChapterFiles(*name.removesuffix(PAGE).split("/")).page
            return page.stat().st_mtime >= self.started - 1
        except OSError:
            return False

    def _learn(self, job: SeenJob) -> None:
        """Remember what it took, unless its result was there already. A chapter is executed whatever is there."""
        executed = _is_chapter(job.name) and not job.computes
        usual = job.expected.seconds * estimates.slowness(self.jobs.values(), job.computes)
        if job.expected.key and (executed or job.worked or job.elapsed > FOUND_SHARE * usual):
            estimates.remember(job.expected.key, job.elapsed)

    def _drop_what_waits(self, name: str) -> None:
        """A chapter that has failed keeps those from running that wait for it; a failed job keeps nobody."""
        if not _is_chapter(name):
            return
        for other, job in list(self.jobs.items()):
            if name in job.expected.waits and job.elapsed is None and not other.endswith(PAGE):
                self.jobs.pop(other, None)
                self.jobs.pop(other + PAGE, None)
                self._drop_what_waits(other)


def _is_chapter(name: str) -> bool:
    return name.partition("/")[2][:1].isdigit()


def read_told(path: Path) -> dict[str, Any]:
    """What a job told: `text`, such as 'epoch 3/6, batch 41/75', its outermost `loop` and that one's `fraction`.

    Empty where nothing is known.
    """
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(LONGEST_STATE))
        stages = [f"{name} {int(at)}/{int(total)}" for name, at, total in told["stages"] if int(at)]
        share = min(1.0, max(0.0, float(told["fraction"])))
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return {}
    if not stages or not math.isfinite(share):
        return {}
    loop = str(told["stages"][0][0])
    return {"text": UNPRINTABLE.sub("", ", ".join(stages)), "loop": loop, "fraction": share}
