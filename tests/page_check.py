"""Is a page whole: nothing loaded from elsewhere, every picture described, every link leading somewhere?

Links a reader may follow to the world outside (`<a href="https://…">`, for sources) are allowed; anything the
browser would load by itself is not.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from runner.pages.render import LARGEST_PAGE

LOADING = {"src", "srcset", "poster", "data", "action", "formaction", "background", "xlink:href"}
CSS_ADDRESS = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""")
EXTERNAL = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//|^(?:https?|ftp|wss?):", re.IGNORECASE)


@dataclass
class _Page(HTMLParser):
    """What a page refers to, collected while it is read."""

    loaded: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: Counter = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.inside = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.inside = tag if tag in ("style", "script") else ""
        values = {name: value or "" for name, value in attributes}
        if "id" in values:
            self.ids[values["id"]] += 1
        if tag == "img" and not values.get("alt", "").strip():
            self.problems.append(f"picture without alternative text: {values.get('src', '')[:60]}")
        if any(name.startswith("on") for name in values):
            self.problems.append(f"script in an attribute of <{tag}>")
        self._collect_addresses(tag, values)

    def _collect_addresses(self, tag: str, values: dict[str, str]) -> None:
        for name, value in values.items():
            if name in LOADING:
                parts = re.split(r"\s*,\s+", value) if name == "srcset" else [value]
                self.loaded += [part.split(" ")[0] for part in parts]
        if "href" in values:
            (self.links if tag in ("a", "area") else self.loaded).append(values["href"])
        self.loaded += CSS_ADDRESS.findall(values.get("style", ""))

    def handle_data(self, data: str) -> None:
        if self.inside == "style":
            self.loaded += CSS_ADDRESS.findall(data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def check_page(html: Path, folder: Path) -> list[str]:
    """Problems of one page of the report in `folder`, as sentences; empty if it is whole."""
    page = _parse(html)
    problems = list(page.problems)
    problems += [f"loads from outside: {a[:120]}" for a in page.loaded if EXTERNAL.match(a)]
    problems += [f"id used {times} times: {name}" for name, times in page.ids.items() if times > 1]
    problems += [p for a in [*page.loaded, *page.links] if (p := _problem_of_address(a, html, folder, page))]
    if html.stat().st_size > LARGEST_PAGE:
        problems.append(f"page of {html.stat().st_size / 1e6:.1f} MB, more than {LARGEST_PAGE / 1e6:.0f} MB")
    return problems


def check_report(folder: Path) -> dict[str, list[str]]:
    """Problems of every page and style sheet below `folder`, by relative path; pages without any are left out."""
    found = {page: check_page(page, folder) for page in sorted(folder.rglob("*.html"))}
    for sheet in sorted(folder.rglob("*.css")):
        addresses = CSS_ADDRESS.findall(sheet.read_text(encoding="utf-8"))
        found[sheet] = [f"loads from outside: {a}" for a in addresses if EXTERNAL.match(a)]
    return {path.relative_to(folder).as_posix(): problems for path, problems in found.items() if problems}


def _parse(html: Path) -> _Page:
    page = _Page()
    page.feed(html.read_text(encoding="utf-8"))
    page.close()
    return page


def _problem_of_address(address: str, html: Path, folder: Path, page: _Page) -> str | None:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    target = (html.parent / unquote(parts.path)).resolve() if parts.path else html.resolve()
    if not target.is_relative_to(folder.resolve()):
        return f"leads out of the report: {address}"
    if not target.exists():
        return f"leads nowhere: {address}"
    ids = page.ids if target == html.resolve() else None
    if parts.fragment and target.suffix == ".html":
        ids = _parse(target).ids if ids is None else ids
        if unquote(parts.fragment) not in ids:
            return f"leads to no such place: {address}"
    return None
