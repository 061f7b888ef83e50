"""Clouds of features: the sample of images, the layouts, and what is said of them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.metrics.embedding import neighbour_agreement
from helpers.metrics.neighbours import sample_parts
from helpers.training.loop import Outputs
from sections.one_model.embedding import pictures as plots
from sections.one_model.embedding import sentences as readings
from sections.one_model.embedding.measured import embed

CLASSES = ("left", "right", "<i>far</i>")


def outputs(count, seed, spread=1.0, start=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    features = (6 * np.eye(3)[labels] @ rng.normal(size=(3, 20)) + spread * rng.normal(size=(count, 20))).astype(
        np.float32
    )
    return Outputs(np.eye(3, dtype=np.float32)[labels], features, labels, start + np.arange(count))


@pytest.fixture(scope="module")
def run():
    train, val = outputs(240, 0), outputs(80, 0, start=240)
    parts = {"train": train, "val": val}
    return SimpleNamespace(outputs=parts.__getitem__, classes=CLASSES)


@pytest.fixture(scope="module")
def cloud(run):
    return embed(run, most_shown=160, perplexity=15)


def test_every_class_keeps_its_share_in_either_part():
    labels = [np.repeat([0, 1, 2], [60, 30, 10]), np.repeat([0, 1], [20, 1])]
    first, second = sample_parts(labels, 60, seed=0)
    share = 60 / 121
    assert np.bincount(labels[0][first]).tolist() == [round(60 * share), round(30 * share), round(10 * share)]
    assert np.bincount(labels[1][second]).tolist() == [round(20 * share), 1]
    assert len(np.concatenate(sample_parts(labels, 500, seed=0))) == 121


def test_the_layouts_keep_well_separated_classes_apart(cloud):
    assert cloud.flat.shape == (161, 2) and cloud.solid.shape == (161, 3) and cloud.available == 320
    purity = {name: one.interval.value for name, one in cloud.purities.items()}
    assert purity["features"] > 0.95 and min(purity.values()) > 0.85
    assert cloud.is_val.sum() == 41 and set(cloud.index[cloud.is_val]) <= set(range(240, 320))
    np.testing.assert_allclose(cloud.mixing.sum(1), 1)


def test_the_same_arguments_give_the_same_layout(run, cloud):
    again = embed(run, most_shown=160, perplexity=15)
    np.testing.assert_array_equal(again.flat, cloud.flat)
    np.testing.assert_array_equal(again.solid, cloud.solid)


def test_pictures_have_texts_and_names_are_escaped(cloud):
    splits = SimpleNamespace(images=np.zeros((320, 16, 16, 3), np.uint8), files=[f"{i}.jpg" for i in range(320)])
    for picture in (plots.flat(cloud, "CNN"), plots.solid(cloud, "CNN")):
        assert "purity" in picture.alt and "161 of 320" in picture.caption
    turned = plots.to_turn(cloud, splits, "CNN")
    assert len(turned.names) == 161 and "<i>far</i>" not in turned.html()
    assert turned.thumbnails.shape == (161, plots.POINTED_AT, plots.POINTED_AT, 3)


def test_readings_say_what_the_numbers_say(run, cloud):
    rows = readings.purity_table(cloud, [run, run]).rows()
    assert rows[0]["Purity"] == cloud.purities["features"].interval and "Purity, 2 seeds" in rows[0]
    assert len(rows) == 3 and "Purity, 2 seeds" not in rows[1]
    assert "validation images" in readings.new_images(cloud)
    assert "“left”" in readings.mixed_classes(cloud) or "No image has" in readings.mixed_classes(cloud)


def test_features_in_fewer_dimensions_than_the_picture_are_laid_out():
    parts = {name: replace(one, features=one.features[:, :2]) for name, one in
             (("train", outputs(60, 1)), ("val", outputs(20, 2, start=60)))}  # fmt: skip
    cloud = embed(SimpleNamespace(outputs=parts.__getitem__, classes=CLASSES), perplexity=5)
    assert cloud.solid.shape == (80, 3) and np.isfinite(cloud.solid).all()


def test_points_at_one_place_are_not_their_own_neighbours():
    points, labels = np.zeros((6, 2)), np.array([0, 1, 1, 1, 1, 1])
    assert neighbour_agreement(points, labels, 2, asked=np.array([0, 5])).tolist() == [0, 0.5]


def test_a_picture_that_flatters_is_called_so(run):
    noisy = {part: outputs(count, seed, spread=8.0) for part, count, seed in (("train", 90, 3), ("val", 30, 3))}
    cloud = embed(SimpleNamespace(outputs=noisy.__getitem__, classes=CLASSES), most_shown=120, perplexity=8)
    object.__setattr__(cloud, "flat", np.eye(3)[cloud.labels][:, :2] + 0.0)  # as pure as a picture can be
    told = readings.does_the_picture_flatter(cloud)
    assert "In two dimensions the picture flatters" in told
