"""Who is watching: the course's own runner, or a person."""

import os


def headless() -> bool:
    """Whether the notebook is executed by the course's own runner rather than explored by a person."""
    return os.environ.get("IMAGE_COURSE_HEADLESS") == "1"
