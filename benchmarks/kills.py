"""Does a killed run come to the same numbers? `python benchmarks/kills.py [--kills 20] [-- run_all.sh's options]`.

The default study runs on the sample once undisturbed and once more with every process killed (SIGKILL) at random
moments, each kill followed by the same command. Then all result files are compared. Where a run ends before all
kills are spent, it is compared, wiped and begun again. Needs Linux (/proc), and takes about three times a run.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers.paths import ROOT

NOT_RESULTS = ("status.json", "timings.json")  # what differs between two undisturbed runs, too
RUN_FILES = ("history.json", "summary.json", "lr_finder.json")


@dataclass
class Course:
    """The course with folders of its own for data, runs and reports; everything is drawn and trained anew."""

    folder: Path
    options: list[str]
    names: tuple[str, ...] = field(default=("data", "runs", "reports"))

    def start(self) -> subprocess.Popen:
        places = {f"IMAGE_COURSE_{name.upper()}": str(self.folder / name) for name in self.names}
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "terminal.log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "helpers.cli", *self.options],
                env=os.environ | places | {"PYTHONPATH": path},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def finish(self) -> float:
        """Run to the end; returns the seconds. Stops this script where the run fails."""
        began = time.monotonic()
        status = self.start().wait()
        if status:
            sys.exit(f"the run ended with exit status {status}; see {self.folder}/terminal.log")
        return time.monotonic() - began

    def processes(self) -> list[int]:
        """Every process that works in this folder, however it was started."""
        mark = f"IMAGE_COURSE_RUNS={self.folder / 'runs'}".encode()
        return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _read(path)]

    def kill_all(self) -> None:
        """SIGKILL to all at once, and again to whatever was being started."""
        while found := self.processes():
            for pid in found:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            time.sleep(0.05)

    def wipe(self) -> None:
        for name in self.names:
            subprocess.run(["rm", "-rf", str(self.folder / name)], check=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def results(course: Course) -> dict[str, object]:
    """Everything that must be the same: result files as text, arrays as bytes, by name."""
    reports = (course.folder / "reports").rglob("*.json")
    found = [path for path in reports if not path.name.endswith(NOT_RESULTS)]
    runs = course.folder / "runs"
    found += [path for name in RUN_FILES for path in runs.rglob(name)] + list(runs.rglob("*.npz"))
    return {path.relative_to(course.folder).as_posix(): _content(path) for path in sorted(found)}


def _content(path: Path) -> object:
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    with np.load(path) as file:
        return {key: (str(file[key].dtype), file[key].shape, file[key].tobytes()) for key in sorted(file)}


def differences(expected: dict[str, object], found: dict[str, object]) -> list[str]:
    """Names of files that are missing, superfluous or different."""
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def kill_again_and_again(course: Course, expected: dict[str, object], kills: int, longest: float) -> list[str]:
    """Start, kill after a random time, start again, until all kills are spent and the last run has ended."""
    wrong: list[str] = []
    spent = 0
    while spent < kills:
        process, wait = course.start(), random.uniform(0, longest)
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            course.kill_all()
            process.wait()
            spent += 1
            print(f"kill {spent} of {kills} after {wait:.1f} s, in: {_doing(course)}", flush=True)
            continue
        if process.returncode:
            sys.exit(f"a continued run ended with {process.returncode}; see {course.folder}/terminal.log")
        wrong += _compare(course, expected)
        course.wipe()
    course.finish()
    return wrong + _compare(course, expected)


def _doing(course: Course) -> str:
    logs = sorted((course.folder / "runs").glob("*/logs/*.progress"), key=lambda path: path.stat().st_mtime)
    lines = logs[-1].read_text(encoding="utf-8").splitlines() if logs else []
    return f"{logs[-1].stem}, '{lines[-1].strip()[:60]}'" if lines else "no chapter yet"


def _compare(course: Course, expected: dict[str, object]) -> list[str]:
    found = results(course)
    wrong = differences(expected, found)
    print(f"finished: {len(found)} result files, {len(wrong)} differ from the undisturbed run", flush=True)
    for name in wrong:
        print(f"  {name}: {'missing' if name not in found else 'differs' if name in expected else 'too much'}")
    return wrong


def main() -> int:
    """Exit status 0 only if every finished run equals the undisturbed one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    parser.add_argument("--longest", type=float, help="seconds to the latest kill (default: a fifth of a run)")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("options", nargs="*", default=["--sample"], help="of run_all.sh, after --")
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    folder = (arguments.folder or Path(tempfile.mkdtemp(prefix="kills-"))).absolute()
    undisturbed, disturbed = (
        Course(folder / "undisturbed", arguments.options),
        Course(folder / "killed", arguments.options),
    )
    seconds = undisturbed.finish()
    expected = results(undisturbed)
    print(f"undisturbed: {seconds:.0f} s, {len(expected)} result files, in {folder}", flush=True)
    wrong = kill_again_and_again(disturbed, expected, arguments.kills, arguments.longest or seconds / 5)
    left = undisturbed.processes() + disturbed.processes()
    print(f"{arguments.kills} kills; {len(wrong)} differences; {len(left)} processes left running")
    return int(bool(wrong or left))


if __name__ == "__main__":
    sys.exit(main())
