"""The everyday loop: something changes, the same command runs again with default options, and the page is right.

Each kind of change is made to a folder of images, to a study file, and to one of two studies of one command.
What must run, runs; what did not depend on the change does not; and the next call has nothing to do.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from made_up_notebooks import code_cell, write_notebook
from PIL import Image
from tiny_course import tiny_study
from torchvision.models import get_model

from helpers.base.paths import ROOT

COPIED = ("drawings", "helpers", "runner", "sections", "notebooks", "studies", "Snakefile", "pyproject.toml")
NOTHING: set[str] = set()
OLD = "This page is out of date."
DATA, FIRST, SECOND, THIRD = "data", "01_data", "02_cnn_from_scratch", "03_fine_tuning"
SMALL = "shufflenet_v2_x0_5"
TRAINS, TUNES = "training.cnn.0", "training.fine_tuned.0"
CELLS = {
    FIRST: """
from helpers.chapter import Chapter
from helpers.show.display import Note, show

chapter = Chapter.open("01_data", study)
splits = chapter.splits
show(Note(f"{len(splits.files)} images of {splits.images.shape[1]} px in {len(splits.classes)} classes: "
          + ", ".join(f"{name} {(splits.labels == number).sum()}" for number, name in enumerate(splits.classes))))
chapter.write({"files": splits.files})
""",
    SECOND: """
from helpers.chapter import Chapter
from helpers.show.display import Note, show
from helpers.show.table import interval_text

chapter = Chapter.open("02_cnn_from_scratch", study)
run = chapter.run(chapter.study.chapters.from_scratch)
history = run.history
show(Note(f"{len(history['val_loss'])} epochs at {chapter.splits.images.shape[1]} px, F1 "
          + interval_text(history["val_macro_f1"][-1], 0.0, 1.0)))
chapter.write({"loss": history["val_loss"]})
""",
    THIRD: """
from helpers.chapter import Chapter
from helpers.show.display import Note, show

chapter = Chapter.open("03_fine_tuning", study)
run = chapter.run(chapter.study.chapters.fine_tuned)
show(Note(f"fine-tuned to a loss of {run.history['val_loss'][-1]:.6f}"))
chapter.write({"loss": run.history["val_loss"]})
""",
}


class Course:
    """A copy of the project with short chapters, and places of its own; nobody says how many jobs at a time."""

    def __init__(self, folder: Path):
        self.folder, self.root = folder, folder / "project"
        for name in COPIED:
            source, target = ROOT / name, self.root / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        for chapter, text in CELLS.items():
            cells = [code_cell('study = ""', "parameters"), code_cell(text)]
            write_notebook(self.root / "notebooks" / f"{chapter}.ipynb", *cells)
        tuned = {"architecture": SMALL, "pretrained": True, "weights": "./start.pth", "epochs": 1}
        self.file = tiny_study(folder, fine_tuned=tuned, spare={"architecture": SMALL, "epochs": 1})
        self.images = folder / "images"
        self.new_weights(0)
        self.other = folder / "other"  # the same images as a folder study, and as a second study
        shutil.copytree(self.images, self.other)

    def new_weights(self, seed: int) -> None:
        torch.manual_seed(seed)
        torch.save(get_model(SMALL, weights=None).state_dict(), self.folder / "start.pth")

    def run(self, *arguments: str) -> tuple[int, str, float]:
        """Exit status, what was said, seconds of the processor."""
        places = {f"IMAGE_COURSE_{name.upper()}": str(self.folder / name) for name in ("data", "runs", "reports")}
        settings = {"OMP_NUM_THREADS": "1", "WANDB_MODE": "disabled", "PYTHONPATH": str(self.root)}
        began = os.times()
        ended = subprocess.run(
            [sys.executable, "-m", "runner", *arguments], env=os.environ | places | settings, cwd=self.root,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
        )  # fmt: skip
        now = os.times()
        used = now.children_user + now.children_system - began.children_user - began.children_system
        return ended.returncode, ended.stdout, used

    def made(self, study: str) -> dict[str, int]:
        """When each job and chapter of a study was done last."""
        records = (self.folder / "runs" / study / "notebooks").glob("*.done.json")
        return {path.name.removesuffix(".done.json"): path.stat().st_mtime_ns for path in records}

    def page(self, study: str, chapter: str) -> str:
        text = (self.folder / "reports" / study / f"{chapter}.html").read_text(encoding="utf-8")
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))

    def replace(self, file: str, old: str, new: str) -> None:
        """Change the code of the copy."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no '{old}'"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


KINDS = ("file", "folder", "two")
TINY = ("--set", "image_size=16", "--set", "models.cnn.blocks=[[4, 2]]", "--set", "models.cnn.hidden=8")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("changes"))


@pytest.fixture(scope="module", params=KINDS)
def loop(request, course: Course) -> "Loop":
    found = Loop(course, request.param)
    found.again()
    return found


class Loop:
    """One command, given again and again."""

    def __init__(self, course: Course, kind: str):
        self.course, self.kind = course, kind
        self.extra: dict[str, str] = {}
        if kind == "folder":
            # Pretrained networks start from weights that are fetched; a folder's own network needs none.
            self.study, self.images = "other", course.other
            self.command = [str(course.other), "--only", "01,02", *TINY, "--set", "epochs=2"]
        else:
            self.study, self.images = "tiny", course.images
            both = [str(course.other)] if kind == "two" else []
            self.command = [
                str(course.file),
                *both,
                "--only",
                "01,02" if both else "01,02,03",
                *(TINY if both else ()),
            ]

    def again(self, only: str = "") -> tuple[set[str], str]:
        """Give the command, perhaps for other chapters; what was made for the study, and what was said."""
        before = self.course.made(self.study)
        settings = [part for key, value in self.extra.items() for part in ("--set", f"{key}={value}")]
        settings += ["--only", only] if only else []
        status, said, _ = self.course.run(*self.command, *settings)
        assert status == 0, said
        now = self.course.made(self.study)
        self.settings = settings
        return {name for name, time in now.items() if before.get(name) != time}, said

    def has_nothing_to_do(self) -> None:
        before = self.course.made(self.study)
        status, said, used = self.course.run(*self.command, *self.settings)
        assert status == 0 and "Nothing had changed" in said, said
        assert self.course.made(self.study) == before and used < 6

    def without_what_it_lacks(self, names: set[str]) -> set[str]:
        return names if self.kind == "file" else names - {THIRD, TUNES}


ALL_OF_DATA = {DATA, FIRST, TRAINS, SECOND, TUNES, THIRD}
ITS_PAGE = {DATA, FIRST}  # what of these chapter 01 alone needs, which spares the trainings


def image(path: Path, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 255, (16, 16, 3), np.uint8)
    Image.fromarray(pixels).save(path)


def size(loop: Loop) -> None:
    loop.extra["image_size"] = "20" if loop.extra.get("image_size") == "18" else "18"


def one_model(loop: Loop) -> None:
    loop.extra["models.cnn.epochs"] = "3"


def another_model(loop: Loop) -> None:
    study = yaml.safe_load(loop.course.file.read_text())
    study["models"]["spare"]["epochs"] += 1
    loop.course.file.write_text(yaml.safe_dump(study))


def added(loop: Loop) -> None:
    image(loop.images / "dark" / f"added by {loop.kind}.png", len(loop.kind))


def removed(loop: Loop) -> None:
    (loop.images / "dark" / "3.png").unlink()


def replaced(loop: Loop) -> None:
    image(loop.images / "dark" / "5.png", 6)


def renamed(loop: Loop) -> None:
    (loop.images / "dark" / "6.png").rename(loop.images / "dark" / "a new name.png")


def moved(loop: Loop) -> None:
    number = 7 + KINDS.index(loop.kind)
    (loop.images / "dark" / f"{number}.png").rename(loop.images / "bright" / f"{number} of the dark.png")


def touched(loop: Loop) -> None:
    for path in loop.images.rglob("*.png"):
        os.utime(path)


def weights(loop: Loop) -> None:
    loop.course.new_weights(7)


def notebook_code(loop: Loop) -> None:
    loop.course.replace("notebooks/01_data.ipynb", " images of ", " pictures of ")


def section_code(loop: Loop) -> None:
    loop.course.replace("helpers/show/table.py", "(value, how)} [{", "(value, how)} in [{")


def metric_code(loop: Loop) -> None:
    text = (loop.course.root / "helpers/metrics/classification.py").read_text()
    old = re.search(r"_ratio\(2\b|\(?2(\.0)? \* ", text)
    loop.course.replace("helpers/metrics/classification.py", old[0], old[0].replace("2", "4", 1))


def comment(loop: Loop) -> None:
    loop.course.replace("helpers/training/loop.py", "\ndef fit(", "\n# A comment.\ndef fit(")
    loop.course.replace("helpers/metrics/classification.py", '"""', '"""Another docstring. ')


Change = Callable[[Loop], None]
# Changes that are made together, for which kinds of study, and what must be made then.
CHANGES: list[tuple[tuple[Change, ...], tuple[str, ...], set[str], tuple[str, str] | None]] = [
    ((one_model,), KINDS, {TRAINS, SECOND}, (SECOND, "3 epochs")),
    ((added,), KINDS, ALL_OF_DATA, (FIRST, "dark {dark}")),
    ((another_model, touched, comment), ("file",), NOTHING, None),
    ((removed,), ("file",), ITS_PAGE, (FIRST, "dark {dark}")),
    ((replaced,), ("file",), ITS_PAGE, None),
    ((renamed,), ("file",), ITS_PAGE, None),
    ((moved, size), KINDS, ALL_OF_DATA, (FIRST, "of 18 px in 2 classes: bright {bright}, dark {dark}")),
    ((weights, notebook_code), ("file",), {TUNES, THIRD, FIRST}, (FIRST, " pictures of ")),
    ((section_code,), ("file",), {SECOND}, (SECOND, " in [")),
    ((metric_code,), ("file",), {TRAINS, SECOND, TUNES, THIRD}, None),
    ((size,), ("file",), ALL_OF_DATA, (FIRST, "of 20 px")),
]


def test_one_call_brings_everything_up_to_date_and_only_what_must_be(loop: Loop):
    """All kinds of change in one test, as each begins from the state that the one before has left."""
    for changes, kinds, expected, told in CHANGES:
        if loop.kind not in kinds:
            continue
        what = f"{loop.kind}: {', '.join(change.__name__ for change in changes)}"
        texts = {name: loop.course.page(loop.study, name) for name in (FIRST, SECOND)}
        for change in changes:
            change(loop)
        made, said = loop.again("01" if expected == ITS_PAGE else "")
        assert made == loop.without_what_it_lacks(expected), f"{what}\n{said}"
        if told:
            there = {name: len(list((loop.images / name).iterdir())) for name in ("bright", "dark")}
            assert told[1].format(**there) in loop.course.page(loop.study, told[0]), what
        if expected == NOTHING:
            assert "Nothing had changed" in said, f"{what}\n{said}"
            assert texts == {name: loop.course.page(loop.study, name) for name in texts}, what
    loop.has_nothing_to_do()


def test_what_fails_leaves_no_old_page_standing_as_if_it_were_new(course: Course):
    """A chapter that could not be made again says so, on its page and on the index."""
    command = [str(course.file), "--only", "01"]
    assert course.run(*command)[0] == 0
    first, index = (course.folder / "reports" / "tiny" / "01_data.html"), course.folder / "reports" / "index.html"
    assert OLD not in first.read_text()
    course.replace("Snakefile", "rule all:", "this is no rule\nrule all:")
    try:
        status, said, _ = course.run(*command, "--set", "image_size=24")
    finally:
        course.replace("Snakefile", "this is no rule\n", "")
    assert status == 1 and "Snakefile" in said, said
    for path in (first, index):
        assert "out of date" in path.read_text(), path
    assert course.run(*command, "--set", "image_size=24")[0] == 0
    assert OLD not in first.read_text()


def test_after_a_change_pages_that_were_not_asked_for_say_that_they_are_old(course: Course):
    assert course.run(str(course.file), "--only", "01,02")[0] == 0
    assert course.run(str(course.file), "--only", "01", "--set", "image_size=22")[0] == 0
    second = (course.folder / "reports" / "tiny" / "02_cnn_from_scratch.html").read_text()
    assert OLD in second
    assert "22 px" in course.page("tiny", FIRST) and OLD not in course.page("tiny", FIRST)
    assert course.run(str(course.file), "--only", "01,02")[0] == 0
    assert OLD not in (course.folder / "reports" / "tiny" / "02_cnn_from_scratch.html").read_text()


def test_two_folders_of_one_name_keep_a_report_each(course: Course):
    for place, count in (("bees", 8), ("mushrooms", 12)):
        for name in ("a", "b"):
            (course.folder / place / "dataset" / name).mkdir(parents=True)
            for number in range(count):
                image(
                    course.folder / place / "dataset" / name / f"{number}.png", hash((place, name, number)) % 1000
                )
    bees, mushrooms = (str(course.folder / place / "dataset") for place in ("bees", "mushrooms"))
    options = ("--only", "01", *TINY)
    assert course.run(bees, *options)[0] == 0
    status, said, _ = course.run(mushrooms, *options)
    assert status == 0 and "mushrooms-dataset" in said
    assert "16 images" in course.page("dataset", FIRST).replace(" pictures of", " images of")
    assert "24 images" in course.page("mushrooms-dataset", FIRST).replace(" pictures of", " images of")
    status, said, _ = course.run(mushrooms, bees, *options)  # in one command, and in the other order
    assert status == 0 and "Nothing had changed" in said, said


def test_the_index_is_there_from_the_start_and_fills(course: Course):
    places = {
        f"IMAGE_COURSE_{name.upper()}": str(course.folder / f"new {name}") for name in ("data", "runs", "reports")
    }
    settings = {"OMP_NUM_THREADS": "1", "WANDB_MODE": "disabled", "PYTHONPATH": str(course.root)}
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", str(course.file), "--only", "01,02"], cwd=course.root,
        env=os.environ | places | settings, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    index, seen = course.folder / "new reports" / "index.html", []
    while process.poll() is None:
        if index.exists() and (not seen or index.read_text() != seen[-1]):
            seen.append(index.read_text())
        time.sleep(0.05)
    assert process.returncode == 0
    assert "Being made at this moment" in seen[0] and "tiny/01_data.html" not in seen[0]
    half = [text for text in seen if 'href="tiny/01_data.html"' in text and 'href="tiny/02_cnn' not in text]
    assert half and "Being made at this moment" in half[0], (
        "the first page could not be opened before the second was made"
    )
    assert "Being made" not in index.read_text() and 'http-equiv="refresh"' not in index.read_text()
