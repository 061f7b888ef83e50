"""An executed notebook becomes a page of the report, whether its chapter succeeded or failed."""

import copy
import json
import logging
import re
from pathlib import Path

import nbformat

from helpers.base.paths import display_path, write_atomic
from runner.pages.cells import ChapterFailure, prepare
from runner.pages.markdown import Headings
from runner.pages.page import (
    SAMPLE_SENTENCE,
    TEMPLATES,
    ChapterLink,
    Page,
    install_assets,
    links_from_status,
    page_part,
)

__all__ = ["ChapterLink", "Page", "install_assets", "links_from_status", "render_chapter"]

LARGEST_PAGE = 5_000_000  # bytes
log = logging.getLogger(__name__)


def render_chapter(executed_notebook: Path, html: Path, page: Page) -> None:
    """Write the page of one chapter to `html`; `reports/assets/` must lie beside the study's folder.

    The same notebook and the same `page` give the same bytes. A notebook that failed or was cut off becomes
    a page too: the error at the top, everything before it, and a mark on what did not run.
    """
    notebook = nbformat.read(executed_notebook, as_version=4)
    content = page_html(notebook, page)
    write_atomic(html, content)
    if html.stat().st_size > LARGEST_PAGE:
        size = html.stat().st_size / 1e6
        log.warning("%s has %.1f MB, more than a page should: show fewer pictures.", display_path(html), size)


def page_html(notebook: nbformat.NotebookNode, page: Page) -> str:
    """The whole page; the notebook is left as it was."""
    from nbconvert import HTMLExporter

    notebook, contents = copy.deepcopy(notebook), Headings()
    _name_the_study(notebook, page.study)
    failure = prepare(notebook, page.error, contents)
    exporter = HTMLExporter(template_name="course", extra_template_basedirs=[str(TEMPLATES)])
    notebook.metadata["title"] = f"{page.title} · {page.study_title}"
    body, _ = exporter.from_notebook_node(notebook, {"course": _for_template(notebook, page, failure, contents)})
    return re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"


def _name_the_study(notebook: nbformat.NotebookNode, study: str) -> None:
    """The parameters as the reader would set them: papermill's cell holds a file of the machine it ran on."""
    notebook.cells = [
        cell for cell in notebook.cells if "injected-parameters" not in cell.metadata.get("tags", [])
    ]
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = re.sub(r'(?m)^study = ".*?"', lambda _: f"study = {json.dumps(study)}", cell.source)


def _for_template(
    notebook: nbformat.NotebookNode, page: Page, failure: ChapterFailure | None, contents: Headings
) -> dict:
    return {
        "page": page,
        "failure": failure,
        "headings": [heading for heading in contents.headings if heading.level in (2, 3)],
        "has_title": any(heading.level == 1 for heading in contents.headings),
        "has_scatter": any("ic-scatter3d-stage" in text for text in _shown_html(notebook)),
        "sample_sentence": SAMPLE_SENTENCE if page.is_sample else "",
        "navigation": page_part("chapters", page),
        "neighbours": page_part("neighbours", page),
        "state": page_part("state", page),
    }


def _shown_html(notebook: nbformat.NotebookNode) -> list[str]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.data.get("text/html", "") for output in outputs if "data" in output]
