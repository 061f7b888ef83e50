"""The whole way from options to pages, on tiny notebooks: what runs, what does not, and what a kill leaves."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from course_chapters import CHAPTERS, SAID

from helpers.base.paths import ROOT
from runner.processes import is_alive, only_one

BODY = """
import os, time
from helpers.base.paths import reports_dir, write_json
from helpers.study.study import Study

settings = Study.load(study)
with open(os.environ["FAKE_LOG"], "a") as file:
    file.write(f"{chapter} {os.getpid()}\\n")
with open(os.environ["IMAGE_COURSE_PROGRESS"], "a") as file:
    file.write("epoch 1, loss 0.5\\n")
time.sleep(float(os.environ.get("FAKE_SECONDS", 0)))
print("seen before the failure")
if chapter == os.environ.get("FAKE_FAILURE"):
    raise ValueError("planned <script>failure</script>")
rows = [{"model": "cnn", "metric": "accuracy", "value": 0.75, "low": 0.7, "high": 0.8}]
results = {"epochs": settings.models["cnn"].epochs, "headline": rows}
write_json(reports_dir() / settings.name / f"{chapter}.json", results)
"""
ASKED = ["01_data", "02_cnn_from_scratch", "03_fine_tuning", "05_feature_distances"]


class Course:
    """A course of tiny notebooks that note when they run; one at a time, so that nothing is trained for them."""

    def __init__(self, folder: Path):
        self.folder, self.log = folder, folder / "executed.log"
        (folder / "notebooks").mkdir()
        for chapter in CHAPTERS:
            self._write(chapter)
        names = ("notebooks", "runs", "reports", "data")
        places = {f"IMAGE_COURSE_{name.upper()}": str(folder / name) for name in names}
        self.environment = os.environ | places | {"FAKE_LOG": str(self.log), "PYTHONPATH": str(ROOT)}

    def _write(self, chapter: str) -> None:
        parameters = {"metadata": {"tags": ["parameters"]}, "source": 'study = "wildlife"  # any study'}
        body = {"metadata": {}, "source": f"chapter = '{chapter}'{BODY}"}
        code = {"cell_type": "code", "execution_count": None, "outputs": []}
        cells = [code | {"id": f"cell-{number}"} | cell for number, cell in enumerate((parameters, body))]
        notebook = {"cells": cells, "metadata": SAID[chapter], "nbformat": 4, "nbformat_minor": 5}
        (self.folder / "notebooks" / f"{chapter}.ipynb").write_text(json.dumps(notebook))

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "runner", "--sample", "--jobs", "1", *arguments],
            env=self.environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell that starts tests in the background has them ignore Ctrl-C; a person's terminal does not.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        process = self.start(*arguments, **variables)
        output, _ = process.communicate(timeout=300)
        return process.returncode, output

    def executed(self) -> list[str]:
        """The chapters executed since the last time this was asked."""
        return [name for name, _ in self._executions()]

    def kernel(self) -> int:
        """Waits until a chapter runs; the process id of its kernel."""
        deadline = time.monotonic() + 120
        while not self.log.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.3)
        return int(self._executions()[-1][1])

    def _executions(self) -> list[list[str]]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [line.split() for line in lines]

    def status(self) -> dict[str, dict]:
        return json.loads((self.folder / "reports" / "wildlife" / "status.json").read_text())["chapters"]

    def result(self, chapter: str) -> dict:
        return json.loads((self.folder / "reports" / "wildlife" / f"{chapter}.json").read_text())

    def page(self, chapter: str) -> str:
        return (self.folder / "reports" / "wildlife" / f"{chapter}.html").read_text()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("course"))


@pytest.fixture(autouse=True)
def forget_what_ran(course: Course) -> Iterator[None]:
    yield
    course.executed()


def test_failed_chapter_gives_a_page_and_only_dependents_wait(course: Course):
    status, output = course.run("--only", "01,02,03,05", FAKE_FAILURE="02_cnn_from_scratch")
    assert status == 1, output
    assert sorted(course.executed()) == ASKED[:3]
    assert [course.status()[name]["status"] for name in ASKED] == ["ok", "failed", "ok", "skipped"]
    assert course.status()["05_feature_distances"]["error"] == "waits for 02_cnn_from_scratch"
    assert "ValueError: planned" in output and "epoch 1, loss 0.5" in output
    page = course.page("02_cnn_from_scratch")
    assert "ValueError: planned &lt;script&gt;failure" in page and "planned <script>" not in page
    assert page.index("planned") < page.index("seen before the failure")
    assert "02_cnn_from_scratch" in (course.folder / "reports" / "index.html").read_text()


def test_after_a_failure_only_what_is_missing_runs(course: Course):
    status, output = course.run("--only", "01,02,03,05")
    assert status == 0, output
    assert course.executed() == ["02_cnn_from_scratch", "05_feature_distances"]
    assert {record["status"] for record in course.status().values()} == {"ok"}
    assert "ValueError: planned" not in course.page("02_cnn_from_scratch")
    assert "0.750" in output and "Accuracy" in output and "index.html" in output


def test_a_failed_chapter_that_no_other_waits_for_runs_again(course: Course):
    asked = ("--only", "04", "--sample")
    assert course.run(*asked, FAKE_FAILURE="04_augmentation")[0] == 1
    course.executed()
    status, output = course.run(*asked)
    assert (status, course.executed()) == (0, ["04_augmentation"]), output
    assert course.status()["04_augmentation"]["status"] == "ok"


def test_nothing_changed_nothing_runs_and_it_is_quick(course: Course):
    before = {path: path.stat().st_mtime_ns for path in (course.folder / "reports" / "wildlife").iterdir()}
    used = _seconds_of_children()
    status, output = course.run("--only", "01,02,03,05")
    assert _seconds_of_children() - used < 6  # processor time: the machine may be busy with something else
    assert status == 0 and course.executed() == [] and "Nothing had changed" in output
    assert {path: path.stat().st_mtime_ns for path in before} == before


def _seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_changed_key_runs_again_and_others_are_marked(course: Course):
    status, output = course.run("--only", "01", "--set", "epochs=3")
    assert status == 0, output
    assert course.executed() == ["01_data"] and course.result("01_data")["epochs"] == 3
    assert [course.status()[name]["status"] for name in ASKED] == ["ok", "stale", "stale", "stale"]


def test_dry_run_leaves_the_report_alone(course: Course):
    before = course.status()
    status, output = course.run("--only", "01,02", "--", "--dry-run")
    assert status == 0 and "execute" in output
    assert course.executed() == [] and course.status() == before


def test_second_run_in_the_same_folder_says_so(course: Course):
    with only_one(course.folder / "runs" / ".lock") as alone:
        assert alone
        status, output = course.run("--only", "01")
    assert status == 1 and len(output.splitlines()) == 1 and "another run" in output


def test_killed_run_leaves_nothing_running_and_continues(course: Course):
    process = course.start("--only", "01", "--set", "epochs=4", FAKE_SECONDS="60")
    kernel = course.kernel()
    process.kill()
    _assert_ends(kernel)
    process.communicate()
    status, output = course.run("--only", "01", "--set", "epochs=4")
    assert status == 0, output
    assert course.executed() == ["01_data"] and course.result("01_data")["epochs"] == 4


def test_interrupted_run_leaves_nothing_running(course: Course):
    process = course.start("--only", "01", "--set", "epochs=5", FAKE_SECONDS="60")
    kernel = course.kernel()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130 and "continues from here" in output and "Traceback" not in output
    _assert_ends(kernel)


def _assert_ends(pid: int) -> None:
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_alive(pid)


def test_no_chapter_is_missed_where_only_jobs_were_asked_for(course: Course):
    small = ("--set", "sample.images_per_class=12", "--set", "image_size=32")
    status, output = course.run("--only", "01", "--jobs", "2", *small, "--", "--until", "data")
    assert status == 0 and course.executed() == [], output
    assert (course.folder / "runs" / "wildlife" / "notebooks" / "data.done.json").exists()
