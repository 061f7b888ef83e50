"""Other cameras: what each change does to a picture, and that drops and gains are what their matrices say."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from made_up_evaluations import made_up_evaluation

from helpers.segmentation.types import SegmenterEvaluation
from sections.patches.cameras import pictures as plots
from sections.patches.cameras import sentences as readings
from sections.patches.cameras.elsewhere import TilesNamed
from sections.patches.cameras.measured import AT_HOME, MapScores, Travels, Trip, camera_results
from sections.patches.cameras.simulated import (
    BLUR,
    CAMERAS,
    FARTHER,
    GAINS,
    GAMMA,
    VEIL,
    VEIL_COLOUR,
    SeenBy,
    coarser,
    hazy,
    noisy,
    other_colours,
    seen_by,
)
from sections.patches.cameras.tables import camera_drop_table, camera_remedy_table, camera_table, tiles_table

CLASSES = ("sand", "sea", "wood")


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda one: one.name)
def test_no_strength_changes_nothing_and_the_usual_one_does(camera, image):
    assert np.array_equal(seen_by(image, camera, 0), image)
    seen = seen_by(image, camera)
    assert seen.dtype == np.uint8 and not np.array_equal(seen, image)
    assert np.array_equal(seen, seen_by(image, camera))  # the same again


def test_haze_is_light_of_the_air(image):
    expected = (1 - VEIL) * image + VEIL * VEIL_COLOUR
    assert np.abs(hazy(image, 1).astype(float) - expected).max() <= 0.5
    assert np.abs(hazy(hazy(image, 1), 1).astype(float) - hazy(image, 2)).max() <= 1  # twice the air


def test_colours_follow_gain_and_gamma(image):
    expected = np.clip(255 * (image / 255) ** GAMMA * GAINS, 0, 255)
    assert np.abs(other_colours(image, 1) - expected).max() <= 0.5


def test_a_coarser_picture_keeps_its_size_and_mean_and_loses_detail(image):
    seen = coarser(image, 1)
    assert seen.shape == image.shape and BLUR > 1
    assert seen.std() < 0.5 * image.std() and abs(seen.mean() - image.mean()) < 3


def test_noise_has_the_standard_deviation_it_says():
    grey = np.full((400, 400, 3), 128, np.uint8)
    difference = noisy(grey, 1).astype(float) - 128
    assert difference.std() == pytest.approx(np.hypot(14, 5), rel=0.05)
    assert difference.mean(axis=(1, 2)).std() == pytest.approx(5, rel=0.2)


def test_from_farther_away_there_is_less_of_the_picture_and_the_answer_comes_back():
    zoom = next(one for one in CAMERAS if one.name == "zoom")
    sizes = []

    class Predictor:
        classes, key = CLASSES, "k"

        def __call__(self, images):
            sizes.append(tuple(images.shape[-2:]))
            return torch.full((len(images), 3, *images.shape[-2:]), 1 / 3)

    found = SeenBy(Predictor(), zoom)(torch.zeros(2, 3, 64, 96, dtype=torch.uint8))
    assert sizes == [(round(64 / FARTHER), round(96 / FARTHER))]
    assert found.shape == (2, 3, 64, 96) and torch.allclose(found.sum(dim=1), torch.ones(2, 64, 96))
    assert SeenBy(Predictor(), zoom).key != SeenBy(Predictor(), zoom, 0.5).key


def matrices(right: float, scenes: int = 12, seed: int = 0) -> np.ndarray:
    """Confusion matrices of scenes in which about this share of every class is right."""
    rng = np.random.default_rng(seed)
    shares = np.clip(rng.normal(right, 0.03, (scenes, 3)), 0, 1)
    found = np.zeros((scenes, 3, 3), np.int64)
    for c in range(3):
        found[:, c, c] = 1000 * shares[:, c]
        found[:, c, (c + 1) % 3] = 1000 - found[:, c, c]
    return found


def evaluation(right: float) -> SegmenterEvaluation:
    """Maps of these matrices."""
    found = matrices(right)
    return replace(made_up_evaluation(scenes=len(found), classes=CLASSES), matrices=found)


def made_up_travels() -> Travels:
    abroad = {"colours": (0.6, 0.8), "haze": (0.85, 0.86), "noise": (0.9, 0.9), "together": (0.5, 0.6)}
    trips = [
        Trip(next(s for s in CAMERAS if s.name == name), MapScores(evaluation(a)), MapScores(evaluation(b)))
        for name, (a, b) in abroad.items()
    ]
    home = Trip(AT_HOME, MapScores(evaluation(0.9)), MapScores(evaluation(0.9)))
    return Travels(CLASSES, ("Plain", "Changed"), home, trips)


def test_drops_and_gains_are_differences_of_mean_iou():
    travels = made_up_travels()
    colours = travels.trips[0]
    assert travels.drop(colours).value == pytest.approx(travels.home.plain.mean_iou - colours.plain.mean_iou)
    assert travels.won_back(colours).value == pytest.approx(colours.gain.value / travels.drop(colours).value)
    assert 0 < travels.won_back(colours).low < travels.won_back(colours).value < 1
    assert travels.won_back(travels.trips[2]) is None  # nothing was lost
    assert travels.worst is colours and travels.home.gain.value == 0
    total = matrices(0.9).sum(axis=0)
    ious = np.diag(total) / (total.sum(0) + total.sum(1) - np.diag(total))
    assert travels.home.plain.mean_iou == pytest.approx(ious.mean())
    assert travels.home.plain.accuracy == pytest.approx(np.trace(total) / total.sum())


def test_a_paired_interval_is_narrower_than_those_of_the_scores():
    travels = made_up_travels()
    drop = travels.drop(travels.trips[1])
    assert drop.high - drop.low < travels.home.plain.interval.high - travels.home.plain.interval.low


def test_sentences_say_what_the_numbers_say():
    travels = made_up_travels()
    told = readings.camera_verdict(travels)[0]
    assert "Of 3 single changes two cost Plain something beyond chance" in told and "“other colours”" in told
    assert "All together" in told
    unharmed = Travels(CLASSES, travels.titles, travels.home, travels.trips[2:3])
    told = readings.camera_verdict(unharmed)[0]
    assert told == "Of 1 single change none costs Plain something beyond chance, each taken by itself."
    won = readings.camera_remedy_verdict(travels)[0]
    assert "is the same" in won and "better beyond chance under “other colours”" in won
    assert "worse" not in won and "none of the cameras" in readings.camera_remedy_verdict(unharmed)[0]
    home, (colours, _, noise, _) = travels.home, travels.trips
    steps = [Trip(AT_HOME, home.plain, home.remedied, 0), Trip(colours.camera, colours.plain, noise.plain)]
    for picture in (
        plots.strengths(travels, steps),
        plots.camera_scores(travels),
        plots.camera_class_ious(travels),
    ):
        assert picture.alt and picture.pixels(dpi=40).std() > 0
    tiles = [TilesNamed("North", "Plain", CLASSES, np.eye(3, dtype=int))]
    found = camera_results(travels, steps, tiles)
    assert found["cameras"]["noise"]["won_back"] is None and found["elsewhere"][0]["accuracy"]["value"] == 1
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_tables_have_a_row_for_each_camera():
    travels = made_up_travels()
    assert len(camera_table().rows()) == len(CAMERAS)
    assert [row["Camera"] for row in camera_drop_table(travels).rows()][:2] == ["At home", "Other colours"]
    assert camera_remedy_table(travels).rows()[3]["Of the drop"] is None


def test_real_tiles_are_scored_as_they_are_named():
    tiles = TilesNamed("North", "Plain", CLASSES, np.array([[8, 2, 0], [0, 5, 5], [0, 0, 10]]))
    assert tiles.accuracy.value == pytest.approx(23 / 30)
    (table,) = tiles_table([tiles])
    assert table.rows()[0]["Recall, sea"] == 0.5 and tiles_table([]) == []


def test_tables_over_seeds_give_mean_and_spread():
    one, other = made_up_travels(), made_up_travels()
    other.trips[0] = Trip(other.trips[0].camera, MapScores(evaluation(0.7)), MapScores(evaluation(0.8)))
    drops = [travels.home.plain.mean_iou - travels.trips[0].plain.mean_iou for travels in (one, other)]
    row = camera_drop_table(one, [one, other]).rows()[1]
    assert row["Drop, 2 seeds"] == f"{np.mean(drops):.3f} ± {np.std(drops, ddof=1):.3f}"
    assert "±" in camera_remedy_table(one, [one, other]).rows()[1]["Gain, 2 seeds"]
    assert "Drop, 1 seeds" not in camera_drop_table(one, [one]).rows()[1]
