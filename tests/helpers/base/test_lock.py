"""Locks: one holder at a time among processes and threads, and none that outlives its holder."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from helpers.base.lock import locked
from helpers.base.paths import ROOT
from helpers.segmentation import pieces as parts
from runner.processes import only_one

COUNT = """
import sys
from pathlib import Path
from helpers.base.lock import locked

counter = Path(sys.argv[1])
for _ in range(20):
    with locked(counter.with_suffix(".lock")):
        number = int(counter.read_text())
        counter.write_text("half")  # who reads this was let in too early
        counter.write_text(str(number + 1))
"""
HOLD = """
import sys, time
from pathlib import Path
from helpers.base.lock import locked

with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(300)
"""


def start(script: str, path: Path) -> subprocess.Popen:
    command = [sys.executable, "-c", script, str(path)]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)


def test_processes_take_turns(tmp_path):
    (counter := tmp_path / "counter").write_text("0")
    processes = [start(COUNT, counter) for _ in range(4)]
    assert [process.wait(120) for process in processes] == [0] * 4
    assert counter.read_text() == "80"


def test_threads_take_turns(tmp_path):
    inside, most = [], []

    def enter() -> None:
        for _ in range(5):
            with locked(tmp_path / "lock"):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.001)
                inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 15 and max(most) == 1


@pytest.fixture
def holder(tmp_path):
    with start(HOLD, tmp_path / "lock") as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_killed_holder_has_let_go(tmp_path, holder):
    with only_one(tmp_path / "lock", patience=0.2) as alone:
        assert not alone
    holder.kill()
    holder.wait()
    with only_one(tmp_path / "lock", patience=0.2) as alone:
        assert alone
    assert (tmp_path / "lock").exists()  # removed, it would be another file for whoever waits


def test_a_second_taker_in_the_same_process_is_refused(tmp_path):
    with only_one(tmp_path / "lock") as first, only_one(tmp_path / "lock", patience=0.2) as second:
        assert first and not second


def test_an_evaluation_leaves_no_lock_and_holds_few_files(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "AT_ONCE", 2)
    most = 0
    for some in parts.in_turn(tmp_path, parts.split(20, 1), 0, 1):
        most = max(most, len(list(tmp_path.glob("*.lock"))))
        for part in some:
            parts.write(parts.path_of(tmp_path, part), {})
    assert most == 2 and {path.suffix for path in tmp_path.iterdir()} == {".npz"}


def test_an_interrupted_evaluation_can_be_begun_again_in_the_same_process(tmp_path):
    turns = parts.in_turn(tmp_path, parts.split(20, 1), 0, 1)
    first = next(turns)
    turns.close()
    assert next(parts.in_turn(tmp_path, parts.split(20, 1), 1, 2)) and first
