"""Notebooks for tests, from the text of their cells."""

import json
from pathlib import Path

from course_chapters import SAID


def code_cell(source: str, *tags: str) -> dict:
    """A code cell that has not been run."""
    metadata = {"tags": list(tags)} if tags else {}
    return {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": metadata, "source": source}


def prose_cell(source: str) -> dict:
    """A cell of text."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def write_notebook(path: Path, *cells: dict, **said) -> Path:
    """A notebook; what it says of itself is what the course's chapter of this name says, and `said`."""
    metadata = {"course": SAID.get(path.stem, {"course": {}})["course"] | said}
    cells = [{"id": f"cell-{number}"} | cell for number, cell in enumerate(cells)]
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path
