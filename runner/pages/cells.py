"""A notebook prepared for its page: what each cell shows, and where and why the chapter failed."""

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from nbformat import NotebookNode

from helpers.base.paths import our_sources
from runner.pages.markdown import Headings, markdown_html

PAPERMILL_MARK = "papermill-error-cell-tag"  # papermill's own error cells, which our box replaces
UNWANTED = ("application/vnd.jupyter.widget-view+json", "application/javascript")
IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
CARRIED = re.compile(r"<(style|script) data-course>.*?</\1>", re.DOTALL)  # for JupyterLab; a page links to them
ASKING = ("exercise", "check yourself")  # how headings begin below which something is asked of the reader
BY_HAND = "by-hand"  # the tag of a cell that is to be read: its code is open


@dataclass(frozen=True)
class ChapterFailure:
    """Why a chapter failed: a sentence, the traceback, the anchor of the cell (either may be empty)."""

    sentence: str
    traceback: str = ""
    anchor: str = ""


def prepare_cells(notebook: NotebookNode, error: str | None, contents: Headings) -> ChapterFailure | None:
    """Make the notebook ready for the template, in place; returns the failure if there is one.

    Afterwards each cell has `metadata.course`: markdown cells with `html` and `kind`, code cells with
    `number`, `anchor`, `label`, `is_open` and `status` ("ok", "failed", "not-run").
    """
    notebook.cells = [cell for cell in notebook.cells if _is_wanted(cell)]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    failing = _failing_cell(code, error)
    failure = _failure(code, failing, error)
    for number, cell in enumerate(code, 1):
        status = "ok" if failing is None or number <= failing else "failed" if number == failing + 1 else "not-run"
        tags = set(cell.metadata.get("tags", []))
        label = "Parameters" if {"parameters", "injected-parameters"} & tags else "Code"
        cell.metadata["course"] = {
            "number": number, "anchor": f"cell.{number}", "label": label, "status": status,
            "is_open": BY_HAND in tags or status == "failed",
        }  # fmt: skip
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.metadata["course"] = _markdown_facts(cell, contents)
        elif cell.cell_type == "code":
            below = contents.headings[-1].text if contents.headings else ""
            cell.outputs = [ready for output in cell.outputs if (ready := _prepare_output(output, below))]
    return failure


def _is_wanted(cell: NotebookNode) -> bool:
    is_papermills = cell.cell_type == "markdown" and PAPERMILL_MARK in cell.metadata.get("tags", [])
    return bool(cell.source.strip()) and not is_papermills


def _markdown_facts(cell: NotebookNode, contents: Headings) -> dict[str, str]:
    before = len(contents.headings)
    html = markdown_html(cell.source, contents, cell.get("attachments"))
    first = contents.headings[before].text.lower() if len(contents.headings) > before else ""
    return {"html": html, "kind": "exercises" if first.startswith(ASKING) else "prose"}


def _failing_cell(code: list[NotebookNode], error: str | None) -> int | None:
    """The cell with an error; if the notebook was cut off instead, the first cell that did not finish."""
    for place, cell in enumerate(code):
        if any(output.output_type == "error" for output in cell.outputs):
            return place
    return None if error is None else next((n for n, cell in enumerate(code) if not _has_finished(cell)), None)


def _has_finished(cell: NotebookNode) -> bool:
    status = cell.metadata.get("papermill", {}).get("status")
    return status == "completed" if status else cell.execution_count is not None


def _failure(code: list[NotebookNode], failing: int | None, error: str | None) -> ChapterFailure | None:
    if failing is None:
        return ChapterFailure(error) if error else None
    anchor = f"cell.{failing + 1}"
    raised = next((output for output in code[failing].outputs if output.output_type == "error"), None)
    if raised is None:
        return ChapterFailure(error or "The chapter was cut off.", anchor=anchor)
    # Our own errors speak for themselves; of others the kind matters too.
    own = raised.evalue and raised.ename in course_errors()
    sentence = raised.evalue if own else f"{raised.ename}: {raised.evalue}".rstrip(": ")
    return ChapterFailure(error or sentence, _plain(raised.traceback), anchor)


@cache
def course_errors() -> frozenset[str]:
    """Names of `CourseError` and all that derives from it, read from the sources.

    The page knows an error only by its name, and importing every helper to ask would take seconds.
    """
    sources = [path.read_text(encoding="utf-8") for path in our_sources()]
    bases = dict(pair for source in sources for pair in re.findall(r"^class (\w+)\((\w+)", source, re.MULTILINE))
    names = {"CourseError"}
    while more := {name for name, base in bases.items() if base in names} - names:
        names |= more
    return frozenset(names)


def _prepare_output(output: NotebookNode, heading: str) -> NotebookNode | None:
    if output.output_type == "error":
        output["plain"] = _plain(output.traceback)
        return output
    if output.output_type == "stream":
        # What a terminal would show after carriage returns, which progress bars use to write over themselves.
        lines = ANSI.sub("", output.text).split("\n")
        output.text = "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in lines)
    else:
        output.data = _prepare_data(output.data, output.get("metadata", {}), heading)
    return output if output.get("text") or output.get("data") else None


def _plain(lines: list[str]) -> str:
    return ANSI.sub("", "\n".join(lines))


def _prepare_data(data: dict[str, Any], metadata: dict[str, Any], heading: str) -> dict[str, Any]:
    """Widgets and scripts go, pictures get alternative text, and what only JupyterLab needs goes too.

    A picture that code has drawn without saying what it shows is told by the `heading` above it.
    """
    if any(kind in data for kind in UNWANTED):
        return {}
    if "text/html" in data:
        return {**data, "text/html": CARRIED.sub("", data["text/html"])}
    kind = next((kind for kind in IMAGES if kind in data), None)
    alt = str(metadata.get("alt") or f"What the code above draws{f': {heading}' if heading else ''}")
    return {"text/html": _image_html(kind, data[kind], alt)} if kind else data


def _image_html(kind: str, content: str, alt: str) -> str:
    if kind == "image/svg+xml":
        from helpers.show.encode import data_address

        source = data_address(kind, content.encode())
    else:
        source = f"data:{kind};base64,{''.join(content.split())}"
    image = f'<img src="{source}" alt="{escape(alt)}">'
    return f'<figure class="ic ic-figure"><div class="ic-plate">{image}</div></figure>'
