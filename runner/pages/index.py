"""The index over all studies, and what becomes known only when a study has ended."""

import os
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from helpers.base.paths import write_atomic
from helpers.show.table import Table
from helpers.show.words import count
from runner.pages.across import across
from runner.pages.page import Page, install_assets, links_from_status, page_part, templates, told_facts
from runner.pages.results import headline_rows, headline_tables, read_status, reported_studies

ORDER = ("data", "first weights", "trainings", "evaluations", "chapters")  # kinds of work, in the order of a study


def build_index(reports_dir: Path, now: Mapping[str, Any] | None = None, busy: Collection[str] = ()) -> Path:
    """Write `reports/index.html` over every study that has a `status.json`; returns its path.

    Also brings the chapter lists of all pages up to date, because a page is written before the chapters
    after it have run, and marks those that are out of date.

    now: while a run goes on, what is under way. busy: pages, `study/chapter`, that another process may be writing
    at this moment; they are left alone.
    """
    install_assets(reports_dir)
    names = reported_studies(reports_dir)
    for name in names:
        refresh_navigation(reports_dir, name, busy)
    cards = [_card(reports_dir, name) for name in names]
    path = reports_dir / "index.html"
    template = templates().get_template("studies.html.j2")
    side_by_side = Markup(across(reports_dir, names))
    write_atomic(path, template.render(cards=cards, across=side_by_side, root="", now=now and _now(now)))
    return path


def refresh_navigation(reports_dir: Path, study: str, busy: Collection[str] = ()) -> None:
    """Write the status of all chapters into the pages of a study, but for those that are `busy`.

    Times of change are kept, so that whoever runs the chapters does not take the pages for new.
    """
    status = read_status(reports_dir, study)
    links = links_from_status(status, reports_dir / study)
    for link in links:
        path = reports_dir / study / link.file
        if not link.is_there or f"{study}/{link.name}" in busy:
            continue
        page = Page(study, status.get("title", study), link.name, link.title, links)
        before = text = path.read_text(encoding="utf-8")
        for name in ("chapters", "neighbours", "state"):
            part, pattern = page_part(name, page).strip(), rf"<!-- {name} -->.*?<!-- /{name} -->"
            text = re.sub(pattern, lambda _, part=part: part, text, count=1, flags=re.DOTALL)
        if text != before:
            times = path.stat()
            write_atomic(path, text)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _card(reports_dir: Path, study: str) -> dict[str, Any]:
    status = read_status(reports_dir, study)
    links = links_from_status(status, reports_dir / study)
    tables = headline_tables(headline_rows(reports_dir, study))
    caption = "Headline numbers, with 95 % intervals in brackets, on images that no model was trained or chosen on"
    return {
        "folder": quote(study),
        "title": status.get("title") or study,
        "drawn": _drawn(status),
        "has_cover": (reports_dir / study / "cover.webp").is_file(),
        "chapters": [
            {"link": link, "time": duration(status["chapters"][link.name].get("seconds"))} for link in links
        ],
        "failed": sum(link.status == "failed" for link in links),
        "outdated": sum(link.is_there and not link.is_current for link in links),
        "numbers": Markup("".join(Table(table, caption).html() for table in tables)),
        "made": _made(status),
    }


def _now(state: Mapping[str, Any]) -> dict[str, Any]:
    """What a run is at, for the head of the index."""
    left = state.get("seconds_left")
    jobs = f"{state['done']} of {state['total']} jobs are done" if state["total"] else "Looking for what is due"
    to_come = f", about {max(1, round(left / 60))} min left" if left else ""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "jobs": jobs,
        "running": [f"{one['study']}, {one['job']}: {one['text']}".removesuffix(": ") for one in state["running"]],
        "time": f"{duration(state['seconds'])} so far{to_come}",
    }


def _drawn(status: dict) -> str:
    """Which chapters are about drawings."""
    drawn, chapters = status.get("drawn") or [], status.get("chapters") or {}
    if len(drawn) == len(chapters):
        return "Sample data: images drawn by the project" if drawn else ""
    numbers = ", ".join(name.split("_")[0] for name in drawn)
    return f"Chapters {numbers}: sample data, drawn by the project" if drawn else ""


def _made(status: dict) -> dict[str, str]:
    """When, how long and with what, as far as the runner knew."""
    made = _moment(str(status.get("started") or ""))
    return told_facts({"Made": made} | _times(status), status, "Data fingerprint")


def _times(status: dict) -> dict[str, str]:
    """What the last command took by the clock, and apart from it the work in the pages, whoever did it when."""
    spent, command = dict(status.get("spent") or {}), status.get("command") or {}
    trained = spent.pop("trained", 0.0)
    kinds = ", ".join(f"{kind} {duration(spent[kind])}" for kind in ORDER if spent.get(kind))
    told = {"Sum of all jobs": f"{duration(sum(spent.values()))}: {kinds}" if kinds else ""}
    if trained > 1.2 * spent.get("trainings", 0.0) + 1:
        told["Kept trainings"] = f"{duration(trained)} for the models shown, when they were trained"
    if command:
        chapters, total = command["chapters"], len(status["chapters"])
        made = "all chapters" if chapters == total else f"{chapters} of {total} chapters, the rest was kept"
        jobs = command["at_a_time"]
        beside = "jobs on other machines" if jobs is None else f"{count(jobs, 'job')} at a time"
        threads = count(command["threads"], "thread")
        wall = (
            f"{duration(command['seconds'])}, the last command that made something here (begun "
            f"{_moment(command['began'])}; {made}; {beside}, {threads} each)"
        )
        told = {"Wall time": wall} | told
    return told


def _moment(iso: str) -> str:
    """ "2026-05-17 10:20 UTC"."""
    return iso[:16].replace("T", " ") + (" UTC" if iso.endswith(("Z", "+00:00")) else "")


def duration(seconds: float | None) -> str:
    """ "4 min 12 s"; empty if unknown."""
    if seconds is None:
        return ""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
