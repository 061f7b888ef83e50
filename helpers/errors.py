"""The one family of errors that a user is meant to read."""

from helpers.paths import printable


class CourseError(Exception):
    """Something the user can mend. The message is one sentence: what is wrong, where, and what to do."""

    def __str__(self) -> str:
        return printable(super().__str__())


class StudyError(CourseError):
    """A study file, key or value that cannot be used."""
