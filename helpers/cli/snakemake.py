"""Runs Snakemake on the graph, shows progress meanwhile, and ends everything with it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from helpers.cli.graph import notebooks_dir
from helpers.cli.processes import die_with_parent
from helpers.cli.progress import Progress
from helpers.paths import ROOT, data_dir, reports_dir, runs_dir

GRACE_SECONDS = 5
SOURCE_CACHE = ".snakemake/source-cache"  # below the runs: a home folder may be read-only
# No directory lock: a kill would leave it behind; the command line holds one that the system frees.
OPTIONS = (
    *("--nolock", "--rerun-incomplete", "--keep-going"),
    *("--rerun-triggers", "mtime", "params", "code"),
    *("--runtime-source-cache-path", SOURCE_CACHE),
    *("--quiet", "host"),  # a log need not name the machine
)


def run(jobs: int, extra: list[str], progress: Progress) -> int:
    """Run the graph with `jobs` chapters at a time; returns Snakemake's exit status."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), *OPTIONS]
    command += [
        "--directory",
        str(runs_dir()),
        "--cores",
        str(jobs * threads_of(jobs) + 1),
        "--resources",
        f"chapters={jobs}",
        *extra,
    ]
    shutil.rmtree(runs_dir() / SOURCE_CACHE, ignore_errors=True)  # else an earlier Snakefile would stay in force
    with log_file().open("w") as log:
        # In a session of its own: Ctrl-C reaches this process only, which then ends the others in order.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=None if extra else log,
            stderr=None if extra else log,
            env=_environment(jobs),
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        return _follow(process, progress)


def usual_jobs(studies: int) -> int:
    """Chapters at a time where nobody says: much of a chapter keeps one core busy, so two go well together."""
    return 2 if studies > 1 and usable_cores() > 1 else 1


def log_file() -> Path:
    """What Snakemake itself has said in the last run."""
    return runs_dir() / "snakemake.log"


def _environment(jobs: int) -> dict[str, str]:
    places = {"DATA": data_dir(), "RUNS": runs_dir(), "REPORTS": reports_dir(), "NOTEBOOKS": notebooks_dir()}
    environment = {f"IMAGE_COURSE_{name}": str(path) for name, path in places.items()}
    environment |= {"IMAGE_COURSE_RUNNER": str(os.getpid()), "IMAGE_COURSE_RUNNER_HOST": os.uname().nodename}
    return os.environ | environment | {"IMAGE_COURSE_THREADS": str(threads_of(jobs))}


def threads_of(jobs: int) -> int:
    """Threads for each of `jobs` chapters at a time: OMP_NUM_THREADS if set, or an equal share of the cores."""
    return int(os.environ.get("OMP_NUM_THREADS") or max(1, usable_cores() // jobs))


def usable_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _follow(process: subprocess.Popen, progress: Progress) -> int:
    try:
        while process.poll() is None:
            progress.show_news()
            time.sleep(0.1)
        return process.returncode
    finally:
        _end(process)
        progress.show_news()


def _end(process: subprocess.Popen) -> None:
    """Snakemake has ended or must end now: so do the jobs that it started, and with them their kernels."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(GRACE_SECONDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
