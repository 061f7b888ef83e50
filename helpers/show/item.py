"""What a cell's last line shows of itself, and the style that comes with it."""

from functools import cache
from pathlib import Path

from helpers.base.headless import headless

# Beside each item in a notebook, once for all pages in the report.
SHARED = tuple(Path(__file__).with_name(name) for name in ("items.css", "scatter3d.js"))


@cache
def read_asset(name: str) -> str:
    """The text of one of the shared files."""
    return next(path for path in SHARED if path.name == name).read_text(encoding="utf-8")


class Item:
    """Has an HTML form for notebooks and pages and a text form for terminals; `show` is for several of them.

    Who inherits has `html()` and `text()`.
    """

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        style = "" if headless() else f"<style data-course>{read_asset('items.css')}</style>"
        return {"text/html": style + self.html(), "text/plain": self.text()}

    def __repr__(self) -> str:
        return self.text()
