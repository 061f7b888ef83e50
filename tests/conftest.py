"""Fixtures that several test files share."""

import os
import shutil
import tempfile

import pytest
import report_example as example

LONGEST = ("course_studies", "slurm", "changes", "course", "trainings")  # begin first, so that none is left at the end

if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):  # before torch is imported: they share the cores
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // int(workers))))


def pytest_configure(config: pytest.Config) -> None:
    """The code is read once, and not by every test whose runs have a folder of their own."""
    from helpers.base.fingerprint import ELSEWHERE

    if ELSEWHERE not in os.environ:  # workers have that of the process that they work for
        os.environ[ELSEWHERE] = folder = tempfile.mkdtemp(prefix="code-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


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
