"""The whole way from options to pages, on tiny notebooks: what runs, what does not, and what a kill leaves."""

import resource
import signal
import time
from collections.abc import Iterator

import pytest
from stub_course import Course

from runner.processes import is_alive, only_one

ASKED = ["01_data", "02_cnn_from_scratch", "03_fine_tuning", "05_feature_distances"]


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
