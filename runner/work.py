"""What is to be made: the chapters that are not up to date, the jobs before them, and pages."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from helpers.base.intact import read_sealed
from helpers.base.paths import write_json
from runner import fingerprints, records
from runner.graph import ChapterFiles, graph_file
from runner.jobs import Job, resources
from runner.plan import StudyPlan, study_file
from runner.records import State

# With one job at a time what can be read first is made first; side by side the longest chains begin first.
IN_ORDER = ("evaluation", "segmenter", "scenes", "weights", "training", "data")
SIDE_BY_SIDE = ("evaluation", "training", "segmenter", "weights", "scenes", "data")


@dataclass(frozen=True)
class Work:
    """What a command has to make, each name `study/chapter` or `study/job`, with what it waits for.

    `states` are, by study, what everything would be made from now; `look` is what pages would be made with.
    """

    chapters: dict[str, list[str]]
    jobs: dict[str, Job]
    pages: list[str]
    states: dict[str, State]
    look: str

    @property
    def is_empty(self) -> bool:
        return not (self.chapters or self.pages)

    @property
    def names(self) -> list[str]:
        """All that reports progress, jobs first."""
        return [*self.jobs, *self.chapters]


def find_work(
    plans: Iterable[StudyPlan],
    needs: Mapping[str, Mapping[str, list[str]]],
    jobs: Mapping[str, Job],
    again: bool = False,
) -> Work:
    """What is not up to date among the chapters asked for, and what they need; `again`: everything."""
    states, chapters, pages, found, look = {}, {}, [], {}, fingerprints.look()
    for plan in plans:
        state = State(plan.keys, plan.models, plan.waits, needs.get(plan.name, {}))
        states[plan.name] = state
        records.forget_failures(plan.name, plan.chapters)
        due = [name for name in plan.chapters if again or not _is_done(plan, name)]
        for name in due:
            ChapterFiles(plan.name, name).done.unlink(missing_ok=True)
            before = [job for job in state.needs.get(name, []) if _add(job, jobs, found, again)]
            waits = [f"{plan.name}/{other}" for other in plan.waits[name] if other in due]
            chapters[f"{plan.name}/{name}"] = [*waits, *before]
        unseen = [name for name in plan.chapters if name in due or not _is_shown(plan, name, look)]
        pages += [f"{plan.name}/{name}" for name in unseen]
    return Work(chapters, found, pages, states, look)


def _is_done(plan: StudyPlan, chapter: str) -> bool:
    files = ChapterFiles(plan.name, chapter)
    return records.is_done(files.done, plan.keys[chapter], plan.models) and files.results.exists()


def _add(name: str, jobs: Mapping[str, Job], found: dict[str, Job], again: bool) -> bool:
    """Add a job with those before it, unless it is done."""
    if name in found:
        return True
    job, done = jobs[name], ChapterFiles(*name.split("/")).done
    if not again and records.is_done(done, job.key):
        return False
    done.unlink(missing_ok=True)
    waits = [other for other in job.waits if _add(other, jobs, found, again)]
    found[name] = Job(job.plan, job.name, waits)
    return True


def _is_shown(plan: StudyPlan, chapter: str, look: str) -> bool:
    """Whether a page shows the chapter as it was last executed."""
    files = ChapterFiles(plan.name, chapter)
    shown, record = read_sealed(files.shown).get("key"), records.read_record(files.done)
    if files.page.exists() and record and shown == fingerprints.of_page(plan.study.title, asdict(record), look):
        return True
    files.shown.unlink(missing_ok=True)
    return False


def write_graph(plans: Iterable[StudyPlan], work: Work, one_at_a_time: bool) -> None:
    """Write the resolved studies, and what the Snakefile and the jobs need to know."""
    for plan in plans:
        plan.study.save(study_file(plan.name))
    write_json(graph_file(), {
        "chapters": {name: {"waits": waits} for name, waits in work.chapters.items()},
        "jobs": {
            name: {"waits": job.waits, "key": job.key, **resources(job.plan.study, job.name)}
            for name, job in work.jobs.items()
        },
        "pages": work.pages,
        "look": work.look,
        "priorities": _priorities(work, one_at_a_time),
        "states": {name: asdict(state) for name, state in work.states.items()},
    })  # fmt: skip


def _priorities(work: Work, one_at_a_time: bool) -> dict[str, int]:
    """Chapters go before other jobs, so that there is something to read; the earlier ones in the course first."""
    kinds = IN_ORDER if one_at_a_time else SIDE_BY_SIDE
    chapters = sorted({name.split("/")[1] for name in work.chapters})
    first = {chapter: 1000 - number for number, chapter in enumerate(chapters)}
    return {kind: number for number, kind in enumerate(kinds)} | first


def read_graph() -> dict[str, Any]:
    """What `write_graph` wrote."""
    return json.loads(graph_file().read_text(encoding="utf-8"))


def state_of(study: str) -> State:
    """The state of a study in what `write_graph` wrote."""
    return State(**read_graph()["states"][study])


def is_forced(extra: Collection[str]) -> bool:
    """Whether options of Snakemake ask for what is up to date as well."""
    return bool({"--forceall", "-F", "--force", "-f", "--forcerun", "-R"} & set(extra))
