"""Data sets, models and metrics behind the chapters of the course.

What a notebook of one's own begins with can be had from here: `from helpers import Study, load, build, fit`.
`helpers/README.md` shows how they go together.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.chapter import Chapter
    from helpers.datasets.loader import batches
    from helpers.exercises.checking import check
    from helpers.metrics.classification import confusion_matrix, scores
    from helpers.metrics.segmentation import segmentation_scores
    from helpers.models import build
    from helpers.segmentation.streets import Streets
    from helpers.show.display import show
    from helpers.show.source import Source
    from helpers.study.images import load
    from helpers.study.study import Study
    from helpers.training.loop import fit, predict
    from helpers.training.runs import get_run

# Where each is defined. It is imported when it is first asked for: PyTorch takes seconds.
HOMES = {
    "Chapter": "helpers.chapter",
    "Source": "helpers.show.source",
    "Streets": "helpers.segmentation.streets",
    "Study": "helpers.study.study",
    "batches": "helpers.datasets.loader",
    "build": "helpers.models",
    "check": "helpers.exercises.checking",
    "confusion_matrix": "helpers.metrics.classification",
    "fit": "helpers.training.loop",
    "get_run": "helpers.training.runs",
    "load": "helpers.study.images",
    "predict": "helpers.training.loop",
    "scores": "helpers.metrics.classification",
    "segmentation_scores": "helpers.metrics.segmentation",
    "show": "helpers.show.display",
}
__all__ = [
    "Chapter",
    "Source",
    "Streets",
    "Study",
    "batches",
    "build",
    "check",
    "confusion_matrix",
    "fit",
    "get_run",
    "load",
    "predict",
    "scores",
    "segmentation_scores",
    "show",
]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'helpers' has no attribute '{name}': it has {', '.join(HOMES)}")
    return getattr(import_module(HOMES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *HOMES]
