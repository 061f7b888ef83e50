"""From studies and chapters asked for to what Snakemake is told: everything is checked before anything runs."""

import sys
from argparse import Namespace
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from helpers.base.errors import CourseError
from helpers.base.paths import ROOT, display_path, runs_dir
from helpers.datasets.catalogue import scan_set
from helpers.datasets.sources import to_do_first
from helpers.study.chapters import chapters, notebooks_dir
from helpers.study.study import DEFAULT, Study, list_studies
from runner import fingerprints, naming
from runner.graph import ChapterFiles, choose_chapters, upstream
from runner.listing import data_in_words
from runner.options import overrides


@dataclass(frozen=True)
class StudyPlan:
    """One study and the chapters asked of it; `said` is a line for the user about its name, if there is one."""

    study: Study
    chapters: list[str]
    origin: str = ""  # a hash of where it comes from: see `naming`
    said: str = ""

    @property
    def name(self) -> str:
        return self.study.name

    @property
    def kind(self) -> str:
        """What the data is, for the terminal."""
        return data_in_words(self.study)

    @cached_property
    def keys(self) -> dict[str, str]:
        """What each chapter of the study would be made from now, if it was asked for or its data is in place."""
        there = [ChapterFiles(self.name, chapter) for chapter in self.study.chapters_available()]
        return {
            files.chapter: fingerprints.of_chapter(self.study, files.chapter, files.source)
            for files in there
            if files.source.is_file() and (files.chapter in self.chapters or self.study.is_in_place(files.chapter))
        }

    @cached_property
    def models(self) -> dict[str, str]:
        """What each model would be made from now."""
        return fingerprints.of_models(self.study)

    @property
    def waits(self) -> dict[str, list[str]]:
        """What each chapter waits for, of those asked for."""
        return {name: upstream(self.study, name, self.chapters) for name in self.chapters}


def plan(options: Namespace) -> list[StudyPlan]:
    """The studies asked for, resolved, each with its chapters and a name that no other study has.

    Raises CourseError for whatever would stop the run later.
    """
    return [_plan_one(study, origin, said, options.only) for study, origin, said in _named_studies(options)]


def chosen_studies(options: Namespace) -> list[Study]:
    """The studies asked for, with what the command line changes in them."""
    return [study for study, _, _ in _named_studies(options)]


def _named_studies(options: Namespace) -> list[tuple[Study, str, str]]:
    changes, taken, found = overrides(options), {}, []
    every = [study.name for study in list_studies()] if "all" in options.studies else options.studies
    for source in dict.fromkeys(every or [DEFAULT]):
        study = Study.load(source, changes)
        origin = naming.origin_of(source)
        if origin in taken.values():
            continue  # the same, said twice
        name, said = naming.name_for(study.name, source, origin, taken)
        taken[name] = origin
        found.append((study if name == study.name else study.model_copy(update={"name": name}), origin, said))
    return found


def _plan_one(study: Study, origin: str, said: str, only: str | None) -> StudyPlan:
    chosen = choose_chapters(only, study.chapters_available())
    _check_notebooks(chosen)
    on_scenes = [study.looks_at_scenes(chapter) for chapter in chosen]
    if not all(on_scenes) and not study.is_sample:
        _check_images(study)
    if any(on_scenes) and not study.draws_streets:
        from helpers.segmentation.streets import check_in_place

        check_in_place(study)
    return StudyPlan(study, chosen, origin, said)


def _check_notebooks(names: list[str]) -> None:
    """Raises CourseError for a chapter that waits for one that is not there."""
    if not (known := chapters()):
        raise CourseError(f"there is no chapter in {display_path(notebooks_dir())}: restore the notebooks")
    for name in names:
        for other in (other for others in known[name].waits_for.values() for other in others):
            if other not in known:
                raise CourseError(f"{name}.ipynb waits for {other}.ipynb, which is not in notebooks/: restore it")


def _check_images(study: Study) -> None:
    """Raises CourseError for images that are not in place, and classes without images or with two folders."""
    if ahead := to_do_first(study.data):
        print(f"run_all.sh: {ahead}", file=sys.stderr, flush=True)
    if study.data_root is None:
        raise CourseError(f"study '{study.name}': the images are not in place. {study.info.how_to_get}")
    scan_set(study.data, study.data_root, study.layout, study.label_table)


def study_file(name: str) -> Path:
    """The study as resolved, from which its chapters read it."""
    return runs_dir() / name / "study.yaml"


def parameter(path: Path) -> str:
    """A study file as notebooks are told it: relative to the project where it lies inside."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
