"""Who is watching: the course's own runner, or a person."""

import json
import logging
import os
import sys
from pathlib import Path

from helpers.base.errors import CourseError
from helpers.base.paths import reports_dir, runs_dir
from helpers.base.telling import NOW

READS = "IMAGE_COURSE_READS"
ASKED_THREADS = "IMAGE_COURSE_ASKED_THREADS"  # what OMP_NUM_THREADS was before the runner shared out the cores
_noted: set[str] = set()


def headless() -> bool:
    """Whether the notebook is executed by the course's own runner rather than explored by a person."""
    return os.environ.get("IMAGE_COURSE_HEADLESS") == "1"


def results_dir() -> Path:
    """Where results go: into the report for its own runner, elsewhere for a person, whose trials are no report."""
    return reports_dir() if headless() else runs_dir() / "trials"


def note_read(name: str) -> None:
    """Note for the runner that a chapter has looked at a model's recipe: it is made again when that changes."""
    if (path := os.environ.get(READS)) and name not in _noted:
        _noted.add(name)
        with open(path, "a", encoding="utf-8") as file:
            file.write(name + "\n")


def become_headless(progress: Path) -> None:
    """Work for the runner from now on: what is logged goes into the file `progress`, how far it is beside it."""
    progress.parent.mkdir(parents=True, exist_ok=True)
    now = progress.with_suffix(NOW)
    os.environ |= {
        "IMAGE_COURSE_HEADLESS": "1",
        "IMAGE_COURSE_PROGRESS": str(progress),
        "IMAGE_COURSE_NOW": str(now),
    }


def start_log() -> None:
    """Send progress to the runner's file, or to the notebook where a person is watching."""
    log = logging.getLogger("helpers")
    if log.handlers:
        return
    progress = os.environ.get("IMAGE_COURSE_PROGRESS")
    handler = logging.FileHandler(progress, encoding="utf-8") if progress else logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def fail_as_before(job: str) -> None:
    """Raise CourseError, with its error, where a job before this chapter has failed at the same: why try twice?"""
    if error := json.loads(os.environ.get("IMAGE_COURSE_FAILED", "{}")).get(job):
        raise CourseError(error)
