"""Fixtures that several test files share."""

import logging
import os
import shutil
import tempfile
from pathlib import Path

import pytest
import report_example as example

# They begin first, so that none is left at the end.
LONGEST = ("course_studies", "slurm", "changes", "course", "trainings")
ON_ONE = ("test_hostile_names", "test_secrets")  # files about one run, for one process, which makes it once

if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):  # before torch is imported: they share the cores
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // int(workers))))


@pytest.fixture(autouse=True)
def quiet_log():
    """A chapter that a test opens has the log speak into its output: the next test finds it as it was."""
    yield
    log = logging.getLogger("helpers")
    log.handlers.clear()
    log.propagate = True
    log.setLevel(logging.NOTSET)


def pytest_configure(config: pytest.Config) -> None:
    """The code is read once, and not by every test whose runs have a folder of their own."""
    from helpers.base.fingerprint import ELSEWHERE

    if ELSEWHERE not in os.environ:  # workers have that of the process that they work for
        os.environ[ELSEWHERE] = folder = tempfile.mkdtemp(prefix="code-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log):
    """A file for each process, as `--dist loadfile` says, but those together that are about one run."""
    from xdist.scheduler import LoadFileScheduling

    class FilesTogether(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return ON_ONE[0] if Path(file).stem in ON_ONE else file

    return FilesTogether(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {f"test_{name}": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="module")
def report(tmp_path_factory, request):
    """The folder of a small report with every kind of item, as the runner would have made it."""
    patch = pytest.MonkeyPatch()
    request.addfinalizer(patch.undo)
    patch.setenv("IMAGE_COURSE_HEADLESS", "1")
    return example.build_report(tmp_path_factory.mktemp("report") / "reports")
