"""The first cell of a notebook finds the project, or fetches it, or says what the kernel lacks."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from helpers.base.paths import ROOT
from runner.notebooks import SET_UP, cell_texts, read_notebook, tags_of

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))
REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["repository"]
LOOK = "\nimport helpers; print(Path(helpers.__file__).resolve())"


def first_cell() -> str:
    found = {"".join(cell["source"]) for path in NOTEBOOKS + SOLUTIONS for cell in set_up_cells(path)}
    assert len(found) == 1, "all notebooks begin alike"
    return found.pop()


def set_up_cells(path: Path) -> list[dict]:
    cells = [cell for cell in read_notebook(path)["cells"] if SET_UP in tags_of(cell)]
    assert len(cells) == 1 and "".join(cells[0]["source"]) == cell_texts(read_notebook(path)["cells"])[0]
    return cells


def run(text: str, folder: Path, python: str = sys.executable, **variables: str) -> subprocess.CompletedProcess:
    """As a kernel would that was started in a folder, with nothing of the course on its path."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | variables
    return subprocess.run([python, "-c", text], cwd=folder, env=env, capture_output=True, text=True, timeout=120)


def test_it_takes_the_project_that_the_notebook_lies_in(tmp_path: Path):
    """Though the environment may be another clone's."""
    for folder in (tmp_path / "clone" / "notebooks", tmp_path / "clone" / "runs" / "lab" / "wildlife"):
        folder.mkdir(parents=True)
    (tmp_path / "clone" / "helpers").mkdir()
    for name in ("__init__", "chapter"):
        (tmp_path / "clone" / "helpers" / f"{name}.py").write_text("")
    for folder in ("notebooks", "runs/lab/wildlife"):
        done = run(first_cell() + LOOK, tmp_path / "clone" / folder)
        assert done.stdout.split() == [str((tmp_path / "clone" / "helpers" / "__init__.py").resolve())], (
            done.stderr
        )


def test_a_kernel_without_the_packages_is_told_which_to_choose(tmp_path: Path):
    bare = subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=False)
    assert bare.returncode == 0
    done = run(first_cell(), ROOT / "notebooks", str(tmp_path / "bare" / "bin" / "python"))
    assert done.returncode == 1 and "has no torch" in done.stderr and "./run_all.sh --lab" in done.stderr


@pytest.mark.parametrize("colab", [True, False])
def test_colab_fetches_the_project_and_nobody_else_does(colab: bool, tmp_path: Path):
    """With stand-ins for git and pip: what is called, and that the clone is then used."""
    calls = tmp_path / "calls.json"
    clone = tmp_path / "content" / "image-course"
    stand_in = f"""
import json, subprocess
from pathlib import Path
called = []
def note(command, check):
    called.append([str(part) for part in command])
    Path({str(calls)!r}).write_text(json.dumps(called))
    if command[0] == "git":
        (Path(command[-1]) / "helpers").mkdir(parents=True)
        for name in ("__init__", "chapter"):
            (Path(command[-1]) / "helpers" / f"{{name}}.py").write_text("")
subprocess.run = note
"""
    text = stand_in + first_cell().replace("/content/image-course", str(clone)) + LOOK
    done = run(text, tmp_path, **({"COLAB_RELEASE_TAG": "release"} if colab else {}))
    if not colab:
        assert not calls.exists()
        return
    assert done.stdout.split() == [str((clone / "helpers" / "__init__.py").resolve())], done.stderr
    fetch, install = json.loads(calls.read_text())
    assert fetch == ["git", "clone", "--depth=1", REPOSITORY, str(clone)]
    assert install[1:] == ["-m", "pip", "install", "--quiet", "--editable", str(clone)]


def test_badges_lead_to_the_notebooks_there_are():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    owner = REPOSITORY.removeprefix("https://github.com/")
    assert f"https://mybinder.org/v2/gh/{owner}/HEAD?urlpath=lab/tree/notebooks/01_data.ipynb" in readme
    for path in NOTEBOOKS:
        assert f"https://colab.research.google.com/github/{owner}/blob/main/notebooks/{path.name}" in readme
