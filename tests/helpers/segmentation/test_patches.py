"""Large images mapped patch by patch: every pixel is covered, votes are averaged, batches change nothing."""

import numpy as np
import pytest
import torch

from helpers.base.errors import CourseError
from helpers.datasets.decode import resize
from helpers.models import build
from helpers.segmentation.patches.predictor import PatchPredictor, quicker
from helpers.segmentation.patches.windows import averaged, cut, starts, voters
from helpers.study.study import ModelSpec

CLASSES = ("sand", "sea", "snow")


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return build(ModelSpec(architecture="cnn", blocks=[(4, 2), (8, 2)], batch_norm=True), len(CLASSES), 16).eval()


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (53, 70, 3), dtype=np.uint8)


def predictor(model, **changes):
    cut_by = {"patch": 16, "stride": 8, "size": 16} | changes
    return PatchPredictor(model, CLASSES, key="k", device=torch.device("cpu"), **cut_by)


@torch.no_grad()
def one_by_one(model, image, patch, stride):
    """The plain loop, patches of the size that the network sees."""
    total, votes = np.zeros((*image.shape[:2], len(CLASSES))), np.zeros((*image.shape[:2], 1))
    tops = sorted({*range(0, image.shape[0] - patch + 1, stride), image.shape[0] - patch})
    lefts = sorted({*range(0, image.shape[1] - patch + 1, stride), image.shape[1] - patch})
    for top in tops:
        for left in lefts:
            place = np.s_[top : top + patch, left : left + patch]
            pixels = torch.from_numpy(image[place].copy()).permute(2, 0, 1)[None]
            total[place] += model(model.preprocess(pixels)).softmax(1)[0].numpy()
            votes[place] += 1
    return (total / votes).transpose(2, 0, 1)


@pytest.mark.parametrize(("length", "patch", "stride"), [(64, 16, 8), (53, 16, 8), (16, 16, 16), (17, 16, 3)])
def test_patches_cover_every_pixel_and_end_with_the_image(length, patch, stride):
    begins = starts(length, patch, stride)
    assert begins[0] == 0 and begins[-1] == length - patch
    assert (np.diff(begins) > 0).all() and (np.diff(begins) <= stride).all()
    shares = voters(length, patch, stride)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    assert ((shares > 0).sum(axis=0) == patch).all()


def test_a_side_shorter_than_a_patch_is_refused():
    with pytest.raises(ValueError, match="shorter than a patch"):
        starts(15, 16, 8)


def test_patches_come_row_by_row_in_batches(image):
    batches = list(cut(image, 16, 8, 16, most=7))
    patches = np.concatenate(batches)
    assert [len(batch) for batch in batches[:-1]] == [7] * (len(batches) - 1) and len(batches[-1]) <= 7
    across = len(starts(70, 16, 8))
    np.testing.assert_array_equal(patches[1], image[:16, 8:24])
    np.testing.assert_array_equal(patches[across], image[8:24, :16])
    np.testing.assert_array_equal(patches[-1], image[-16:, -16:])


@pytest.mark.parametrize("stride", [8, 7])
def test_patches_are_reduced_as_each_would_be_by_itself(image, stride):
    square = np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)[:96, :128] // 3 + image[:1, :1]
    found = np.concatenate(list(cut(square, 32, stride, 16, most=1000)))
    tops, lefts = starts(96, 32, stride), starts(128, 32, stride)
    expected = [resize(square[y : y + 32, x : x + 32], 16, "squash") for y in tops for x in lefts]
    np.testing.assert_array_equal(found, np.stack(expected))


def test_a_pixel_has_the_mean_of_the_patches_that_cover_it():
    votes = np.random.default_rng(1).random((3, 2, 4)).astype(np.float32)
    tops, lefts = starts(20, 8, 6), starts(12, 8, 6)
    found = averaged(votes, voters(20, 8, 6), voters(12, 8, 6))
    for y, x in [(0, 0), (7, 5), (19, 11), (9, 3)]:
        over = [
            votes[i, k]
            for i, top in enumerate(tops)
            for k, left in enumerate(lefts)
            if top <= y < top + 8 and left <= x < left + 8
        ]
        np.testing.assert_allclose(found[:, y, x], np.mean(over, axis=0), atol=1e-6)


@pytest.mark.parametrize("stride", [8, 5, 16])
def test_batches_give_the_map_of_the_plain_loop(model, image, stride):
    found = predictor(model, stride=stride)(torch.from_numpy(image).permute(2, 0, 1)[None])
    assert found.shape == (1, 3, 53, 70) and found.dtype == torch.float32
    np.testing.assert_allclose(found[0].numpy(), one_by_one(model, image, 16, stride), atol=1e-5)


def test_a_large_image_is_mapped_in_bands_to_the_same_map(model, image, monkeypatch):
    monkeypatch.setattr("helpers.segmentation.patches.predictor.BAND", 10)
    mapper = predictor(model)
    whole = mapper(torch.from_numpy(image).permute(2, 0, 1)[None])[0].numpy()
    rows = [rows for rows, _ in mapper.bands(image)]
    assert len(rows) == 6 and max(one.stop - one.start for one in rows) == 10
    prediction, confidence = mapper.map_of(image)
    np.testing.assert_array_equal(prediction, whole.argmax(axis=0))
    np.testing.assert_allclose(confidence, whole.max(axis=0), atol=1e-6)


def test_patches_of_another_size_are_brought_to_that_of_training(model):
    flat = np.full((64, 64, 3), 90, np.uint8)
    small, large = (predictor(model, patch=patch, stride=8).votes(flat) for patch in (16, 32))
    assert small.shape == (7, 7, 3) and large.shape == (5, 5, 3)
    np.testing.assert_allclose(small[0, 0], large[0, 0], atol=1e-6)


def test_an_image_smaller_than_a_patch_is_refused_in_one_sentence(model):
    with pytest.raises(CourseError, match="70 × 12 pixels is smaller than a patch of 16"):
        predictor(model).votes(np.zeros((12, 70, 3), np.uint8))


def test_the_key_names_how_the_image_is_cut(model):
    assert predictor(model).key == predictor(model).key
    assert len({predictor(model).key, predictor(model, stride=4).key, predictor(model, patch=32).key}) == 3


class Crossed(torch.nn.Module):
    """Lists a normalisation behind a convolution that it does not follow."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 3, 1)
        self.norm = torch.nn.BatchNorm2d(3).requires_grad_(False)
        self.norm.running_mean += 5

    def preprocess(self, images):
        return images.float() / 255

    def forward(self, batch):
        return self.conv(self.norm(batch)).relu().mean(dim=(2, 3))


def test_normalisations_are_folded_only_where_the_network_stays_the_same(model):
    def norms(one):
        return sum(isinstance(part, torch.nn.BatchNorm2d) for part in one.modules())

    assert norms(model) == 2 and norms(quicker(model, 16)) == 0
    torch.manual_seed(0)
    crossed = Crossed().eval()
    assert norms(quicker(crossed, 8)) == 1
