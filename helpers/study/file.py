"""Study files: found, read, changed by KEY=VALUE, and their mistakes explained in one line."""

import os
import re
import reprlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import yaml
from pydantic import ValidationError

from helpers.base.errors import StudyError, did_you_mean, unknown_key
from helpers.base.paths import DEVICE, display_path, printable
from helpers.datasets.sources import hub_name, stem_of
from helpers.datasets.streets.known import SETS
from helpers.study.patches import PatchSpec
from helpers.study.place import PATHS, is_study_file, locate, resolved, slug
from helpers.study.recipe import LabelSpec, ModelSpec, Phase, Roles, Sample, Split, default_models
from helpers.study.streets import OWN_NETWORK, MaskFolder, SegmentationSpec, SegmenterSpec, StreetSample


class _Loader(yaml.SafeLoader):
    """YAML as of 1.2: yes, no, on, off, dates and 007 are texts, and 1e-3 is a number."""

    yaml_implicit_resolvers: ClassVar[dict] = {}


for _kind, _pattern, _first in (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", "[-+]?(0|[1-9][0-9_]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf)|\.(nan|NaN)",
        "-+.0123456789",
    ),
    ("null", "~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", "<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"(?:{_pattern})$"), list(_first))


def from_yaml(text: str) -> Any:
    """What a text in YAML says. Raises whatever PyYAML's parsing trips over."""
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


LEFT_OUT = object()  # in the place of a value: the key is not to be there
NESTED = {
    "models": ModelSpec,
    "split": Split,
    "chapters": Roles,
    "sample": Sample,
    "labels": LabelSpec,
    "segmentation": SegmentationSpec,
    "segmentation.models": SegmenterSpec,
    "segmentation.sets": MaskFolder,
    "segmentation.sample": StreetSample,
}


def read(source: str | Path, has_classes: bool = False) -> tuple[Path, dict[str, Any]]:
    """Where a study lies and what it says; images alone, in a folder, an archive or a hub, need to say nothing.

    has_classes: it is known already that a folder holds class folders.
    """
    path = locate(source)
    if hub := hub_name(str(source)):
        return path, {"name": slug(hub.title), "title": hub.title, "data": str(hub)}
    if not is_study_file(path):
        name = path.name if path.is_dir() else stem_of(path)
        return path, {"name": slug(name), "title": printable(name), **_of_images(path, name, has_classes)}
    try:
        values = from_yaml(path.read_text(encoding="utf-8"))
    except Exception as error:  # PyYAML raises whatever its parsing trips over
        raise StudyError(f"{display_path(path)} cannot be read as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise StudyError(f"{display_path(path)} must hold 'key: value' lines, such as 'title: My birds'")
    for text in _texts(values):
        if printable(text) != text:
            raise StudyError(f"{display_path(path)}: '{printable(text)}' holds characters that cannot be shown")
    values = {"name": slug(path.stem), "title": path.stem, **{str(key): value for key, value in values.items()}}
    if values.get("segmentation") == "patches":  # with every key as it comes
        values["segmentation"] = {"kind": "patches"}
    return path, _resolve_paths(values, path.parent)


def _of_images(path: Path, name: str, has_classes: bool) -> dict[str, Any]:
    """Of a folder or an archive, which is unpacked: images to classify, or to segment where there are masks."""
    from helpers.datasets.catalogue import real_data_folder
    from helpers.datasets.masks.own import looks_like_masks

    folder = path if has_classes or path.is_dir() else real_data_folder(str(path))
    if has_classes or folder is None or not looks_like_masks(folder):
        return {"data": str(path)}
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-")[:100]
    name = name if name and name not in SETS and not DEVICE.fullmatch(name) else "own"
    return {"segmentation": {"sets": {name: {"folder": str(folder)}}}}


def _texts(values: dict[str, Any]) -> Iterator[str]:
    """Every text in a study file, names included, line by line; what aliases repeat is looked at once."""
    left, seen = [values], set()
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield from value.expandtabs().split("\n")
        elif isinstance(value, (dict, list)) and id(value) not in seen:
            seen.add(id(value))
            left += [*value, *value.values()] if isinstance(value, dict) else value


def _resolve_paths(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Paths in a study file are relative to the file."""
    streets = _dict(values.get("segmentation"))
    specs = [*_dict(values.get("models")).values(), *_dict(streets.get("models")).values()]
    holders = [(values, PATHS), *((_dict(spec), PATHS) for spec in specs)]
    folders = [_dict(streets.get(key)) for key in ("folders", "abroad")]
    for holder, keys in [*holders, (streets, {"folder"}), *((named, named.keys()) for named in folders)]:
        for key in keys & holder.keys():
            text = holder[key]
            if isinstance(text, str) and text:
                holder[key] = resolved(text, folder)
    for own in map(_dict, _dict(streets.get("sets")).values()):
        if isinstance(own.get("folder"), str):  # never a word of another meaning
            own["folder"] = str((folder / Path(own["folder"]).expanduser()).resolve())
    return values


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def parse(key: str, text: Any) -> Any:
    """The value in KEY=VALUE, read as YAML if it is text; paths count from where the command is given."""
    if key == "labels.pattern":  # where brackets are no list
        return text
    try:
        value = from_yaml(text) if isinstance(text, str) else text
    except Exception:
        raise StudyError(f"--set {key}={text}: the value cannot be read") from None
    is_path = key.split(".")[-1] in {*PATHS, "folder"} or key.startswith(
        ("segmentation.folder", "segmentation.abroad.")
    )
    return str(Path(value).resolve()) if is_path and isinstance(value, str) and os.path.exists(value) else value


def merge(
    values: dict[str, Any], changes: Mapping[str, Any], study_keys: Collection[str], path: Path | None = None
) -> dict[str, Any]:
    """`values` with each change made: a key of the study, a dotted key, or a model's key for every model.

    path: the file that asks for the changes, which messages name.
    """
    streets, models = values.get("segmentation") or {}, values.get("models") or {}
    segmenters = _dict(streets).get("models") or {}
    if isinstance(segmenters, list):  # maps of patches name classifiers
        segmenters = {}
    specs = [spec for named in (models, segmenters) for spec in _dict(named).values()]
    if not all(isinstance(value, dict) for value in (streets, models, segmenters, *specs)):
        return values  # which will be refused
    place = f"{display_path(path)}: " if path else ""
    for key, value in changes.items():
        if key in study_keys:
            values = {**values, key: value}
        for steps in _places(key, values, study_keys):
            leave_out = key in ModelSpec.model_fields and (key in study_keys or value is None)
            values = _put(values, steps, LEFT_OUT if leave_out else value, f"{place}{key:.80}")
    return values


def _places(key: str, values: dict[str, Any], study_keys: Collection[str]) -> list[list[str]]:
    """Where a change is made beside the study's own keys: in every model, every segmenter, or at a dotted key."""
    part, _, name = key.partition(".")
    if not values.get("data") and key in SegmenterSpec.model_fields.keys() - {
        "title"
    }:  # it trains no other networks
        return [["segmentation", "models", model, key] for model in _segmenters(_dict(values.get("segmentation")))]
    if key in ModelSpec.model_fields and (key != "title" or key not in study_keys):
        return [["models", model, key] for model in _models(values)]
    if part == "segmentation" and name in SegmenterSpec.model_fields.keys() - SegmentationSpec.model_fields.keys():
        return [[part, "models", model, name] for model in _segmenters(_dict(values.get(part)))]
    return [] if key in study_keys else [key.split(".")]


def _models(values: dict[str, Any]) -> dict[str, Any]:
    return values.get("models") or {
        name: spec.model_dump(exclude_defaults=True) for name, spec in default_models().items()
    }


def _segmenters(streets: dict[str, Any]) -> dict[str, Any]:
    own = dict(OWN_NETWORK) if streets.get("sets") else {}
    return _dict(streets.get("models")) or {name: own for name in SegmentationSpec().models}


def _put(values: dict[str, Any], steps: list[str], value: Any, whole: str, holder: str = "") -> dict[str, Any]:
    """The same with a value at a dotted key, `whole` in messages; what holds it is made where it is not there."""
    key, *rest = steps
    if not rest:
        others = {name: one for name, one in values.items() if name != key}
        return others if value is LEFT_OUT else {**values, key: value}
    place = f"{holder}.{key}".lstrip(".")
    inner = values.get(key)
    if place in ("models", "segmentation.models"):
        inner = (_models if place == "models" else _segmenters)(values)
    elif inner is None and (place in NESTED or place.endswith(("folders", "abroad", "overrides", "match"))):
        inner = {}
    if not isinstance(inner, dict):
        raise StudyError(f"unknown key '{whole}': '{key}' holds a single value")
    if key == "models" and rest[0] not in inner:
        raise StudyError(
            f"unknown key '{whole}'{did_you_mean(rest[0], inner)}; the models are {', '.join(sorted(inner))}"
        )
    return {**values, key: _put(inner, rest, value, whole, place)}


def infer_roles(models: Any) -> dict[str, str]:
    """The first model without pretraining, the first with it, the first with augmentation."""
    if not isinstance(models, dict) or not models:
        return {"from_scratch": "cnn", "fine_tuned": "fine_tuned", "augmented": "augmented"}
    specs = {
        name: spec if isinstance(spec, dict) else getattr(spec, "__dict__", {}) for name, spec in models.items()
    }
    scratch = [name for name, spec in specs.items() if not spec.get("pretrained")]
    tuned = [name for name, spec in specs.items() if spec.get("pretrained")]
    plain = [name for name in tuned if not specs[name].get("augment")] or tuned or scratch
    augmented = [name for name, spec in specs.items() if spec.get("augment")] or plain
    return {"from_scratch": (scratch or plain)[0], "fine_tuned": plain[0], "augmented": augmented[0]}


def first_mistake(error: ValidationError, path: Path, study_keys: Collection[str]) -> str:
    """The first mistake in one line: file, key, what is wrong, what is allowed."""
    first = error.errors()[0]
    location = _location(first["loc"])
    parts = [f"{part!s:.80}" for part in location]
    key, message = ".".join(parts), first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        allowed = _allowed_keys(first["loc"], study_keys)
        message = unknown_key(parts[-1], allowed)
    elif first["type"] == "missing":
        message = "this key is missing"
    elif first["type"] != "value_error" and "input" in first:
        message = f"{message}, not {reprlib.repr(first['input']):.80}"
    return f"{display_path(path)}: {key + ': ' if key else ''}{message}"


def _location(steps: tuple) -> tuple:
    """Where a mistake is, without the steps that pydantic takes between kinds of values."""
    kinds = ("function-", "constrained-", "literal[", "list[")
    return tuple(
        step
        for number, step in enumerate(steps)
        if not str(step).startswith(kinds)
        and not (number == 1 and steps[0] == "segmentation" and step in {"streets", "patches"})
        and not (number and steps[number - 1] in ("normalize", "labels"))
    )


def _allowed_keys(location: tuple, study_keys: Collection[str]) -> list[str]:
    if location[:2] == ("segmentation", "patches"):
        return sorted(PatchSpec.model_fields)
    if "phases" in location:
        return sorted(Phase.model_fields)
    location = _location(location)
    places = (".".join(map(str, location[:depth])) for depth in range(len(location) - 1, 0, -1))
    for place in places:
        if place in NESTED:
            return sorted(NESTED[place].model_fields)
    return sorted({*study_keys, *ModelSpec.model_fields})  # a model's key, given bare, holds for every model
