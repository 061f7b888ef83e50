"""Put a sample on disk: many files at once, all or nothing."""

import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from inspect import isfunction
from pathlib import Path

import cv2

from drawings.planting import DrawingJob, DrawnSample, Joined
from helpers.base.code import is_ours
from helpers.base.errors import CourseError
from helpers.base.fingerprint import code_of, key_of
from helpers.base.intact import seal, unseal
from helpers.base.lock import locked
from helpers.base.paths import ROOT, display_path, write_json
from helpers.base.telling import steps

MANIFEST = "manifest.json"
LEAST_SHARE = 100  # images or scenes for which another process is worth its start
log = logging.getLogger(__name__)


def make(sample: DrawnSample, folder: Path, amount: int, seed: int, threads: int | None) -> dict:
    """Write the sample into `folder` unless it lies there already; the manifest.

    The files are written into a folder beside it, which takes its place when all are there: whenever this is
    killed, the next call finds either a whole sample or none.

    Raises:
        CourseError: `folder` holds files that were not drawn here, or cannot be written.
    """
    key = {"drawing": sample.name, "code": code_of_drawing(sample), "seed": seed, sample.unit: amount}
    try:
        if (manifest := _present(folder, key)) is None:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with locked(
                folder.with_name(f".{folder.name}.lock")
            ):  # somebody else may have drawn it while this one waited
                manifest = _present(folder, key) or _drawn(folder, sample, key, threads)
    except OSError as error:
        raise CourseError(
            f"The sample could not be written to {display_path(folder)} ({error.strerror}): free some "
            "space there, or name another place for data in IMAGE_COURSE_DATA."
        ) from error
    return manifest


def code_of_drawing(sample: DrawnSample) -> str:
    """Another one whenever a drawing changes, so that a sample on disk is drawn again."""
    made_of = vars(sample)
    functions = [value for value in made_of.values() if isfunction(value)]
    objects = [type(value) for value in made_of.values() if is_ours(type(value).__module__)]
    values = {name: value for name, value in made_of.items() if value not in functions}
    return key_of(code=code_of(type(sample), *functions, *objects), values=values)


def _present(folder: Path, key: dict) -> dict | None:
    """The manifest of the whole sample with that key in `folder`; None where it must be drawn."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    try:
        manifest = dict(unseal((folder / MANIFEST).read_text(encoding="utf-8"), required=False))
        drawn_here = manifest.keys() >= key.keys()
    except (OSError, ValueError, TypeError):
        drawn_here = False
    if not drawn_here:
        raise CourseError(
            f"{display_path(folder)} holds files but no whole manifest of a drawn sample: move them elsewhere, "
            "so that a sample can be drawn there."
        )
    whole = sum(path.is_file() for path in folder.rglob("*")) == manifest.get("files", 0) + 1
    return manifest if whole and manifest.items() >= key.items() else None


def _drawn(folder: Path, sample: DrawnSample, key: dict, threads: int | None) -> dict:
    started = time.perf_counter()
    jobs, planted = sample.jobs(key[sample.unit], key["seed"])
    partial, old = folder.with_name(f".{folder.name}.partial"), folder.with_name(f".{folder.name}.old")
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    for parent in {(partial / path).parent for job in jobs for path in job.paths}:
        parent.mkdir(parents=True)
    _write_files(partial, jobs, (sample.name, key[sample.unit], key["seed"]), threads or cores())
    if isinstance(sample, Joined):
        sample.join(partial, key[sample.unit], key["seed"])
    files = sum(path.is_file() for path in partial.rglob("*"))
    manifest = key | {"classes": list(sample.classes), "files": files} | planted
    write_json(partial / MANIFEST, seal(manifest))
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    log.info("drew %d files in %.1f s: %s", manifest["files"], time.perf_counter() - started, display_path(folder))
    return manifest


def write_job(folder: Path, job: DrawingJob) -> None:
    """Make and write the files of one job."""
    for path, content in zip(job.paths, job.content(), strict=True):
        (folder / path).write_bytes(content)


def _write_files(folder: Path, jobs: Sequence[DrawingJob], request: tuple[str, int, int], processes: int) -> None:
    """Write all files, this process one share of them and others the rest. Raises OSError as the first to fail.

    `request` is what the others need to make the same list of jobs: sample, amount, seed.
    """
    step = max(1, min(processes, len(jobs) // LEAST_SHARE))
    name, amount, seed = request
    arguments = [name, str(folder), str(amount), str(seed)]
    command = [sys.executable, "-m", "drawings.worker", *arguments]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    others = [
        subprocess.Popen([*command, str(first), str(step)], env=os.environ | {"PYTHONPATH": path})
        for first in range(1, step)
    ]
    try:
        in_parallel(lambda job: write_job(folder, job), jobs[::step], 1)
        for other in others:
            if number := other.wait():
                raise OSError(abs(number), os.strerror(abs(number)))
    finally:
        for other in others:
            other.kill()
            other.wait()


def cores() -> int:
    """How many images are drawn at a time: one a core, at most four."""
    return min(4, os.cpu_count() or 1)


def in_parallel(work: Callable, items: Sequence, threads: int | None = None) -> list:
    """`work` of every item, in order, on `threads` threads (as many as there are cores, at most 4)."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)  # each image is small: the threads are better spent on different images
    try:
        with ThreadPoolExecutor(threads or cores()) as pool:
            return list(steps(pool.map(work, items), "drawing", len(items)))
    finally:
        cv2.setNumThreads(before)
