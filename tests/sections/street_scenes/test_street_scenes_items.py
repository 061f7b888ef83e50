import numpy as np
import pytest

from helpers.datasets.streets.types import IGNORE
from helpers.show.display import to_html
from helpers.show.scene_cards import SceneCard, SceneGallery
from helpers.show.scenes import (
    NOT_COUNTED,
    PANEL,
    RIGHT,
    WRONG,
    colour_mask,
    confidence_map,
    error_map,
    legend,
    overlay,
    shrunk,
)
from sections.street_scenes.class_mix.tables import truth_photos
from sections.street_scenes.failures.tables import result_photos

COLOURS = np.array([[10, 20, 30], [200, 100, 0]], np.uint8)
LABEL = np.array([[0, 1], [IGNORE, 1]], np.uint8)
IMAGE = np.full((2, 2, 3), 100, np.uint8)


def test_a_mask_has_the_colour_of_each_class_and_black_where_nothing_counts():
    assert colour_mask(LABEL, COLOURS).tolist() == [[[10, 20, 30], [200, 100, 0]], [[0, 0, 0], [200, 100, 0]]]


def test_an_overlay_leaves_ignored_pixels_as_they_are():
    mixed = overlay(IMAGE, LABEL, COLOURS, opacity=0.5)
    assert mixed[1, 0].tolist() == [100, 100, 100]
    assert mixed[0, 1].tolist() == [150, 100, 50]
    assert (overlay(IMAGE, LABEL, COLOURS, opacity=0) == IMAGE).all()


def test_an_error_map_tells_right_wrong_and_not_counted():
    found = error_map(LABEL, np.array([[0, 0], [0, 1]], np.uint8))
    assert [tuple(pixel) for pixel in found.reshape(-1, 3).tolist()] == [RIGHT, WRONG, NOT_COUNTED, RIGHT]
    dark_above = np.repeat(np.array([[0, 0], [255, 255]], np.uint8)[..., None], 3, axis=2)
    shaded = error_map(LABEL, np.zeros((2, 2), np.uint8), dark_above)
    assert shaded[0, 1].sum() < shaded[1, 1].sum()


def test_a_confidence_map_grows_lighter_with_confidence_and_takes_nan():
    light = confidence_map(np.array([[0.0, 0.3, 0.6, 1.0, 2.0, np.nan]])).astype(int).sum(-1)[0]
    assert (np.diff(light[:4]) > 0).all()
    assert light[4] == light[3] and light[5] == light[0]


def test_scenes_are_shrunk_to_the_width_of_a_page_and_labels_keep_their_values():
    label = np.repeat(np.array([[0, IGNORE]], np.uint8), 1000, 1).repeat(300, 0)
    small = shrunk(label)
    assert small.shape == (72, PANEL) and set(np.unique(small)) == {0, IGNORE}
    assert shrunk(IMAGE) is IMAGE


@pytest.mark.parametrize("count", [1, 7, 19, 40])
def test_a_legend_names_every_class(count):
    names = [f"class $x_{number}" for number in range(count)]
    picture = legend(names, np.zeros((count, 3), np.uint8))
    assert names[-1] in picture.alt
    assert picture.pixels(dpi=40).std() > 0


def test_a_gallery_of_scenes_is_escaped_and_has_alternative_text():
    photos = [
        *truth_photos(IMAGE, LABEL, COLOURS, "<b>one"),
        *result_photos(IMAGE, LABEL, LABEL % 2, np.ones((2, 2)), COLOURS, "<b>one"),
    ]
    html = to_html(gallery := SceneGallery([SceneCard(photos, "<i>", {"IoU": 0.5}, "why <u>")], "<s>"))
    assert html.count("<img") == 8 == html.count("alt=")
    assert not any(tag in html for tag in ("<b>", "<i>", "<u>", "<s>"))
    assert "IoU: 0.5" in gallery.text() and "why <u>" in gallery.text()
