"""Clouds of features: the sample of images, the layouts, and what is said of them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.metrics.embedding import neighbour_agreement
from helpers.metrics.intervals import Interval
from helpers.metrics.neighbours import sample_parts
from helpers.training.loop import Outputs
from sections.one_model.embedding import measured as embedding
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
    train = outputs(400, 0, spread=0.5)
    parts = {"train": train, "val": outputs(80, 0, start=400), "test": outputs(240, 0, start=480)}
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
    assert cloud.is_val.sum() == 41 and set(cloud.index[cloud.is_val]) <= set(range(400, 480))
    assert set(cloud.index) <= set(range(400, 720))  # no image that the network was trained on
    np.testing.assert_allclose(cloud.mixing.sum(1), 1)


def test_the_same_arguments_give_the_same_layout(run, cloud):
    again = embed(run, most_shown=160, perplexity=15)
    np.testing.assert_array_equal(again.flat, cloud.flat)
    np.testing.assert_array_equal(again.solid, cloud.solid)


def test_pictures_have_texts_and_names_are_escaped(cloud):
    splits = SimpleNamespace(images=np.zeros((720, 16, 16, 3), np.uint8), files=[f"{i}.jpg" for i in range(720)])
    for picture in (plots.flat(cloud, "CNN"), plots.solid(cloud, "CNN")):
        assert "purity" in picture.alt and "161 of 320 validation and test images" in picture.caption
        assert "was not trained on" in picture.alt and "(perplexity 15)" in picture.caption
    turned = plots.to_turn(cloud, splits, "CNN")
    assert len(turned.names) == 161 and "<i>far</i>" not in turned.html()
    assert {name.split("(")[1] for name in turned.names} == {"validation)", "test)"}
    assert turned.thumbnails.shape == (161, plots.POINTED_AT, plots.POINTED_AT, 3)


def test_readings_say_what_the_numbers_say(run, cloud):
    rows = readings.purity_table(cloud, [run, run]).rows()
    assert rows[0]["Purity"] == cloud.purities["features"].interval and "Purity, 2 seeds" in rows[0]
    assert len(rows) == 4 and "Purity, 2 seeds" not in rows[1] and rows[3]["Purity"] == cloud.trained.interval
    assert "among 161 validation and test images" in readings.purity_table(cloud, [run]).caption
    assert "“left”" in readings.mixed_classes(cloud) or "No image has" in readings.mixed_classes(cloud)


def test_features_in_fewer_dimensions_than_the_picture_are_laid_out():
    parts = {name: replace(one, features=one.features[:, :2]) for name, one in
             (("train", outputs(60, 1)), ("val", outputs(20, 2)), ("test", outputs(60, 3)))}  # fmt: skip
    cloud = embed(SimpleNamespace(outputs=parts.__getitem__, classes=CLASSES), perplexity=5)
    assert cloud.solid.shape == (80, 3) and np.isfinite(cloud.solid).all()


def test_points_at_one_place_are_not_their_own_neighbours():
    points, labels = np.zeros((6, 2)), np.array([0, 1, 1, 1, 1, 1])
    assert neighbour_agreement(points, labels, 2, asked=np.array([0, 5])).tolist() == [0, 0.5]


def test_a_picture_that_flatters_is_called_so(run):
    noisy = {part: outputs(count, 3, spread=8.0) for part, count in (("train", 90), ("val", 30), ("test", 90))}
    cloud = embed(SimpleNamespace(outputs=noisy.__getitem__, classes=CLASSES), most_shown=120, perplexity=8)
    object.__setattr__(cloud, "flat", np.eye(3)[cloud.labels][:, :2] + 0.0)  # as pure as a picture can be
    told = readings.does_the_picture_flatter(cloud)
    assert "In two dimensions the picture flatters" in told


def purity_of(low: float, high: float) -> SimpleNamespace:
    return SimpleNamespace(interval=Interval((low + high) / 2, low, high))


@pytest.mark.parametrize(
    ("trained", "told"),
    [
        ((0.9, 0.95), "better than what is new"),
        ((0.55, 0.58), "even better than those"),
        ((0.75, 0.9), "may well find their place no worse"),
        ((0.6, 0.8), "may well find their place no worse"),
    ],
)
def test_new_images_are_compared_with_trained_ones_by_their_intervals(trained, told):
    made_up = SimpleNamespace(
        purities={"features": purity_of(0.6, 0.8)}, trained=purity_of(*trained), is_one_point=False
    )
    assert told in readings.new_images(made_up)
    assert readings.new_images(made_up).startswith("Among validation and test images 70.0 % of the neighbours")


def test_features_that_are_pure_where_they_were_trained_alone_have_no_pure_headline():
    """Training images of each class at one place, new ones anywhere: the headline is that of the new ones."""
    train = outputs(300, 0, spread=0.01)
    new = {part: replace(outputs(90, seed, spread=60.0)) for part, seed in (("val", 1), ("test", 2))}
    cloud = embed(SimpleNamespace(outputs={"train": train, **new}.__getitem__, classes=CLASSES), perplexity=5)
    assert cloud.trained.interval.value == 1 and cloud.purities["features"].interval.value < 0.6
    assert embedding.feature_purity(SimpleNamespace(outputs={"train": train, **new}.__getitem__)) < 0.6


def test_a_network_that_tells_no_image_apart_is_told_so_and_crashes_nothing():
    """scikit-learn's t-SNE ends the whole process where all points lie at one place."""
    parts = {
        name: replace(outputs(30, 0), features=np.zeros((30, 20), np.float32)) for name in ("train", "val", "test")
    }
    cloud = embed(SimpleNamespace(outputs=parts.__getitem__, classes=CLASSES))
    assert cloud.flat.shape == (60, 2) and cloud.solid.shape == (60, 3)
    assert readings.does_the_picture_flatter(cloud).startswith("All 60 images have the same features")
    assert readings.mixed_classes(cloud) == readings.new_images(cloud) == []
    plots.flat(cloud, "net")
    plots.solid(cloud, "net")
