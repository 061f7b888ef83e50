"""The chapters of a study in JupyterLab: copies that hold its own cells, for a person to change, and solutions."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpers.base.errors import CourseError
from helpers.base.fingerprint import key_of
from helpers.base.paths import ROOT, display_path, runs_dir, write_atomic
from helpers.study.chapters import notebooks_dir
from helpers.study.study import Study
from runner import notebooks
from runner.plan import StudyPlan, parameter

SOLUTIONS = "solutions"  # in the folder of the chapters: of each chapter's exercises
COPIED = "copied_from"  # in a copy's metadata: a hash of its cells as they were when it was made


def open_lab(plans: list[StudyPlan], extra: list[str]) -> int:
    """Start JupyterLab, with `extra` options, on copies of a study's chapters; its exit status."""
    if len(plans) != 1:
        raise CourseError("--lab opens the chapters of one study: name one")
    made = make_copies(plans[0].study, plans[0].chapters)
    print("\n".join(said_of(made)), flush=True)
    first, root = next(iter(made)), ROOT if runs_dir().is_relative_to(ROOT) else runs_dir()
    page = f"/lab/tree/{quote(first.relative_to(root).as_posix())}"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", f"--LabApp.default_url={page}"]
    command += extra
    return subprocess.call(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=ROOT)


def make_copies(study: Study, chapters: list[str]) -> dict[Path, bool]:
    """Copies of these chapters and of their solutions, the first chapter first.

    Of each it is said whether a person's changes were kept instead of a newer original.
    """
    folder = _folder(study)
    folder.mkdir(parents=True, exist_ok=True)
    study.save(folder / "study.yaml")
    copies = {folder / f"{name}.ipynb": _copy(study, notebooks_dir(), name, folder) for name in chapters}
    solved = notebooks_dir() / SOLUTIONS
    for name in (name for name in chapters if (solved / f"{name}.ipynb").exists()):
        copies[folder / SOLUTIONS / f"{name}.ipynb"] = _copy(study, solved, name, folder / SOLUTIONS)
    return copies


def _folder(study: Study) -> Path:
    return runs_dir() / "lab" / study.name


def said_of(made: dict[Path, bool]) -> list[str]:
    """Where the copies are, and which of them are not as the course has them now."""
    folder = display_path(next(iter(made)).parent)
    told = [f"The chapters lie in {folder}: change what you like, the course's own stay as they are."]
    if any(path.parent.name == SOLUTIONS for path in made):
        told.append(f"The exercises are solved in {folder}/{SOLUTIONS}.")
    kept = [display_path(path) for path, is_kept in made.items() if is_kept]
    if kept:
        told.append(
            f"Yours is kept, though the course's is another by now: {', '.join(kept)}. To begin anew, delete it."
        )
    return told


def _copy(study: Study, originals: Path, name: str, folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    new, path = _of_study(study, originals / f"{name}.ipynb"), folder / f"{name}.ipynb"
    mark = new["metadata"][COPIED] = _mark(new)
    if path.exists():
        old = notebooks.read_notebook(path)
        before = old.get("metadata", {}).get(COPIED)
        if before == mark or _mark(old) != before:
            return before != mark
    write_atomic(path, json.dumps(new, ensure_ascii=False, indent=1))
    return False


def _of_study(study: Study, original: Path) -> dict[str, Any]:
    """A notebook without the cells of other studies, told which study it is about."""
    notebook = notebooks.read_notebook(original)
    place = parameter(_folder(study) / "study.yaml")
    cells = []
    for cell in notebooks.cells_to_explore(notebook, study):
        text = "".join(cell["source"])
        if "parameters" in notebooks.tags_of(cell):
            lines = [f"study = {place!r}" if line.startswith("study =") else line for line in text.split("\n")]
            text = "\n".join(lines)
        cells.append(cell | {"source": text})
    return notebook | {"cells": cells, "metadata": dict(notebook.get("metadata", {}))}


def _mark(notebook: dict[str, Any]) -> str:
    return key_of(cells=notebooks.as_written(notebook["cells"]))
