"""Names of classes and models as matplotlib should draw them, whatever characters they hold."""

import textwrap

INVISIBLE = "\N{WORD JOINER}"


def plain_text(text: str) -> str:
    """The text for a legend, which would leave out a name that begins with an underscore."""
    return f"{INVISIBLE}{text}" if text.startswith("_") else text


def short(text: str, length: int = 22) -> str:
    """The text, cut with an ellipsis where it is longer than `length`."""
    return plain_text(text if len(text) <= length else text[: length - 1] + "…")


def wrapped(text: str, width: int = 13, lines: int = 3) -> str:
    """The text in lines of about `width` letters; what does not fit into `lines` is cut."""
    return plain_text("\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …")))
