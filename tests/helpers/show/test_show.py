"""What notebooks show: escaped, described, and the same bytes each time."""

import base64
import json
import re
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
import report_example as example
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from helpers.show import display, style, words
from helpers.show.encode import photo_source
from helpers.show.picture import Picture
from helpers.show.scatter3d import MOST_SPRITE_PIXELS, sprite_sheet
from helpers.show.table import Table, format_value

HOSTILE = "<script>alert(\"1\")</script> & '鹿'"


@dataclass
class Interval:
    value: float
    low: float
    high: float


def decoded(source: str) -> np.ndarray:
    """Pixels of a WebP data address, RGB."""
    data = base64.b64decode(source.split(",")[1])
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def hostile_items() -> list:
    image = example.random_images(1)[0]
    photo = display.Photo(image, HOSTILE, HOSTILE)
    return [
        HOSTILE,
        display.Note(HOSTILE, HOSTILE),
        display.Banner(HOSTILE),
        display.Table([{HOSTILE: HOSTILE, "x": 1}], HOSTILE),
        display.Gallery([display.Card([photo], HOSTILE, {HOSTILE: HOSTILE}, HOSTILE)], HOSTILE),
        display.Gallery([(image, HOSTILE, [HOSTILE])]),
        Picture(image, HOSTILE, HOSTILE),
    ]


@pytest.mark.parametrize("item", hostile_items(), ids=lambda item: type(item).__name__)
def test_names_from_data_cannot_become_markup(item):
    html = display.to_html(item)
    assert "<script" not in html
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#x27;鹿&#x27;" in html
    assert not re.search(r'alt="[^"]*[<>]', html)


def test_scatter_data_cannot_leave_its_script(monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_HEADLESS", "1")
    images = example.random_images(2)
    classes = ["</script><img src=x>", "b"]
    scatter = display.Scatter3D(np.eye(3)[:2], np.array([0, 1]), None, classes, ["a", "b"], images, "alt")
    content = re.search(r'<script type="application/json">(.*?)</script>', scatter.html(), re.DOTALL)[1]
    assert json.loads(content)["classes"] == classes


def test_jupyter_carries_style_and_script_and_a_page_does_not(monkeypatch):
    scatter = next(item for item in example.items() if isinstance(item, display.Scatter3D))
    monkeypatch.delenv("IMAGE_COURSE_HEADLESS", raising=False)
    shown = scatter._repr_mimebundle_()
    assert "<style data-course>" in shown["text/html"] and "plotly.js" in shown["text/html"]
    monkeypatch.setenv("IMAGE_COURSE_HEADLESS", "1")
    shown = scatter._repr_mimebundle_()
    assert "<style" not in shown["text/html"] and "plotly.js" not in shown["text/html"]


def test_show_displays_each_item_once_in_order(monkeypatch):
    publisher = CapturingDisplayPublisher()
    shell = InteractiveShell.instance()
    monkeypatch.setattr(shell, "display_pub", publisher)
    display.show("first", ["second", "third"], display.Note("fourth"))
    assert [out["data"]["text/plain"] for out in publisher.outputs] == ["first", "second", "third", "Note: fourth"]
    assert all("text/html" in out["data"] for out in publisher.outputs)
    InteractiveShell.clear_instance()


def test_a_picture_needs_alternative_text_and_pixels_of_bytes():
    with pytest.raises(ValueError, match="alternative text"):
        Picture(style.new_figure(), "  ")
    with pytest.raises(ValueError, match="uint8"):
        Picture(np.zeros((4, 4, 3)), "floats")


def test_equal_figures_give_equal_bytes_and_curves_stay_drawn():
    first, width = example.curves().source()
    second, _ = example.curves().source()
    assert first == second
    assert width == round(style.WIDTH * 96)
    svg = base64.b64decode(first.split(",")[1]).decode()
    assert svg.startswith("<svg") and "<dc:date>" not in svg


def test_pixels_of_a_figure_stand_on_white_and_leave_the_figure_alone():
    figure = style.new_figure(2, 1)
    pixels = Picture(figure, "empty").pixels(dpi=50)
    assert pixels.shape == (50, 100, 3)
    assert (pixels == 255).all()
    assert figure.dpi != 50


def test_small_photos_are_enlarged_without_smoothing():
    image = np.zeros((8, 8, 3), np.uint8)
    image[:, 4:] = 255
    large = decoded(photo_source(image, quality=100, least_width=60))
    assert large.shape == (64, 64, 3)
    assert large[:, :30].max() < 40 and large[:, 34:].min() > 215


def test_table_numbers_missing_values_and_the_best():
    rows = [
        {"model": "a", "F1": Interval(0.5, 0.4, 0.6), "images": 12345, "loss": -1.0},
        {"model": "b", "F1": Interval(0.7, 0.6, 0.8), "images": None, "loss": float("nan")},
    ]
    html = Table(rows, "t", {"F1": ".2f"}, highlight={"F1": "max"}).html()
    assert "0.50 [0.40,\u00a00.60]" in html
    assert "<strong>0.70 [0.60,\u00a00.80]</strong>" in html and html.count("<strong>") == 1
    assert "12,345" in html and "−1" in html
    assert html.count(">–</td>") == 2
    assert html.count('scope="row"') == 2


def test_long_paths_in_a_table_may_break_and_short_words_not():
    html = Table([{"name": "one", "file": "cloudy/a<b>_s108_r03_c05.jpg", "other": "a_b/c"}]).html()
    assert "cloudy/<wbr>a&lt;b&gt;_<wbr>s108_<wbr>r03_<wbr>c05.jpg" in html and "a_b/c" in html


def test_table_takes_a_frame_and_rows_with_different_columns():
    import pandas

    rows = [{"a": 1, "b": "x"}, {"a": 2, "c": True}]
    assert Table(rows).columns() == ["a", "b", "c"]
    assert Table(pandas.DataFrame({"a": [1, 2]})).html() == Table([{"a": 1}, {"a": 2}]).html()
    assert Table([]).html().count("<tr>") == 1


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [(0.12345, "", "0.123"), (0.5, ".1%", "50.0\u00a0%"), (1234.5, "", "1,235"), (np.int64(-3), "", "−3"),
     (np.float32("nan"), "", "–"), (True, "", "yes"), (2.0, lambda v: f"{v} s", "2.0 s"), (None, ".3f", "–")],
)  # fmt: skip
def test_format_value(value, how, text):
    assert format_value(value, how) == text


def test_sprite_sheet_holds_every_thumbnail_in_its_place():
    colours = np.arange(7, dtype=np.uint8) * 36
    thumbnails = np.broadcast_to(colours[:, None, None, None], (7, 16, 24, 3)).copy()
    source, columns, width, height = sprite_sheet(thumbnails)
    sheet = decoded(source)
    for number, colour in enumerate(colours):
        top, left = number // columns * height, number % columns * width
        patch = sheet[top : top + height, left : left + width].astype(int)
        assert abs(patch.mean() - colour) < 4


def test_sprite_sheet_of_many_images_stays_small():
    _, columns, width, height = sprite_sheet(np.zeros((3000, 64, 64, 3), np.uint8))
    assert columns * width * -(-3000 // columns) * height < 1.1 * MOST_SPRITE_PIXELS


def test_scatter_refuses_what_does_not_match():
    with pytest.raises(ValueError, match="equally many"):
        display.Scatter3D(np.eye(3), np.zeros(2), None, ["a"], ["f"] * 3, example.random_images(3), "alt")


def simulated(colour: str, kind: str) -> np.ndarray:
    """A colour as a colour-blind reader sees it (Machado, Oliveira and Fernandes 2009), in CIELAB."""
    matrices = {
        "normal": np.eye(3),
        "protan": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
        "deutan": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    }  # fmt: skip
    srgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(matrices[kind]) @ linear, 0, 1)
    back = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)
    return cv2.cvtColor(back[None, None].astype(np.float32), cv2.COLOR_RGB2LAB)[0, 0]


@pytest.mark.parametrize("kind", ["normal", "protan", "deutan"])
def test_colours_of_classes_can_be_told_apart(kind):
    seen = [simulated(colour, kind) for colour in style.CLASS_COLOURS]
    distances = [np.linalg.norm(a - b) for n, a in enumerate(seen) for b in seen[:n]]
    assert min(distances) > 8


def test_colour_and_marker_together_are_unique():
    pairs = {(style.class_colour(n), style.class_marker(n)) for n in range(130)}
    assert len(pairs) == 130


def test_a_drawing_of_very_many_marks_does_not_grow_with_them():
    def length(count):
        figure = style.new_figure(4, 3)
        figure.subplots().scatter(*np.random.default_rng(0).random((2, count)))
        return len(Picture(figure, "marks").source()[0])

    assert 2 * length(1000) < length(3000) and length(100_000) < length(3000)


def test_a_table_can_be_sorted_and_plotted():
    rows = [
        {"model": "a", "accuracy": Interval(0.8, 0.7, 0.9)},
        {"model": "b", "accuracy": Interval(0.9, 0.8, 1.0)},
    ]
    data = Table(rows).data().sort_values("accuracy", ascending=False)
    assert data["model"].tolist() == ["b", "a"]
    assert data[["accuracy", "accuracy, low", "accuracy, high"]].iloc[0].tolist() == [0.9, 0.8, 1.0]
    assert Table(data).data().equals(data.reset_index(drop=True)) and Table([]).data().empty


def test_whatever_can_be_shown_shows_itself_as_the_last_line_of_a_cell():
    for item in example.items():
        if not isinstance(item, str | list):
            shown = item._repr_mimebundle_()
            assert display.to_html(item) in shown["text/html"] and repr(item) == shown["text/plain"] != ""


def test_a_list_is_cut_only_where_that_is_shorter():
    assert [words.some("abcdef"[:n], 4) for n in (4, 5, 6)] == [
        "a, b, c and d",
        "a, b, c, d and e",
        "a, b, c, d and two more",
    ]
