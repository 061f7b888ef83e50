"""Runs Snakemake on the graph, shows progress meanwhile, and ends everything with it."""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from helpers.base.headless import ASKED_THREADS
from helpers.base.paths import ROOT, data_dir, reports_dir, runs_dir
from helpers.study.chapters import notebooks_dir
from runner.nursery import ONE_THREAD, nursery
from runner.processes import die_with_parent
from runner.progress import RunProgress

GRACE_SECONDS, CANCEL_SECONDS = 5, 30
SOURCE_CACHE = ".snakemake/source-cache"  # below the runs: a home folder may be read-only
# No directory lock: a kill would leave it behind; the command line holds one that the system frees.
OPTIONS = (
    *("--nolock", "--rerun-incomplete", "--keep-going"),
    *("--rerun-triggers", "mtime"),
    *("--runtime-source-cache-path", SOURCE_CACHE),
    *("--quiet", "host"),  # a log need not name the machine
)


def run(
    jobs: int | None, extra: list[str], progress: RunProgress, follow: Callable[[], None], elsewhere: bool = False
) -> int:
    """Run the graph with `jobs` chapters or trainings at a time; returns Snakemake's exit status.

    None leaves the number to the executor that `extra` names, if they run elsewhere. `follow` is called all the
    time meanwhile.
    """
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), *OPTIONS]
    command += ["--directory", str(runs_dir())]
    if not elsewhere:
        command += ["--cores", str(jobs * threads_of(jobs) + 1), "--resources", f"at_a_time={jobs}"]
    elif jobs:
        command += ["--jobs", str(jobs)]
    command += extra
    shutil.rmtree(runs_dir() / SOURCE_CACHE, ignore_errors=True)  # else an earlier Snakefile would stay in force
    # What was never noted as finished would be made again, and what comes after it forgotten; we know better.
    shutil.rmtree(runs_dir() / ".snakemake" / "incomplete", ignore_errors=True)
    environment = _environment(None if elsewhere else jobs)
    with log_file().open("w") as log, nursery(environment, log, wanted=not elsewhere) as environment:
        # In a session of its own: Ctrl-C reaches this process only, which then ends the others in order.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=None if extra and not elsewhere else log,
            stderr=None if extra and not elsewhere else log,
            env=environment,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        return _follow(process, progress, follow, CANCEL_SECONDS if elsewhere else 0)


def is_elsewhere(extra: list[str]) -> bool:
    """Whether options of Snakemake, or a profile among them, have jobs run elsewhere than on this machine."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--executor", "-e")
    parser.add_argument("--profile", "--workflow-profile")
    named, _ = parser.parse_known_args(extra)
    if named.profile and not named.executor:
        config = Path(named.profile, "config.yaml")
        named.executor = yaml.safe_load(config.read_text()).get("executor") if config.is_file() else "unknown"
    return named.executor not in (None, "local") and not is_dry(extra)


def is_dry(extra: list[str]) -> bool:
    """Whether Snakemake is asked only what it would do."""
    return bool({"--dry-run", "--dryrun", "-n"} & set(extra))


def usual_jobs(studies: int) -> int:
    """Chapters at a time where nobody says: much of a chapter keeps one core busy, so two go well together."""
    return 2 if studies > 1 and usable_cores() > 1 else 1


def log_file() -> Path:
    """What Snakemake itself has said in the last run."""
    return runs_dir() / "snakemake.log"


def _environment(jobs: int | None) -> dict[str, str]:
    places = {"DATA": data_dir(), "RUNS": runs_dir(), "REPORTS": reports_dir(), "NOTEBOOKS": notebooks_dir()}
    environment = {f"IMAGE_COURSE_{name}": str(path) for name, path in places.items()}
    # By this name, since Snakemake keeps the commands, and the folder is nobody's business.
    environment["IMAGE_COURSE_PYTHON"] = sys.executable
    if jobs:  # elsewhere they go on without this process, and the same command waits for them
        environment["IMAGE_COURSE_RUNNER"] = str(os.getpid())
    environment[ASKED_THREADS] = os.environ.get("OMP_NUM_THREADS", "")
    return os.environ | environment | ONE_THREAD | {"IMAGE_COURSE_THREADS": str(threads_of(jobs))}


def threads_of(jobs: int | None) -> int:
    """Threads for each of `jobs` at a time: OMP_NUM_THREADS if set, or a share of the cores; elsewhere 4."""
    return int(os.environ.get("OMP_NUM_THREADS") or (max(1, usable_cores() // jobs) if jobs else 4))


def usable_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _follow(process: subprocess.Popen, progress: RunProgress, follow: Callable[[], None], to_cancel: int) -> int:
    try:
        while process.poll() is None:
            progress.show_news()
            follow()
            time.sleep(0.1)
        return process.returncode
    finally:
        _end(process, to_cancel)
        progress.show_news()
        progress.close()


def _end(process: subprocess.Popen, to_cancel: int) -> None:
    """Snakemake has ended or must end now: so do the jobs that it started, and with them their kernels.

    `to_cancel`: seconds that it may take to take back what it has sent elsewhere.
    """
    if to_cancel and process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(to_cancel)
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(GRACE_SECONDS)
        except (ProcessLookupError, PermissionError, subprocess.TimeoutExpired):  # macOS: all are zombies
            continue
