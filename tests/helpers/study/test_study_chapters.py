"""Chapters say of themselves what they are called, need, wait for and train."""

import json

import pytest

from helpers.base.errors import CourseError
from helpers.study import chapters as module
from helpers.study.chapters import chapter_called, chapters
from helpers.study.study import Study
from runner.asked import asked_models


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_NOTEBOOKS", str(tmp_path))
    return tmp_path


def write(folder, name, first="# A picture", **said):
    cell = {"cell_type": "markdown", "metadata": {}, "source": first.splitlines(keepends=True)}
    (folder / f"{name}.ipynb").write_text(
        json.dumps({"cells": [cell], "metadata": {"course": said} if said else {}})
    )


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("# 10 · My birds\n\nAnd more.", "My birds"),
        ("# My 10 birds", "My 10 birds"),
        ("## 3. Not so large", "My own"),
        ("no heading", "My own"),
        ("", "My own"),
    ],
)
def test_a_chapter_is_called_by_its_first_heading(notebooks, first, title):
    write(notebooks, "10_my_own", first)
    assert chapter_called("10_my_own").title == title
    write(notebooks, "11_other", first, title="Said")
    assert chapter_called("11_other").title == "Said"


def test_chapters_are_the_numbered_notebooks_in_order(notebooks):
    for name in ("10_b", "02_a", "scratch", "1_c"):
        write(notebooks, name)
    assert list(chapters()) == ["02_a", "10_b"]
    assert chapter_called("99_nothing").title == "Nothing"


def test_a_changed_notebook_is_read_again(notebooks):
    write(notebooks, "10_b", "# One")
    assert chapter_called("10_b").title == "One"
    write(notebooks, "10_b", "# Another")
    assert chapter_called("10_b").title == "Another"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"titel": "x"}, "titel: unknown key.*title"),
        ({"title": ""}, "title: must be a text"),
        ({"waits_for": "01_data"}, "waits_for: must be a list of chapters"),
        ({"trains": {"sometimes": ["cnn"]}}, "trains: must be lists of models by every seed"),
        ({"trains": ["cnn"]}, "trains: must be"),
        ({"evaluates": {"streets": "no function"}}, "evaluates: must be functions by feature"),
    ],
)
def test_metadata_that_cannot_be_names_the_notebook(notebooks, said, reason):
    write(notebooks, "10_b", **said)
    with pytest.raises(CourseError, match=rf"10_b\.ipynb, metadata, course: {reason}"):
        chapters()


def test_what_a_chapter_needs_decides_which_studies_have_it(notebooks):
    for name, needs in (
        ("01_all", None),
        ("02_two", "two_classes"),
        ("03_streets", "segmentation"),
        ("04_x", "wings"),
    ):
        write(notebooks, name, **({"needs": needs} if needs else {}))
    with pytest.raises(CourseError, match=r"04_x\.ipynb, metadata, course: needs: there is no feature 'wings'"):
        Study.load("svhn").chapters_available()
    (notebooks / "04_x.ipynb").unlink()
    assert Study.load("svhn").chapters_available() == ["01_all"]
    assert Study.load("wildlife").chapters_available() == ["01_all", "03_streets"]
    assert Study.load("vehicles_animals").chapters_available() == ["01_all", "02_two"]
    assert Study.load("wildlife").looks_at_scenes("03_streets") and not Study.load("wildlife").looks_at_scenes(
        "01_all"
    )
    assert not Study.load("satellite").looks_at_scenes("03_streets")  # it maps large images


def test_the_courses_own_chapters_are_whole():
    for name, info in chapters().items():
        assert info.heading, name
        waited = {other for names in info.waits_for.values() for other in names}
        assert waited <= set(module.chapters()), name


@pytest.mark.parametrize(
    ("cells", "every", "first"),
    [
        (["runs = chapter.runs('cnn')"], ["cnn"], []),
        (["model = chapter.study.chapters.fine_tuned", "%time run = chapter.run(model)"], [], []),
        (
            ["model = chapter.study.chapters.fine_tuned", "%matplotlib inline\nrun = chapter.run(model)"],
            [],
            ["resnet18"],
        ),
        (["a, b = 1, chapter.study.chapters", "chapter.runs(b.augmented)"], ["resnet18_augmented"], []),
        (["everything = chapter.all_runs()"], ["cnn", "resnet18", "resnet18_augmented"], []),
        (["for name in ['cnn', 'resnet18']:\n    chapter.run(name)"], [], ["cnn", "resnet18"]),
        (["{n: chapter.runs(n) for n in chapter.study.models}"], ["cnn", "resnet18", "resnet18_augmented"], []),
        (["chapter.run('unheard of')", "chapter.run(pick())", "other.run('cnn')", "chapter.run()"], [], []),
        (["name = name", "chapter.run(name)"], [], []),
        (["this is no Python", "chapter.run('cnn')"], [], ["cnn"]),
    ],
)
def test_models_are_read_off_the_cells(cells, every, first):
    assert asked_models(cells, Study.load("wildlife")) == (every, first)
