"""The chapters as written: their cells, which of them are for a study, and what their parameters are."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.base.errors import CourseError
from helpers.study.study import Study

ONLY = "only-"
TRIED = {"range_test"}  # features that are a setting which exercises change: who explores keeps their cells
SET_UP = "set-up"  # the tag of the cell that finds the course, or fetches it: the report's kernels have it
EXERCISE = "exercise"  # the tag of a cell of code that a student is to fill in


def read_notebook(path: Path) -> dict[str, Any]:
    """A notebook file. Raises CourseError for one that is none."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        return notebook | {"cells": list(notebook["cells"])}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CourseError(f"{path.name} cannot be read as a notebook ({error}): restore it") from None


def cells_of_page(notebook: Mapping[str, Any], study: Study) -> list[dict[str, Any]]:
    """The cells of a study's page: those without tags `only-<feature>`, and those whose features it has.

    What sets up, and what a student is to fill in, is on no page.
    """
    cells = [cell for cell in notebook["cells"] if not {SET_UP, EXERCISE} & set(tags_of(cell))]
    return [cell for cell in cells if all(map(study.has, cell_features(cell)))]


def cells_to_explore(notebook: Mapping[str, Any], study: Study) -> list[dict[str, Any]]:
    """The cells that who explores a study is given: also to set up, to fill in, and of what may be tried."""
    return [
        cell for cell in notebook["cells"] if all(study.has(one) or one in TRIED for one in cell_features(cell))
    ]


def cell_features(cell: Mapping[str, Any]) -> list[str]:
    """What a study must have for a cell to be on its page: from the cell's tags `only-<feature>`."""
    return [tag.removeprefix(ONLY) for tag in tags_of(cell) if tag.startswith(ONLY)]


def cell_texts(cells: list[dict[str, Any]]) -> list[str]:
    """The text of each code cell."""
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def as_written(cells: list[dict[str, Any]]) -> str:
    """All that counts of cells: running a chapter in JupyterLab and saving its outputs changes nothing."""
    return json.dumps([[cell["cell_type"], "".join(cell["source"]), tags_of(cell)] for cell in cells])


def check_parameters(path: Path, parameters: Mapping[str, Any]) -> None:
    """papermill only warns about a parameter that the notebook does not have.

    Raises CourseError for a notebook whose `parameters` cell lacks one.
    """
    tagged = [
        cell
        for cell in read_notebook(path)["cells"]
        if cell["cell_type"] == "code" and "parameters" in tags_of(cell)
    ]
    source = "".join(text + "\n" for text in cell_texts(tagged))
    known = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    for name in sorted(set(parameters) - known):
        raise CourseError(f"{path.name}: there is no cell tagged 'parameters' that sets '{name}'")


def tags_of(cell: Mapping[str, Any]) -> list[str]:
    return cell["metadata"].get("tags") or []
