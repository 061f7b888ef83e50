"""What a page of the report says about itself: study, chapter, neighbours, and how it was made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader

from helpers.base.paths import write_atomic
from helpers.show.item import SHARED
from helpers.study.chapters import chapter_called

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
OWN = (HERE / "assets" / "page.css", HERE / "assets" / "page.js")

MARKS = {
    "ok": ("✔", "done"),
    "failed": ("✖", "failed"),
    "skipped": ("–", "skipped"),
    "stale": ("↻", "out of date"),
    "running": ("▸", "being made"),
    "waiting": ("…", "still to come"),
}


@dataclass(frozen=True)
class ChapterLink:
    """One line of the chapter list.

    status: "ok", "failed", "skipped", "stale" (made from another state), "running", "waiting" or another: pending.
    is_there: of a page that is not "ok" or "failed", whether an old one still is. reason: why it is not "ok".
    """

    name: str
    title: str
    status: str
    is_there: bool = False
    reason: str = ""

    @property
    def file(self) -> str:
        """Beside this page."""
        return f"{self.name}.html"

    @property
    def number(self) -> str:
        return chapter_number(self.name)

    @property
    def mark(self) -> tuple[str, str]:
        """The sign and the word for the status."""
        return MARKS.get(self.status, ("…", "pending"))

    @property
    def address(self) -> str | None:
        """Relative address of its page, if there is one."""
        return quote(self.file) if self.is_there or self.is_current else None

    @property
    def is_current(self) -> bool:
        """Whether its page, if there is one, tells the present state."""
        return self.status in ("ok", "failed")


@dataclass(frozen=True)
class Page:
    """All that a chapter's page says beside the notebook.

    error: the sentence for the box at the top if the chapter failed; with None the notebook is searched for one.
    facts: name and value for the foot of the page (environment, device, precision, commit, when).
    """

    study: str
    study_title: str
    chapter: str
    title: str
    chapters: tuple[ChapterLink, ...] = ()
    is_sample: bool = False
    error: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def number(self) -> str:
        return chapter_number(self.chapter)

    @property
    def outdated(self) -> str:
        """Why the page no longer tells the present state, in a sentence; empty while it does."""
        own = next((link for link in self.chapters if link.name == self.chapter and not link.is_current), None)
        if own is None:
            return ""
        if own.status in ("running", "waiting"):
            return "A run has begun to make it again: load it again in a while."
        return f"{'It was' if own.status == 'stale' else 'It was not made again: it'} {own.reason}."

    @property
    def neighbours(self) -> tuple[ChapterLink | None, ChapterLink | None]:
        """The nearest chapters before and after this one that have a page."""
        there = [link for link in self.chapters if link.address]
        before = [link for link in there if link.name < self.chapter]
        after = [link for link in there if link.name > self.chapter]
        return (before[-1] if before else None, after[0] if after else None)


def chapter_number(name: str) -> str:
    """ "2" for "02_cnn_from_scratch"; empty if the name has no number."""
    return name.split("_")[0].lstrip("0") if name[:1].isdigit() else ""


def links_from_status(status: Mapping[str, Any], folder: Path | None = None) -> tuple[ChapterLink, ...]:
    """The chapter list from a study's `status.json`; `folder` holds its pages."""
    return tuple(
        ChapterLink(
            name,
            chapter_called(name).title,
            chapter.get("status", ""),
            folder is not None and (folder / f"{name}.html").is_file(),
            chapter.get("error") or "",
        )
        for name, chapter in sorted((status.get("chapters") or {}).items())
    )


def told_facts(first: Mapping[str, Any], known: Mapping[str, Any], data: str) -> dict[str, str]:
    """How something was made, by name, as far as that is `known` (see `runner.facts`), after what comes `first`.

    data: what the fingerprint of the data is called.
    """
    facts = {
        **first,
        "Device": known.get("device"),
        "Precision": f"training in {known['precision']}, scores in float32" if known.get("precision") else None,
        "Versions": ", ".join(f"{name} {version}" for name, version in (known.get("versions") or {}).items()),
        data: known.get("fingerprint"),
        "Commit": known.get("commit"),
    }
    return {name: str(value) for name, value in facts.items() if value}


def install_assets(reports_dir: Path) -> Path:
    """Put what all pages share into `reports/assets/`; only what changed is written again."""
    from plotly.offline import get_plotlyjs

    target = reports_dir / "assets"
    contents = {path.name: path.read_bytes() for path in (*OWN, *SHARED)}
    for name, content in (contents | {"plotly.min.js": get_plotlyjs().encode()}).items():
        if not (target / name).exists() or (target / name).read_bytes() != content:
            write_atomic(target / name, content)
    return target


@cache
def templates() -> Environment:
    """Our own templates; everything put into them is escaped."""
    loader = FileSystemLoader([TEMPLATES / "course", TEMPLATES])
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)


def page_part(name: str, page: Page) -> str:
    """A part that may change later: the list of "chapters", the links to "neighbours", the "state" of the page."""
    return templates().get_template(f"{name}.html.j2").render(page=page)
