"""Data sets, models and metrics behind the chapters of the course.

What a notebook of one's own begins with can be had from here: `from helpers import Study, load, build, fit`.
`helpers/README.md` shows how they go together.
"""

import ast
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # read by editors, and below; run when a name is first asked for: PyTorch takes seconds
    from helpers.chapter import Chapter as Chapter
    from helpers.datasets.loader import batches as batches
    from helpers.metrics.classification import confusion_matrix as confusion_matrix
    from helpers.metrics.classification import scores as scores
    from helpers.metrics.segmentation import segmentation_scores as segmentation_scores
    from helpers.models import build as build
    from helpers.segmentation.streets import Streets as Streets
    from helpers.show.display import show as show
    from helpers.show.live import LiveCurves as LiveCurves
    from helpers.show.source import Source as Source
    from helpers.study.images import load as load
    from helpers.study.study import Study as Study
    from helpers.training.loop import fit as fit
    from helpers.training.loop import predict as predict
    from helpers.training.runs import get_run as get_run

_STATEMENTS = ast.parse(Path(__file__).read_text(encoding="utf-8")).body
_OFFERED = next(one for one in _STATEMENTS if isinstance(one, ast.If)).body
HOMES = {line.names[0].name: line.module for line in _OFFERED}
__all__ = [*HOMES]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'helpers' has no attribute '{name}': it has {', '.join(HOMES)}")
    return getattr(import_module(HOMES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *HOMES]
