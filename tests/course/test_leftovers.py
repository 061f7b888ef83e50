"""What a run leaves behind: its data, runs and reports, and nothing anywhere else, however it ends."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tiny_course import Course, simple_notebooks, tiny_study

from helpers.base.paths import ROOT
from runner import scratch

PROJECT = ("drawings", "helpers", "runner", "sections", "notebooks", "studies")


@dataclass
class Place:
    """A copy of the project, an empty home and an empty temporary folder, and a tiny study."""

    folder: Path
    before: set[Path] = field(default_factory=set)

    def course(self, *options: str) -> Course:
        variables = {name: str(self.folder / name) for name in ("HOME", "TMPDIR")}
        variables |= {"IMAGE_COURSE_NOTEBOOKS": str(self.folder / "notebooks"), "WANDB_MODE": "offline"}
        study = str(self.folder / "tiny.yaml")
        return Course(self.folder / "course", [study, *options], root=self.folder / "project", variables=variables)

    def left(self) -> list[str]:
        """Everything in the home, the temporary folder and the project that was not there before."""
        found = (path for name in ("HOME", "TMPDIR", "project") for path in (self.folder / name).rglob("*"))
        return sorted(path.relative_to(self.folder).as_posix() for path in found if path not in self.before)

    def scratch(self) -> list[Path]:
        """The places of runs that are at work, or were left."""
        return [path for path in (self.folder / "course" / "runs" / ".scratch").glob("*") if path.is_dir()]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("left")
    (folder / "project").mkdir()
    for name in PROJECT:
        shutil.copytree(ROOT / name, folder / "project" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Snakefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / "project")
    for name in ("HOME", "TMPDIR"):
        (folder / name).mkdir()
    (folder / "broken.pth").write_text("no weights at all")
    broken = {"architecture": "resnet18", "pretrained": True, "weights": "./broken.pth", "epochs": 1}
    tiny_study(folder, tuned=broken)
    simple_notebooks(folder / "notebooks")
    return Place(folder, set((folder / "project").rglob("*")))


@pytest.fixture(autouse=True)
def own_settings(monkeypatch):
    """Of the machine that tests run on, nothing decides where libraries put their files."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "PYTHONDONTWRITEBYTECODE", *scratch.FOLDERS):
        monkeypatch.delenv(name, raising=False)


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_run_in_which_all_goes_well_leaves_nothing(place):
    place.course("--only", "01,02", "--jobs", "2").finish()
    assert list((place.folder / "course" / "runs").glob("wandb/offline-run-*"))
    assert place.left() == [] and place.scratch() == []


def test_a_run_that_trains_in_its_notebooks_and_fails_leaves_nothing(place):
    course = place.course("--only", "02,03", "--jobs", "1", "--set", "models.cnn.epochs=1")
    assert course.start().wait(300) == 1
    assert place.left() == [] and place.scratch() == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_nothing(place, how):
    course = place.course("--only", "02", "--jobs", "2", "--set", f"models.cnn.epochs={4000 + how}")
    process, position = course.start(), len(course.said())
    until(lambda: "epoch 2/" in course.said(position))
    process.send_signal(how)
    assert process.wait(60) == 130
    assert place.left() == [] and place.scratch() == []


def test_what_a_killed_run_left_below_its_runs_the_next_one_removes(place):
    course = place.course("--only", "02", "--jobs", "2", "--set", "models.cnn.epochs=4000")
    process, position = course.start(), len(course.said())
    until(lambda: "epoch 2/" in course.said(position))
    process.kill()
    process.wait()
    until(lambda: not course.processes())
    compiled = [name for name in place.left() if "__pycache__" not in name]
    assert compiled == [] and len(place.scratch()) == 1
    assert place.course("--only", "01").start().wait(300) == 0
    assert place.left() == [] and place.scratch() == []


def test_a_job_by_hand_leaves_nothing(place):
    course = place.course()
    runs = course.folder / "runs"
    shutil.rmtree(runs / "trained")
    places = {f"IMAGE_COURSE_{name.upper()}": str(course.folder / name) for name in ("data", "runs", "reports")}
    variables = os.environ | course.variables | places | {"PYTHONPATH": str(course.root)}
    command = [sys.executable, "-m", "runner.training", "tiny", "training.cnn.0"]
    before = len(list(runs.glob("wandb/offline-run-*")))
    subprocess.run(command, cwd=course.root, env=variables, check=True)
    assert len(list(runs.glob("wandb/offline-run-*"))) == before + 1
    assert place.left() == [] and place.scratch() == []


def test_the_place_of_a_process_that_is_at_work_is_left_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("IMAGE_COURSE_RUNS", str(tmp_path))
    usual = os.environ.get("TMPDIR")
    with scratch.own_place():
        own = Path(os.environ["TMPDIR"])
        (own / "file").touch()
        with scratch.own_place():
            assert own != Path(os.environ["TMPDIR"])
        assert (own / "file").exists()
        assert Path(os.environ["TMPDIR"]) == own
    assert not own.exists() and os.environ.get("TMPDIR") == usual
