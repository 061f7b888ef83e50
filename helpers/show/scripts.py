"""Names in any script as pictures can show them: in fonts of this machine, or as numbers where none has the signs.

matplotlib's own font has Latin, Greek, Cyrillic, Arabic and some more. What it lacks comes from fonts that are
installed. A page is shown by a browser, which has all scripts: there names stay as they are.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache

import matplotlib
from matplotlib import font_manager
from matplotlib.text import Text

from helpers.show.style import FONT

SHAPES_FROM = (3, 11)  # matplotlib from here on joins Arabic letters and writes from right to left
FROM_RIGHT = {"R", "AL"}  # as Unicode calls the direction of Hebrew and Arabic
SELECTORS = re.compile("[\ufe00-\ufe0f]")  # say whether a sign is an emoji; fonts have no glyph for them
# Fonts of placeholders, of coloured pictures, and of formulas, which have other signs at the places of letters.
NO_TEXT = re.compile("Last ?Resort|Colou?r|^cm[a-z]+10$|NonUnicode|^STIXSize")
UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # kinds of signs without a glyph of their own
PLACEHOLDER = "\N{WHITE SQUARE}"

_numbers: dict[str, str] = {}  # what names are called that no font can show
_missing: set[str] = set()  # signs that no font has
_plain_set_text: Callable = Text.set_text


def prepare_names(classes: Sequence[str], others: Iterable[str] = ()) -> dict[str, str]:
    """Have every picture of this process show these names as well as fonts can; `others`: titles of models.

    Returns what classes are called in pictures where no installed font has all their signs: 'class 3'.
    """
    needed = {sign for text in (*classes, *others) for sign in _signs(text)}
    families, missing = covering_fonts(frozenset(needed))
    matplotlib.rcParams["font.family"] = [FONT, *families]
    _missing.clear()
    _missing.update(missing)
    _numbers.clear()
    _numbers.update((name, f"class {number}") for number, name in enumerate(classes, 1) if _signs(name) & _missing)
    Text.set_text = _set_text if _missing or any(map(SELECTORS.search, (*classes, *others))) else _plain_set_text
    return dict(_numbers)


def in_pictures(text: str) -> str:
    """A text as pictures write it: with numbers in the place of names that no font can show."""
    for name in sorted(_numbers, key=len, reverse=True):  # a name may be part of another
        text = text.replace(name, _numbers[name])
    text = SELECTORS.sub("", text)
    return "".join(PLACEHOLDER if sign in _missing else sign for sign in text) if _missing else text


def _set_text(self: Text, text: object) -> None:
    """Whoever writes into a picture, a notebook's own cell or seaborn, comes by here."""
    _plain_set_text(self, in_pictures(text) if isinstance(text, str) else text)


def _signs(text: str) -> set[str]:
    return {sign for sign in SELECTORS.sub("", text) if unicodedata.category(sign) not in UNSEEN}


@cache
def covering_fonts(signs: frozenset[str]) -> tuple[list[str], set[str]]:
    """Families of installed fonts, beside the course's own, that have these signs; and the signs that none has."""
    unshaped = {sign for sign in signs if _is_from_right(sign)} if _version() < SHAPES_FROM else set()
    left = {sign for sign in signs - unshaped if ord(sign) not in _glyphs(font_manager.findfont(FONT))}
    families: list[str] = []
    fonts = _upright_fonts() if left else {}
    while left and fonts:
        best = max(fonts, key=lambda name: sum(ord(sign) in _glyphs(fonts[name]) for sign in left))
        found = {sign for sign in left if ord(sign) in _glyphs(fonts[best])}
        if not found:
            break
        families.append(best)
        left -= found
    return families, left | unshaped


def _is_from_right(sign: str) -> bool:
    return unicodedata.bidirectional(sign) in FROM_RIGHT


def _version() -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", matplotlib.__version__)[:2])


def _upright_fonts() -> dict[str, str]:
    """A file for each family, in the order of their names, of those that write text as it is."""
    found = (font for font in font_manager.fontManager.ttflist if not NO_TEXT.search(font.name))
    plain = [font for font in found if font.style == "normal" and font.weight in (400, "normal", "regular")]
    return {font.name: font.fname for font in sorted(plain, key=lambda font: font.name, reverse=True)}


@cache
def _glyphs(path: str) -> frozenset[int]:
    """The code points that a font has; none for one that cannot be scaled or read."""
    try:
        font = font_manager.get_font(path)
        return frozenset(font.get_charmap()) if font.scalable else frozenset()
    except (OSError, RuntimeError):
        return frozenset()
