"""The one family of errors that a user is meant to read."""


class CourseError(Exception):
    """Something the user can mend. The message is one sentence: what is wrong, where, and what to do."""


class StudyError(CourseError):
    """A study file, key or value that cannot be used."""
