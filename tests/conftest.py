"""Fixtures that several test files share."""

import pytest
import report_example as example


@pytest.fixture(scope="module")
def report(tmp_path_factory, request):
    """The folder of a small report with every kind of item, as the runner would have made it."""
    patch = pytest.MonkeyPatch()
    request.addfinalizer(patch.undo)
    patch.setenv("IMAGE_COURSE_HEADLESS", "1")
    return example.build_report(tmp_path_factory.mktemp("report") / "reports")
