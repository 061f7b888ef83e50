"""A study: a data set, the models to try on it, and how each is trained. Read from YAML and checked at once."""

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from helpers.errors import CourseError
from helpers.paths import ROOT, data_dir, display_path, write_atomic

STUDIES = ROOT / "studies"
CHAPTERS = (
    "01_data",
    "02_cnn_from_scratch",
    "03_fine_tuning",
    "04_augmentation",
    "05_feature_distances",
    "06_model_comparison",
)
Fraction = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class StudyError(CourseError):
    """A study file, key or value that cannot be used."""


class Strict(BaseModel):
    """Unknown keys are refused, and a word is never taken for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Split(Strict):
    """Shares of the images for training, validation and test."""

    train: Fraction = 0.7
    val: Annotated[float, Field(gt=0, lt=1)] = 0.1
    test: Annotated[float, Field(gt=0, lt=1)] = 0.2

    @model_validator(mode="after")
    def _adds_up(self) -> "Split":
        total = self.train + self.val + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train, val and test add up to {total:g}; they must add up to 1")
        return self


class Recipe(Strict):
    """All that training needs beside the model and the data."""

    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    lr: Positive | Literal["find"] = Field(1e-3, description="learning rate, or 'find' for the range test")
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    momentum: Fraction = 0.9
    epochs: Count = 10
    batch_size: Count = 64
    schedule: Literal["constant", "cosine", "one_cycle"] = "constant"
    label_smoothing: Fraction = 0.0
    augment: dict[str, float] = {}
    trainable: Literal["all", "head"] = "all"
    lr_finder: bool = Field(False, description="run the range test and show its curve")

    @field_validator("augment")
    @classmethod
    def _known_augmentations(cls, value: dict[str, float]) -> dict[str, float]:
        from helpers.augmentations import check_augmentation

        for name, strength in value.items():
            check_augmentation(name, strength)
        return value


class ModelSpec(Recipe):
    """A network and its recipe. `blocks` (filters, pooling) and `hidden` describe the architecture `cnn`."""

    title: str = ""
    architecture: str = "cnn"
    pretrained: bool = False
    weights: str | None = Field(None, description="imagenet, sample or a file; the study's own if absent")
    normalize: Literal["auto", "imagenet", "symmetric"] = "auto"
    blocks: list[tuple[Count, Count]] = [(32, 4), (64, 2), (128, 2)]
    hidden: Annotated[int, Field(ge=0)] = 128

    @field_validator("blocks", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        return [tuple(pair) if isinstance(pair, list) else pair for pair in value]

    @field_validator("architecture")
    @classmethod
    def _known_architecture(cls, value: str) -> str:
        known = ["cnn", *torchvision_classifiers()]
        if value not in known:
            raise ValueError(
                f"unknown model '{value}'{_nearest(value, known)}; use 'cnn' or a torchvision classifier"
            )
        return value

    @model_validator(mode="after")
    def _pretrained_is_possible(self) -> "ModelSpec":
        if self.architecture == "cnn" and self.pretrained:
            raise ValueError("architecture 'cnn' has no pretrained weights; set pretrained: false")
        return self


class Roles(Strict):
    """Which model each chapter is about."""

    from_scratch: str
    fine_tuned: str
    augmented: str


class Sample(Strict):
    """The drawn stand-in: which drawing, how many images a class, and keys that differ from the real set's."""

    drawing: str
    images_per_class: Annotated[int, Field(ge=10)] = 240
    overrides: dict[str, Any] = {}


def _default_models() -> dict[str, ModelSpec]:
    fine_tuned = {
        "architecture": "resnet18",
        "pretrained": True,
        "optimizer": "adamw",
        "weight_decay": 0.01,
        "epochs": 6,
        "schedule": "one_cycle",
    }
    augment = {"flip": 0.5, "affine": 15.0, "jitter": 0.3, "erasing": 0.5}
    return {
        "cnn": ModelSpec(title="CNN from scratch"),
        "fine_tuned": ModelSpec(title="Fine-tuned network", **fine_tuned),
        "augmented": ModelSpec(title="Fine-tuned network with augmentation", augment=augment, **fine_tuned),
    }


class Study(Strict):
    """One study. `data` is a set of the catalogue or a folder of class folders."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    title: str
    data: str
    description: str = ""
    source: Literal["auto", "real", "sample"] = "auto"
    data_folder: str | None = Field(None, description="where the real data lies, if not in data/<set>")
    image_size: Annotated[int, Field(ge=16, le=1024)] = 128
    resize: Literal["crop", "squash", "pad"] = "crop"
    split: Split = Split()
    seed: Annotated[int, Field(ge=0)] = 0
    seeds: Count = 1
    weights: str = Field("auto", description="auto, imagenet, sample or a file")
    models: dict[str, ModelSpec] = Field(default_factory=_default_models, min_length=1)
    chapters: Roles
    sample: Sample | None = None

    @model_validator(mode="before")
    @classmethod
    def _infer_roles(cls, values: dict[str, Any]) -> dict[str, Any]:
        return values if "chapters" in values else {**values, "chapters": _roles(values.get("models"))}

    @model_validator(mode="after")
    def _consistent(self) -> "Study":
        for role, name in self.chapters:
            if name not in self.models:
                raise ValueError(
                    f"chapters.{role} is '{name}', which is not among the models {sorted(self.models)}"
                )
        for name in self.models:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
                raise ValueError(f"models.{name}: a model's name is made of letters, digits, '-' and '_'")
        if self.source == "sample" and self.sample is None:
            raise ValueError(f"no sample is drawn for '{self.name}'; leave out --sample and use real data")
        return self

    @classmethod
    def load(cls, source: str | Path, overrides: Mapping[str, str] | None = None) -> "Study":
        """Read a study by name, from a file, or make one of a folder of class folders.

        `overrides` are KEY=VALUE texts: a key of the study (`seed`), a dotted key (`models.cnn.epochs`),
        or a key of the recipe (`epochs`), which then holds for every model.

        Raises StudyError for an unknown study, key, value or type.
        """
        path, values = _read(source)
        texts = {key: _parse(key, text) for key, text in (overrides or {}).items()}
        study = cls._checked(_merge(values, texts), path)
        if study.is_sample and study.sample.overrides:
            study = cls._checked(_merge(_merge(values, study.sample.overrides), texts), path)
        return study

    @classmethod
    def _checked(cls, values: dict[str, Any], path: Path) -> "Study":
        try:
            return cls(**values)
        except ValidationError as error:
            raise StudyError(_explain(error, path)) from None

    def save(self, path: Path) -> bool:
        """Write the resolved study; an unchanged file is left alone. Returns whether it was written."""
        values = self.model_dump(mode="json", exclude={"sample": {"overrides"}} if self.sample else None)
        text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return False
        write_atomic(path, text)
        return True

    @cached_property
    def info(self):
        """What the data set is, its licence and how to get it (`DataSetInfo`)."""
        from helpers.datasets.catalogue import describe

        return describe(self.data)

    @cached_property
    def data_root(self) -> Path | None:
        """The folder with the real images, or None where they are not in place."""
        from helpers.datasets.catalogue import real_data_folder

        return real_data_folder(self.data, Path(self.data_folder) if self.data_folder else None)

    @property
    def is_sample(self) -> bool:
        """Whether this study runs on drawn data."""
        if self.source != "auto":
            return self.source == "sample"
        return self.sample is not None and self.data_folder is None and self.data_root is None

    @property
    def sample_images_per_class(self) -> int:
        return self.sample.images_per_class if self.sample else 0

    @property
    def sample_folder(self) -> Path:
        return data_dir() / "samples" / f"{self.sample.drawing}-{self.sample.images_per_class}"

    def weights_of(self, model: str) -> str | None:
        """Which pretrained weights a model starts from: 'imagenet', 'sample', a file, or None."""
        spec = self.models[model]
        if not spec.pretrained:
            return None
        chosen = spec.weights or self.weights
        return ("sample" if self.is_sample else "imagenet") if chosen == "auto" else chosen

    def chapters_available(self) -> list[str]:
        """The chapters that this study has."""
        return list(CHAPTERS)


def list_studies() -> list[Study]:
    """The studies that come with the course, in the order of their names."""
    return [Study.load(path) for path in sorted(STUDIES.glob("*.yaml"))]


def torchvision_classifiers() -> list[str]:
    """Names of torchvision's classifiers, read from its source: importing it takes seconds."""
    package = find_spec("torchvision")
    folder = Path(package.submodule_search_locations[0]) / "models" if package else Path("missing")
    sources = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    return sorted(
        name for text in sources for name in re.findall(r"@register_model\(\)\s*(?:@.*\s*)*def (\w+)", text)
    )


def _read(source: str | Path) -> tuple[Path, dict[str, Any]]:
    path = _locate(source)
    if path.is_dir():
        return path, {"name": _slug(path.name), "title": path.name, "data": str(path)}
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise StudyError(f"{display_path(path)} cannot be read as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise StudyError(f"{display_path(path)} must hold 'key: value' lines, such as 'title: My birds'")
    values = {"name": _slug(path.stem), "title": path.stem, **values}
    return path, _resolve_paths(values, path.parent)


def _locate(source: str | Path) -> Path:
    known = STUDIES / f"{source}.yaml"
    if re.fullmatch(r"[\w-]+", str(source)) and known.exists():
        return known
    for path in (Path(source), ROOT / source):
        if path.is_dir() or (path.is_file() and path.suffix in {".yaml", ".yml"}):
            return path.resolve()
    names = sorted(path.stem for path in STUDIES.glob("*.yaml"))
    raise StudyError(
        f"unknown study '{source}'{_nearest(str(source), names)}: give one of {', '.join(names)}, "
        "a study file (.yaml) or a folder that holds one folder of images per class"
    )


def _resolve_paths(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Paths in a study file are relative to the file."""
    for key in ("data", "data_folder", "weights"):
        text = values.get(key)
        if isinstance(text, str) and ("/" in text or text.startswith((".", "~"))):
            values[key] = str((folder / Path(text).expanduser()).resolve())
    return values


def _parse(key: str, text: str) -> Any:
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise StudyError(f"--set {key}={text}: the value cannot be read") from None
    if isinstance(value, str) and re.fullmatch(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+", value):
        value = float(value)  # YAML 1.1 takes 1e-3 for text
    if (
        key.split(".")[-1] in {"weights", "data", "data_folder"}
        and isinstance(value, str)
        and Path(value).exists()
    ):
        value = str(Path(value).resolve())
    return value


def _merge(values: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(values)
    for key, value in changes.items():
        if key in Study.model_fields:
            merged[key] = value
            if key in ModelSpec.model_fields and key != "title":
                merged = _in_every_model(merged, key, None)
        elif key in ModelSpec.model_fields:
            merged = _in_every_model(merged, key, value)
        else:
            merged = _set_dotted(merged, key.split("."), value, key)
    return merged


def _models(values: dict[str, Any]) -> dict[str, Any]:
    return values.get("models") or {
        name: spec.model_dump(exclude_defaults=True) for name, spec in _default_models().items()
    }


def _in_every_model(values: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    models = {
        name: {**spec, key: value} if value is not None else {k: v for k, v in spec.items() if k != key}
        for name, spec in _models(values).items()
    }
    return {**values, "models": models}


def _set_dotted(values: dict[str, Any], keys: list[str], value: Any, whole: str) -> dict[str, Any]:
    if len(keys) == 1:
        return {**values, keys[0]: value}
    inner = _models(values) if keys[0] == "models" else values.get(keys[0]) or {}
    if not isinstance(inner, dict) or (keys[0] == "models" and keys[1] not in inner):
        allowed = sorted(inner) if isinstance(inner, dict) else []
        raise StudyError(
            f"unknown key '{whole}'{_nearest(keys[1], allowed)}; '{keys[0]}' has {', '.join(allowed)}"
        )
    return {**values, keys[0]: _set_dotted(inner, keys[1:], value, whole)}


def _roles(models: Any) -> dict[str, str]:
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


def _explain(error: ValidationError, path: Path) -> str:
    first = error.errors()[0]
    parts = [
        str(part) for part in first["loc"] if not str(part).startswith(("function-", "constrained-", "literal["))
    ]
    key, message = ".".join(parts), first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        allowed = _allowed_keys(first["loc"])
        message = f"unknown key{_nearest(parts[-1], allowed)}; allowed are {', '.join(allowed)}"
    elif first["type"] == "missing":
        message = "this key is missing"
    elif not message.startswith(("train,", "unknown", "chapters.")) and "input" in first:
        message = f"{message}, not {first['input']!r}"
    return f"{display_path(path)}: {key + ': ' if key else ''}{message}"


def _allowed_keys(location: Iterable[Any]) -> list[str]:
    nested = {"models": ModelSpec, "split": Split, "chapters": Roles, "sample": Sample}
    first = next(iter(location))
    model = nested.get(first, Study) if len(tuple(location)) > 1 else Study
    return sorted(model.model_fields)


def _nearest(word: str, known: Iterable[str]) -> str:
    match = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean '{match[0]}'?)" if match else ""


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-") or "study"
