"""Names of classes and models as matplotlib should draw them, whatever characters they hold."""

import textwrap
import unicodedata

from helpers.show.scripts import in_pictures

LONGEST_LINE = 36  # letters
INVISIBLE = "\N{WORD JOINER}"


def plain_text(text: str) -> str:
    """The text for a legend, which would leave out a name that begins with an underscore."""
    return f"{INVISIBLE}{text}" if text.startswith("_") else text


def short(text: str, length: int = 22) -> str:
    """The text; if it is longer than `length` letters, in two lines, cut only where these are longer than 36."""
    text = in_pictures(text)
    if letters(text) <= length:
        return plain_text(text)
    ends = [place for place in range(1, len(text)) if text[place - 1] in " _-/.," or text[place] == " "]
    middle = len(text) / 2
    near = min(ends, key=lambda place: abs(place - middle), default=0)
    near = near if abs(near - middle) <= len(text) / 4 else round(middle)
    return plain_text("\n".join(_cut(line.strip()) for line in (text[:near], text[near:])))


def letters(text: str) -> int:
    """How wide a text is, in Latin letters: a Chinese or Korean sign takes the place of two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _cut(line: str) -> str:
    if letters(line) <= LONGEST_LINE:
        return line
    while letters(line) >= LONGEST_LINE:
        line = line[:-1]
    return f"{line}…"


def wrapped(text: str, width: int = 13, lines: int = 3) -> str:
    """The text in lines of about `width` letters; what does not fit into `lines` is cut."""
    text = in_pictures(text)
    return plain_text("\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …")))
