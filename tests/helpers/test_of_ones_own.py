"""The lines in helpers/README.md, on a study that trains in seconds."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_course import tiny_study

import helpers
from helpers.base.paths import ROOT
from helpers.models.segmenters import build_segmenter
from helpers.study.recipe import ModelSpec
from helpers.study.streets import SegmenterSpec
from helpers.study.study import Study

README = (ROOT / "helpers" / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_ten_lines_lead_to_a_confusion_matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("data", "runs", "reports"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name.upper()}", str(tmp_path / name))
    code = EXAMPLES[0].replace('"wildlife"', repr(str(tiny_study(tmp_path))))
    lines = [line for line in code.splitlines() if line.strip()]
    assert len([line for line in lines if "import" in line]) == 1 and len(lines) <= 11
    found: dict = {}
    exec(code, found)
    assert found["images"].shape == (32, 3, 16, 16) and 0 <= helpers.scores(found["matrix"]).macro_f1 <= 1
    assert found["matrix"].sum() == len(found["val"]) == len(found["outputs"].labels)


def test_whatever_is_offered_is_there_and_has_a_docstring():
    assert set(helpers.__all__) <= set(dir(helpers))
    for name in helpers.__all__:
        assert getattr(helpers, name).__doc__, name
    with pytest.raises(AttributeError, match="Study"):
        _ = helpers.no_such_thing


def test_what_is_offered_can_be_called_in_whatever_order_it_is_asked_for(capsys):
    from helpers import Chapter, show

    assert Chapter and all(callable(getattr(helpers, name)) for name in helpers.__all__)
    show("as said")
    assert "as said" in capsys.readouterr().out


def test_asking_for_nothing_imports_nothing_heavy():
    code = "import helpers, sys; assert not {'torch', 'numpy', 'pydantic'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_names_of_the_second_example_are_those_of_the_project():
    names = re.search(r"from helpers import (.*)", EXAMPLES[1])[1].split(", ")
    assert set(names) <= set(helpers.__all__)
    assert hasattr(helpers.Streets, "evaluate") and np.isnan(helpers.segmentation_scores(np.diag([3, 0])).iou[1])


def test_a_study_takes_numbers_as_well_as_texts():
    study = Study.load("wildlife", {"epochs": 3, "models.cnn.blocks": [[8, 2]]})
    assert study.models["cnn"].epochs == 3 and [tuple(one) for one in study.models["cnn"].blocks] == [(8, 2)]


@pytest.mark.parametrize("what", ["classifier", "segmenter"])
def test_images_that_are_not_preprocessed_are_refused_in_words(what: str):
    if what == "classifier":
        network = helpers.build(ModelSpec(blocks=[(4, 2)]), 2, 16)
    else:
        network = build_segmenter(SegmenterSpec(architecture="lraspp_mobilenet_v3_large"), ("road", "sky"))
    with pytest.raises(TypeError, match=r"network\.preprocess"):
        network(torch.zeros(1, 3, 32, 32, dtype=torch.uint8))
