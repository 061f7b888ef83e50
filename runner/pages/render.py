"""An executed notebook becomes a page of the report, whether its chapter succeeded or failed."""

import copy
import json
import logging
import re
from dataclasses import asdict
from pathlib import Path

import nbformat

from helpers.base.paths import display_path, reports_dir, write_atomic
from helpers.study.chapters import chapter_called
from helpers.study.study import Study
from runner.graph import ChapterFiles
from runner.pages.cells import prepare_cells
from runner.pages.markdown import Headings
from runner.pages.page import TEMPLATES, Page, install_assets, links_from_status, page_part, told_facts
from runner.records import Record

LARGEST_PAGE = 5_000_000  # bytes
SAMPLE_SENTENCE = (
    "Sample data: the images on this page were drawn by the project to stand in for the real data set. "
    "The numbers show how the method works; they say nothing about real photographs."
)
log = logging.getLogger(__name__)


def render_page(study: Study, chapter: str, outcome: dict[str, Record]) -> None:
    """Make a chapter's page from its executed notebook."""
    files, record = ChapterFiles(study.name, chapter), outcome[chapter]
    install_assets(reports_dir())
    page = Page(
        study=study.name,
        study_title=study.title,
        chapter=chapter,
        title=chapter_called(chapter).title,
        chapters=links_from_status(
            {"chapters": {name: asdict(one) for name, one in outcome.items()}}, files.page.parent
        ),
        is_sample=study.is_drawn(chapter),
        error=record.error if record.status == "failed" else None,
        facts=told_facts({"Run": record.started}, record.ran_on or {}, "Data"),
    )
    render_chapter(files.executed, files.page, page)


def render_chapter(executed_notebook: Path, html: Path, page: Page) -> None:
    """Write the page of one chapter to `html`; `reports/assets/` must lie beside the study's folder.

    The same notebook and the same `page` give the same bytes. A notebook that failed or was cut off becomes
    a page too: the error at the top, everything before it, and a mark on what did not run.
    """
    write_atomic(html, page_html(nbformat.read(executed_notebook, as_version=4), page))
    if (size := html.stat().st_size) > LARGEST_PAGE:
        told = "%s has %.1f MB, more than a page should: show fewer pictures."
        log.warning(told, display_path(html), size / 1e6)


def page_html(notebook: nbformat.NotebookNode, page: Page) -> str:
    """The whole page; the notebook is left as it was."""
    from nbconvert import HTMLExporter

    notebook, contents = copy.deepcopy(notebook), Headings()
    _name_the_study(notebook, page.study)
    failure = prepare_cells(notebook, page.error, contents)
    exporter = HTMLExporter(template_name="course", extra_template_basedirs=[str(TEMPLATES)])
    notebook.metadata["title"] = f"{page.title} · {page.study_title}"
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    course = {
        "page": page,
        "failure": failure,
        "headings": [heading for heading in contents.headings if heading.level in (2, 3)],
        "has_title": any(heading.level == 1 for heading in contents.headings),
        "has_scatter": any("ic-scatter3d-stage" in one.get("data", {}).get("text/html", "") for one in outputs),
        "sample_sentence": SAMPLE_SENTENCE if page.is_sample else "",
        **{name: page_part(name, page) for name in ("chapters", "neighbours", "state")},
    }
    body, _ = exporter.from_notebook_node(notebook, {"course": course})
    return re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"


def _name_the_study(notebook: nbformat.NotebookNode, study: str) -> None:
    """The parameters as the reader would set them: papermill's cell holds a file of the machine it ran on."""
    tags = [set(cell.metadata.get("tags", [])) for cell in notebook.cells]
    for cell, own in zip(notebook.cells, tags, strict=True):
        if "parameters" in own:
            cell.source = re.sub(r'(?m)^study = ".*?"', lambda _: f"study = {json.dumps(study)}", cell.source)
    notebook.cells = [
        cell for cell, own in zip(notebook.cells, tags, strict=True) if "injected-parameters" not in own
    ]
