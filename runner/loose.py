"""A study file as far as the standard library reads it: its mistakes that are sure ones, and what `--list` tells.

Nothing is refused here that the full program would take; most of what it refuses is not seen here.
"""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from helpers.base.errors import StudyError, unknown_key
from helpers.base.paths import display_path
from helpers.study.data import StudyData
from helpers.study.keys import WEIGHTS, defaults_of, keys_of, nested, unknown_weights
from helpers.study.place import resolved, slug
from runner.yaml_reader import Broken, Mapping, Node, NotUnderstood, Scalar, Sequence, read


@dataclass
class LooseFile:
    """The keys and values of a study file; those that `changes`, keys of --set, replace are not looked at."""

    path: Path
    values: Mapping
    changes: Collection[str] = ()

    @property
    def is_patches(self) -> bool:
        """Whether chapters 07 to 09 are about patches."""
        part = self.values.get("segmentation")
        return "patches" in (part, part.get("kind") if isinstance(part, Mapping) else None)

    def stays(self, *keys: str) -> bool:
        """Whether none of these keys, dotted where they lie deeper, is replaced or lies in what is."""
        starts = [".".join(key.split(".")[:depth]) for key in keys for depth in range(1, key.count(".") + 2)]
        return not set(starts) & set(self.changes)

    def mentions(self, key: str) -> bool:
        """Whether the file, what it says of its sample, or a change has to do with a key."""
        sampled = _at(self.values, "sample.overrides")
        given = [*self.values, *self.changes, *(sampled if isinstance(sampled, Mapping) else ())]
        return any(name.split(".")[0] == key for name in given)

    def text(self, key: str) -> Scalar | None:
        """The text at a key; None where it is left out or not surely a text."""
        found = self.values.get(key)
        return found if isinstance(found, Scalar) and found.is_text() else None

    def refusal(self, line: int | None, reason: str) -> StudyError:
        """The error that names file and line."""
        return StudyError(f"{display_path(self.path)}{f', line {line}:' if line else ''} {reason}")


def read_file(path: Path, changes: Collection[str] = ()) -> LooseFile:
    """A study file without mistakes that are sure ones. Raises StudyError for one with, or NotUnderstood."""
    file = LooseFile(path, Mapping(1), changes)
    try:
        file.values = read(_text(path))
    except Broken as error:
        raise file.refusal(error.line, error.reason) from None
    for place, mapping, name in _mappings(file):
        _check_keys(file, place, mapping, name)
    _check_weights(file)
    return file


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError:
        raise NotUnderstood from None
    try:
        return content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise Broken(content.count(b"\n", 0, error.start) + 1, "this is no text in UTF-8") from None


def _mappings(file: LooseFile) -> Iterator[tuple[str, Mapping, str]]:
    """Every part of a study that has keys of its own: its place, its mapping and the class of its keys."""
    yield "", file.values, "Study"
    for place, name in nested().items():
        if place.startswith("segmentation.") and file.is_patches:
            continue
        holder = _at(file.values, place)
        named = holder.items() if place.endswith("models") and isinstance(holder, Mapping) else [("", holder)]
        for key, value in named:
            if isinstance(value, Mapping):
                here = f"{place}.{key}".rstrip(".")
                yield here, value, "PatchSpec" if here == "segmentation" and file.is_patches else name
                phases = value.get("phases")
                for phase in phases if name == "ModelSpec" and isinstance(phases, Sequence) else ():
                    if isinstance(phase, Mapping):
                        yield f"{here}.phases", phase, "Phase"


def _at(values: Node, place: str) -> Node | None:
    for key in place.split("."):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _check_keys(file: LooseFile, place: str, mapping: Mapping, name: str) -> None:
    known = keys_of(name)
    # A model's key that is given bare is known to --set, and so to the message, but not to the file.
    allowed = known if place else sorted({*known, *keys_of("ModelSpec")})
    for key in mapping.own:
        dotted = f"{place}.{key}".lstrip(".")
        if key.exact and key not in known and file.stays(dotted):
            raise file.refusal(key.line, f"{dotted:.200}: {unknown_key(key, allowed)}")


def _check_weights(file: LooseFile) -> None:
    models = _at(file.values, "models")
    specs = models.items() if isinstance(models, Mapping) else ()
    holders = [
        ("", file.values),
        *((f"models.{name}.", spec) for name, spec in specs if isinstance(spec, Mapping)),
    ]
    for place, holder in holders:
        given = holder.get("weights")
        if not (isinstance(given, Scalar) and given.is_text()) or given in WEIGHTS:
            continue
        if file.stays("weights", f"{place}weights") and not os.path.isfile(_path(file, given)):
            raise file.refusal(given.line, unknown_weights(_path(file, given)))


def _path(file: LooseFile, text: Scalar) -> str:
    try:
        return resolved(str(text), file.path.parent)
    except (OSError, RuntimeError, ValueError):  # nobody's home, or no path at all
        raise NotUnderstood from None


def data_folder(file: LooseFile) -> tuple[int, str] | None:
    """The line and the path or name of the images, where it is sure that real ones are asked for."""
    source, given = file.values.get("source", "auto"), file.text("data")
    may_draw = source != "real" and ("sample" in file.values or source != "auto")
    if given is None or may_draw or not file.stays("data", "source", "sample"):
        return None
    return given.line, _path(file, given)


@dataclass
class LooseStreets:
    """The sets of street scenes that a study names."""

    source: str
    sets: tuple[str, ...]
    folders: dict[str, str] = field(default_factory=dict)


class LooseStudy(StudyData):
    """What `--list` asks of a study."""

    # It would take minutes, and change the disk before anything is set up; the first run unpacks.
    unpack = False

    def __init__(self, file: LooseFile):
        self.name = str(file.text("name") or slug(file.path.stem))
        self.title = _exact(file.values.get("title"), file.path.stem)
        self.data = _path(file, file.text("data") or _refuse())
        folder = file.text("data_folder")
        self.data_folder = folder and _path(file, folder)
        self.source = _exact(file.values.get("source"), "auto")
        self.sample = file.values.get("sample")
        self.streets = None if file.is_patches else _streets(file)
        if self.streets and self.draws_streets:
            self.streets.sets = _sets(file.values["segmentation"], drawn=True)
            self.__dict__.pop("street_roots")


def _streets(file: LooseFile) -> LooseStreets | None:
    part = file.values.get("segmentation")
    if part is None:
        return None
    if not isinstance(part, Mapping):
        _refuse()
    folders = part.get("folders") or {}
    places = {str(name): _path(file, folder) for name, folder in folders.items()}
    return LooseStreets(_exact(part.get("source"), "auto"), _sets(part), places)


def _sets(part: Mapping, drawn: bool = False) -> tuple[str, ...]:
    """Target, home and what is trained on, each once; where scenes are drawn, as the sample's part says."""
    default = defaults_of("SegmentationSpec")
    changed = (_at(part, "sample.overrides") or {}) if drawn else {}
    values = {key: changed.get(key) or part.get(key) or default[key] for key in ("target", "home", "train")}
    specs = part.get("models") or {"": {}}
    trained = [spec.get("train") or values["train"] for spec in specs.values()]
    return tuple(dict.fromkeys(str(name) for name in [values["target"], values["home"], *trained] if name))


def _exact(found: Node | None, default: str) -> str:
    if found is None:
        return default
    return str(found) if isinstance(found, Scalar) and found.is_text() else _refuse()


def _refuse():
    raise NotUnderstood
