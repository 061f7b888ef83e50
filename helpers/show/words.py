"""Numbers and lists as English phrases, the same in every reading."""

import math
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from helpers.metrics.intervals import Interval

SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MINUS = "−"

NOTICEABLE = 0.005  # difference of IoU below which two scores are called the same


KNOWN_DIGITS = 12  # beyond them a float shows its binary nature: 100 · 0.285 is 28.499999999999996


def written(value: float, how: str) -> str:
    """As `format(value, how)`, but halves are rounded away from zero, as pupils learn it: 0.125 to "0.13"."""
    asked = re.fullmatch(r"[+,]*\.(\d+)([f%g])", how)
    if not asked or not abs(value) < 10**KNOWN_DIGITS:
        return format(value, how)
    exact, digits = Decimal(f"{value:.{KNOWN_DIGITS}g}"), int(asked[1])
    places = {"f": digits, "%": digits + 2, "g": digits - 1 - exact.adjusted()}[asked[2]]
    return format(float(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)), how)


def percent(share: float, digits: int = 1) -> str:
    """0.834 as "83.4 %"; "unknown" for NaN."""
    return "unknown" if math.isnan(share) else f"{_signed(100 * share, digits)} %"


def points(share: float, digits: int = 1) -> str:
    """A difference of two shares, such as 0.031, as "3.1 percentage points", without its sign."""
    return f"{written(abs(100 * share), f'.{digits}f')} percentage points"


def number(value: float, digits: int = 3) -> str:
    """A number with so many decimals and a real minus sign."""
    return "unknown" if math.isnan(value) else _signed(value, digits)


def rate(value: float) -> str:
    """A learning rate with two significant digits and no power of ten: "0.0019"."""
    return format(Decimal(written(value, ".2g")).normalize(), "f")


def count(amount: int, noun: str, plural: str | None = None) -> str:
    """3, "image" as "3 images"; 1 as "1 image"."""
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def in_words(amount: int) -> str:
    """0 to 10 as a word, "no" for 0; figures beyond."""
    return SMALL_NUMBERS[amount] if 0 <= amount < len(SMALL_NUMBERS) else f"{amount:,}"


def none_or(amount: int) -> str:
    """As `in_words`, but "none" for 0: where no noun follows."""
    return in_words(amount) if amount else "none"


def listed(items: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    *first, final = items
    return f"{', '.join(first)} {last} {final}" if first else final


def share_interval(interval: Interval) -> str:
    """ "83.4 % (95 % interval 79.8 to 86.5 %)"."""
    low, high = (_signed(100 * bound, 1) for bound in (interval.low, interval.high))
    return f"{percent(interval.value)} (95 % interval {low} to {high} %)"


def points_bounds(interval: Interval) -> str:
    """The bounds of a difference of shares in percentage points: "-1.2 to 3.4", with a real minus sign."""
    return " to ".join(number(100 * bound, 1) for bound in (interval.low, interval.high))


def number_interval(interval: Interval, digits: int = 3) -> str:
    """ "0.834 (95 % interval 0.798 to 0.865)"; the value alone where bounds are missing or alike."""
    value, low, high = (number(one, digits) for one in (interval.value, interval.low, interval.high))
    return value if low == high else f"{value} (95 % interval {low} to {high})"


def p_value(p: float) -> str:
    """ "p = 0.032", or "p < 0.001" where more digits would mean nothing."""
    return "p < 0.001" if p < 0.001 else f"p = {written(p, '.3f' if p < 0.1 else '.2f')}"


def bare_p_value(p: float) -> str:
    """ "0.032" or "< 0.001", for a column whose head says that it is p."""
    return p_value(p).removeprefix("p ").removeprefix("= ")


def quoted(name: str) -> str:
    """A class or file name in quotation marks, so that it cannot be taken for a word of the sentence."""
    return f"“{name}”"


def some(items: Sequence[str], most: int = 4) -> str:
    """A list, or its beginning and how many more there are: "a, b and three more"; a single one more is named."""
    return (
        listed(items) if len(items) <= most + 1 else listed([*items[:most], f"{in_words(len(items) - most)} more"])
    )


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def _signed(value: float, digits: int) -> str:
    return true_minus(value, f".{digits}f")


def true_minus(value: float, how: str) -> str:
    """The number in a format such as "+.3f", with a true minus sign; what rounds to zero has no sign."""
    text = written(value, how)
    return text.replace("-", MINUS) if re.search(r"[1-9]", text) else text.strip("+-")


def short_number(value: float) -> str:
    """1 234 567 as "1.2 M": three letters at most beside two digits."""
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= 0.9995 * size:
            return written(value / size, ".3g" if value / size >= 10 else ".2g") + letter
    return written(value, ".3g")


def change(value: float) -> str:
    """A difference with its sign and three decimals; none where it rounds to nothing."""
    return true_minus(value, "+.3f")


def changed(interval: Interval) -> str:
    """ "+0.012 [+0.004, +0.020]"; the value alone where bounds are missing or alike."""
    value, low, high = (change(one) for one in (interval.value, interval.low, interval.high))
    return value if low == high else f"{value} [{low}, {high}]"


def signed(interval: Interval) -> str:
    """ "+0.012 (95 % interval +0.004 to +0.020)"; the value alone where bounds are missing or alike."""
    value, low, high = (change(one) for one in (interval.value, interval.low, interval.high))
    return value if low == high else f"{value} (95 % interval {low} to {high})"


def short_title(title: str) -> str:
    """A set's name as a sentence can hold it: the abbreviation in brackets, or what stands before a comma."""
    abbreviation = re.search(r"\(([^)]+)\)", title)
    return abbreviation[1] if abbreviation else title.split(",")[0]
