"""The exercises of the chapters: as written, solved, and answered wrongly in ways that the checks know."""

import ast
import os
import re
from pathlib import Path
from typing import Any

import matplotlib
import pytest
import torch
import yaml
from course_chapters import CHAPTERS, IMAGE_CHAPTERS, STREET_CHAPTERS
from tiny_course import CNN, tiny_study
from torchvision.models import resnet18
from wrong_answers import WRONG

from helpers.base.paths import ROOT
from helpers.study.study import Study
from runner import notebooks
from sections.exercises.checking import check, checks

SOLUTIONS = ROOT / "notebooks" / "solutions"
WRITTEN = "Write"  # how the sentence begins that asks for a function
STREETS = {
    "sample.images_per_class": 24, "image_size": 32, "epochs": 1, "segmentation.sample.scenes": 32,
    "segmentation.size": 128, "segmentation.crop": 64, "segmentation.epochs": 1,
}  # fmt: skip
PATCHES = {
    "sample.images_per_class": 60, "epochs": 1, "image_size": 32, "segmentation.patch": 32,
    "segmentation.stride": 16, "segmentation.mosaics": 4, "segmentation.mosaic_size": 96,
    "segmentation.regions": 3,
}  # fmt: skip
KINDS = {  # of studies, and the chapters that are solved on each
    "streets": ("01_data", "06_model_comparison", *STREET_CHAPTERS),
    "patches": STREET_CHAPTERS,
    "two classes": IMAGE_CHAPTERS,
}
ON = [(kind, chapter) for kind, solved in KINDS.items() for chapter in solved]


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory):
    """A small study of each kind, by kind, in folders of its own."""
    place, patch = tmp_path_factory.mktemp("exercises"), pytest.MonkeyPatch()
    for name in ("data", "runs", "reports"):
        patch.setenv(f"IMAGE_COURSE_{name.upper()}", str(place / name))
    patch.setenv("WANDB_MODE", "disabled")
    matplotlib.use("Agg")
    torch.save(resnet18().state_dict(), place / "weights.pth")  # which cost no minute of pretraining
    found = {}
    for kind, name, settings in (("streets", "wildlife", STREETS), ("patches", "satellite", PATCHES)):
        found[kind] = place / f"{name}.yaml"
        Study.load(name, {"source": "sample", "weights": str(place / "weights.pth")} | settings).save(found[kind])
    found["two classes"] = tiny_study(place / "tiny")
    study = yaml.safe_load(found["two classes"].read_text())
    study["models"]["cnn"] = CNN | {"output": "sigmoid", "dropout": 0.3}
    found["two classes"].write_text(yaml.safe_dump(study))
    yield found
    patch.undo()


def cells_of(path: Path) -> list[dict[str, Any]]:
    return notebooks.read_notebook(path)["cells"]


def run_cell(text: str, names: dict[str, Any]) -> Any:
    """As a notebook does it: what the last line says is what the cell shows."""
    tree = ast.parse(text)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


def function_of(text: str) -> str | None:
    """The function that a cell has checked."""
    found = re.search(r"^check\((\w+),", text, re.MULTILINE)
    return found[1] if found else None


def check_line(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("check("))


def exercises_of(chapter: str) -> dict[str, str]:
    """The cells to fill in, by the function that each asks for."""
    cells = [
        cell for cell in cells_of(ROOT / "notebooks" / f"{chapter}.ipynb") if "exercise" in notebooks.tags_of(cell)
    ]
    return {function_of(text): text for text in notebooks.cell_texts(cells)}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_task_asks_for_a_function_that_has_a_check_a_solution_and_wrong_answers(chapter: str):
    asked = exercises_of(chapter)
    assert len(asked) >= 2 and set(asked) <= set(checks()) & set(WRONG)
    assert all(len(WRONG[name]) >= 2 for name in asked)
    tasks = [cell for cell in cells_of(ROOT / "notebooks" / f"{chapter}.ipynb") if cell["cell_type"] == "markdown"]
    for name, text in asked.items():
        signature = re.search(rf"def ({name}\(.*\)):\n", text)[1]
        assert any(f"`{signature}`" in "".join(cell["source"]) for cell in tasks), signature
    solved = {function_of(text): text for text in notebooks.cell_texts(cells_of(SOLUTIONS / f"{chapter}.ipynb"))}
    for name, text in asked.items():
        assert check_line(text) == check_line(solved[name])
        assert re.search(rf"def {name}\(.*\):", text)[0] == re.search(rf"def {name}\(.*\):", solved[name])[0]


@pytest.mark.parametrize("chapter", CHAPTERS[1:])
def test_nothing_is_chosen_by_the_test(chapter: str):
    """The test scores each finished model once: trials are compared on validation images or scenes set apart."""
    cells = ["".join(cell["source"]) for cell in cells_of(ROOT / "notebooks" / f"{chapter}.ipynb")]
    first = next(place for place, text in enumerate(cells) if "## Exercises" in text)
    last = next(place for place, text in enumerate(cells) if "### Check yourself" in text)
    asked = "\n".join(cells[first:last])
    if "chapter.study =" in asked:
        assert re.search(
            r"compared\s+on\s+(mosaics of \*validation|(the )?validation|(the )?scenes|`streets.target_rest)",
            asked,
        )
    solved = "\n".join("".join(cell["source"]) for cell in cells_of(SOLUTIONS / f"{chapter}.ipynb"))
    for text in (asked, solved):
        assert not re.search(
            r"""outputs\("test"\)|splits\.test\b|part\("test"\)|evaluate_with\(\w+, .target""", text
        )


def test_every_check_is_asked_for_in_one_chapter():
    assert sorted(name for chapter in CHAPTERS for name in exercises_of(chapter)) == sorted(checks())


@pytest.mark.parametrize(("kind", "chapter"), ON)
def test_solutions_are_right_and_wrong_answers_are_told_why(studies: dict[str, Path], kind: str, chapter: str):
    names: dict[str, Any] = {}
    solved, given = [], exercises_of(chapter)
    for cell in cells_of(SOLUTIONS / f"{chapter}.ipynb"):
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            continue
        if "parameters" in notebooks.tags_of(cell):
            text = f"study = {str(studies[kind])!r}"
        shown = run_cell(text, names)
        if (name := function_of(text)) is None:
            continue
        solved.append(name)
        assert shown.title == "Right", str(shown)
        empty = run_cell(given[name], dict(names))
        assert empty.title == "Not written yet", str(empty)
        for old, new, words in WRONG[name]:
            assert text.count(old) >= 1, (name, old)
            wrong = run_cell(text.replace(old, new), dict(names))
            assert wrong.title == "Not yet" and words in str(wrong), f"{old} → {new}: {wrong}"
    assert set(solved) == set(given)


def test_trials_write_no_report(studies: dict[str, Path]):
    """Last in this file: whatever was solved above has been."""
    assert not Path(os.environ["IMAGE_COURSE_REPORTS"]).exists()


def test_what_comes_back_is_told_in_words():
    def dice_loss(logits, mask):
        return mask.nothing

    def no_such_thing(x):
        return x

    def best_temperature(logits, labels):
        """Nothing yet."""

    assert "dice_loss" in checks() and check(no_such_thing).title == "Not yet"
    assert "No exercise asks for" in str(check(no_such_thing))
    assert check(best_temperature, None).title == "Not written yet"
    assert check(dice_loss, None).title == "Not yet" and "AttributeError" in str(check(dice_loss, None))
