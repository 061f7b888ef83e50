"""What is known of each chapter after a run: ok, failed or skipped, and why."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpers.cli.graph import ChapterFiles
from helpers.cli.progress import clock
from helpers.faults import full_disk
from helpers.intact import seal, unseal
from helpers.paths import display_path, runs_dir, write_json
from helpers.privacy import private

Waits = Mapping[str, list[str]]


@dataclass(frozen=True)
class Record:
    """How one chapter went. `settings` is the fingerprint of the study and data it was made from."""

    status: str
    seconds: float = 0.0
    error: str = ""
    started: str = ""
    settings: str = ""
    ran_on: dict[str, Any] | None = None

    def save(self, path: Path) -> None:
        write_json(path, seal(asdict(self) | {"error": private(self.error)}))

    @property
    def end(self) -> str:
        """How it ended, for the terminal."""
        took = clock(self.seconds)
        return f"done in {took}" if self.status == "ok" else f"failed after {took}: {self.error}"


def read(path: Path) -> Record | None:
    """The record in a file, or None where there is none to be read."""
    try:
        return Record(**unseal(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def forget_failures(study: str, chapters: Iterable[str]) -> None:
    """Before a run: what failed last time has not failed this time."""
    for chapter in chapters:
        ChapterFiles(study, chapter).failed.unlink(missing_ok=True)
    for path in (runs_dir() / study / "notebooks").glob("*.done.json"):
        if (record := read(path)) is None or record.status == "failed":  # damaged, or a job's
            path.unlink()


def made(
    settings: Mapping[str, Mapping[str, str]], chapters: Iterable[ChapterFiles], jobs: Iterable[str]
) -> set[str]:
    """The jobs, chapters and pages, as `study/name`, that are there already; Snakemake may still make them anew.

    settings: the fingerprint of study and data, by study and chapter.
    """
    found = {name for name in jobs if read(ChapterFiles(*name.split("/")).done)}
    for files in chapters:
        record, name = read(files.done), f"{files.study}/{files.chapter}"
        if record and record.settings == settings[files.study][files.chapter]:
            found |= {name, f"{name}.page"} if files.page.exists() else {name}
    return found


def failed_jobs(names: Iterable[str]) -> dict[str, str]:
    """The errors of those jobs, given as `study/job`, that have failed, by the job."""
    found = {name: read(ChapterFiles(*name.split("/")).done) for name in names}
    return {
        name.split("/")[1]: record.error for name, record in found.items() if record and record.status == "failed"
    }


def outcome(
    study: str, settings: Mapping[str, str], available: list[str], asked: Waits, needs: Waits | None = None
) -> dict[str, Record]:
    """After a run: the record of each chapter that has one, in order. Chapters not `asked` keep theirs.

    settings: the fingerprint of study and data, by chapter. asked: what each chapter asked for waits for.
    needs: the jobs before each chapter, as `study/job`.
    """

    def cut_off(files: ChapterFiles) -> Record | None:
        jobs = [ChapterFiles(*name.split("/")) for name in (needs or {}).get(files.chapter, [])]
        begun = [job for job in jobs if job.progress.exists() and not job.done.exists()]
        for one, what in [*((job, f"{job.chapter} was ") for job in begun), (files, "")]:
            if one.progress.exists():
                error = f"{what}stopped before it finished, perhaps as memory ran out; see {display_path(one.log)}"
                return Record("failed", error=full_disk() or error)
        return None

    return _records(study, settings, available, asked, cut_off)


def expected(study: str, settings: Mapping[str, str], available: list[str], asked: Waits) -> dict[str, Record]:
    """During a run: as `outcome`, taking it that what was asked and has not failed will be well."""
    return _records(study, settings, available, asked, lambda files: Record("ok"))


def _records(
    study: str,
    settings: Mapping[str, str],
    available: list[str],
    asked: Waits,
    not_finished: Callable[[ChapterFiles], Record | None],
) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for chapter in available:
        files = ChapterFiles(study, chapter)
        if chapter in asked:
            record = _of_this_run(files, settings[chapter], asked, found) or not_finished(files)
        else:
            record = _of_earlier(files, settings[chapter])
        if record:
            found[chapter] = record
    return found


def _of_this_run(files: ChapterFiles, settings: str, asked: Waits, found: dict[str, Record]) -> Record | None:
    failed, done = read(files.failed), read(files.done)
    if failed:
        return failed
    waiting = [name for name in asked[files.chapter] if name in found and found[name].status != "ok"]
    if waiting:
        return Record("skipped", error=f"waits for {waiting[0]}")
    return done if done is not None and done.settings == settings else None


def _of_earlier(files: ChapterFiles, settings: str) -> Record | None:
    record = read(files.failed) or read(files.done)
    if record and record.settings != settings:
        return Record("skipped", error="made with other settings than the chapters run last")
    return record
