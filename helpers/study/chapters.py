"""The chapters: the notebooks whose names begin with a number, and what each says of itself.

A notebook that says nothing is a chapter of every study that has images to classify, called by its first heading,
and waits for no other. In its metadata, below `course`, it may say more:

    title      what pages call it
    needs      what a study must have: a feature, such as `segmentation` (see `Study.has`)
    waits_for  chapters that are made before it; or by feature, those of studies that have it: {"patches": [...]}
    trains     models that it needs trained beside those that cells ask for by `chapter.run` and `chapter.runs`, by
               name or by what they are for: {"every seed": [...], "first seed": [...], "blind split": [...]}
    evaluates  by feature, the function that evaluates all that it asks for: {"streets": "package.module:name"}
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from helpers.base.errors import CourseError, unknown_key
from helpers.base.paths import ROOT, display_path

NAME = re.compile(r"\d\d_\w+")
HEADING = re.compile(r"#\s+(?:\d+\s*[·.:–-]?\s*)?(.+)")
TRAINED = ("every seed", "first seed", "blind split")
ON_SCENES = ("segmentation", "streets", "abroad")  # needed by chapters that look at scenes where a study has them


def notebooks_dir() -> Path:
    """The chapters as written: `notebooks/`, or IMAGE_COURSE_NOTEBOOKS."""
    return Path(os.environ.get("IMAGE_COURSE_NOTEBOOKS", ROOT / "notebooks")).absolute()


@dataclass(frozen=True)
class ChapterInfo:
    """A chapter, by the name of its notebook, such as `02_cnn_from_scratch`; `said`: its metadata, checked."""

    name: str
    said: Mapping[str, Any] = field(default_factory=dict)
    heading: str = ""

    @property
    def title(self) -> str:
        """What pages call it."""
        return self.said.get("title") or self.heading or self.name[3:].replace("_", " ").capitalize()

    @property
    def needs(self) -> str | None:
        """What a study must have; None where images to classify will do."""
        return self.said.get("needs")

    @property
    def looks_at_scenes(self) -> bool:
        """Whether it looks at street scenes where a study has them, not at the images to classify."""
        return self.needs in ON_SCENES

    @cached_property
    def waits_for(self) -> dict[str, list[str]]:
        """By feature, and by "" for every study, the chapters that are made before it."""
        given = self.said.get("waits_for", [])
        return given if isinstance(given, dict) else {"": given}

    def trains(self, when: str) -> list[str]:
        """What it needs trained: with "every seed", the "first seed", or on a "blind split"."""
        return self.said.get("trains", {}).get(when, [])

    def evaluates(self, feature: str) -> str | None:
        """The function that evaluates all that it asks for, of studies that have a feature."""
        return self.said.get("evaluates", {}).get(feature)


def chapters() -> dict[str, ChapterInfo]:
    """All chapters there are, in their order. Raises CourseError for a notebook whose metadata cannot be."""
    paths = sorted(path for path in notebooks_dir().glob("*.ipynb") if NAME.fullmatch(path.stem))
    return {path.stem: chapter_called(path.stem) for path in paths}


def chapter_called(name: str) -> ChapterInfo:
    """One chapter; of one without a notebook, what its name tells."""
    path = notebooks_dir() / f"{name}.ipynb"
    try:
        state = path.stat()
    except OSError:
        return ChapterInfo(name)
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=200)
def _read(path: Path, *_: int) -> ChapterInfo:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        said = notebook.get("metadata", {}).get("course") or {}
        first = "".join(notebook["cells"][0]["source"]) if notebook.get("cells") else ""
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return ChapterInfo(path.stem)  # whoever runs it says so
    _check(path, said)
    heading = HEADING.match(first)
    return ChapterInfo(path.stem, said, heading[1].strip() if heading else "")


def _check(path: Path, said: Any) -> None:
    where = f"{display_path(path)}, metadata, course"
    if not isinstance(said, dict):
        raise CourseError(f"{where}: must hold {', '.join(_KEYS)}")
    for key, value in said.items():
        if key not in _KEYS:
            raise CourseError(f"{where}: {key}: {unknown_key(key, sorted(_KEYS))}")
        wanted, fits = _KEYS[key]
        if not fits(value):
            raise CourseError(f"{where}: {key}: must be {wanted}, not {json.dumps(value)}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_dict(value: Any, fits: Callable[[str, Any], bool]) -> bool:
    return isinstance(value, dict) and all(fits(key, one) for key, one in value.items())


# What each must be, in words and as a question.
_KEYS = {
    "title": ("a text", _is_text),
    "needs": ("a text, such as segmentation", _is_text),
    "waits_for": (
        "a list of chapters, or such lists by feature",
        lambda value: _is_list(value) or _is_dict(value, lambda _, names: _is_list(names)),
    ),
    "trains": (
        f"lists of models by {', '.join(TRAINED)}",
        lambda value: _is_dict(value, lambda key, names: key in TRAINED and _is_list(names)),
    ),
    "evaluates": (
        "functions by feature, such as package.module:name",
        lambda value: _is_dict(value, lambda _, name: re.fullmatch(r"[\w.]+:\w+", str(name))),
    ),
}
