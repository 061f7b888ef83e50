"""Which chapters are asked for, what each waits for, and where the files of a run lie."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.base.errors import CourseError
from helpers.base.paths import reports_dir, runs_dir
from helpers.study.chapters import chapter_called, notebooks_dir

if TYPE_CHECKING:
    from helpers.study.study import Study


def graph_file() -> Path:
    """What the command line hands to the Snakefile."""
    return runs_dir() / "graph.json"


def upstream(study: Study, name: str, chosen: Iterable[str]) -> list[str]:
    """The chapters among `chosen` that a chapter waits for; one that was not asked for is not waited for."""
    waits = chapter_called(name).waits_for.items()
    found = {other for feature, names in waits if not feature or study.has(feature) for other in names}
    return [other for other in chosen if other in found]


def choose_chapters(wanted: str | None, available: list[str]) -> list[str]:
    """Chapters by number or name: `02,03` or `02_cnn_from_scratch`; all of them for None.

    Raises CourseError for a chapter that the study does not have.
    """
    if wanted is None:
        return available
    chosen = {_find(text.strip(), available) for text in wanted.split(",") if text.strip()}
    return [name for name in available if name in chosen]


def _find(text: str, available: list[str]) -> str:
    for name in available:
        number = name.split("_")[0]
        if text == name or (text.isdigit() and int(text) == int(number)):
            return name
    raise CourseError(f"--only: there is no chapter '{text}'; the chapters are {', '.join(available)}")


class ChapterFiles:
    """Where one chapter of one study keeps its files; so does a job before the chapters, by its name."""

    def __init__(self, study: str, chapter: str):
        self.study, self.chapter = study, chapter
        runs, report = runs_dir() / study, reports_dir() / study
        self.source = notebooks_dir() / f"{chapter}.ipynb"
        made = runs / "notebooks"
        self.executed = made / f"{chapter}.ipynb"
        self.done = made / f"{chapter}.done.json"  # written when it has run through; Snakemake's output
        # Apart, because Snakemake deletes what a failed job declares.
        self.failed = made / f"{chapter}.failed.json"
        self.shown = made / f"{chapter}.page.json"  # written when its page has been made; tells from what
        self.lock = made / f"{chapter}.lock"
        # The models whose recipes it looks at, noted while it runs.
        self.reads = runs / "logs" / f"{chapter}.reads"
        self.progress = runs / "logs" / f"{chapter}.progress"
        self.log = runs / "logs" / f"{chapter}.log"
        self.page = report / f"{chapter}.html"
        self.results = report / f"{chapter}.json"
        self.timings = report / f"{chapter}.timings.json"
