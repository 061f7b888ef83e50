"""Facts of images drawn so that the facts are known."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.stats

from helpers.metrics.checks import MetricError
from helpers.metrics.image_facts import measure


def plain(*rgb: int) -> np.ndarray:
    return np.full((1, 8, 8, 3), rgb, dtype=np.uint8)


def noise(n: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 24, 20, 3), dtype=np.uint8)


def test_plain_images():
    black, white, grey = measure(plain(0, 0, 0)), measure(plain(255, 255, 255)), measure(plain(51, 51, 51))
    assert (black.brightness[0], white.brightness[0]) == (0, 1)
    assert grey.brightness[0] == pytest.approx(0.2)
    for facts in (black, white, grey):
        assert facts.contrast[0] == facts.sharpness[0] == facts.colourfulness[0] == 0


@pytest.mark.parametrize(("rgb", "luma"), [((255, 0, 0), 0.299), ((0, 255, 0), 0.587), ((0, 0, 255), 0.114)])
def test_brightness_weighs_red_green_and_blue_as_the_eye_does(rgb, luma):
    assert measure(plain(*rgb)).brightness[0] == pytest.approx(luma, abs=0.003)


def test_half_black_half_white_has_all_the_contrast_there_is():
    image = plain(0, 0, 0)
    image[:, :, 4:] = 255
    assert measure(image).contrast[0] == pytest.approx(0.5)


def test_colourfulness_of_one_colour_by_hand():
    # red only: rg = 255, yb = 127.5, no deviation
    assert measure(plain(255, 0, 0)).colourfulness[0] == pytest.approx(0.3 * np.hypot(255, 127.5))
    assert measure(plain(0, 0, 255)).colourfulness[0] == pytest.approx(0.3 * 255)


def test_facts_of_noise_equal_independent_formulas():
    images = noise()
    facts = measure(images)
    for i, image in enumerate(images.astype(float)):
        luma = np.round(image @ [0.299, 0.587, 0.114])
        assert facts.brightness[i] == pytest.approx(luma.mean() / 255, abs=1e-3)
        assert facts.contrast[i] == pytest.approx(luma.std() / 255, abs=1e-3)
        assert facts.sharpness[i] == pytest.approx(scipy.ndimage.laplace(luma, mode="mirror").var(), rel=0.01)
        rg, yb = image[..., 0] - image[..., 1], image[..., :2].mean(-1) - image[..., 2]
        spread = np.sqrt(rg.std() ** 2 + yb.std() ** 2)
        expected = spread + 0.3 * np.sqrt(rg.mean() ** 2 + yb.mean() ** 2)
        assert facts.colourfulness[i] == pytest.approx(expected, rel=1e-4)


def test_blurring_takes_sharpness_and_leaves_brightness():
    images = noise(1)
    blurred = scipy.ndimage.uniform_filter(images, size=(0, 3, 3, 0))
    assert measure(blurred).sharpness[0] < measure(images).sharpness[0] / 5
    assert measure(blurred).brightness[0] == pytest.approx(measure(images).brightness[0], abs=0.02)


def test_no_images_have_no_facts():
    assert measure(noise(0)).brightness.shape == (0,)


@pytest.mark.parametrize("images", [np.ones((2, 4, 4, 3)), noise()[0], noise()[..., :1], [[1, 2]]])
def test_what_is_no_stack_of_images_is_refused(images):
    with pytest.raises(MetricError):
        measure(images)
