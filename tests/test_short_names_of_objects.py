"""What a student meets says in a line what it is: nobody reads a hundred thousand characters of file names."""

import importlib
import inspect

import pytest
from made_up_evaluations import made_up_evaluation
from made_up_runs import made_up_run
from made_up_splits import made_up_splits

from helpers.base.paths import ROOT, our_sources
from helpers.study.study import Study
from sections.one_model.scores.measured import evaluate_run

LONGEST = 200


@pytest.mark.parametrize("study", ["", "satellite"])
def test_a_study_and_its_parts(study: str):
    assert len(repr(Study.load(study))) < LONGEST and len(str(Study.load(study))) < LONGEST


def test_images_runs_and_evaluations():
    splits, run = made_up_splits([0, 1] * 300, range(500), range(500, 550), range(550, 600)), made_up_run("a", 3.0)
    found = [splits, splits.part("train"), run.outputs("test"), evaluate_run(run), made_up_evaluation()]
    for thing in found:
        assert 10 < len(repr(thing)) < LONGEST and "array(" not in repr(thing), type(thing)


def test_signatures_can_be_read():
    """As Shift-Tab and `help` show them: a hint such as ArrayLike is a word, not what it stands for."""
    for path in our_sources("helpers", "sections"):
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name, function in inspect.getmembers(module, inspect.isfunction):
            assert "numpy._typing" not in str(inspect.signature(function)), f"{module.__name__}.{name}"
