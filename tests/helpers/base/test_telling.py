"""How far a long computation is, told below the cell of a notebook that a person has open."""

import pytest

from helpers.base import telling


class Shown:
    """Stands for IPython's display: what was shown, in order."""

    def __init__(self):
        self.lines = []

    def display(self, bundle: dict[str, str], raw: bool, display_id: bool) -> "Shown":
        self.lines.append(bundle["text/plain"])
        return self

    def update(self, bundle: dict[str, str], raw: bool) -> None:
        self.lines.append(bundle["text/plain"])


@pytest.fixture
def shown(monkeypatch) -> Shown:
    shown = Shown()
    monkeypatch.delenv("IMAGE_COURSE_NOW", raising=False)
    monkeypatch.setattr(telling, "_is_notebook", lambda: True)
    monkeypatch.setattr(telling, "_telling", None)
    monkeypatch.setattr(telling, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr("IPython.display.display", shown.display)
    return shown


def test_loops_within_loops_are_one_line_that_goes_when_they_end(shown, monkeypatch):
    monkeypatch.setattr(telling, "SECONDS_UNTOLD", -1.0)
    with telling.stage("epoch", 2) as reach:
        for epoch in (1, 2):
            reach(epoch)
            assert list(telling.steps("ab", "batch", 2)) == ["a", "b"]
    assert shown.lines == [
        "epoch 1/2", "epoch 1/2, batch 1/2", "epoch 1/2, batch 2/2",
        "epoch 2/2", "epoch 2/2, batch 1/2", "epoch 2/2, batch 2/2", "",
    ]  # fmt: skip
    assert list(telling.steps("c", "image", 1)) == ["c"] and shown.lines[-2:] == ["image 1/1", ""]


def test_what_is_done_in_a_moment_needs_no_line(shown):
    list(telling.steps(range(100), "image", 100))
    assert shown.lines == []


def test_outside_of_notebooks_nothing_is_told(shown, monkeypatch):
    monkeypatch.setattr(telling, "_is_notebook", lambda: False)
    monkeypatch.setattr(telling, "SECONDS_UNTOLD", -1.0)
    list(telling.steps(range(3), "image", 3))
    assert shown.lines == []
