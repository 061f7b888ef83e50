"""Tables: rows of dicts or a pandas frame, as HTML with aligned numbers, or as plain text."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.intervals import seed_spread
from helpers.show.item import Item
from helpers.show.words import number, true_minus, written

if TYPE_CHECKING:
    import pandas

Format = str | Callable[[Any], str]
MISSING = "–"


@dataclass(frozen=True, repr=False)
class Table(Item):
    """A table with a caption.

    frame: one dict a row, or a pandas DataFrame (its index is left out; use `reset_index()` to show it).
    formats: per column a format specification (".3f", ",d", ".1%") or a function of the value; the key "*"
        serves every other column of numbers. A value with `.value`, `.low` and `.high` becomes
        "0.81 [0.78, 0.84]" in that format, a `Photo` becomes the picture, None and NaN become a dash.
    row_names: whether the first column names the row.
    highlight: columns with "max" or "min": the best value of each is set bold.
    """

    frame: "Sequence[Mapping[str, Any]] | pandas.DataFrame"
    caption: str = ""
    formats: Mapping[str, Format] = field(default_factory=dict)
    row_names: bool = True
    highlight: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        """The rows as dicts, whatever they came as."""
        if hasattr(self.frame, "to_dict"):
            return [{str(key): value for key, value in row.items()} for row in self.frame.to_dict("records")]
        return [dict(row) for row in self.frame]

    def columns(self) -> list[str]:
        """Every column that some row has, in order of appearance."""
        if hasattr(self.frame, "columns"):
            return [str(name) for name in self.frame.columns]
        return list(dict.fromkeys(name for row in self.frame for name in row))

    def data(self) -> "pandas.DataFrame":
        """The table to sort, filter and plot: of an interval the value, its bounds in columns of their own."""
        import pandas as pd

        return pd.DataFrame([_plain_row(row) for row in self.rows()])

    def html(self) -> str:
        rows, columns = self.rows(), self.columns()
        kinds = {name: _column_kind([row.get(name) for row in rows]) for name in columns}
        best = {name: _best([row.get(name) for row in rows], how) for name, how in self.highlight.items()}
        head = "".join(_head_cell(name, kinds[name]) for name in columns)
        body = "".join(self._row_html(row, columns, kinds, best) for row in rows)
        caption = f"<caption><span>{escape(self.caption)}</span></caption>" if self.caption else ""
        label = escape(f"Table: {self.caption}" if self.caption else "Table")
        table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f'<div class="ic ic-table ic-scroll" role="group" tabindex="0" aria-label="{label}">{table}</div>'

    def _row_html(self, row: dict, columns: list[str], kinds: dict[str, str], best: dict[str, float]) -> str:
        cells = []
        for place, name in enumerate(columns):
            value = row.get(name)
            content = value.html() if hasattr(value, "html") else _unbroken(escape(self.cell(name, value)))
            if name in best and _number(value) == best[name]:
                content = f"<strong>{content}</strong>"
            tag = 'th scope="row"' if place == 0 and self.row_names else "td"
            cells.append(f"<{tag}{kinds[name]}>{content}</{tag[:2]}>")
        return f"<tr>{''.join(cells)}</tr>"

    def text(self) -> str:
        columns = self.columns()
        cells = [columns, *([self.cell(name, row.get(name)) for name in columns] for row in self.rows())]
        widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
        return "\n".join(filter(None, [self.caption, *(line.rstrip() for line in lines)]))

    def cell(self, column: str, value: Any) -> str:
        """The plain text of one value."""
        return format_value(value, self.formats.get(column, self.formats.get("*", "")))


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        if _is_interval(value):
            found |= {name: value.value, f"{name}, low": value.low, f"{name}, high": value.high}
        else:
            found[name] = value
    return found


def format_value(value: Any, how: Format = "") -> str:
    """One value as text; without a format, numbers get three significant digits and long ones are grouped."""
    if _is_missing(value):
        return MISSING
    if callable(how):
        return how(value)
    if _is_interval(value):
        return interval_text(value.value, value.low, value.high, how or ".3f")
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return format(int(value), how or ",").replace("-", "−")
    if isinstance(value, (float, np.floating)):
        text = written(float(value), how or (",.0f" if abs(value) >= 1000 else ".3g")).replace("-", "−")
        return text.replace("%", "\N{NO-BREAK SPACE}%")
    return value.text() if hasattr(value, "text") else str(value)


def interval_text(value: float, low: float | None, high: float | None, how: str = ".3f") -> str:
    """ "0.812 [0.790, 0.833]", or the value alone where there is no interval."""
    if _is_missing(value):
        return MISSING
    if _is_missing(low) or _is_missing(high):
        return true_minus(value, how)
    return f"{true_minus(value, how)} [{true_minus(low, how)}, {true_minus(high, how)}]"


def _unbroken(text: str) -> str:
    """An interval, a value ± deviation, a shape, or two values compared stay on one line; a long path need not."""
    text = re.sub(r"\S{20,}", lambda word: re.sub(r"(?<=[/_])(?=\w)", "<wbr>", word[0]), text)
    text = re.sub(r"\[(\S+), (\S+)\]", "[\\1,\u00a0\\2]", text)
    return whole_sizes(re.sub(r"(?<=\d) (±|&lt;|&gt;|=) (?=\d)", "\u00a0\\1\u00a0", text))


def whole_sizes(text: str) -> str:
    """HTML in which "48 × 48" stays on one line, and can be searched for and copied as it is written."""
    return re.sub(r"\d[\d,]*(?: × \d[\d,]*)+", '<span class="ic-whole">\\g<0></span>', text)


def _head_cell(name: str, kind: str) -> str:
    """A column without a name is no header: a screen reader would announce nothing."""
    return f'<th scope="col"{kind}>{escape(name)}</th>' if name.strip() else f"<td{kind}></td>"


def _is_interval(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("value", "low", "high"))


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, (float, np.floating)) and math.isnan(value))


def _number(value: Any) -> float | None:
    value = getattr(value, "value", value)
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    return float(value) if is_number and not _is_missing(value) else None


def _best(values: list[Any], how: str) -> float | None:
    numbers = [number for value in values if (number := _number(value)) is not None]
    return (max if how == "max" else min)(numbers) if numbers else None


def _column_kind(values: list[Any]) -> str:
    """Numbers are set flush right, with figures of one width."""
    present = [value for value in values if not _is_missing(value)]
    return ' class="ic-number"' if present and all(_number(value) is not None for value in present) else ""


def seed_cells(name: str, values: Sequence[float], digits: int = 3) -> dict[str, str]:
    """A table's cell with mean ± standard deviation over seeds, by its column's name; none for a single seed."""
    if len(values) < 2:
        return {}
    spread = seed_spread(values)
    return {f"{name}, {spread.n} seeds": " ± ".join(number(one, digits) for one in (spread.mean, spread.std))}
