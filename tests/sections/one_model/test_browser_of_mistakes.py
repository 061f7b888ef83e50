"""The browser of mistakes, worked as a person would: by its menus."""

from types import SimpleNamespace

import numpy as np
import pytest

from helpers.show.live import LiveCurves
from helpers.training.loop import Outputs
from sections.one_model.mistakes.browser import ANY, BrowsedMistakes, Browser, browse_mistakes

CLASSES = ("cat", "<b>dog</b>", "owl")
#             truth, predicted, probability of the truth
CASES = [(0, 0, 0.9), (0, 1, 0.3), (0, 1, 0.1), (0, 2, 0.2), (1, 0, 0.05), (2, 2, 0.8)]


@pytest.fixture
def mistakes():
    truth, predicted, probability = (np.array(column) for column in zip(*CASES, strict=True))
    probabilities = np.zeros((len(CASES), 3), np.float32)
    probabilities[np.arange(len(CASES)), truth] = probability
    other = np.where(predicted == truth, (truth + 1) % 3, predicted)
    probabilities[np.arange(len(CASES)), other] = 1 - probability
    features = np.array([[0, 0], [3, 4], [1, 0], [0, 2], [1, 1], [2, 2]], np.float32)
    test = Outputs(probabilities, features, truth, np.arange(len(CASES)))
    train = Outputs(np.eye(3, dtype=np.float32), np.zeros((3, 2), np.float32), np.arange(3), np.arange(3))
    run = SimpleNamespace(outputs=lambda part: test if part == "test" else train)
    images = np.zeros((len(CASES), 8, 8, 3), np.uint8)
    splits = SimpleNamespace(
        classes=CLASSES, images=images, files=[f"{i}.jpg" for i in range(len(CASES))],
        duplicate_groups=np.arange(len(CASES)),
    )  # fmt: skip
    return BrowsedMistakes(run, splits)


def test_mistakes_are_sorted_by_loss_or_distance(mistakes):
    assert mistakes.choose().tolist() == [4, 2, 3, 1]
    assert mistakes.choose(order="distance").tolist() == [1, 3, 4, 2]
    assert mistakes.choose("cat", "<b>dog</b>").tolist() == [2, 1]


def test_only_classes_that_occur_are_offered(mistakes):
    assert mistakes.options() == ([ANY, "cat", "<b>dog</b>"], [ANY, "cat", "<b>dog</b>", "owl"])
    assert mistakes.options("<b>dog</b>")[1] == [ANY, "cat"]


def pictures(browser: Browser) -> str:
    return browser.shown.html()


def test_the_menus_work_together(mistakes):
    browser = Browser({"small": mistakes, "large": mistakes}, per_page=2)
    assert browser.page.max == 2 and "of 2: 4 mistakes, 1 to 2 shown" in browser.status.value
    browser.page.value = 2
    assert "3 to 4 shown" in browser.status.value and "3.jpg" in pictures(browser)
    browser.truth.value = "<b>dog</b>"
    assert browser.predicted.options == (ANY, "cat") and browser.page.value == 1
    assert "4.jpg" in pictures(browser) and "2.jpg" not in pictures(browser)
    assert "<b>dog" not in pictures(browser)  # names are shown as text
    browser.model.value = "large"
    assert browser.truth.value == "<b>dog</b>"


def test_pages_are_turned_no_further_than_there_are(mistakes):
    browser = Browser({"small": mistakes}, per_page=2)
    assert browser.model not in browser.box.children[0].children  # there is nothing to choose
    assert (browser.back.disabled, browser.on.disabled) == (True, False)
    for value in (2, 2):
        browser.on.click()
        assert (browser.page.value, browser.back.disabled, browser.on.disabled) == (value, False, True)
    browser.back.click()
    assert browser.page.value == 1


def test_evidence_is_shown_where_it_is_asked_for(mistakes, monkeypatch):
    asked = []
    monkeypatch.setattr(
        BrowsedMistakes, "explained", lambda self, few: asked.append(few.tolist()) or self.gallery(few)
    )
    browser = Browser({"small": mistakes}, per_page=2)
    browser.page.value = 2
    browser.evidence.value = True
    assert asked == [[3, 1]] and browser.page.value == 2


def test_the_pictures_are_an_output_that_a_saved_notebook_keeps(mistakes, monkeypatch):
    shown = []

    class Handle:
        update = shown.append

    def display(thing, display_id=False):
        shown.append(thing)
        return Handle if display_id else None

    monkeypatch.setattr("IPython.display.display", display)
    browser = Browser({"small": mistakes}, per_page=2)
    browser.show()
    assert shown == [browser.box, browser.shown] and "text/html" in browser.shown._repr_mimebundle_()
    browser.on.click()
    assert shown[2:] == [browser.shown] and "3.jpg" in pictures(browser)


def test_on_a_page_there_is_a_static_gallery(mistakes, monkeypatch, capsys):
    monkeypatch.setenv("IMAGE_COURSE_HEADLESS", "1")
    browse_mistakes({"small": mistakes.run}, mistakes.splits, per_page=3)
    shown = capsys.readouterr().out
    assert "3 of its 4 mistakes" in shown and "<b>dog</b> taken for cat" in shown and "1.jpg" not in shown
    mistakes.splits.duplicate_groups[2] = 4  # the same picture as that with the largest loss
    browse_mistakes({"small": mistakes.run}, mistakes.splits, per_page=3)
    shown = capsys.readouterr().out
    assert "4.jpg" in shown and "2.jpg" not in shown and "1.jpg" in shown


def test_curves_grow_with_each_epoch(capsys):
    live = LiveCurves("CNN")
    for epoch in (1, 2):
        row = {f"{part}_{what}": 1 / epoch for part in ("train", "val") for what in ("loss", "accuracy")}
        live(row | {"epoch": epoch, "epochs": 5})
    picture = live.picture()
    lines = picture.figure.axes[0].get_lines()
    assert [len(line.get_xdata()) for line in lines] == [2, 2]
    assert picture.figure.axes[0].get_xlim() == (0.5, 5.5) and "epoch 2 of 5" in picture.caption
