"""Short hashes of what a chapter is made from: Snakemake runs it again when one of them differs."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from helpers.paths import ROOT

HELPERS = ROOT / "helpers"
# These shape pages, not results: a change here renders the pages again and executes nothing.
RENDERING = ("cli/", *(f"report/{name}.py" for name in ("render", "cells", "markdown", "page", "index")))
SHOWING = ("cli/", "plots/", "readings/", "report/")  # nothing that is made before the chapters depends on these


def fingerprint(parts: Iterable[str | bytes]) -> str:
    """Hash of a sequence of texts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    return digest.hexdigest()[:16]


def code(without: tuple[str, ...] = RENDERING) -> str:
    """Of every Python file that chapters import."""
    names = (path.relative_to(HELPERS).as_posix() for path in HELPERS.rglob("*.py"))
    return _files(HELPERS / name for name in names if not name.startswith(without))


def look() -> str:
    """Of everything that turns an executed notebook into a page."""
    report = (path for path in (HELPERS / "report").rglob("*") if path.is_file() and path.suffix != ".pyc")
    return _files([*report, HELPERS / "cli" / "pages.py"])


def notebook(path: Path) -> str:
    """Of the cells as written: running a chapter in JupyterLab and saving its outputs changes nothing."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    kept = [[cell["cell_type"], cell["source"], cell["metadata"].get("tags")] for cell in cells]
    return fingerprint([json.dumps(kept)])


def data(folder: Path | None) -> str:
    """Of the names, sizes and times of the files in a folder of images; nothing is read."""
    if folder is None:
        return "none"
    return fingerprint(sorted(_entries(folder)))


def _entries(folder: Path) -> Iterable[str]:
    for where, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(where, name))
            yield f"{os.path.relpath(where, folder)}/{name} {status.st_size} {status.st_mtime_ns}"


def _files(paths: Iterable[Path]) -> str:
    files = sorted(path for path in paths if "__pycache__" not in path.parts)
    return fingerprint(
        part for path in files for part in (path.relative_to(HELPERS).as_posix(), path.read_bytes())
    )
