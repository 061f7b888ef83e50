"""Whole runs of the course in folders of their own, to be disturbed and compared: see kills.py and faults.py."""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers.base.paths import ROOT

NOT_RESULTS = ("status.json", "timings.json")  # what differs between two undisturbed runs, too
RUN_FILES = ("history.json", "summary.json", "lr_finder.json")
TIME = "time_"  # how names of arrays begin that say how long an evaluation took
PLACES = ("data", "runs", "reports")
# Of the processes of a run: a chapter or a training that Snakemake started, and a notebook's kernel. What they ask
# the nursery to do for them ends with them; its children themselves are among 'any'.
JOB, KERNEL = re.compile(rb"\0runner\.(?!kernel\b|nursery\b)\w"), re.compile(rb"\0runner\.kernel\0")


class Failed(Exception):
    """A run that nothing disturbed did not end well."""


@dataclass
class Course:
    """The course with folders of its own for data, runs and reports; everything is drawn and trained anew.

    `data` is another place for data, `root` another copy of the project, `prefix` a command that runs the command.
    """

    folder: Path
    options: list[str]
    data: Path | None = None
    root: Path = ROOT
    prefix: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """What the terminal showed, beside the folder: that one's disk may be full."""
        return self.folder.with_name(f"{self.folder.name}.terminal.log")

    def said(self, position: int = 0) -> str:
        """What the terminal showed, from a position in the log on."""
        return self.log.read_text(encoding="utf-8", errors="replace")[position:] if self.log.exists() else ""

    def start(self) -> subprocess.Popen:
        places = {f"IMAGE_COURSE_{name.upper()}": str(self.folder / name) for name in PLACES}
        places |= {"IMAGE_COURSE_DATA": str(self.data)} if self.data else {}
        path = os.pathsep.join(filter(None, [str(self.root), os.environ.get("PYTHONPATH")]))
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as log:
            return subprocess.Popen(
                [*self.prefix, sys.executable, "-m", "runner", *self.options],
                cwd=self.root,
                env=os.environ | places | self.variables | {"PYTHONPATH": path},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def finish(self) -> float:
        """Run to the end; returns the seconds. Raises Failed where the run does."""
        began = time.monotonic()
        status = self.start().wait()
        if status:
            raise Failed(f"a run that nothing disturbed ended with exit status {status}; see {self.log}")
        return time.monotonic() - began

    def processes(self) -> list[int]:
        """Every process that works in this folder, however it was started."""
        mark = f"IMAGE_COURSE_RUNS={self.folder / 'runs'}\0".encode()
        return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _read(path)]

    def kill_all(self) -> None:
        """SIGKILL to all at once, and again to whatever was being started."""
        while found := self.processes():
            for pid in found:
                _kill(pid)
            time.sleep(0.05)

    def kill_one(self, kind: str) -> str | None:
        """SIGKILL to one 'job', one 'kernel' or 'any' process; its command, or None where there is none."""
        commands = {pid: _read(Path(f"/proc/{pid}/cmdline")) for pid in self.processes()}
        wanted = {"job": JOB, "kernel": KERNEL, "any": re.compile(b".")}[kind]
        found = [pid for pid, command in sorted(commands.items()) if wanted.search(command)]
        if not found:
            return None
        chosen = random.choice(found)
        _kill(chosen)
        return _short(commands[chosen])

    def wipe(self) -> None:
        """As if nothing had ever run."""
        for name in PLACES:
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def doing(self) -> str:
        """What the run noted last: its chapter and the line."""
        logs = sorted((self.folder / "runs").glob("*/logs/*.progress"), key=lambda path: path.stat().st_mtime)
        lines = logs[-1].read_text(encoding="utf-8").splitlines() if logs else []
        return f"{logs[-1].stem}, '{lines[-1].strip()[:60]}'" if lines else "nothing noted yet"


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _short(command: bytes) -> str:
    words = [Path(word).name for word in command.decode(errors="replace").split("\0")]
    return " ".join(word for word in words if word and word not in ("-m", "python"))[:70]


def undisturbed(folder: Path, options: list[str]) -> tuple[Course, float]:
    """The run that others are compared with, and its seconds: of the longest call where it is there already."""
    course, note = Course(folder / "undisturbed", options), folder / "undisturbed.seconds"
    seconds = max(course.finish(), float(note.read_text()) if note.exists() else 0)
    note.write_text(f"{seconds}\n")
    return course, seconds


def own_and_given(arguments: list[str]) -> tuple[list[str], list[str]]:
    """A script's own options, and those of run_all.sh, which follow `--`: the default study if none."""
    position = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:position], arguments[position + 1 :] or ["--sample"]


def results(course: Course) -> dict[str, object]:
    """Everything that must be the same: result files as text, arrays as bytes, by name."""
    reports = (course.folder / "reports").rglob("*.json")
    found = [path for path in reports if not path.name.endswith(NOT_RESULTS)]
    runs = course.folder / "runs"
    found += [path for name in RUN_FILES for path in runs.rglob(name)] + list(runs.rglob("*.npz"))
    # A data folder that is read-only sends what is cached to the runs.
    kept = (path for path in sorted(found) if ".cache" not in path.parts)
    return {path.relative_to(course.folder).as_posix(): _content(path) for path in kept}


def _content(path: Path) -> object:
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    with np.load(path) as file:
        names = [name for name in sorted(file) if not name.startswith(TIME)]
        return {name: (str(file[name].dtype), file[name].shape, file[name].tobytes()) for name in names}


def differences(expected: dict[str, object], found: dict[str, object]) -> list[str]:
    """Files that are missing, superfluous or different, each with which of these it is."""
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    return [f"{name} {_what(name, expected, found)}" for name in wrong]


def _what(name: str, expected: dict[str, object], found: dict[str, object]) -> str:
    return "is missing" if name not in found else "differs" if name in expected else "is too much"


def leftovers(course: Course) -> list[Path]:
    """Half-written files and folders that a run which has ended well should have removed."""
    patterns = ("*.tmp", "*.making", "*.partial", ".*.old", "checkpoint.pt", "*.checkpoint")
    return sorted(_find(course.folder, patterns))


def _find(folder: Path, patterns: Iterable[str]) -> list[Path]:
    return [path for pattern in patterns for path in folder.rglob(pattern) if "wandb" not in path.parts]
