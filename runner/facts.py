"""How a report was made: device, precision, versions, data and commit."""

import json
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from helpers.base.paths import ROOT
from runner.graph import ChapterFiles

PACKAGES = ("torch", "torchvision", "numpy", "scikit-learn", "opencv-python", "opencv-python-headless")


def ran_on(files: ChapterFiles) -> dict[str, Any]:
    """What a chapter's page and the index say about how the chapter was made.

    Device and precision are those of the runs that it shows, which may have been trained before, or elsewhere.
    """
    runs = list((_read(files.timings).get("runs") or {}).values())
    return {
        "device": _listed(run.get("device") for run in runs),
        "precision": _listed(run.get("precision") for run in runs),
        "versions": versions(),
        "fingerprint": _read(files.results).get("data"),
        "commit": commit(),
    }


def _listed(names: Iterable[str | None]) -> str | None:
    return ", ".join(sorted({name for name in names if name})) or None


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that numbers depend on."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """The commit of the project, marked where files differ from it; None outside a git repository."""
    describe = ["describe", "--always", "--dirty=, with changes", "--abbrev=10", "--exclude=*"]
    try:
        answer = subprocess.run(
            ["git", "-C", str(ROOT), *describe], capture_output=True, encoding="utf-8", timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
