"""Names in pictures: no dollar sign starts a formula, no name vanishes, and the drawing stays a drawing."""

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hostile_course import CLASSES, MODELS
from matplotlib.mathtext import MathTextParser

from helpers.show.display import to_html
from helpers.show.encode import svg_source
from helpers.show.names import plain_text, short, wrapped
from helpers.show.picture import Picture
from helpers.show.style import new_figure, plain_numbers

NAMES = [
    *CLASSES,
    *MODELS.values(),
    "$x$",
    r"\$ $\bad{$",
    "_",
    "__init__",
    "a -- b --> <b>",
    "b\x07d\x1b[2J",
    "\\",
]


@pytest.fixture(autouse=True)
def no_formula(monkeypatch):
    def parse(_self, text, *_rest, **_more):
        raise AssertionError(f"taken for a formula: {text}")

    monkeypatch.setattr(MathTextParser, "parse", parse)


def content_of(source: str) -> bytes:
    """What a `data:` address holds."""
    return base64.b64decode(re.search(r"base64,([\w+/=]+)", source)[1])


@pytest.mark.filterwarnings("ignore")  # a control character has no glyph; a long name leaves axes no room
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_drawn_as_it_is_wherever_it_stands(name):
    figure = new_figure()
    axes = figure.subplots()
    axes.plot([1, 2], [3, 4], label=plain_text(name))
    axes.set(title=name, xlabel=short(name), ylabel=wrapped(name))
    axes.set_xticks([1, 2], [name, name])
    axes.text(1, 3, name)
    axes.annotate(name, (1, 3))
    legend = figure.legend(loc="outside upper center")
    assert [text.get_text().lstrip("\u2060") for text in legend.get_texts()] == [name]
    shown = to_html(Picture(figure, f"A picture of {name}", name))
    assert ElementTree.fromstring(content_of(shown)).tag.endswith("svg")
    assert "<script" not in shown and "<img src=x" not in shown


def test_logarithmic_axes_have_plain_numbers():
    figure = new_figure()
    axes = figure.subplots()
    axes.loglog([1e-5, 1e-1], [20, 300])
    plain_numbers(axes.xaxis, axes.yaxis)
    figure.draw_without_rendering()
    texts = [label.get_text() for axis in (axes.xaxis, axes.yaxis) for label in axis.get_ticklabels(which="both")]
    assert {"1e−05", "1e−01", "100"} <= set(texts) and not [text for text in texts if "$" in text]


def test_a_drawing_repeats_no_text_in_comments():
    figure = new_figure()
    figure.text(0.5, 0.5, "secret name")
    assert "secret" not in content_of(svg_source(figure)).decode()


def test_pictures_of_the_course_with_such_names():
    from sections.data import pictures as data
    from sections.one_model.scores import pictures as confusion

    classes = NAMES[:6]
    matrix = np.arange(36).reshape(6, 6)
    for picture in [
        confusion.confusion_heat_map(matrix, classes),
        data.class_distribution(matrix[:3], classes),
    ]:
        assert ElementTree.fromstring(content_of(to_html(picture))).tag.endswith("svg")
