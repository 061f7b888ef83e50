"""The code that runs, one click away: folded, with its file and line, read from the function itself."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

from helpers.base.paths import display_path
from helpers.show.item import Item


@dataclass(frozen=True, repr=False)
class Source(Item):
    """The source of a function or class: `show(Source(train_epoch))`.

    Raises TypeError for what has no Python source, such as NumPy's functions.
    """

    of: Callable

    @cached_property
    def _lines(self) -> tuple[list[str], int]:
        try:
            return inspect.getsourcelines(inspect.unwrap(self.of))
        except OSError as error:
            raise TypeError(f"there is no Python source of {self.of!r}") from error

    @property
    def title(self) -> str:
        """ "train_epoch, in helpers/training/loop.py from line 118 on": where an editor finds it."""
        path = Path(inspect.getsourcefile(inspect.unwrap(self.of)))
        return f"{self.of.__qualname__}, in {display_path(path)} from line {self._lines[1]} on"

    def html(self) -> str:
        code = escape("".join(self._lines[0]).rstrip())
        return (
            f'<details class="ic ic-source"><summary>The source: {escape(self.title)}</summary>'
            f'<pre tabindex="0"><code>{code}</code></pre></details>'
        )

    def text(self) -> str:
        return f"{self.title}\n{''.join(self._lines[0])}"
