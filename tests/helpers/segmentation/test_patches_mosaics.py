"""Mosaics: laid from test tiles only, known to the pixel, the same each time, and scored like street scenes."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from course_chapters import STREET_CHAPTERS
from made_up_splits import made_up_splits

from helpers.base.errors import CourseError
from helpers.datasets.types import DataError
from helpers.segmentation import evaluation
from helpers.segmentation.patches.colours import PALETTE, colours_like
from helpers.segmentation.patches.large import ClassMap, find_images, map_images
from helpers.segmentation.patches.laying import fill, irregular_regions, like_one
from helpers.segmentation.patches.mosaics import deal, open_mosaics
from helpers.segmentation.patches.patches import Patches
from helpers.segmentation.patches.predictor import PatchPredictor
from helpers.study.patches import PatchSpec
from runner import shards
from sections.patches.cameras.measured import sweep, travel
from sections.patches.cutting.measured import try_settings, ways_to_cut

CLASSES = ("dark", "middle", "light")
TEST = list(range(30, 60))
SPEC = PatchSpec(patch=16, stride=8, mosaics=6, mosaic_size=96, regions=5)


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("IMAGE_COURSE_RUNS", str(tmp_path / "runs"))


def splits(**more):
    """Every tile is of one grey: test tiles of the three classes around 30, 130, 230; training tiles are red."""
    labels = [number % 3 for number in range(60)]
    made = made_up_splits(labels, list(range(25)), list(range(25, 30)), TEST, classes=CLASSES, **more)
    greys = np.array([30, 130, 230])[made.labels] + np.arange(60) % 7
    made.images[:] = greys[:, None, None, None].astype(np.uint8)
    made.images[made.train] = (255, 0, 0)
    return made


def test_the_truth_of_every_pixel_is_the_class_of_its_tile():
    mosaics = open_mosaics(splits(), SPEC, seed=0)
    assert len(mosaics) == 6 and mosaics.classes == CLASSES
    for position in range(6):
        image, label = mosaics.read_image(position), mosaics.read_label(position)
        assert image.shape == (96, 96, 3) and label.shape == (96, 96)
        assert set(np.unique(label)) == {0, 1, 2}
        apart = np.abs(image.astype(int).mean(axis=2)[..., None] - np.array([33, 133, 233]))
        np.testing.assert_array_equal(apart.argmin(axis=2), label)


def test_no_tile_of_training_is_laid():
    mosaics = open_mosaics(splits(), SPEC, seed=0)
    images = np.stack([mosaics.read_image(position) for position in range(len(mosaics))]).astype(int)
    assert np.abs(images[..., 0] - images[..., 1]).max() == 0  # training tiles would be red


def test_mosaics_are_the_same_each_time_and_others_with_another_seed():
    first, again, other = (open_mosaics(splits(), SPEC, seed=seed) for seed in (0, 0, 1))
    assert first.fingerprint == again.fingerprint != other.fingerprint
    np.testing.assert_array_equal(first.read_image(3), again.read_image(3))
    assert not np.array_equal(first.read_label(0), other.read_label(0))


def test_damaged_mosaics_are_laid_again():
    first = open_mosaics(splits(), SPEC, seed=0)
    before = first.read_label(2)
    path = first.root / first.scenes[2].label
    path.write_bytes(path.read_bytes()[:-20])
    np.testing.assert_array_equal(open_mosaics(splits(), SPEC, seed=0).read_label(2), before)
    (first.root / "checksums.json").write_text(json.dumps(["not", "digests"]))
    np.testing.assert_array_equal(open_mosaics(splits(), SPEC, seed=0).read_label(2), before)


def test_sheets_share_no_tile_and_no_near_duplicate():
    groups = list(range(60))
    groups[33], groups[36], groups[31] = 30, 30, 34
    made = splits(groups=groups)
    sheets = deal(made, mosaics=6, seed=0)
    assert len(sheets) == 6
    assert sorted(np.concatenate(sheets).tolist()) == TEST
    of_group = [set(made.groups[sheet].tolist()) for sheet in sheets]
    assert sum(map(len, of_group)) == len(set.union(*of_group))
    assert all(set(made.labels[sheet].tolist()) == {0, 1, 2} for sheet in sheets)


def test_there_are_no_more_sheets_than_a_class_has_groups():
    groups = [0 if number >= 30 and number % 3 == 0 and number < 54 else number for number in range(60)]
    assert len(deal(splits(groups=groups), mosaics=6, seed=0)) == 3


def test_a_class_without_test_tiles_is_named():
    made = splits()
    made.labels[made.test] = np.array([0, 2])[np.arange(30) % 2]
    with pytest.raises(DataError, match="no test tile shows 'middle'"):
        open_mosaics(made, SPEC, seed=0)


def test_regions_are_irregular_and_all_there():
    regions = irregular_regions(6, 128, np.random.default_rng(0))
    assert set(np.unique(regions)) == set(range(6))
    border = np.abs(np.diff(regions.astype(int), axis=1)).astype(bool).argmax(axis=1)
    assert len(np.unique(border)) > 20  # a straight line would be in few columns


def test_laid_tiles_keep_mean_and_contrast():
    rng = np.random.default_rng(0)
    tiles = np.clip(rng.normal(120, 20, (6, 32, 32, 3)), 0, 255).astype(np.uint8)
    laid = fill(tiles, (150, 170), rng)
    assert laid.shape == (150, 170, 3)
    assert abs(laid.mean() - 120) < 2 and abs(laid.std() - 20) < 2


def test_a_region_has_tiles_that_look_alike():
    greys = np.array([10, 12, 14, 200, 202, 204], np.uint8)
    tiles = np.broadcast_to(greys[:, None, None, None], (6, 4, 4, 3))
    for seed in range(5):
        assert np.ptp(like_one(tiles, np.random.default_rng(seed)).astype(int)) <= 4


def test_colours_of_a_map_are_those_of_the_palette_nearest_to_the_classes():
    made = made_up_splits([0, 1, 2] * 10, list(range(21)), [21, 22, 23], list(range(24, 30)), classes=CLASSES)
    made.images[:] = np.array([(70, 90, 140), (80, 120, 70), (220, 220, 220)], np.uint8)[made.labels][
        :, None, None
    ]
    water, wood, cloud = colours_like(made).astype(int)
    assert water.argmax() == 2 and wood.argmax() == 1 and np.ptp(cloud) < 15
    many = made_up_splits(list(range(20)), list(range(20)), [], [], classes=tuple(map(str, range(20))))
    assert len(colours_like(many)) == 20 and tuple(colours_like(many)[len(PALETTE)]) == tuple(PALETTE[0])


class Brightness(torch.nn.Module):
    """A network that is right on every tile: it knows the three greys."""

    def preprocess(self, images):
        return images.float().mean(dim=(1, 2, 3))[:, None]

    def forward(self, batch):
        return -(batch - torch.tensor([33.0, 133.0, 233.0])).abs() / 10


def by_brightness(patch=16, stride=8):
    return PatchPredictor(
        Brightness().eval(), CLASSES, patch=patch, stride=stride, size=16, key="bright",
        device=torch.device("cpu"),
    )  # fmt: skip


@pytest.fixture
def part():
    study = SimpleNamespace(name="toys", patches=SPEC, seed=0, image_size=16, sample_folder=None,
                            chapters=SimpleNamespace(fine_tuned="fine", augmented="more"))  # fmt: skip
    made = Patches(study, splits(), lambda name, seed: SimpleNamespace(name=name, title=name.title()))
    for patch, stride in ways_to_cut(SPEC.patch, SPEC.stride, SPEC.mosaic_size):
        made._predictors["fine", 0, patch, stride] = by_brightness(patch, stride)
    return made


def test_mosaics_are_scored_like_street_scenes(part):
    found = part.evaluate("target")
    assert part.names == ["fine"] and part.remedy == "more"
    assert found.matrix.sum() == 6 * 96 * 96 and found.size == 96
    np.testing.assert_array_equal(found.matrices, found.network_matrices)
    far, near = found.band_matrices[3:].sum(0), found.band_matrices[0]
    assert np.trace(far) / far.sum() > np.trace(near) / near.sum() > 0.3
    image, label, prediction, confidence = part.scene("home", 1)
    assert image.shape == (96, 96, 3) and confidence.max() <= 1
    expected = found.matrices[1].trace() / found.matrices[1].sum()
    assert (label == prediction).mean() == pytest.approx(expected)


def test_ways_of_cutting_are_compared_on_the_same_mosaics(part):
    assert ways_to_cut(16, 8, 96) == [(16, 8), (16, 16), (16, 4), (8, 4), (32, 8)]
    assert ways_to_cut(16, 1, 16) == [(16, 1), (16, 16)]
    found = try_settings(part)
    assert found[0].difference is None and found[0].patches == 121
    for one in found[1:]:
        assert one.difference.value == pytest.approx(one.mean_iou.value - found[0].mean_iou.value)
    assert found[3].mean_iou.value > found[0].mean_iou.value > found[1].mean_iou.value


def test_shards_count_all_that_chapters_ask_of_mosaics(part, monkeypatch):
    part._predictors["more", 0, SPEC.patch, SPEC.stride] = by_brightness()
    part.study.seeds = 1
    monkeypatch.setattr(shards, "Chapter", lambda *_: SimpleNamespace(patches=part))
    for chapter in STREET_CHAPTERS:
        for number in (1, 0):
            shards.evaluate_shard(part.study, chapter, number, 2)
    part.shard = (0, 1)
    monkeypatch.setattr(evaluation, "_make_part", pytest.fail)
    part.over_seeds("target")
    try_settings(part)
    sweep(part, travel(part))


def test_more_classes_than_a_map_can_hold_are_refused():
    study = SimpleNamespace(name="toys", patches=SPEC)
    with pytest.raises(CourseError, match="'toys' has 300 classes, and a map holds at most 254"):
        Patches(study, SimpleNamespace(classes=tuple(range(300))), None)


def test_large_images_are_found_and_a_damaged_one_is_left_out(tmp_path, caplog):
    import cv2

    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "b.png"), image)
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("x")
    cv2.imwrite(str(tmp_path / "c.png"), image[:10])
    assert [path.name for path in find_images(tmp_path)] == ["a.jpg", "b.png", "c.png"]
    assert find_images(tmp_path / "nowhere") == []
    (one,) = map_images(by_brightness(), find_images(tmp_path))
    assert one.name == "b.png" and one.prediction.shape == (40, 60) and one.patches == 4 * 7
    assert "a.jpg" in caplog.text and "c.png is left out" in caplog.text


def test_shares_and_sureness_of_a_map():
    prediction = np.array([[0, 0, 0, 2]], np.uint8)
    one = ClassMap("x", np.zeros((1, 4, 3), np.uint8), prediction, np.float32([[0.4, 0.6, 0.8, 0.5]]), 1)
    np.testing.assert_allclose(one.shares(3), [0.75, 0, 0.25])
    np.testing.assert_allclose(one.sureness(3), [0.6, np.nan, 0.5], rtol=1e-6)
