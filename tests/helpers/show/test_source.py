"""The source of a helper, as notebooks show it."""

import html
import re

import numpy as np
import pytest

from helpers.base.paths import ROOT
from helpers.metrics.classification import confusion_matrix
from helpers.show.source import Source
from helpers.training.loop import train_epoch


def test_it_is_the_code_that_runs_with_its_file_and_line():
    shown = Source(train_epoch).html()
    assert "train_epoch, in helpers/training/loop.py from line " in shown
    code = html.unescape(re.search(r"<code>(.*)</code>", shown, re.DOTALL)[1])
    assert code.startswith("def train_epoch(") and "loss" in code
    line = int(re.search(r"from line (\d+)", shown)[1])
    code_file = ROOT / "helpers/training/loop.py"
    assert code_file.read_text(encoding="utf-8").splitlines()[line - 1].startswith("def train_epoch(")


def test_it_is_folded_and_escaped():
    shown = Source(confusion_matrix).html()
    assert shown.startswith("<details") and " open" not in shown[: shown.index(">")]
    assert "->" not in shown and "-&gt;" in shown
    assert Source(confusion_matrix).text().startswith("confusion_matrix, in helpers/metrics/classification.py")


def test_what_has_no_python_source_is_refused():
    with pytest.raises(TypeError):
        Source(np.dot).html()
