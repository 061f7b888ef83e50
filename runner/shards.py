"""What a chapter evaluates, made beforehand by several processes side by side."""

from importlib import import_module

from helpers.base.errors import CourseError
from helpers.chapter import Chapter
from helpers.study.chapters import chapter_called
from helpers.study.study import Study


def evaluate_shard(study: Study, chapter: str, number: int, of: int) -> None:
    """Evaluate all that a chapter will ask for, as process `number`, from 0, of `of` that do the same.

    The chapter's metadata names the function that does it. The processes share the scenes of each evaluation; one
    that comes late, or never, costs the others only time. The chapter then finds on disk what it would have
    counted itself. Networks are trained where they are not there.

    Raises CourseError where the chapter would, or where there is no such function.
    """
    if not 0 <= number < of:
        raise ValueError(f"there is no shard {number} of {of}: they are numbered from 0")
    feature = "patches" if study.patches else "streets"
    named = chapter_called(chapter).evaluates(feature) or ""
    module, _, name = named.partition(":")
    try:
        evaluate_all = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        where = f"notebooks/{chapter}.ipynb, metadata, course: evaluates"
        raise CourseError(f"{where}: there is no '{named}' for {feature}: {error}") from None
    part = getattr(Chapter(chapter, study), feature)
    part.shard = (number, of)
    evaluate_all(part)
