"""Put a sample on disk: many files at once, all or nothing."""

import fcntl
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import cv2

from helpers.datasets.sample.planting import ClassFolders, Job
from helpers.errors import CourseError
from helpers.paths import display_path, write_json

MANIFEST = "manifest.json"
log = logging.getLogger(__name__)


def make(sample: ClassFolders, folder: Path, images_per_class: int, seed: int, threads: int | None) -> dict:
    """Write the sample into `folder` unless it lies there already; the manifest.

    The files are written into a folder beside it, which takes its place when all are there: whenever this is
    killed, the next call finds either a whole sample or none.

    Raises:
        CourseError: `folder` holds files that were not drawn here.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    key = {"drawing": sample.name, "version": sample.version, "seed": seed, "images_per_class": images_per_class}
    with _locked(folder):
        present = _present(folder)
        if present is not None and all(present.get(name) == value for name, value in key.items()):
            return present
        jobs, planted = sample.jobs(images_per_class, seed)
        manifest = key | {"classes": list(sample.classes), "files": len(jobs)} | planted
        _draw(folder, jobs, manifest, threads)
    return manifest


def _present(folder: Path) -> dict | None:
    """The manifest of the whole sample in `folder`; None where there is none or files are missing."""
    if not folder.exists() or not any(folder.iterdir()):
        return None
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        assert manifest["drawing"]
    except (OSError, ValueError, KeyError, TypeError, AssertionError):
        raise CourseError(
            f"{display_path(folder)} holds files but no manifest of a drawn sample: move them elsewhere, "
            "so that a sample can be drawn there."
        ) from None
    files = sum(1 for path in folder.rglob("*") if path.is_file()) - 1
    return manifest if files == manifest.get("files") else None


def _draw(folder: Path, jobs: list[Job], manifest: dict, threads: int | None) -> None:
    started = time.perf_counter()
    partial, old = folder.with_name(f".{folder.name}.partial"), folder.with_name(f".{folder.name}.old")
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    for parent in {(partial / path).parent for path, _ in jobs}:
        parent.mkdir(parents=True)
    in_parallel(lambda job: (partial / job[0]).write_bytes(job[1]()), jobs, threads)
    write_json(partial / MANIFEST, manifest)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    log.info("drew %d files in %.1f s: %s", len(jobs), time.perf_counter() - started, display_path(folder))


def in_parallel(work, items: list, threads: int | None = None) -> list:
    """`work` of every item, in order, on `threads` threads (as many as there are cores, at most 4)."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)  # each image is small: the threads are better spent on different images
    try:
        with ThreadPoolExecutor(threads or min(4, os.cpu_count() or 1)) as pool:
            return list(pool.map(work, items))
    finally:
        cv2.setNumThreads(before)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time draw `folder`; the lock goes with the process that holds it."""
    with folder.with_name(f".{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
