"""The jobs of a run as they are seen from outside: which have begun, how far they are, which are over."""

import re
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from helpers.base.lock import is_held
from helpers.base.telling import NOW, WITHIN, read_told
from runner import estimates
from runner.estimates import ExpectedTime, TimedJob
from runner.graph import ChapterFiles

ENDS = DONE, FAILED = ("done in ", "failed after ")  # how the last line of a job begins: see `records.Record`
PAGE, CHAPTER = ".page", "execute_"  # how names of pages end, and those of rules for chapters begin
GONE_SECONDS = 10.0  # so long a job must have been silent before anyone asks whether it still lives
WORTH = 0.3  # a job that took less than this share of what was expected, and told nothing, has found its result


class Watched:
    """Knows of every job of a run what its lines and files say of it."""

    def __init__(
        self,
        files: Iterable[ChapterFiles],
        expected: Mapping[str, ExpectedTime],
        already_done: Collection[str] = (),
        at_a_time: int = 1,
        snakemake_log: Path | None = None,
    ):
        self.files = {f"{one.study}/{one.chapter}": one for one in files}
        self.names = list(self.files)
        self.expected = dict.fromkeys(self.names, ExpectedTime(0.0)) | dict(expected)
        self.jobs = {
            name: TimedJob(name, self.expected[name]) for name in self.expected if name not in already_done
        }
        self.at_a_time, self.snakemake_log = at_a_time, snakemake_log
        self.started = time.time()
        self.begun: dict[str, float] = {}
        self.heard_at: dict[str, float] = {}
        self.told: dict[str, str] = {}
        self.worked: set[str] = set()
        self._forget_states()

    def heard(self, name: str, line: str) -> None:
        """A job has written a line."""
        job = self.jobs.setdefault(name, TimedJob(name, self.expected[name]))
        if name not in self.begun or (line == "starts" and job.ended):  # it may be tried again
            self.begun[name], job.ended, job.fraction, job.found = time.monotonic(), False, None, 0.0
        self.heard_at[name] = time.monotonic()
        job.elapsed = self.heard_at[name] - self.begun[name]
        job.ended = False  # even if it seemed to be gone
        if line.startswith(ENDS):
            job.ended = True
            self._forget_state(name)
            self._learn(job) if line.startswith(DONE) else self._drop_what_waits(name)

    def look(self) -> None:
        """See how far those are that run, and which pages are there."""
        self._count_planned()
        for name, job in self.jobs.items():
            if name.endswith(PAGE):
                job.ended = job.ended or self._is_made(name)
            elif job.ended:
                job.age = time.monotonic() - self.heard_at[name]
            elif job.runs:
                job.elapsed = time.monotonic() - self.begun[name]
                self._look_at(job)
                if self._is_gone(name):
                    job.ended, job.elapsed = True, 0.0  # so that it says nothing of how fast the others will be

    def state(self) -> dict[str, Any]:
        """Jobs `done` and in `total`, those `running` with how far they are, and the `seconds_left` or None."""
        running = [job for job in self.jobs.values() if job.runs]
        return {
            "done": sum(job.ended for job in self.jobs.values()),
            "total": len(self.jobs),
            "running": [_described(job, self.told.get(job.name, "")) for job in running],
            "seconds_left": self.seconds_left(),
        }

    def seconds_left(self) -> float | None:
        """As far as there is ground for saying so; None where nothing was expected of any job."""
        if not any(job.expected.seconds for job in self.jobs.values()):
            return None
        return estimates.seconds_left(self.jobs.values(), self.at_a_time)

    def only_pages_left(self) -> bool:
        """Whether all that is not done is pages."""
        return all(name.endswith(PAGE) for name, job in self.jobs.items() if not job.ended)

    def close(self) -> None:
        """The run is over: what a job that was killed has told is of no use."""
        self._forget_states()

    def _look_at(self, job: TimedJob) -> None:
        path = self.files[job.name].progress
        told, within = (read_told(path.with_suffix(ending)) for ending in (NOW, WITHIN))
        text = ", ".join(one["text"] for one in (told, within) if one)
        if text != self.told.get(job.name, ""):
            self.told[job.name], self.heard_at[job.name] = text, time.monotonic()
        if within or (told and told["loop"] != "cell"):
            self.worked.add(job.name)
        if told:
            part = estimates.overall_fraction(job.name.partition("/")[2], told["loop"], told["fraction"])
            if part is not None:
                job.found = part if job.fraction is None else job.found
                job.fraction = max(part, job.fraction or 0.0)

    def _is_gone(self, name: str) -> bool:
        """Whether a job was killed: it is silent, and nobody holds its lock."""
        silent = time.monotonic() - self.heard_at[name]
        return silent > GONE_SECONDS and not is_held(self.files[name].lock)

    def _is_made(self, name: str) -> bool:
        study, chapter = name.removesuffix(PAGE).split("/")
        try:
            return ChapterFiles(study, chapter).page.stat().st_mtime >= self.started - 1
        except OSError:
            return False

    def _learn(self, job: TimedJob) -> None:
        """Remember what it took, unless its result was there already. A chapter is executed whatever is there."""
        executed = rule_of(job.name).startswith(CHAPTER) and not job.computes
        usual = job.expected.seconds * estimates.slowness_by_kind(self.jobs.values())[job.computes]
        if job.expected.key and (executed or job.name in self.worked or job.elapsed > WORTH * usual):
            estimates.remember({job.expected.key: job.elapsed})

    def _drop_what_waits(self, name: str) -> None:
        """A chapter that has failed keeps those from running that wait for it; a failed job keeps nobody."""
        if "." in name.partition("/")[2]:
            return
        for other, job in list(self.jobs.items()):
            if name in job.expected.waits and not job.begun and not other.endswith(PAGE):
                self.jobs.pop(other, None)
                self.jobs.pop(other + PAGE, None)
                self._drop_what_waits(other)

    def _count_planned(self) -> None:
        """Snakemake's own plan, once it is there, is right about how many jobs of each kind will run."""
        counts = planned(self.snakemake_log) if self.snakemake_log else None
        if not counts:
            return
        self.snakemake_log = None
        for rule, count in counts.items():
            known = [name for name in self.jobs if rule_of(name) == rule]
            others = [name for name in self.expected if rule_of(name) == rule and name not in self.jobs]
            for name in others[: max(0, count - len(known))]:
                self.jobs[name] = TimedJob(name, self.expected[name])
        for name in [name for name in self.jobs if rule_of(name) not in counts and name not in self.begun]:
            del self.jobs[name]

    def _forget_states(self) -> None:
        for name in self.files:
            self._forget_state(name)

    def _forget_state(self, name: str) -> None:
        for ending in (NOW, WITHIN):
            path = self.files[name].progress.with_suffix(ending)
            for one in (path, path.with_name(path.name + ".tmp")):
                one.unlink(missing_ok=True)


def _described(job: TimedJob, text: str) -> dict[str, Any]:
    study, _, name = job.name.partition("/")
    return {"study": study, "job": name, "text": text, "fraction": job.fraction}


def rule_of(name: str) -> str:
    """What Snakemake calls the rule of a job."""
    job = name.partition("/")[2]
    if job.endswith(PAGE):
        return "page"
    return f"{CHAPTER}{job}" if re.match(r"\d", job) else job.split(".")[0]


def planned(log: Path) -> Counter | None:
    """How many jobs of each rule Snakemake says that it will run; None as long as it has not said so."""
    try:
        _, found, table = log.read_text(encoding="utf-8", errors="replace").partition("\nJob stats:\n")
    except OSError:
        return None
    if not found or not re.search(r"^total\s+\d+$", table, re.MULTILINE):
        return None
    rows = re.findall(r"^(\w+) +(\d+)$", table[: table.index("\ntotal")], re.MULTILINE)
    return Counter({rule: int(count) for rule, count in rows})
