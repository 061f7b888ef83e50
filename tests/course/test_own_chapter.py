"""A chapter that a teacher writes: one notebook, and nothing else is touched."""

import json
import shutil

import pytest
from course_chapters import CHAPTERS
from made_up_notebooks import code_cell, prose_cell, write_notebook
from tiny_course import CNN, Course, tiny_study

from helpers.base.paths import ROOT

NAME = "10_my_chapter"
CELLS = (
    prose_cell("# 10 · How bright is each class?\n\nA question of my own."),
    code_cell('study = "tiny"', "parameters"),
    code_cell(
        "import matplotlib.pyplot as plt\nfrom helpers.chapter import Chapter\n"
        f'chapter = Chapter.open("{NAME}", study)\nsplits = chapter.splits'
    ),
    code_cell(
        'run = chapter.run("second")\nright = run.outputs("test").correct\nprint(f"{right.sum()} are right")'
    ),
    code_cell(
        "brightness = splits.images.reshape(len(splits.labels), -1).mean(axis=1)\n"
        "plt.bar(splits.classes, [brightness[splits.labels == label].mean() for label in (0, 1)])\nplt.show()"
    ),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The course's own notebooks and one more."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    write_notebook(folder / "notebooks" / f"{NAME}.ipynb", *CELLS)
    tiny_study(folder, second=CNN | {"epochs": 1})
    return folder


def course(place, *arguments):
    variables = {"IMAGE_COURSE_NOTEBOOKS": str(place / "notebooks"), "WANDB_MODE": "disabled"}
    return Course(place / "course", [str(place / "tiny.yaml"), *arguments], variables=variables)


@pytest.fixture(scope="module")
def made(place):
    """The chapter alone, its training a job of its own."""
    run = course(place, "--only", "10", "--jobs", "2")
    run.finish()
    return run


def test_it_is_in_the_graph_and_its_training_is_a_job(made):
    graph = json.loads((made.folder / "runs" / "graph.json").read_text())
    assert graph["chapters"][f"tiny/{NAME}"]["waits"] == ["tiny/data", "tiny/training.second.0"]
    assert "training.second.0" in made.said()


def test_its_page_has_its_title_its_picture_and_what_it_printed(made):
    page = (made.folder / "reports" / "tiny" / f"{NAME}.html").read_text()
    assert "How bright is each class?" in page and "are right" in page and "<img" in page


def test_the_index_leads_to_it(made):
    index = (made.folder / "reports" / "index.html").read_text()
    assert f"tiny/{NAME}.html" in index and "How bright is each class?" in index


def test_the_same_command_again_makes_nothing_and_a_changed_cell_makes_it_again(place, made):
    again = course(place, "--only", "10", "--jobs", "2")
    begin = len(again.said())
    again.finish()
    assert "Nothing had changed" in again.said(begin)
    write_notebook(place / "notebooks" / f"{NAME}.ipynb", *CELLS, code_cell('print("one more line")'))
    again.finish()
    assert "one more line" in (again.folder / "reports" / "tiny" / f"{NAME}.html").read_text()


def test_all_the_others_are_there_too(place, made):
    begin = len(made.said())
    run = course(place, "--only", "7")
    assert run.start().wait(60) == 2  # this study has no street scenes, and says which chapters it has
    assert NAME in run.said(begin) and CHAPTERS[0] in run.said(begin)
