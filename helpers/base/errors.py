"""The one family of errors that a user is meant to read."""

import difflib
import os
from collections.abc import Callable, Collection, Iterable

from helpers.base.paths import printable


class _InOneLine:
    """IPython shows a person the sentence alone of such an error. The runner keeps the way to it, for the page."""

    @property
    def _render_traceback_(self) -> Callable[[], list[str]]:
        if os.environ.get("IMAGE_COURSE_HEADLESS") == "1":
            raise AttributeError("the whole traceback is wanted")
        return lambda: [f"{type(self).__name__}: {self}"]


class CourseError(_InOneLine, Exception):
    """Something the user can mend. The message is one sentence: what is wrong, where, and what to do."""

    def __str__(self) -> str:
        return printable(super().__str__())


class Interrupted(_InOneLine, KeyboardInterrupt):
    """A person has stopped what takes long; the message says what is kept and how to go on."""


class StudyError(CourseError):
    """A study file, key or value that cannot be used."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint at the known word most like `word`, or nothing."""
    match = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean '{match[0]}'?)" if match else ""


def one_of(word: str, known: Collection[str], what: str, use: str = "") -> str:
    """The word itself. Raises ValueError for an unknown one: what it is, what may be meant, and what to use."""
    if word in known:
        return word
    raise ValueError(
        f"unknown {what} '{word}'{did_you_mean(word, known)}; use {use or 'one of ' + ', '.join(known)}"
    )


def unknown_key(key: str, allowed: Iterable[str]) -> str:
    """What is said of a key that is not there, or not at this place."""
    allowed = list(allowed)
    if key in allowed:
        return f"this is a key of models: write it below them, or give --set {key}=VALUE, which holds for all"
    return f"unknown key{did_you_mean(key, allowed)}; allowed are {', '.join(allowed)}"
