"""What every notebook begins and ends with: the study, its data, its runs, and a place for the results."""

import importlib.metadata
import platform
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from helpers.base.headless import headless, results_dir, start_log
from helpers.base.telling import counted, spent
from helpers.datasets.types import Splits
from helpers.show.display import Banner, Note, show
from helpers.show.results import write_results
from helpers.show.scripts import prepare_names
from helpers.study.chapters import NAME
from helpers.study.images import load
from helpers.study.study import Study
from helpers.training.first_look import shortened, untrained_models
from helpers.training.runs import Run, get_run
from helpers.training.starting_weights import describe_start
from helpers.training.stored_run import loaded

if TYPE_CHECKING:
    from helpers.segmentation.patches.patches import Patches
    from helpers.segmentation.streets import Streets
    from helpers.show.live import LiveCurves

VERSIONS = ("torch", "torchvision", "numpy", "scikit-learn", "opencv-python", "wandb")


class Chapter:
    """One notebook at work on one study.

    Attributes: `study`, which may be set, and `name` (such as '02_cnn_from_scratch'). Read when first asked for:
    `splits` (the images to classify), and of chapters 07 to 09 `streets` (scenes to segment) or `patches` (large
    images to map).
    """

    def __init__(self, name: str, study: Study):
        self.name, self._study = name, study
        self._learning_little: set[str] = set()  # titles of networks that are not trained yet; until that is told

    @property
    def study(self) -> Study:
        """What the chapter runs on. Another one may be set: what was read for the old one is forgotten."""
        return self._study

    @study.setter
    def study(self, study: Study) -> None:
        self._study, self._learning_little = study, set()
        for read in ("splits", "streets", "patches"):
            self.__dict__.pop(read, None)

    @classmethod
    def open(cls, name: str, study: str) -> "Chapter":
        """Read the study, start the log, and say what the chapter runs on.

        Where a person is watching, what is not trained yet learns for one epoch instead of all, and is called so.

        Raises ValueError for a name that is no chapter's, CourseError for an unknown study.
        """
        if not NAME.fullmatch(name):
            raise ValueError(f"'{name}' is no chapter: give the notebook's name, such as '02_cnn_from_scratch'")
        start_log()
        chapter = cls(name, Study.load(study))
        if not headless():
            chapter._look_first()  # first: it changes from how many seeds is trained
        chapter._introduce()
        return chapter

    def _look_first(self) -> None:
        at_scenes = self.study.looks_at_scenes(self.name)
        segmenters = self.streets.untrained() if at_scenes else []
        models = [] if at_scenes else untrained_models(self.study, self.splits)
        if models or segmenters:
            self._study = shortened(self.study, models, segmenters)
            specs = [
                *(self.study.models[name] for name in models),
                *(self.study.streets.models[name] for name in segmenters),
            ]
            self._learning_little = {spec.title for spec in specs}
            self.__dict__.pop("streets", None)  # the images to classify stay as they are read

    def _introduce(self) -> None:
        if self.study.is_drawn(self.name):
            show(Banner(
                f"Drawn sample. These images were drawn by the course itself to stand in for "
                f"{self._subject()}; every number on this page is about drawings, not photographs."
            ))  # fmt: skip
        if self.study.seeds > 1:
            show(Note(
                f"Every model was trained {self.study.seeds} times, from seeds {self.study.seed} to "
                f"{self.study.seed + self.study.seeds - 1}. Pictures, and what is said of single images, are of "
                "the first; tables of scores also give mean ± standard deviation over the seeds."
            ))  # fmt: skip

    def _subject(self) -> str:
        if not self.study.looks_at_scenes(self.name):
            return self.study.info.title
        from helpers.datasets.streets.catalogue import SETS

        spec = self.study.streets
        return f"{SETS[spec.target].info.title} and {SETS[spec.home].info.title}"

    @cached_property
    def splits(self) -> Splits:
        """The images, their labels, and what is used for training, validation and test."""
        with counted("data"):
            splits = load(self.study)
        self._say_names(splits)
        return splits

    def _say_names(self, splits: Splits) -> None:
        """How pictures call classes whose names no font of this machine can write."""
        titles = [spec.title for spec in dict.values(self.study.models)]  # of no recipe is anything noted
        merged = [name for name in splits.original_classes if name not in splits.classes]
        if called := prepare_names([*splits.classes, *merged], titles):
            names = "the name of 1 class" if len(called) == 1 else f"the names of {len(called)} classes"
            list_of_all = ", ".join(f"“{name}” is {number}" for name, number in called.items())
            show(Note(f"No font of this machine has all the signs of {names}; in pictures {list_of_all}."))

    @cached_property
    def streets(self) -> "Streets":
        """The street scenes and segmenters of chapters 07 to 09."""
        from helpers.segmentation.streets import Streets

        return Streets(self.study, self._live)

    @cached_property
    def patches(self) -> "Patches":
        """The large images of chapters 07 to 09 and the classifiers that map them patch by patch."""
        from helpers.segmentation.patches.patches import Patches

        return Patches(self.study, self.splits, self.run)

    def has(self, feature: str) -> bool:
        """Whether the study has a feature (see `Study.has`): some cells are for such studies only."""
        return self.study.has(feature)

    def run(self, model: str, seed: int | None = None) -> Run:
        """A trained model: loaded, continued, or trained now with curves that grow while it trains."""
        title = (self.study.models[model].title or model) if model in self.study.models else model
        return get_run(self.study, self.splits, model, seed, on_epoch=self._live(title), job_type=self.name)

    def _live(self, title: str) -> "LiveCurves | None":
        """What follows each epoch of a training where a person is watching."""
        if headless():
            return None
        if title in self._learning_little:
            self._learning_little = set()
            show(Note(
                f"This study is not trained yet. So that you can go on at once, each network that a cell needs "
                f"learns for one epoch, or one a phase, and its name says so: its numbers are no results. "
                f"./run_all.sh {self.study.name} trains them in full, after which this notebook shows them so; "
                f"chapter.study = Study.load(study) does it here."
            ))  # fmt: skip
        from helpers.show.live import LiveCurves

        return LiveCurves(title)

    def runs(self, model: str) -> list[Run]:
        """The runs of a model over all seeds of the study; the first is the one that chapters look into."""
        return [self.run(model, self.study.seed + number) for number in range(self.study.seeds)]

    def all_runs(self) -> dict[str, list[Run]]:
        """The runs of every model of the study, by model, in the order of the study file."""
        return {model: self.runs(model) for model in self.study.models}

    def weights_note(self, model: str) -> Note:
        """Where a model's first weights come from, to be shown beside its numbers."""
        spec = self.study.models[model]
        start = describe_start(spec, self.study.weights_of(model))
        notes = self.run(model).summary.get("notes", [])
        return Note(" ".join([f"{spec.title or model} starts from {start}.", *notes]))

    def write(self, results: Mapping[str, Any], timings: Mapping[str, Any] | None = None) -> None:
        """Keep the results as JSON: beside the page, or where a person tries things, in `runs/trials`.

        What differs between identical runs goes into `timings`.
        """
        streets = self.__dict__.get("streets")  # if the chapter has looked at them
        facts = {
            "study": self.study.name,
            "sample": self.study.is_drawn(self.name),
            "data": (streets.target if streets else self.splits).fingerprint,
        }
        extra = {"runs": loaded, "spent": spent} | dict(timings or {})
        write_results(results_dir(), self.study.name, self.name, facts | dict(results), extra)

    def close(self) -> None:
        """Say with which versions the chapter ran."""
        versions = [f"{name} {_version(name)}" for name in VERSIONS]
        show(Note(f"Run with Python {platform.python_version()}, {', '.join(versions)}."))


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
