"""The style and the script of what notebooks show: beside it in a notebook, once for all pages in the report."""

from functools import cache
from pathlib import Path

SHARED = tuple(Path(__file__).with_name(name) for name in ("items.css", "scatter3d.js"))


@cache
def read_asset(name: str) -> str:
    """The text of one of them."""
    return next(path for path in SHARED if path.name == name).read_text(encoding="utf-8")
