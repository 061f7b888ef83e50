"""A study: a data set, the models to try on it, and how each is trained. Checked as soon as it is read."""

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Discriminator, Field, Tag, ValidationError, model_validator

from helpers.base.errors import CourseError, StudyError
from helpers.base.headless import READS, note_read
from helpers.base.paths import check_model_names, data_dir, display_path, write_atomic
from helpers.datasets.catalogue import scan_set
from helpers.datasets.known import CATALOGUE
from helpers.study import file as study_file
from helpers.study.chapters import ChapterInfo, chapter_called, chapters
from helpers.study.data import StudyData
from helpers.study.patches import PatchSpec
from helpers.study.place import DEFAULT, WEIGHTS, study_files, unknown_weights
from helpers.study.recipe import (
    ClassName,
    Count,
    LabelSpec,
    ModelSpec,
    Recipe,
    Roles,
    Sample,
    Split,
    Strict,
    check_pattern,
    default_models,
)
from helpers.study.streets import SegmentationSpec

__all__ = ["DEFAULT", "ModelSpec", "Recipe", "Split", "Study", "StudyError", "list_studies"]

NOT_OF_DATA = {
    *("name", "title", "description", "default", "look_alikes", "seeds"),
    *("weights", "models", "chapters", "segmentation"),
}


def _kind_of_segmentation(value: Any) -> str:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "patches" if kind == "patches" else "streets"


def _classes_by_name(value: Any) -> Any:
    """A list of classes means each as it is, in this order."""
    if not isinstance(value, list) or not all(isinstance(name, (str, int)) for name in value):
        return value
    if twice := [name for name in value if value.count(name) > 1]:
        raise ValueError(f"'{twice[0]}' is named twice")
    return {name: [name] for name in value}


Segmentation = Annotated[
    Annotated[SegmentationSpec, Tag("streets")] | Annotated[PatchSpec, Tag("patches")],
    Discriminator(_kind_of_segmentation),
]


Labels = Annotated[
    Annotated[str | None, Tag("file")] | Annotated[LabelSpec, Tag("columns")],
    Discriminator(lambda value: "columns" if isinstance(value, (dict, LabelSpec)) else "file"),
]


class _Watched(dict):
    """The models of a study. To look at a recipe is noted (see `headless.note_read`), to look at names is not."""

    def __getitem__(self, name: str) -> ModelSpec:
        note_read(name)
        return super().__getitem__(name)

    get, values, items = Mapping.get, Mapping.values, Mapping.items  # by way of that


class Study(StudyData, Strict):
    """One study. `data` is a set of the catalogue or of a hub, or a folder or an archive of class folders.

    One of scenes alone has none.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=200)]
    title: str
    data: str = Field(
        "", description="a set, or a folder; may be left out where there is a part segmentation of scenes"
    )
    description: str = ""
    default: bool = Field(False, description="the study that is run where none is named")
    source: Literal["auto", "real", "sample"] = "auto"
    data_folder: str | None = Field(None, description="where the real data lies, if not in data/<set>")
    image_size: Annotated[int, Field(ge=16, le=1024)] = 128
    resize: Literal["crop", "squash", "pad"] = "crop"
    bands: Annotated[list[Count], Field(min_length=3, max_length=3)] | None = Field(
        None, description="which three bands of TIFFs of many are red, green and blue, counted from 1"
    )
    split: Split = Split()
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    seeds: Annotated[int, Field(ge=1, le=1000)] = 1
    layout: Literal["auto", "classes", "parts"] = Field(
        "auto",
        description="what folders called train, test or the like are: parts, or classes; auto reads it off them",
    )
    labels: Labels = Field(
        None,
        description="a table with the classes of the images, or folders; one that lies there is found. "
        "{pattern: '^([a-z]+)_'}: the classes are part of the files' names",
    )
    classes: Annotated[dict[ClassName, list[ClassName]] | None, BeforeValidator(_classes_by_name)] = Field(
        None,
        description="classes made of the data set's own: a name, and which it takes together; or a list of all of "
        "them, in the order that they are to have",
    )
    group_by: str | None = Field(
        None,
        description="regular expression: files for which its groups match the same text stay together in a split; "
        "a number alone, only within a class",
    )
    duplicates: Literal["near", "exact", "off"] = Field(
        "near", description="which copies of an image stay in one part: all, those equal in every pixel, or none"
    )
    look_alikes: list[list[ClassName]] = Field([], description="pairs of classes that the report looks at closely")
    weights: str = Field("auto", description="auto, imagenet, places365, sample or a file")
    models: dict[str, ModelSpec] = Field(default_factory=default_models, min_length=1)
    chapters: Roles
    sample: Sample | None = None
    segmentation: Segmentation | None = None

    @model_validator(mode="before")
    @classmethod
    def _infer_roles(cls, values: dict[str, Any]) -> dict[str, Any]:
        given = values.get("chapters", {})
        inferred = study_file.infer_roles(values.get("models"))
        return {**values, "chapters": {**inferred, **given} if isinstance(given, dict) else given}

    @model_validator(mode="after")
    def _consistent(self) -> "Study":
        for role, name in self.chapters:
            if name is not None and name not in self.models:
                raise ValueError(
                    f"chapters.{role} is '{name}', which is not among the models {sorted(self.models)}"
                )
        if not self.data and self.streets is None:
            raise ValueError("data: this key is missing")
        check_model_names(self.models)
        self._check_untrained()
        for weights in {self.weights, *(spec.weights for spec in self.models.values())} - WEIGHTS:
            if not Path(weights).is_file():
                raise ValueError(unknown_weights(weights))
        for pair in self.look_alikes:
            if len(pair) != 2:
                raise ValueError(f"look_alikes: {pair} is not a pair of classes")
        check_pattern(self.group_by)
        self._check_patches()
        if self.source == "sample" and self.sample is None:
            raise ValueError(f"no sample is drawn for '{self.name}'; leave out --sample and use real data")
        return self

    def _check_untrained(self) -> None:
        """What is scored as it is has learnt elsewhere."""
        for name, spec in dict.items(self.models):
            if not spec.epochs and (not spec.pretrained or (spec.weights or self.weights) in WEIGHTS):
                raise ValueError(
                    f"models.{name}: epochs: 0 scores a model as it is, so it needs pretrained: true and weights: "
                    "FILE, one that has learnt these classes; --set models.NAME.epochs=0 is about one model"
                )

    def _check_patches(self) -> None:
        patches = self.patches
        for name in [*patches.models, patches.remedy] if patches else []:
            if name is not None and name not in self.models:
                raise ValueError(f"segmentation: '{name}' is not among the models {sorted(self.models)}")

    @classmethod
    def load(cls, source: str | Path, overrides: Mapping[str, Any] | None = None) -> "Study":
        """Read a study by name, from a file, or make one of a folder of class folders, or of images and masks.

        `overrides` are values, or texts as in KEY=VALUE: a key of the study (`seed`), a dotted key
        (`models.cnn.epochs`), or a key of the recipe (`epochs`, `segmentation.epochs`), which then holds for every
        model.

        Raises StudyError for an unknown study, key, value or type.
        """
        path, values = study_file.read(source, has_classes=bool({"layout", "labels"} & set(overrides or ())))
        texts = {key: study_file.parse(key, text) for key, text in (overrides or {}).items()}
        try:
            study = cls._checked(study_file.merge(values, texts, cls.model_fields), path)
            if changes := study._sample_overrides():
                study = cls._checked(study_file.merge(values, changes | texts, cls.model_fields, path), path)
        except OSError as error:
            found = f"'{display_path(error.filename):.80}' is no path ({error.strerror})"
            raise StudyError(f"{display_path(path)}: {found}") from None
        return study._watched()

    def _watched(self) -> "Study":
        """In a chapter's own notebook, notes which models' recipes it looks at."""
        if READS in os.environ:
            self.__dict__["models"] = _Watched(self.models)
        return self

    def _sample_overrides(self) -> dict[str, Any]:
        """The keys that differ where the data is drawn."""
        images = self.sample.overrides if self.is_sample else {}
        streets = self.streets.sample.overrides if self.draws_streets else {}
        return images | {f"segmentation.{key}": value for key, value in streets.items()}

    @classmethod
    def _checked(cls, values: dict[str, Any], path: Path) -> "Study":
        try:
            return cls(**values)
        except ValidationError as error:
            raise StudyError(study_file.first_mistake(error, path, cls.model_fields)) from None

    def save(self, path: Path) -> bool:
        """Write the resolved study; an unchanged file is left alone. Returns whether it was written."""
        values = self.model_dump(mode="json")
        values["source"] = _source(self.is_sample)
        for holder in (values["sample"], (values["segmentation"] or {}).get("sample")):
            if holder:
                holder.pop("overrides")  # they are among the values already
        if self.streets:
            values["segmentation"]["source"] = _source(self.draws_streets)
        text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return False
        write_atomic(path, text)
        return True

    @property
    def data_settings(self) -> dict[str, Any]:
        """Every setting that decides which images are read and how, and which part each is in."""
        values = self.model_dump(mode="json", exclude=NOT_OF_DATA)
        drawn = self.sample.model_dump(mode="json", exclude={"overrides"}) if self.is_sample else None
        return values | {"source": _source(self.is_sample), "sample": drawn}

    @property
    def label_table(self) -> Any:
        """Where the classes stand, as `datasets.folders.scan` is told: a table or a pattern."""
        if self.labels in (None, "folders") or self.data in CATALOGUE:
            return self.labels or "auto"
        spec = LabelSpec(file=self.labels) if isinstance(self.labels, str) else self.labels
        if spec.pattern is not None:
            return spec.regex
        from helpers.datasets.label_table import Columns

        folder = self.data_root or Path(self.data)
        path = next((one for one in (Path(spec.file), folder / spec.file) if one.is_file()), None)
        if path is None:
            raise StudyError(
                f"labels: there is no file {display_path(spec.file)}, nor one in {display_path(folder)}"
            )
        return path, Columns(**spec.model_dump(exclude={"file", "pattern"}))

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """The classes to be learnt, in order; none where there are no images yet that can be read as classes."""
        if not self.data:
            return ()
        if self.classes or self.data in CATALOGUE:
            return tuple(self.classes or CATALOGUE[self.data].classes)
        if self.data_root is None:
            return ()
        try:
            return scan_set(self.data, self.data_root, self.layout, self.label_table).classes
        except CourseError:  # which whoever reads the images is told
            return ()

    @property
    def sample_images_per_class(self) -> int:
        return self.sample.images_per_class if self.sample else 0

    @property
    def sample_folder(self) -> Path:
        return data_dir() / "samples" / f"{self.sample.drawing}-{self.sample.images_per_class}"

    def weights_of(self, model: str) -> str | None:
        """Which pretrained weights a model starts from: a name of WEIGHTS, a file, or None."""
        spec = self.models[model]
        if not spec.pretrained:
            return None
        chosen = spec.weights or self.weights
        if chosen == "places365" and self.is_sample:
            return "sample-places"
        return ("sample" if self.is_sample else "imagenet") if chosen == "auto" else chosen

    @property
    def kinds(self) -> dict[str, dict[str, Any]]:
        """What decides of each model which sections the chapters have."""
        specs = dict.items(self.models)  # no recipe is looked at: see _Watched
        return {name: {"architecture": spec.architecture, "clean": spec.clean} for name, spec in specs}

    @property
    def variants(self) -> list[str]:
        """The models of the architecture `cnn`, that of chapter 02 first, where there are several to compare."""
        names = [name for name, kind in self.kinds.items() if kind["architecture"] == "cnn"]
        return sorted(names, key=lambda name: name != self.chapters.from_scratch) if len(names) > 1 else []

    def __repr__(self) -> str:
        return f"Study({self.name}: {self.title}; models {', '.join(self.models)})"

    __str__ = __repr__

    def chapters_available(self) -> list[str]:
        """The chapters that this study has."""
        return [name for name, info in chapters().items() if self._has_what(info)]

    def _has_what(self, chapter: ChapterInfo) -> bool:
        try:
            return self.has(chapter.needs or "images")
        except ValueError as error:
            raise StudyError(f"notebooks/{chapter.name}.ipynb, metadata, course: needs: {error}") from None

    def looks_at_scenes(self, chapter: str) -> bool:
        """Whether a chapter looks at this study's street scenes, not at its images to classify."""
        return self.streets is not None and chapter_called(chapter).looks_at_scenes

    @property
    def streets(self) -> SegmentationSpec | None:
        """What chapters 07 to 09 do with street scenes, if they do."""
        return self.segmentation if isinstance(self.segmentation, SegmentationSpec) else None

    @property
    def patches(self) -> PatchSpec | None:
        """What chapters 07 to 09 do with large images cut into patches, if they do."""
        return self.segmentation if isinstance(self.segmentation, PatchSpec) else None

    def has(self, feature: str) -> bool:
        """Whether this study has a feature; cells tagged `only-<feature>` are for studies that have it.

        Raises ValueError for a feature that there is not.
        """
        found = features(self)
        if feature not in found:
            raise ValueError(f"there is no feature '{feature}': there are {', '.join(found)}")
        return bool(found[feature]())

    @property
    def streets_folder(self) -> Path:
        """The folder of the drawn street scenes."""
        return data_dir() / "samples" / f"streets-{self.streets.sample.scenes}"

    def is_in_place(self, chapter: str) -> bool:
        """Whether the images or scenes that a chapter runs on are there, or are drawn."""
        if self.looks_at_scenes(chapter):
            return self.draws_streets or None not in self.street_roots.values()
        return self.is_sample or (self.data_root is not None and self.data_root.is_dir())

    def is_drawn(self, chapter: str) -> bool:
        """Whether a chapter runs on drawn data."""
        return self.draws_streets if self.looks_at_scenes(chapter) else self.is_sample


def features(study: Study) -> dict[str, Callable[[], Any]]:
    """What only some studies have, and for each how to tell whether this one does: some look at the images."""
    fine_tuned = dict.__getitem__(study.models, study.chapters.fine_tuned)  # unnoted: see _Watched
    return {
        "images": lambda: study.data,
        "segmentation": lambda: study.segmentation,
        "abroad": lambda: study.patches or (study.streets and study.streets.is_abroad),
        "streets": lambda: study.streets,
        "roads": lambda: study.streets and not study.streets.is_own,
        "own": lambda: study.streets and study.streets.is_own,
        "one_set": lambda: study.streets and not study.streets.is_abroad,
        "two_sets": lambda: study.streets and study.streets.is_abroad,
        "shared_list": lambda: study.streets and (study.streets.is_abroad or not study.streets.is_own),
        "patches": lambda: study.patches,
        "other_cameras": lambda: study.patches and study.patches.abroad,
        "networks": lambda: study.segmentation and len(study.segmentation.models) > 1,
        "two_classes": lambda: len(study.class_names) == 2,
        "merged_classes": lambda: any(len(taken) > 1 for taken in (study.classes or {}).values()),
        "variants": lambda: study.variants,
        "look_alikes": lambda: study.look_alikes,
        "counterexample": lambda: study.chapters.counterexample,
        "leaky": lambda: study.chapters.leaky,
        "cleaning": lambda: any(kind["clean"] for kind in study.kinds.values()),
        "range_test": lambda: fine_tuned.lr_finder or fine_tuned.lr == "find",
    }


def _source(is_drawn: bool) -> str:
    return "sample" if is_drawn else "real"


def list_studies() -> list[Study]:
    """The studies that come with the course, in the order of their names."""
    return [Study.load(path) for path in study_files()]
