"""How a report was made: device, precision, versions, data and commit."""

import platform
import subprocess
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from helpers.base.intact import read_sealed
from helpers.base.paths import ROOT
from runner.graph import ChapterFiles

PACKAGES = ("torch", "torchvision", "numpy", "scikit-learn", "opencv-python", "opencv-python-headless")


def ran_on(files: ChapterFiles) -> dict[str, Any]:
    """What a chapter's page and the index say about how the chapter was made.

    Device and precision are those of the runs that it shows, which may have been trained before, or elsewhere;
    `trained` has by their keys what their trainings took, in seconds.
    """
    by_key = read_sealed(files.timings).get("runs") or {}
    runs, trained = (
        list(by_key.values()),
        {key: run["seconds"] for key, run in by_key.items() if run.get("seconds")},
    )
    listed = {
        key: ", ".join(sorted({run[key] for run in runs if run.get(key)})) or None
        for key in ("device", "precision")
    }
    data = read_sealed(files.results).get("data")
    facts = {"versions": package_versions(), "fingerprint": data, "commit": commit(), "trained": trained}
    return listed | facts


def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that numbers depend on."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def commit() -> str | None:
    """The commit of the project, marked where files differ from it; None outside a git repository."""
    describe = ["git", "describe", "--always", "--dirty=, with changes", "--abbrev=10", "--exclude=*"]
    try:
        answer = subprocess.run(describe, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None
