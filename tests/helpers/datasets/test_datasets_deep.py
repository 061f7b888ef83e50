"""Images of more than eight bits, or of many bands: one range for the whole set, and it is told."""

import io

import cv2
import numpy as np
import pytest
import tifffile
from datasets_pictures import picture
from PIL import Image

from helpers.datasets.cache import open_cache
from helpers.datasets.decode import UnreadableImage, decode
from helpers.datasets.folders import scan
from helpers.datasets.types import Rendition, Spread

GREY = picture(0)[..., 0]


def stored(root, images):
    """Two classes of images, given as arrays or bytes with their suffix."""
    for name in ("dim", "bright"):
        for number, (values, suffix) in enumerate(images[name]):
            path = root / name / f"{number}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(values, bytes):
                path.write_bytes(values)
            elif suffix == ".tif":
                tifffile.imwrite(path, values)
            else:
                assert cv2.imwrite(str(path), values)
    return root


@pytest.fixture(autouse=True)
def place(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path_factory.mktemp("data")))


def read(root, bands=None):
    return open_cache(scan(root), 32, "crop", bands)


def middle(cached, name):
    """Mean pixel of each image of a class, in the order of the files."""
    chosen = [number for number, file in enumerate(cached.survey.files) if file.startswith(name)]
    return cached.images[chosen].mean(axis=(1, 2, 3))


def flat(value, dtype=np.uint16):
    return np.full((32, 32), value, dtype)


@pytest.mark.parametrize(("largest", "end"), [(255, 255), (1000, 1023), (3900, 4095), (4095, 4095), (4096, 16383),
                                              (65535, 65535)])  # fmt: skip
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_whole_numbers_span_the_fewest_bits_that_hold_them(tmp_path, largest, end, suffix):
    values = np.linspace(0, largest, 12).round().astype(np.uint16)
    images = {"dim": [(flat(v), suffix) for v in values[:6]], "bright": [(flat(v), suffix) for v in values[6:]]}
    found = read(stored(tmp_path, images))
    assert np.abs(np.r_[middle(found, "dim"), middle(found, "bright")] - 255.0 * values / end).max() <= 0.5
    assert found.survey.rendition.spread == Spread(0, end)
    assert found.survey.told == (
        f"12 images have more than 8 bits a channel, with values from 0 to {largest:,}: 0 to {end:,} became 0 to "
        "255, in all alike."
    )


@pytest.mark.parametrize(
    ("low", "high", "spread"),
    [
        (0.1, 0.9, (0, 1)),
        (0.03, 1.04, (0, 1.04)),
        (3, 240, (0, 255)),
        (-2.5, 3.5, (-2.5, 3.5)),
        (0, 5000, (0, 5000)),
    ],
)
def test_numbers_with_a_fraction_have_one_range_for_all_images(tmp_path, low, high, spread):
    values = np.linspace(low, high, 12).astype(np.float32)
    images = {"dim": [(flat(v, np.float32), ".tif") for v in values[:6]],
              "bright": [(flat(v, np.float32), ".tif") for v in values[6:]]}  # fmt: skip
    found = read(stored(tmp_path, images))
    expected = 255 * (values - spread[0]) / (spread[1] - spread[0])
    assert np.abs(np.r_[middle(found, "dim"), middle(found, "bright")] - expected).max() <= 1
    assert found.survey.rendition.spread == pytest.approx(spread, rel=1e-5)


def test_what_has_eight_bits_stays_as_it_is_beside_it(tmp_path):
    images = {"dim": [(flat(90 + v, np.uint8), ".png") for v in range(6)],
              "bright": [(flat(2000 + v), ".png") for v in range(6)]}  # fmt: skip
    found = read(stored(tmp_path, images))
    assert middle(found, "dim").tolist() == [90, 91, 92, 93, 94, 95]
    assert found.survey.told.startswith("6 images have more than 8 bits")


def test_no_remark_where_all_have_eight_bits(tmp_path):
    images = {name: [(flat(90 + v, np.uint8), ".png") for v in range(6)] for name in ("dim", "bright")}
    found = read(stored(tmp_path, images))
    assert found.survey.told == "" and found.survey.rendition == Rendition()


@pytest.mark.parametrize("suffix", [".png", ".tif", ".ppm"])
def test_colours_of_sixteen_bits_keep_their_order_and_their_levels(tmp_path, suffix):
    deep = picture(0).astype(np.uint16) * 16  # 12 bits
    save_as = cv2.imencode(suffix, deep[..., ::-1])[1].tobytes()
    seen = decode(
        save_as, rendition=Rendition(Spread(0, 4095)) if suffix != ".ppm" else Rendition()
    ).pixels.astype(int)
    if suffix == ".ppm":  # it says its largest value itself, and Pillow goes by that
        assert np.abs(seen - deep / 65535 * 255).max() <= 1
    else:
        assert np.abs(seen - deep / 4095 * 255).max() <= 0.5


def test_values_that_are_none(tmp_path):
    values = np.array([[np.nan, np.inf], [0.0, 2.0]], np.float32)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "TIFF")
    assert decode(buffer.getvalue()).pixels[..., 0].tolist() == [[0, 255], [0, 255]]


@pytest.mark.parametrize("planar", [False, True])
def test_three_of_many_bands(tmp_path, planar):
    bands = np.stack([flat(100 * band) for band in range(1, 14)], axis=0 if planar else 2)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, bands, photometric="minisblack", planarconfig="separate" if planar else "contig")
    data = buffer.getvalue()
    with pytest.raises(UnreadableImage, match=r"has 13 bands: say which three to look at, as bands: \[3, 2, 1\]"):
        decode(data)
    with pytest.raises(UnreadableImage, match="has 13 bands: there is no number 14"):
        decode(data, rendition=Rendition(bands=(14, 1, 2)))
    seen = decode(data, rendition=Rendition(Spread(0, 2000), (4, 3, 2)))
    assert seen.size == (32, 32) and seen.pixels[0, 0].tolist() == [51, 38, 26]


def test_a_set_of_many_bands_is_read_as_the_study_says(tmp_path):
    def image(first):
        buffer = io.BytesIO()
        bands = np.stack([flat(first + band) for band in range(6)], axis=2)
        tifffile.imwrite(buffer, bands, photometric="minisblack", planarconfig="contig")
        return buffer.getvalue(), ".tif"

    images = {"dim": [image(10 + v) for v in range(6)], "bright": [image(900 + v) for v in range(6)]}
    found = read(stored(tmp_path, images), (6, 1, 1))
    assert found.survey.rendition == Rendition(Spread(0, 1023), (6, 1, 1)) and not found.survey.unreadable
    assert found.images[0, 0, 0].tolist() == [226, 224, 224]
