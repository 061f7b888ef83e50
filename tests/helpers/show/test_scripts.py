"""Names in any script are in the pictures, as themselves or as numbers that the page explains."""

import warnings

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import seaborn as sns
from matplotlib.text import Text

from helpers.show import scripts
from helpers.show.names import LONGEST_LINE, letters, short, wrapped
from helpers.show.picture import Picture
from helpers.show.scripts import covering_fonts, in_pictures, prepare_names
from helpers.show.style import FONT, new_axes
from sections.one_model.scores.pictures import confusion_heat_map

CHINESE, FOX, CAT = "麦角", "🦊 fox", "قطة"


@pytest.fixture(autouse=True)
def as_before():
    yield
    prepare_names([])


@pytest.fixture
def only_our_font(monkeypatch):
    monkeypatch.setattr(scripts, "_upright_fonts", dict)
    covering_fonts.cache_clear()
    yield
    covering_fonts.cache_clear()


@pytest.fixture
def no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.usefixtures("only_our_font", "no_warning")
def test_names_that_no_font_has_are_numbered_wherever_they_are_drawn():
    classes = ["bär", CHINESE, "κύων", FOX]
    assert prepare_names(classes) == {CHINESE: "class 2", FOX: "class 4"}
    picture = confusion_heat_map(np.eye(4, dtype=int) * 3 + 1, classes)
    picture.html()
    drawn = {text.get_text() for text in picture.figure.findobj(Text)}
    assert {"bär", "class 2", "κύων", "class 4"} <= drawn and not drawn & {CHINESE, FOX}
    axes = sns.heatmap(np.eye(4), xticklabels=classes, yticklabels=classes)  # as a notebook's own cell does
    axes.set_title(f"{FOX}; the network says {CHINESE}")
    axes.figure.canvas.draw()
    assert axes.get_title("left") == "class 4; the network says class 2"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["bär", "class 2", "κύων", "class 4"]
    plt.close("all")
    assert prepare_names(["a"]) == {} and in_pictures(CHINESE) == CHINESE  # of the next set nothing is left


@pytest.mark.usefixtures("only_our_font", "no_warning")
def test_what_is_no_name_has_placeholders_without_a_warning():
    prepare_names(["a", "b"], others=["模型 2"])
    figure, axes = new_axes()
    axes.set_title("模型 2")
    Picture(figure, "A title").html()
    assert axes.get_title("left") == "□□ 2"


@pytest.mark.usefixtures("no_warning")
def test_latin_greek_and_cyrillic_need_nothing():
    assert prepare_names(["Ünïcode", "κύων", "тигр", "a$b", "_x"]) == {}
    assert matplotlib.rcParams["font.family"] == [FONT] and Text.set_text is scripts._plain_set_text


def test_a_font_that_is_installed_is_used(monkeypatch):
    """The font of formulas has 𝔸, which the course's own font is made to lack."""
    other = matplotlib.font_manager.findfont("STIXGeneral")
    glyphs = {matplotlib.font_manager.findfont(FONT): frozenset(b"abc"), other: frozenset([ord("𝔸")])}
    monkeypatch.setattr(scripts, "_upright_fonts", lambda: {"STIXGeneral": other})
    monkeypatch.setattr(scripts, "_glyphs", glyphs.__getitem__)
    covering_fonts.cache_clear()
    assert covering_fonts(frozenset("a𝔸語")) == (["STIXGeneral"], {"語"})
    assert prepare_names(["a𝔸", "語"]) == {"語": "class 2"}
    assert matplotlib.rcParams["font.family"] == [FONT, "STIXGeneral"]
    covering_fonts.cache_clear()


def test_a_font_of_placeholders_is_none():
    """matplotlib brings one along that has a box for every sign there could be."""
    assert covering_fonts(frozenset("\u0378")) == ([], {"\u0378"})  # which Unicode has not given away


@pytest.mark.usefixtures("only_our_font")
@pytest.mark.parametrize("version", ["3.10.7", "3.11.0"])
def test_names_from_right_to_left_are_numbered_where_matplotlib_would_write_them_backwards(monkeypatch, version):
    monkeypatch.setattr(matplotlib, "__version__", version)
    assert prepare_names([CAT, "dog"]) == ({CAT: "class 1"} if version.startswith("3.10") else {})


@pytest.mark.usefixtures("only_our_font", "no_warning")
def test_selectors_of_emoji_are_not_drawn():
    assert prepare_names(["☀\ufe0f sun", "moon"]) == {}
    figure, axes = new_axes()
    axes.set_title("☀\ufe0f sun")
    Picture(figure, "The sun").html()
    assert axes.get_title("left") == "☀ sun"


def test_a_name_in_another_is_replaced_for_itself():
    scripts._numbers.update({"麦": "class 1", CHINESE: "class 2"})
    assert in_pictures(f"{CHINESE} / 麦") == "class 2 / class 1"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("cat", "cat"),
        ("a name of 22 letters ..", "a name of 22\nletters .."),
        ("Tomato___Spider_mites Two-spotted_spider_mite", "Tomato___Spider_mites\nTwo-spotted_spider_mite"),
        ("x" * 30, "x" * 15 + "\n" + "x" * 15),
        ("猫" * 12, "猫" * 6 + "\n" + "猫" * 6),  # each as wide as two letters
    ],
)
def test_long_names_take_two_lines(name, shown):
    assert short(name) == shown


def test_only_what_is_longer_than_two_lines_is_cut():
    assert "…" not in short("y" * 2 * LONGEST_LINE)
    lines = short("y" * 200).split("\n")
    assert len(lines) == 2 and all(line.endswith("…") and letters(line) <= LONGEST_LINE for line in lines)
    assert wrapped("one two three four", 8) == "one two\nthree\nfour"
