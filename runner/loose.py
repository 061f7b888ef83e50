"""A study file as far as the standard library reads it: its mistakes that are sure ones, and what `--list` tells.

Nothing is refused here that the full program would take; most of what it refuses is not seen here.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from helpers.base.errors import StudyError, unknown_key
from helpers.base.paths import display_path
from helpers.study.data import StudyData
from helpers.study.place import WEIGHTS, resolved, slug, unknown_weights
from runner.keys import defaults_of, keys_of, nested
from runner.yaml_reader import Keys, NotUnderstood, read_yaml


@dataclass
class LooseFile:
    """The keys and values of a study file."""

    path: Path
    values: Keys

    @property
    def is_patches(self) -> bool:
        """Whether chapters 07 to 09 are about patches."""
        part = self.values.get("segmentation")
        return "patches" in (part, part.get("kind") if isinstance(part, Keys) else None)

    def at(self, place: str) -> Any:
        """What stands at a dotted key; None where nothing does."""
        found: Any = self.values
        for key in place.split("."):
            found = found.get(key) if isinstance(found, Keys) else None
        return found

    def mentions(self, key: str) -> bool:
        """Whether the file, or what it says of its sample, has to do with a key."""
        given = [*self.values, *(self.at("sample.overrides") or ())]
        return any(name.split(".")[0] == key for name in given)

    def refusal(self, line: int, reason: str) -> StudyError:
        """The error that names file and line."""
        return StudyError(f"{display_path(self.path)}, line {line}: {reason}")

    def resolved(self, text: str) -> str:
        """A path of the file."""
        try:
            return resolved(text, self.path.parent)
        except (OSError, RuntimeError, ValueError):  # nobody's home, or no path at all
            raise NotUnderstood from None


def read_loosely(path: Path) -> LooseFile:
    """A study file without mistakes that are sure ones. Raises StudyError for one with, or NotUnderstood."""
    try:
        file = LooseFile(path, read_yaml(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        raise NotUnderstood from None
    for place, mapping, name in _mappings(file):
        _check_keys(file, place, mapping, name)
    _check_weights(file)
    return file


def _mappings(file: LooseFile) -> Iterator[tuple[str, Keys, str]]:
    """Every part of a study that has keys of its own: its place, its mapping and the class of its keys."""
    yield "", file.values, "Study"
    for place, name in nested().items():
        if place.startswith("segmentation.") and file.is_patches:
            continue
        holder = file.at(place)
        is_named = place.endswith(("models", "sets")) and isinstance(holder, Keys)
        named = holder.items() if is_named else [("", holder)]
        for key, value in named:
            if isinstance(value, Keys):
                here = f"{place}.{key}".rstrip(".")
                yield here, value, "PatchSpec" if here == "segmentation" and file.is_patches else name
                phases = value.get("phases") if name == "ModelSpec" else None
                for phase in phases if isinstance(phases, list) else ():
                    if isinstance(phase, Keys):
                        yield f"{here}.phases", phase, "Phase"


def _check_keys(file: LooseFile, place: str, mapping: Keys, name: str) -> None:
    known = keys_of(name)
    # A model's key that is given bare is known to --set, and so to the message, but not to the file.
    allowed = known if place else sorted({*known, *keys_of("ModelSpec")})
    for key, line in mapping.lines.items():
        dotted = f"{place}.{key}".lstrip(".")
        if key not in known:
            raise file.refusal(line, f"{dotted:.200}: {unknown_key(key, allowed)}")


def _check_weights(file: LooseFile) -> None:
    models = file.at("models")
    for holder in [file.values, *(models.values() if isinstance(models, Keys) else ())]:
        given = holder.get("weights") if isinstance(holder, Keys) else None
        if not isinstance(given, str) or given in WEIGHTS:
            continue
        if not os.path.isfile(path := file.resolved(given)):
            raise file.refusal(holder.lines["weights"], unknown_weights(path))


def data_folder(file: LooseFile) -> tuple[int, str] | None:
    """The line and the path or name of the images, where it is sure that real ones are asked for."""
    source, given = file.values.get("source", "auto"), file.values.get("data")
    may_draw = source != "real" and ("sample" in file.values or source != "auto")
    if not isinstance(given, str) or may_draw:
        return None
    return file.values.lines["data"], file.resolved(given)


class LooseStudy(StudyData):
    """What `--list` asks of a study."""

    # It would take minutes, and change the disk before anything is set up; the first run unpacks.
    unpack = False

    def __init__(self, file: LooseFile):
        self.name = _text(file, "name", slug(file.path.stem))
        self.title = _text(file, "title", file.path.stem)
        data = _text(file, "data", "" if file.at("segmentation") is not None else None)
        self.data = file.resolved(data) if data else ""
        folder = _text(file, "data_folder", "")
        self.data_folder = file.resolved(folder) if folder else None
        self.source = _text(file, "source", "auto")
        self.sample = file.at("sample")
        self.streets = None
        if file.at("segmentation") is not None and not file.is_patches:
            places = {
                name: file.resolved(folder) for name, folder in (file.at("segmentation.folders") or {}).items()
            }
            source = _text(file, "segmentation.source", "auto")
            if file.at("segmentation.sets"):  # none of the course's own studies has
                raise NotUnderstood
            self.streets = SimpleNamespace(
                source=source, needed=_needed(file), sets={}, is_own=False, folders=places
            )
            if self.draws_streets:
                self.streets.needed = _needed(file, drawn=True)
                self.__dict__.pop("street_roots")


def _needed(file: LooseFile, drawn: bool = False) -> tuple[str, ...]:
    """Target, home and what is trained on, each once; where scenes are drawn, as the sample's part says."""
    default, part = defaults_of("SegmentationSpec"), file.at("segmentation")
    changed = (file.at("segmentation.sample.overrides") or {}) if drawn else {}
    values = {key: changed.get(key) or part.get(key) or default[key] for key in ("target", "home", "train")}
    specs = part.get("models") or {"": {}}
    trained = [spec.get("train") or values["train"] for spec in specs.values()]
    return tuple(dict.fromkeys(name for name in [values["target"], values["home"], *trained] if name))


def _text(file: LooseFile, key: str, default: str | None = None) -> str:
    found = file.at(key)
    if isinstance(found, str) or (found is None and default is not None):
        return default if found is None else found
    raise NotUnderstood
