"""The chapters of one study for JupyterLab: its own cells, and nobody's changes are lost."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from made_up_notebooks import code_cell, prose_cell, write_notebook

from helpers.base.paths import ROOT
from helpers.study.study import Study
from runner import lab
from runner.__main__ import main


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("runs", "reports", "notebooks", "data"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"IMAGE_COURSE_{name.upper()}", str(tmp_path / name))
    write(tmp_path, "print(study)")
    return tmp_path


def write(place: Path, text: str) -> None:
    streets = prose_cell("Roads") | {"metadata": {"tags": ["only-streets"]}}
    patches = prose_cell("Tiles") | {"metadata": {"tags": ["only-patches"]}}
    first = code_cell('study = ""  # which\nshown = 3', "parameters")
    write_notebook(place / "notebooks" / "01_data.ipynb", first, streets, patches, code_cell(text))


def cells(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]


@pytest.mark.parametrize(("study", "own"), [("wildlife", "Roads"), ("satellite", "Tiles")])
def test_a_copy_has_the_cells_of_its_study_and_names_it(place: Path, study: str, own: str):
    (path,) = lab.make_copies(Study.load(study, {"epochs": "3"}), ["01_data"])
    file = place / "runs" / "lab" / study / "study.yaml"
    assert cells(path) == [f"study = {str(file)!r}\nshown = 3", own, "print(study)"]
    assert Study.load(str(file)).models["cnn"].epochs == 3


def test_what_a_person_has_changed_is_kept_and_said_to_be_old(place: Path):
    study = Study.load("wildlife")
    (path,) = lab.make_copies(study, ["01_data"])
    write(place, "print('newer')")
    assert lab.make_copies(study, ["01_data"]) == {path: False} and cells(path)[-1] == "print('newer')"
    own = json.loads(path.read_text())
    own["cells"][-1]["source"] = "print('mine')"
    path.write_text(json.dumps(own))
    assert lab.make_copies(study, ["01_data"]) == {path: False}  # changed, and still of the course's latest
    write(place, "print('newest')")
    made = lab.make_copies(study, ["01_data"])
    assert made == {path: True} and cells(path)[-1] == "print('mine')"
    assert "01_data.ipynb" in lab.said_of(made)[-1] and "delete" in lab.said_of(made)[-1]


def test_solutions_come_along_and_are_kept_as_well(place: Path):
    (place / "notebooks" / "solutions").mkdir()
    first = code_cell('study = ""', "parameters")
    write_notebook(place / "notebooks" / "solutions" / "01_data.ipynb", first, code_cell("print('solved')"))
    study = Study.load("wildlife")
    chapter, solution = lab.make_copies(study, ["01_data"])
    assert solution.relative_to(chapter.parent).as_posix() == "solutions/01_data.ipynb"
    file = place / "runs" / "lab" / "wildlife" / "study.yaml"
    assert cells(solution) == [f"study = {str(file)!r}", "print('solved')"]
    own = json.loads(solution.read_text())
    own["cells"][-1]["source"] = "print('mine')"
    solution.write_text(json.dumps(own))
    write_notebook(place / "notebooks" / "solutions" / "01_data.ipynb", first, code_cell("print('better')"))
    made = lab.make_copies(study, ["01_data"])
    assert made == {chapter: False, solution: True} and cells(solution)[-1] == "print('mine')"
    assert "solutions" in lab.said_of(made)[1] and "solutions/01_data.ipynb" in lab.said_of(made)[-1]


def answers(address: str) -> bool:
    """The address is told a moment before somebody listens there."""
    for _ in range(100):
        with suppress(URLError), urlopen(address, timeout=60) as page:
            return page.status == 200
        time.sleep(0.1)
    return False


def test_it_opens_one_study(place: Path, capsys: pytest.CaptureFixture):
    assert main(["--lab", "wildlife", "svhn", "--sample"]) == 2
    assert "one study" in capsys.readouterr().err


def test_jupyterlab_begins_with_the_first_chapter_and_the_whole_project_in_sight(place: Path):
    settings = {"PYTHONPATH": str(ROOT), "JUPYTER_PLATFORM_DIRS": "1"}
    asked = ["--lab", "wildlife", "--sample", "--only", "01", "--", "--no-browser", "--allow-root"]
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", *asked],
        env=os.environ | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        address, said = "", []
        while not address and process.poll() is None:
            said.append(process.stdout.readline())
            address = next((word for word in said[-1].split() if word.startswith("http://127")), "")
        assert "lab/tree/" in address and "01_data.ipynb" in address, "".join(said)
        assert answers(address)
    finally:
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
        process.kill()
        process.wait()
