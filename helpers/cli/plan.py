"""From studies and chapters asked for to what Snakemake is told: everything is checked before anything runs."""

import json
import os
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.cli import fingerprints
from helpers.cli.graph import ChapterFiles, choose, graph_file, notebooks_dir, upstream
from helpers.cli.listing import kind_of
from helpers.cli.options import overrides
from helpers.errors import CourseError
from helpers.paths import ROOT, display_path, reports_dir, runs_dir, write_json
from helpers.study import DEFAULT, IMAGE_CHAPTERS, STREET_CHAPTERS, Study, list_studies

NOT_OF_DATA = {"models", "segmentation", "chapters", "title", "description", "default", "seeds", "look_alikes"}


@dataclass(frozen=True)
class StudyPlan:
    """One study and the chapters asked of it.

    `settings` are fingerprints of study and data, by chapter; 'data' and 'scenes' leave out the models.
    """

    study: Study
    chapters: list[str]
    settings: dict[str, str]

    @property
    def name(self) -> str:
        return self.study.name

    @property
    def kind(self) -> str:
        """What the data is, for the terminal."""
        return kind_of(self.study)

    @property
    def waits(self) -> dict[str, list[str]]:
        """What each chapter waits for, of those asked for."""
        return {name: upstream(name, self.chapters, self.study.has("patches")) for name in self.chapters}

    @property
    def files(self) -> list[ChapterFiles]:
        return [ChapterFiles(self.name, chapter) for chapter in self.chapters]


def plan(options: Namespace) -> list[StudyPlan]:
    """The studies asked for, resolved, each with its chapters.

    Raises CourseError for whatever would stop the run later.
    """
    studies = chosen_studies(options)
    _check_names([study.name for study in studies])
    return [_plan_one(study, options.only) for study in studies]


def chosen_studies(options: Namespace) -> list[Study]:
    """The studies asked for, with what the command line changes in them."""
    changes = overrides(options)
    return [Study.load(source, changes) for source in _sources(options.studies)]


def _sources(asked: list[str]) -> list[str]:
    if "all" in asked:
        return [study.name for study in list_studies()]
    return list(dict.fromkeys(asked)) or [DEFAULT]


def _check_names(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise CourseError(f"two studies are called '{name}' and would share a report; give one another name")


def _plan_one(study: Study, only: str | None) -> StudyPlan:
    chapters = choose(only, study.chapters_available())
    if study.patches or set(chapters) & set(IMAGE_CHAPTERS):
        _check_images(study)
    if set(chapters) & set(STREET_CHAPTERS):
        _check_streets(study)
    for chapter in chapters:
        if not ChapterFiles(study.name, chapter).source.is_file():
            raise CourseError(f"the notebook {chapter}.ipynb is missing from {display_path(notebooks_dir())}")
    return StudyPlan(study, chapters, _settings(study))


def _settings(study: Study) -> dict[str, str]:
    files = "sample" if study.is_sample else fingerprints.data(study.data_root)
    of_images = study.model_dump_json(exclude=None if study.patches else {"segmentation"})
    of_data = study.model_dump_json(exclude=NOT_OF_DATA)
    # Maps of patches hang on images and classifiers, so they need no fingerprint of their own.
    settings = {name: fingerprints.fingerprint([of_images, files]) for name in study.chapters_available()}
    settings["data"] = fingerprints.fingerprint([of_data, files])
    return settings | (_settings_of_streets(study) if study.streets else {})


def _settings_of_streets(study: Study) -> dict[str, str]:
    files = [fingerprints.data(root) for root in ([] if study.draws_streets else study.street_roots.values())]
    of_chapters = [study.name, str(study.seed), str(study.seeds), study.streets.model_dump_json(), *files]
    of_scenes = [study.name, str(study.seed), study.streets.model_dump_json(exclude={"models"}), *files]
    settings = dict.fromkeys(STREET_CHAPTERS, fingerprints.fingerprint(of_chapters))
    return settings | {"scenes": fingerprints.fingerprint(of_scenes)}


def _check_images(study: Study) -> None:
    """Raises CourseError for data that is not in place, or not as it should be."""
    if study.is_sample:
        return
    if study.data_root is None:
        raise CourseError(f"study '{study.name}': the images are not in place. {study.info.how_to_get}")
    _check_folders(study)


def _check_streets(study: Study) -> None:
    """Raises CourseError for street scenes or weights that are not in place."""
    if study.streets is None or study.draws_streets:
        return
    from helpers.segmentation.part import check_in_place

    check_in_place(study)


def _check_folders(study: Study) -> None:
    """Raises DataError for a missing or empty class, or two folders for one, before anything runs."""
    from helpers.datasets.catalogue import known_set
    from helpers.datasets.folders import scan

    known = known_set(study.data)
    scan(study.data_root, known.classes if known else None)


def study_file(name: str) -> Path:
    """The study as resolved, from which its chapters read it."""
    return runs_dir() / name / "study.yaml"


def write_graph(plans: list[StudyPlan], needs: dict[str, dict[str, list[str]]], jobs: dict[str, Any]) -> None:
    """Write the resolved studies and what the Snakefile needs to know (see `jobs.all_jobs`)."""
    for item in plans:
        item.study.save(study_file(item.name))
    chapters = {
        chapter: files.source for item in plans for chapter, files in zip(item.chapters, item.files, strict=True)
    }
    write_json(graph_file(), {
        "reports": os.path.relpath(reports_dir(), runs_dir()),
        "code": fingerprints.code(),
        "making": fingerprints.code(without=fingerprints.SHOWING),
        "look": fingerprints.look(),
        "notebooks": {chapter: fingerprints.notebook(path) for chapter, path in chapters.items()},
        "studies": {
            item.name: {"chapters": item.waits, "settings": item.settings, "needs": needs.get(item.name, {})}
            for item in plans
        },
        "jobs": jobs,
    })  # fmt: skip


def read_graph() -> dict[str, Any]:
    """What `write_graph` wrote."""
    return json.loads(graph_file().read_text(encoding="utf-8"))


def parameter(name: str) -> str:
    """The study as notebooks are told it: relative to the project where it lies inside."""
    path = study_file(name)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
