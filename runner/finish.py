"""The end of a run: the status of every chapter, the index, and the headline numbers."""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from helpers.base.intact import read_sealed, seal
from helpers.base.paths import display_path, plain, reports_dir, write_json
from runner import records
from runner.graph import ChapterFiles
from runner.jobs import COUNTED, Job
from runner.plan import StudyPlan
from runner.progress import RunProgress
from runner.records import Moment, Record, State
from runner.work import Work

LEAST_SECONDS, MOST_SECONDS = 1.0, 5.0  # between two states of the index while a run goes on


Outcomes = dict[str, dict[str, Record]]


def outcomes(plans: list[StudyPlan], states: Mapping[str, State], moment: Moment = "after") -> Outcomes:
    """How the chapters of each study went, or go."""
    return {plan.name: records.chapter_records(plan.name, states[plan.name], moment) for plan in plans}


@dataclass(frozen=True)
class Command:
    """A command that has ended: when it began (ISO, UTC), how long it took, and how its jobs shared the machine.

    made: what it made, as `study/chapter` and `study/job`. jobs: by study, those that its pages stand on and that
    are done; see `jobs_done`.
    """

    began: str
    seconds: float
    at_a_time: int | None
    threads: int
    made: list[str]
    jobs: Mapping[str, list[str]]


def jobs_done(needs: Mapping[str, Mapping[str, list[str]]], known: Mapping[str, Job]) -> dict[str, list[str]]:
    """By study, the jobs that its chapters need (see `jobs.all_jobs`) and that are done from what there is now."""
    return {
        study: [
            name
            for name in dict.fromkeys(name for names in of_chapter.values() for name in names)
            if (done := ChapterFiles(*name.split("/")).done).exists() and records.is_done(done, known[name].key)
        ]
        for study, of_chapter in needs.items()
    }


def write_report(
    plans: list[StudyPlan],
    found: Outcomes,
    now: Mapping[str, Any] | None = None,
    busy: Collection[str] = (),
    command: Command | None = None,
) -> None:
    """Write the status of each study, and the index, which also brings the state of all pages up to date.

    now: during a run, what is under way (see `RunProgress.state`). busy: pages that are being made. command: the
    one that has ended; until then the index tells of the one before.
    """
    from runner.pages.index import build_index

    for plan in plans:
        _write_status(plan, found[plan.name], command)
    build_index(reports_dir(), now, busy)


def _write_status(plan: StudyPlan, outcome: dict[str, Record], command: Command | None) -> None:
    path = reports_dir() / plan.name / "status.json"
    before = read_sealed(path)
    times = {name: before.get(name) for name in ("spent", "command")}
    if command:
        times["spent"] = _spent(outcome, command.jobs[plan.name])
        if made := [name for name in command.made if name.startswith(f"{plan.name}/")]:
            chapters = sum(name.split("/")[1] in outcome for name in made)
            shared = {name: getattr(command, name) for name in ("began", "seconds", "at_a_time", "threads")}
            times["command"] = shared | {"chapters": chapters}
    status = plain(_status(plan, outcome) | times)
    if before != status:
        write_json(path, seal(status))


def _status(plan: StudyPlan, outcome: dict[str, Record]) -> dict[str, Any]:
    ran = [record for record in outcome.values() if record.started]
    facts = [record.ran_on or {} for record in sorted(ran, key=lambda record: record.started)]
    data = {
        _set_of(plan, chapter): (record.ran_on or {}).get("fingerprint") for chapter, record in outcome.items()
    }
    return {
        "title": plan.study.title,
        "origin": plan.origin,
        "drawn": [chapter for chapter in outcome if plan.study.is_drawn(chapter)],
        "chapters": {
            name: {"status": record.status, "seconds": record.seconds, "error": record.error}
            for name, record in outcome.items()
        },
        "started": min((record.started for record in ran), default=None),
        "versions": facts[-1].get("versions") if facts else None,
        **{key: _once(one.get(key) for one in facts) for key in ("device", "precision", "commit")},
        "fingerprint": _once(f"{value} ({name})" for name, value in data.items() if value),
    }


def _once(values: Iterable[str | None]) -> str | None:
    return ", ".join(dict.fromkeys(filter(None, values))) or None


def _set_of(plan: StudyPlan, chapter: str) -> str:
    """What the images of a chapter are called."""
    from helpers.datasets.streets.known import SETS

    if not plan.study.looks_at_scenes(chapter):
        return plan.study.info.title
    target = plan.study.streets.target
    return SETS[target].info.title if target in SETS else target


def _spent(outcome: dict[str, Record], jobs: list[str]) -> dict[str, float]:
    """Seconds that went into the pages that are up to date, by kind, whichever command spent them.

    `trained`: those of the trainings whose models the pages show, by their own clocks.
    """
    found, trained = Counter(), {}
    for files in (ChapterFiles(*name.split("/")) for name in jobs):
        found[COUNTED[files.chapter.split(".")[0]]] += records.read_record(files.done).seconds
    for record in outcome.values():
        found.update(record.spent)
        found["chapters"] += record.seconds - sum(record.spent.values())
        trained |= (record.ran_on or {}).get("trained") or {}
    return {kind: round(seconds, 1) for kind, seconds in (found | {"trained": sum(trained.values())}).items()}


def begin() -> None:
    """From the first moment on there is an index to look at."""
    from runner.pages.index import build_index

    if not (reports_dir() / "index.html").exists():
        build_index(reports_dir(), {"done": 0, "total": 0, "running": [], "seconds": 0.0})


class Live:
    """Keeps the report up to date while it is made: what can be read, what is under way."""

    def __init__(self, plans: list[StudyPlan], work: Work, progress: RunProgress):
        self.plans, self.work, self.progress = plans, work, progress
        self.written, self.shown = 0.0, None

    def follow(self) -> None:
        """Write it again where something has changed, and now and then in any case."""
        since = time.monotonic() - self.written
        if since < LEAST_SECONDS:
            return
        found = outcomes(self.plans, self.work.states, "during")
        statuses = {name: {key: one.status for key, one in records.items()} for name, records in found.items()}
        if statuses != self.shown or since > MOST_SECONDS:
            begun = self.shown is not None  # before that nobody is making a page
            pages = [(name, ChapterFiles(*name.split("/")).shown) for name in self.work.pages if begun]
            busy = [name for name, shown in pages if not shown.exists()]
            with suppress(OSError):  # a full disk stops what is made here last of all
                write_report(self.plans, found, self.progress.state(), busy)
            self.written, self.shown = time.monotonic(), statuses


def summary(plans: list[StudyPlan], outcomes: dict[str, dict[str, Record]]) -> list[str]:
    """What the terminal says at the end: what went wrong, the headline numbers, where the report is."""
    lines: list[str] = []
    for plan in plans:
        lines += ["", f"{plan.study.title} ({plan.kind})"]
        lines += _troubles(outcomes[plan.name]) + _headline(plan.name, outcomes[plan.name])
    index = reports_dir() / "index.html"
    return [*lines, "", f"The report: {display_path(index)}"]


def _troubles(outcome: dict[str, Record]) -> list[str]:
    return [
        f"  {record.status:<7}  {name}: {record.error}"
        for name, record in outcome.items()
        if record.status != "ok"
    ]


def _headline(study: str, outcome: dict[str, Record]) -> list[str]:
    from helpers.show.table import Table
    from runner.pages.results import headline_rows, headline_tables

    current = {chapter for chapter, record in outcome.items() if record.status == "ok"}
    rows = [row for row in headline_rows(reports_dir(), study) if row["chapter"] in current]
    texts = [Table(found).text() for found in headline_tables(rows)]
    return [line for text in texts for line in ("", *(f"  {line}" for line in text.split("\n")))]
