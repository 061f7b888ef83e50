"""Which chapters are asked for, what each waits for, and where the files of a run lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class ChapterFiles:
    """Where one chapter of one study keeps its files."""

    study: str
    chapter: str

    @property
    def source(self) -> Path:
        return notebooks_dir() / f"{self.chapter}.ipynb"

    @property
    def executed(self) -> Path:
        return self._executed("ipynb")

    @property
    def done(self) -> Path:
        """Written when the chapter has run through; Snakemake's output."""
        return self._executed("done.json")

    @property
    def failed(self) -> Path:
        """Written when it has not. Apart from `done`, because Snakemake deletes what a failed job declares."""
        return self._executed("failed.json")

    @property
    def shown(self) -> Path:
        """Written when its page has been made; tells from what."""
        return self._executed("page.json")

    @property
    def reads(self) -> Path:
        """The models whose recipes it looks at, noted while it runs."""
        return runs_dir() / self.study / "logs" / f"{self.chapter}.reads"

    @property
    def lock(self) -> Path:
        return self._executed("lock")

    @property
    def progress(self) -> Path:
        return runs_dir() / self.study / "logs" / f"{self.chapter}.progress"

    @property
    def log(self) -> Path:
        return runs_dir() / self.study / "logs" / f"{self.chapter}.log"

    @property
    def page(self) -> Path:
        return reports_dir() / self.study / f"{self.chapter}.html"

    @property
    def results(self) -> Path:
        return reports_dir() / self.study / f"{self.chapter}.json"

    @property
    def timings(self) -> Path:
        return reports_dir() / self.study / f"{self.chapter}.timings.json"

    def _executed(self, ending: str) -> Path:
        return runs_dir() / self.study / "notebooks" / f"{self.chapter}.{ending}"
