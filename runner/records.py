"""What is known of chapters and jobs: how each went, what it was made from, and whether that is still so."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from helpers.base.intact import read_sealed, seal
from helpers.base.paths import display_path, runs_dir, write_atomic, write_json
from runner.faults import full_disk
from runner.graph import ChapterFiles
from runner.privacy import private
from runner.progress import clock

Moment = Literal["during", "after", "stopped"]
OUT_OF_DATE = "made from other data, settings or code than those of the last command; run it again"


@dataclass(frozen=True)
class Record:
    """How a chapter or job went.

    status: 'ok' or 'failed'; of a chapter also 'skipped', 'stale', 'waiting', 'running'.
    key: what it was made from (see `fingerprints`). reads: the same of the models whose recipes it looked at.
    spent: of a chapter's seconds, those of what it made for itself, by kind (see `helpers.base.telling.counted`).
    """

    status: str
    seconds: float = 0.0
    error: str = ""
    started: str = ""
    key: str = ""
    reads: dict[str, str] = field(default_factory=dict)
    ran_on: dict[str, Any] | None = None
    spent: dict[str, float] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        write_json(path, seal(asdict(self) | {"error": private(self.error)}))

    def is_of(self, key: str, models: Mapping[str, str]) -> bool:
        """Whether it would be made from the same now."""
        return self.key == key and all(models.get(name) == known for name, known in self.reads.items())

    @property
    def end(self) -> str:
        """How it ended, for the terminal."""
        took = clock(self.seconds)
        return f"done in {took}" if self.status == "ok" else f"failed after {took}: {self.error}"


@dataclass(frozen=True)
class State:
    """What a study's chapters and jobs would be made from now."""

    keys: Mapping[str, str]  # by chapter
    models: Mapping[str, str]  # by model
    asked: Mapping[str, list[str]]  # the chapters asked for, each with those among them that it waits for
    needs: Mapping[str, list[str]] = field(default_factory=dict)  # by chapter, the jobs before it, as `study/job`


@contextmanager
def left_as_they_are(studies: Iterable[str]) -> Iterator[None]:
    """What is forgotten meanwhile is there again afterwards."""
    paths = [path for study in studies for path in (runs_dir() / study / "notebooks").glob("*.json")]
    contents = {path: path.read_bytes() for path in paths}
    try:
        yield
    finally:
        for path, content in contents.items():
            if not path.exists():
                write_atomic(path, content)


def read_record(path: Path) -> Record | None:
    """The record in a file, or None where there is none to be read."""
    try:
        return Record(**read_sealed(path))
    except TypeError:
        return None


def is_done(path: Path, key: str, models: Mapping[str, str] | None = None) -> bool:
    """Whether a chapter or job is done, from what there is now."""
    record = read_record(path)
    return record is not None and record.status == "ok" and record.is_of(key, models or {})


def failed_jobs(names: Iterable[str]) -> dict[str, str]:
    """The errors of those jobs, given as `study/job`, that have failed, by the job."""
    found = {name: read_record(ChapterFiles(*name.split("/")).done) for name in names}
    return {
        name.split("/")[1]: record.error for name, record in found.items() if record and record.status == "failed"
    }


def chapter_records(study: str, state: State, moment: Moment = "after") -> dict[str, Record]:
    """The record of each chapter that has one, in order: during a run, after it, or when it was stopped."""
    found: dict[str, Record] = {}
    for chapter in state.keys:
        files = ChapterFiles(study, chapter)
        record = _of(files, state, found, moment)
        if record is not None:
            found[chapter] = record
    return found


def _of(files: ChapterFiles, state: State, found: Mapping[str, Record], moment: Moment) -> Record | None:
    chapter = files.chapter
    failed, done = read_record(files.failed), read_record(files.done)
    if failed and failed.key == state.keys[chapter]:
        return failed
    if done and done.is_of(state.keys[chapter], state.models):
        return done
    if chapter not in state.asked:
        return Record("stale", error=OUT_OF_DATE) if done or failed or files.page.exists() else None
    for name in state.asked[chapter]:
        if name in found and found[name].status in ("failed", "skipped"):
            return Record("skipped", error=f"waits for {name}")
    if moment == "during":
        return Record("running" if files.progress.exists() else "waiting")
    cut_off = _cut_off(files, state.needs.get(chapter, [])) if moment == "after" else None
    return cut_off or (Record("stale", error=OUT_OF_DATE) if files.page.exists() else None)


def _cut_off(files: ChapterFiles, needs: Iterable[str]) -> Record | None:
    """After a run: a chapter that began, or whose job did, and has not ended."""
    jobs = [ChapterFiles(*name.split("/")) for name in needs]
    begun = [job for job in jobs if job.progress.exists() and not job.done.exists()]
    for one, what in [*((job, f"{job.chapter} was ") for job in begun), (files, "")]:
        if one.progress.exists():
            error = f"{what}stopped before it finished, perhaps as memory ran out; see {display_path(one.log)}"
            return Record("failed", error=full_disk() or error)
    return None


def forget_failures(study: str, chapters: Iterable[str]) -> None:
    """Before a run: what failed last time has not failed this time."""
    for chapter in chapters:
        ChapterFiles(study, chapter).failed.unlink(missing_ok=True)
    for path in (runs_dir() / study / "notebooks").glob("*.done.json"):
        if (record := read_record(path)) is None or record.status == "failed":  # damaged, or a job's
            path.unlink()
