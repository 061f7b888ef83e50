"""Processes that are forked rather than started: they look like any other, and end as they should."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from runner import nursery
from runner.processes import is_alive

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the nursery")

CHILD = """
import atexit, json, os, sys, threading, time
from pathlib import Path

END = {
    "thread": lambda: threading.Timer(0.5, lambda: print("of a thread")).start(),
    "atexit": lambda: atexit.register(print, "at exit"),
    "unflushed": lambda: print("unflushed", end=""),
    "exit": lambda: sys.exit("a reason"),
    "error": lambda: 1 / 0,
}

def main(arguments):
    print(json.dumps([arguments, os.getcwd(), os.environ.get("SAID"), os.getpid(), os.getppid()]), flush=True)
    print("to the log", file=sys.stderr)
    Path("pid").write_text(str(os.getpid()))
    while arguments and arguments[0] == "wait":
        time.sleep(0.05)
    for what in arguments:
        END.get(what, str)()
    return 7
"""
SERVE = """
import sys
from runner import nursery
nursery.READY = ("toy",)
sys.exit(nursery.main(["--serve", "{}"]))
"""


@pytest.fixture
def place(tmp_path) -> Path:
    (tmp_path / "toy.py").write_text(CHILD)
    return tmp_path


def environment(place: Path, **more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(place), *sys.path])} | more


@pytest.fixture
def server(place) -> Iterator[tuple[str, subprocess.Popen]]:
    name = f"test-{token_hex(8)}"
    with subprocess.Popen([sys.executable, "-c", SERVE.format(name)], env=environment(place)) as process:
        until(lambda: name in Path("/proc/net/unix").read_text())
        yield name, process
        process.kill()


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def ask(place: Path, name: str, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "runner.nursery", "toy", *arguments]
    return subprocess.Popen(
        command, cwd=place, env=environment(place, SAID="so", **{nursery.NURSERY_NAME: name}),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def waiting_child(place: Path, name: str) -> tuple[subprocess.Popen, int]:
    process = ask(place, name, "wait")
    until(lambda: (place / "pid").exists() and (place / "pid").read_text() != "")
    return process, int((place / "pid").read_text())


def test_a_child_has_its_own_arguments_place_and_end(place, server):
    name, process = server
    said, log = (asked := ask(place, name, "a", "b c")).communicate(timeout=60)
    arguments, folder, variable, own, parent = json.loads(said)
    assert (arguments, folder, variable) == (["a", "b c"], str(place), "so")
    assert asked.returncode == 7 and log == "to the log\n"
    assert parent == process.pid and own != asked.pid
    assert len(list(Path(f"/proc/{process.pid}/task").iterdir())) == 1


@pytest.mark.parametrize("here", [False, True])
@pytest.mark.parametrize(
    ("how", "code", "said", "log"),
    [
        ("thread", 7, "of a thread\n", ""),
        ("atexit", 7, "at exit\n", ""),
        ("unflushed", 7, "unflushed", ""),
        ("exit", 1, "", "a reason"),
        ("error", 1, "", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_child_ends_as_any_process_does(place, server, here, how, code, said, log):
    asked = ask(place, "nobody-is-called-this" if here else server[0], how)
    out, error = asked.communicate(timeout=60)
    assert asked.returncode == code and out.endswith(said) and error.strip().endswith(log)


def test_without_a_nursery_it_runs_right_there(place):
    said, _ = (asked := ask(place, "nobody-is-called-this")).communicate(timeout=60)
    assert asked.returncode == 7 and f", {asked.pid}, " in said


def test_a_child_ends_with_whoever_asked(place, server):
    asked, child = waiting_child(place, server[0])
    asked.kill()
    until(lambda: not is_alive(child))
    again, _ = ask(place, server[0]).communicate(timeout=60)  # the nursery goes on
    assert again


def test_whoever_asked_hears_of_a_child_that_was_killed(place, server):
    asked, child = waiting_child(place, server[0])
    os.kill(child, signal.SIGKILL)
    assert asked.wait(60) == 128 + signal.SIGKILL


def test_nothing_is_left_of_a_nursery_that_was_killed(place, server):
    asked, child = waiting_child(place, server[0])
    server[1].kill()
    assert asked.wait(60) == 128 + signal.SIGKILL
    until(lambda: not is_alive(child))


def test_what_is_made_ready_leaves_one_thread_and_no_file(tmp_path):
    """Else a fork would lack the threads, and the first child to end would take the file away."""
    code = f"""
import importlib, os
from runner.nursery import READY
for name in READY:
    importlib.import_module(name)
print(len(os.listdir("/proc/self/task")), *os.listdir({str(tmp_path)!r}))
"""
    settings = os.environ | nursery.ONE_THREAD | {"TMPDIR": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=settings)
    threads, *files = said.stdout.split()
    assert threads == "1" and set(files) == {path.name for path in tmp_path.iterdir()}, said.stderr


SLOW = """
import time
from pathlib import Path
Path("begun").touch()
while not Path("go on").exists():
    time.sleep(0.02)
"""


@pytest.mark.parametrize("ends", [False, True])
def test_who_asks_before_all_is_imported_waits_and_runs_by_itself_if_the_nursery_ends(place, ends):
    (place / "slow.py").write_text(SLOW)
    name = f"test-{token_hex(8)}"
    code = SERVE.format(name).replace('("toy",)', '("slow", "toy")')
    with subprocess.Popen([sys.executable, "-c", code], env=environment(place), cwd=place) as process:
        until((place / "begun").exists)
        asked = ask(place, name)
        time.sleep(1)
        assert asked.poll() is None and not (place / "pid").exists()
        if ends:
            process.kill()
        else:
            (place / "go on").touch()
        said, _ = asked.communicate(timeout=60)
        assert asked.returncode == 7 and json.loads(said)[-2:] == (
            [asked.pid, os.getpid()] if ends else [json.loads(said)[-2], process.pid]
        )
        process.kill()
