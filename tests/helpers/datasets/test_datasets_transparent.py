"""Transparent images lie on one background, on which all of them can be seen; opaque ones stay as they are."""

import io

import cv2
import numpy as np
import pytest
from datasets_pictures import picture, save
from PIL import Image

from helpers.datasets.cache import open_cache
from helpers.datasets.decode import decode
from helpers.datasets.folders import scan
from helpers.datasets.transparent import SEEN, common_background, contrasts
from helpers.datasets.types import Rendition


@pytest.fixture(autouse=True)
def place(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path_factory.mktemp("data")))


def symbol(grey: int | tuple, size: int = 32) -> np.ndarray:
    """A disk of one colour on nothing."""
    rgba = np.zeros((size, size, 4), np.uint8)
    rgba[..., :3] = 90  # what lies below transparent pixels is not seen
    colour = grey if isinstance(grey, tuple) else (grey,) * 3
    return cv2.circle(rgba, (size // 2, size // 2), size // 3, (*colour, 255), -1)


def read(root, images: list, suffix: str = ".png"):
    """The images, half of them of each class, as a study reads them."""
    for number, one in enumerate(images):
        save(root / "ab"[number % 2] / f"{number}{suffix}", one)
    return open_cache(scan(root), 32, "crop")


@pytest.mark.parametrize(
    ("greys", "background", "said"),
    [
        (
            [0, 0, 60, 90],
            255,
            "4 images have transparent parts: what lies behind them became white, in all alike.",
        ),
        ([255] * 4, 0, "became black, in all alike, since on white 4 would hardly be seen."),
        ([255, 0, 255, 0], 127, "became mid-grey, in all alike, since on white 2 would hardly be seen."),
        ([(255, 255, 0)] * 4, 255, "became white"),  # yellow: blue tells it from white
    ],
)
def test_the_background_shows_every_image(tmp_path, greys, background, said):
    found = read(tmp_path, [symbol(grey) for grey in greys])
    assert found.survey.rendition == Rendition(background=background) and said in found.survey.told
    for file, image in zip(found.survey.files, found.images, strict=True):
        assert (image[0, 0] == background).all(), file
        assert np.abs(image[16, 16].astype(int) - background).max() > SEEN
    again = open_cache(scan(tmp_path), 32, "crop")
    assert again.survey.rendition == found.survey.rendition and again.survey.told == found.survey.told


@pytest.mark.parametrize("kind", ["LA", "P", "gif", "webp", "tif"])
def test_every_way_to_be_transparent(tmp_path, kind):
    white = Image.fromarray(symbol(255))
    if kind == "P":
        white = Image.fromarray(np.array(white)[..., 3] // 255, "P")
        white.putpalette([90, 90, 90, 255, 255, 255])
        white.info["transparency"] = 0
    elif kind == "LA":
        white = white.convert("LA")
    suffix = f".{kind}" if kind.islower() else ".png"
    for number in range(4):
        path = tmp_path / "ab"[number % 2] / f"{number}{suffix}"
        path.parent.mkdir(exist_ok=True)
        white.save(path, **({"lossless": True} if kind == "webp" else {}))
    found = open_cache(scan(tmp_path), 32, "crop")
    assert found.survey.rendition.background == 0
    assert (found.images[:, 0, 0] == 0).all() and (found.images[:, 16, 16] == 255).all()


def test_opaque_images_stay_as_they_are_beside_transparent_ones(tmp_path):
    opaque = [picture(1, 32, 32), np.dstack([picture(2, 32, 32), np.full((32, 32), 255, np.uint8)])]
    found = read(tmp_path, [*opaque, symbol(255), symbol(250)])
    assert found.survey.rendition.background == 0
    for number, pixels in enumerate(opaque):
        place = found.survey.files.index(f"{'ab'[number]}/{number}.png")
        assert np.array_equal(found.images[place], pixels[..., :3])
    assert "2 images have transparent parts" in found.survey.told


def test_nothing_is_said_of_opaque_images(tmp_path):
    found = read(tmp_path, [np.dstack([picture(i, 32, 32), np.full((32, 32), 255, np.uint8)]) for i in range(4)])
    assert found.survey.told == "" and found.survey.rendition == Rendition()


def test_sixteen_bits_and_transparent():
    values = (symbol(255).astype(np.uint16) * 257)[..., [2, 1, 0, 3]]
    data = cv2.imencode(".png", values)[1].tobytes()
    pixels = decode(data, rendition=Rendition(background=0)).pixels
    assert pixels[0, 0].tolist() == [0, 0, 0] and pixels[16, 16].tolist() == [255, 255, 255]
    assert decode(data).pixels[0, 0].tolist() == [255, 255, 255]


def test_contrast_is_the_root_mean_square_of_what_is_seen():
    half = np.full((2, 2, 4), 255, np.uint8)
    half[..., 3] = [[128, 128], [0, 0]]
    assert contrasts(half) == pytest.approx([0, 128 / 255 * 128, 128], rel=1e-9)
    assert contrasts(np.full((2, 2, 4), 255, np.uint8)) is None  # opaque
    assert contrasts(np.zeros((2, 2, 4), np.uint8)) is None  # nothing to be seen
    outlined = symbol(255)
    outlined[cv2.circle(np.zeros((32, 32), np.uint8), (16, 16), 10, 1, 1) > 0] = (0, 0, 0, 255)
    assert contrasts(outlined)[0] > SEEN  # a white disk with a dark edge can be seen on white


def test_borders_of_what_is_said():
    assert common_background([]) == (255, "")
    background, told = common_background([np.array([SEEN, 100.0, 200.0])])
    assert background == 255 and told.startswith("1 image has transparent parts")
    background, told = common_background([np.array([0.0, 127.0, 255.0]), np.array([127.0, 5.0, 128.0]),
                                          np.array([255.0, 127.0, 0.0])])  # fmt: skip
    assert background == 127 and told.endswith(
        "since on white 1 would hardly be seen; 1 can hardly be seen there."
    )


def test_a_gif_keeps_its_first_frame():
    buffer = io.BytesIO()
    Image.fromarray(symbol(255)).save(buffer, "GIF")
    assert decode(buffer.getvalue(), rendition=Rendition(background=0)).pixels[0, 0].tolist() == [0, 0, 0]
