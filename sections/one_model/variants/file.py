"""Files beside a page, for a spreadsheet or another program, and the link that leads to them."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpers.base.headless import headless, results_dir
from helpers.base.paths import display_path, write_atomic
from helpers.show.item import Item


@dataclass(frozen=True, repr=False)
class FileLink(Item):
    """Leads to a file beside the page; in JupyterLab, where there is no page, says where it lies."""

    path: Path
    sentence: str

    def html(self) -> str:
        name = escape(self.path.name)
        place = f'<a href="{quote(self.path.name)}" download>{name}</a>'
        if not headless():
            place = f"<code>{escape(display_path(self.path))}</code>"
        return f'<div class="ic"><p class="ic-caption">{escape(self.sentence)} {place}</p></div>'

    def text(self) -> str:
        return f"{self.sentence} {display_path(self.path)}"


def write_csv(study: str, name: str, rows: Sequence[Mapping[str, Any]], sentence: str) -> FileLink:
    """Write `rows` to `reports/<study>/<name>.csv`: UTF-8, a row of names first, nothing where a number is NaN."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _plain(value) for key, value in row.items()} for row in rows)
    path = results_dir() / study / f"{name}.csv"
    write_atomic(path, text.getvalue())
    return FileLink(path, sentence)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.7g}"
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if is_formula else value  # to a spreadsheet it would be one
