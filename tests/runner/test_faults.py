"""Faults of the machine, each in seconds; benchmarks/faults.py and kills.py bring them into whole runs."""

import errno
import json
import os
import random
import re
import resource
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import papermill
import pytest
import torch
from papermill.iorw import papermill_io
from stub_course import Course as Notebooks

from helpers.base.lock import locked
from helpers.base.paths import ROOT, weights_file, write_json
from helpers.datasets.cache import cache_dir
from runner import chapter
from runner.faults import fault_in_words, full_disk
from runner.graph import ChapterFiles

sys.path.insert(0, str(ROOT / "benchmarks"))
import courses
import faults
import kills

PATIENCE = 900  # seconds: the machine may be busy


def namespaces(*kinds: str) -> pytest.MarkDecorator:
    """Skips where this user may not have a mount table or a network of its own."""
    try:
        allowed = subprocess.run(["unshare", *kinds, "true"], capture_output=True).returncode == 0
    except OSError:
        allowed = False
    return pytest.mark.skipif(not allowed, reason=f"'unshare {' '.join(kinds)}' is not allowed here")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory) -> dict:
    """What the course said on a disk that filled up, and on read-only data."""
    folder = tmp_path_factory.mktemp("faulty")
    done = subprocess.run(
        ["unshare", "--mount", sys.executable, ROOT / "tests" / "faulty_machine.py", folder],
        env=os.environ | {"PYTHONPATH": str(ROOT), "WANDB_MODE": "disabled"},
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@namespaces("--mount")
@pytest.mark.parametrize("stage", ["drawing", "decoding", "training"])
def test_a_full_disk_is_said_with_its_place_and_what_to_do(faulty, stage):
    assert "free some space" in faulty[stage].lower() and re.search(r"\w/ ?|samples/", faulty[stage])
    assert "Errno" not in faulty[stage] and "\n" not in faulty[stage]


@namespaces("--mount")
def test_a_full_disk_leaves_the_checkpoint_and_the_page_that_were_there(faulty):
    assert "disk is full" in faulty["checkpoint"]["said"] and faulty["checkpoint"]["kept"] == 3
    assert "disk is full" in faulty["page"]["said"]
    assert (faulty["page"]["kept"], faulty["page"]["files"]) == ("before", 1)


@namespaces("--mount")
def test_with_room_again_the_numbers_are_those_of_an_undisturbed_run(faulty):
    assert faulty["equal"] is True


@namespaces("--mount")
def test_read_only_data_will_do_and_without_any_it_says_what_to_do(faulty):
    assert faulty["everything"] == faulty["pictures"] == ""
    assert "IMAGE_COURSE_DATA" in faulty["nothing"] and "Errno" not in faulty["nothing"]


def error_with_little_memory(ask: Callable[[], object]) -> str:
    """The name and text of what is raised where this process may have one more megabyte."""
    usual = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 20), usual[1]))
    try:
        ask()
    except (MemoryError, RuntimeError) as error:
        found = error
    finally:
        resource.setrlimit(resource.RLIMIT_AS, usual)
    return f"{type(found).__name__}: {found}"


@pytest.mark.parametrize("ask", [bytearray, partial(np.empty, dtype=np.uint8), torch.empty])
def test_memory_that_runs_out_is_said_whoever_asked_for_it(ask):
    assert fault_in_words(error_with_little_memory(lambda: ask(1 << 30))).startswith("memory ran out")


def test_libraries_that_memory_is_too_small_for_and_errors_that_cannot_be_sent_are_named(monkeypatch, tmp_path):
    assert fault_in_words("ImportError: libx.so: failed to map segment from shared object").startswith(
        "memory ran out"
    )
    assert "most likely because memory ran out" in fault_in_words("RuntimeError: could not create a primitive")
    assert fault_in_words("RuntimeError: could not create a primitive descriptor") is None
    for name in ("DATA", "RUNS", "REPORTS"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name}", str(tmp_path / name.lower()))
    lost = papermill.PapermillExecutionError(1, 1, "", ename="CellExecutionError", evalue="", traceback=[])
    monkeypatch.setattr(papermill, "execute_notebook", Mock(side_effect=lost))
    monkeypatch.setattr(chapter, "choose_cells", Mock())
    monkeypatch.setattr(chapter, "told_cells", lambda files: nullcontext())
    monkeypatch.setattr(papermill_io.get_handler("local"), "write", None)  # which it replaces, here for a while
    assert "memory ran out" in chapter._run_notebook(ChapterFiles("wildlife", "01_data"), {"study": "wildlife"})


@pytest.mark.parametrize(
    "length", [1000, 20]
)  # of a file's name; where names must be short, Snakemake makes folders
def test_a_job_whose_end_was_not_noted_is_made_again_with_all_that_waits_for_it(tmp_path, length):
    course = courses.Course(tmp_path / "course", ["--sample", "--only", "01", "--", "--dry-run"])
    name = "wildlife/notebooks/data.done.json"
    write_json(course.folder / "runs" / name, {})
    code = urlsafe_b64encode(name.encode()).decode()
    *first, last = (code[i : i + length] for i in range(0, len(code), length))
    mark = course.folder.joinpath("runs", ".snakemake", "incomplete", *(f"@{part}" for part in first), last)
    write_json(mark, {"external_jobid": None})
    assert course.start().wait() == 0
    assert "rule data:" in course.said() and "rule execute_01_data:" in course.said()
    assert not mark.exists()


def test_other_errors_are_not_the_machines():
    assert fault_in_words("ValueError: no such class") is None
    assert fault_in_words(f"FileNotFoundError: {FileNotFoundError(errno.ENOENT, 'No such file', 'x')}") is None
    for lacks in ("cannot open shared object file: No such file", "map segment from shared object: Operation not"):
        assert fault_in_words(f"ImportError: libx.so: {lacks}") is None
    assert full_disk(least=0) is None


def test_where_nothing_can_be_written_caches_go_with_the_runs(monkeypatch, tmp_path):
    places = {name: tmp_path / name.lower() for name in ("DATA", "RUNS")}
    for name, place in places.items():
        monkeypatch.setenv(f"IMAGE_COURSE_{name}", str(place))
    assert cache_dir() == places["DATA"] / ".cache"
    (places["DATA"] / "weights").mkdir(parents=True)
    (places["DATA"] / "weights" / "there.pth").touch()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert cache_dir() == places["RUNS"] / ".cache"
    assert weights_file("there.pth") == places["DATA"] / "weights" / "there.pth"
    assert weights_file("new.pth") == places["RUNS"] / "weights" / "new.pth"


def test_the_lock_file_of_another_user_is_waited_for_all_the_same(monkeypatch, tmp_path):
    """Who may not open it for writing locks it for reading: the lock is the same."""
    path, usual = tmp_path / "lock", Path.open
    path.touch()

    def forbidden(self, mode="r", *rest, **options):
        if mode != "r":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return usual(self, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", forbidden)
    with locked(path):
        asked = f"import fcntl; fcntl.flock(open({str(path)!r}), fcntl.LOCK_EX | fcntl.LOCK_NB)"
        assert subprocess.run([sys.executable, "-c", asked], capture_output=True).returncode
    path.unlink()
    with locked(path):  # nobody has locked it, and nobody can
        pass


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> courses.Course:
    """A run of one tiny chapter, which `kills` and `faults` may disturb."""
    notebooks = Notebooks(tmp_path_factory.mktemp("faults"))
    return courses.Course(
        notebooks.folder / "course",
        ["--sample", "--jobs", "1", "--only", "01"],
        variables={
            "IMAGE_COURSE_NOTEBOOKS": str(notebooks.folder / "notebooks"),
            "FAKE_LOG": str(notebooks.log),
            "FAKE_SECONDS": "0",
        },
    )


@pytest.mark.parametrize(("kind", "words"), [("kernel", "the kernel died"), ("job", "stopped before it finished")])
def test_a_single_process_that_is_killed_is_named_and_nothing_hangs(course, kind, words):
    course.variables["FAKE_SECONDS"] = "300"
    position, process = len(course.said()), course.start()
    _until(lambda: "epoch 1" in course.said(position))
    assert course.kill_one(kind)
    assert kills.faulty_end(course, process, PATIENCE, position) == []
    assert process.returncode == 1 and words in course.said(position)


@namespaces("--net")
def test_the_same_command_goes_on_without_any_network_interface(course):
    course.variables["FAKE_SECONDS"] = "0"
    course.prefix = ("unshare", "--net")
    course.finish()
    course.prefix = ()
    assert list(courses.results(course)) == ["reports/wildlife/01_data.json"]
    assert not courses.leftovers(course)


def test_files_from_the_future_disturb_nothing(course):
    course.options = ["--sample", "--jobs", "1", "--only", "01,02"]
    faults.set_back(course.folder, faults.DAY)
    course.finish()  # what is made now of what was made tomorrow is older
    course.finish()
    assert "Nothing had changed" in course.said().splitlines()[-1]


def test_of_two_at_once_one_leaves(course):
    course.wipe()
    course.variables["FAKE_SECONDS"] = "5"
    position, both = len(course.said()), [course.start(), course.start()]
    assert sorted(process.wait(PATIENCE) for process in both) == [0, 1]
    assert course.said(position).count("another run is at work") == 1


def test_differences_are_found_and_named():
    expected, found = {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 5, "d": 4}
    assert courses.differences(expected, found) == ["b differs", "c is missing", "d is too much"]
    assert courses.differences(expected, expected) == []


def test_no_process_is_killed_but_the_courses_own(tmp_path):
    random.seed(0)
    assert courses.Course(tmp_path, []).kill_one("any") is None


def _until(holds, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)
