"""Numbers as words: halves as pupils round them, and everywhere by the one function that does."""

import ast
import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest

from helpers.base.paths import ROOT
from helpers.show.table import Table, format_value
from helpers.show.words import number, p_value, percent, points, rate, short_number, written

ALLOWED = {"helpers/show/words.py"}


@pytest.mark.parametrize(
    "told, text",
    [
        (percent(0.125, 0), "13 %"),
        (percent(0.285, 0), "29 %"),  # 100 · 0.285 is 28.499999999999996
        (number(0.625, 2), "0.63"),
        (number(-0.0625), "−0.063"),
        (points(0.0125), "1.3 percentage points"),
        (p_value(0.0125), "p = 0.013"),
        (short_number(1_250_000), "1.3 M"),
        (short_number(999_600), "1 M"),
        (rate(0.00125), "0.0013"),
        (format_value(0.285, ".2f"), "0.29"),
        (format_value(0.125, ".0%"), "13\N{NO-BREAK SPACE}%"),
        (format_value(2394), "2,394"),
        (written(float("nan"), ".2f"), "nan"),
        (written(1e30, ".0e"), "1e+30"),
    ],
)
def test_halves_are_rounded_away_from_zero_and_thousands_parted(told, text):
    assert told == text


def test_shares_of_images_are_rounded_as_fractions_are():
    """Whatever a reader divides on paper: right of all, to so many decimals of a per cent."""
    rng = np.random.default_rng(0)
    for _ in range(3000):
        total = int(rng.integers(1, 2000))
        right, digits = int(rng.integers(0, total + 1)), int(rng.integers(0, 3))
        exact = Fraction(100 * right, total)
        whole = (2 * exact * 10**digits + 1) // 2  # half up
        assert percent(right / total, digits) == f"{Decimal(int(whole)).scaleb(-digits):.{digits}f} %"


def test_what_is_no_half_is_rounded_as_ever():
    for value in np.random.default_rng(1).normal(0, 100, 500).tolist():
        assert written(value, "+,.2f") == format(value, "+,.2f")
        assert Decimal(written(value, ".1f")) == Decimal(repr(value)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def test_a_column_of_counts_parts_thousands():
    assert "1,914" in Table([{"Model": "A", "Images": 1914}]).text()


def test_no_sentence_rounds_by_itself():
    """`{value:.3f}` rounds halves to even, or as the binary number falls."""
    found = []
    for path in [*(ROOT / "sections").rglob("*.py"), *(ROOT / "helpers" / "show").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            how = ast.unparse(node.format_spec) if getattr(node, "format_spec", None) else ""
            if re.search(r"\.(\d+|{.*})[f%]", how):
                found.append(f"{path.relative_to(ROOT).as_posix()}:{node.lineno}")
    assert not [where for where in found if where.split(":")[0] not in ALLOWED]
