"""Markdown to HTML: headings get anchors and enter the contents list, formulas become MathML."""

import logging
import re
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Heading:
    """One line of the contents list."""

    level: int
    anchor: str
    text: str


@dataclass
class Headings:
    """Headings of a page in order, each with an anchor of its own."""

    headings: list[Heading] = field(default_factory=list)
    taken: set[str] = field(default_factory=lambda: {"main", "contents"})

    def add(self, level: int, text: str) -> str:
        """Enter a heading; returns its anchor."""
        stem = re.sub(r"\W+", "-", text.lower()).strip("-") or "section"
        anchor, times = stem, 1
        while anchor in self.taken:
            times += 1
            anchor = f"{stem}-{times}"
        self.taken.add(anchor)
        self.headings.append(Heading(level, anchor, text))
        return anchor


def markdown_html(source: str, contents: Headings, attachments: dict | None = None) -> str:
    """One markdown cell as HTML; its headings are added to `contents`."""
    renderer = _Renderer(contents, escape=False, attachments=attachments or {}, exclude_anchor_links=True)
    return MarkdownWithMath(renderer=renderer).render(source)


def mathml(latex: str, display: str = "inline") -> str:
    """A formula as MathML; one that cannot be read stays as LaTeX source, and the log says so."""
    from latex2mathml.converter import convert

    try:
        return convert(latex.strip(), display=display)
    except Exception as problem:  # the library raises a dozen kinds, IndexError among them
        log.warning("A formula cannot be set and stays as it is: %s (%s)", latex.strip(), type(problem).__name__)
        return f"<code>{escape(latex.strip())}</code>"


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, with anchors, MathML, and tables and code that scroll inside their own box."""

    def __init__(self, contents: Headings, **options: Any):
        super().__init__(**options)
        self.contents = contents

    def heading(self, text: str, level: int, **_: Any) -> str:
        anchor = self.contents.add(level, unescape(re.sub(r"<[^>]+>", "", text)).strip())
        return f'<h{level} id="{escape(anchor)}">{text}</h{level}>\n'

    def block_math(self, body: str) -> str:
        return _formula(body)

    def latex_environment(self, name: str, body: str) -> str:
        return _formula(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def block_code(self, code: str, info: str | None = None) -> str:
        label = 'role="group" tabindex="0" aria-label="Code"'  # it scrolls: keys must reach it
        html = super().block_code(code, info)
        return re.sub(r'<div class="highlight"|<pre', rf"\g<0> {label}", html, count=1)

    def table(self, text: str) -> str:
        label = 'role="group" tabindex="0" aria-label="Table"'
        return f'<div class="ic ic-table ic-scroll" {label}><table>{text}</table></div>\n'


def _formula(latex: str) -> str:
    label = 'role="group" tabindex="0" aria-label="Formula"'
    return f'<span class="formula" {label}>{mathml(latex, "block")}</span>'
