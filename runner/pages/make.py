"""A page from an executed notebook."""

from typing import Any

from helpers.base.paths import reports_dir
from helpers.study.chapters import chapter_called
from helpers.study.study import Study
from runner.graph import ChapterFiles
from runner.pages.page import ChapterLink, Page
from runner.records import Record

FACTS = {
    "device": "Device",
    "precision": "Precision",
    "versions": "Versions",
    "fingerprint": "Data",
    "commit": "Commit",
}


def render(study: Study, chapter: str, outcome: dict[str, Record]) -> None:
    """Make a chapter's page from its executed notebook."""
    from runner.pages.render import install_assets, render_chapter

    files = ChapterFiles(study.name, chapter)
    install_assets(reports_dir())
    render_chapter(files.executed, files.page, _page(study, chapter, outcome))


def _page(study: Study, chapter: str, outcome: dict[str, Record]) -> Page:
    record = outcome[chapter]
    return Page(
        study=study.name,
        study_title=study.title,
        chapter=chapter,
        title=chapter_called(chapter).title,
        chapters=tuple(
            ChapterLink(
                name,
                chapter_called(name).title,
                item.status,
                f"{name}.html",
                is_there=name == chapter or ChapterFiles(study.name, name).page.exists(),
                reason=item.error,
            )
            for name, item in outcome.items()
        ),
        is_sample=study.is_drawn(chapter),
        error=record.error if record.status == "failed" else None,
        facts=_facts(record),
    )


def _facts(record: Record) -> dict[str, str]:
    known = record.ran_on or {}
    facts = {title: _text(known[key]) for key, title in FACTS.items() if known.get(key)}
    return {"Run": record.started} | facts if record.started else facts


def _text(value: Any) -> str:
    return (
        ", ".join(f"{name} {version}" for name, version in value.items())
        if isinstance(value, dict)
        else str(value)
    )
