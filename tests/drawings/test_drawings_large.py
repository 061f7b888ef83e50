"""Drawn landscapes, land covers and places: layouts, planted flaws, the same bytes, and land that hides land."""

import hashlib
import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from drawings import SAMPLES, draw_pretraining, draw_pretraining_places, make_sample, write
from drawings.canvas import generator
from drawings.land_covers.layout import SCENE, STEP, TILE, TILES, places
from drawings.land_covers.scenes import draw_scene
from drawings.landscapes import layout
from drawings.landscapes.sky import weather
from drawings.landscapes.terrain import STEPS, View, _visible, survey
from drawings.landscapes.water import flood, waves
from drawings.others import draw_other
from helpers.study.study import Study

SEED, PER_CLASS = 5, {"landscapes": 15, "land_covers": 20}
REAL_NAMES = ("desert(12).jpg", "Forest_123.jpg", "SeaLake_12.jpg", "train_4.jpg")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("samples")
    for name, amount in PER_CLASS.items():
        make_sample(name, folder / name, amount, seed=SEED, threads=1)
    return {name: folder / name for name in PER_CLASS}


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def decoded(path: Path) -> np.ndarray | None:
    content = np.fromfile(path, np.uint8)
    return cv2.imdecode(content, cv2.IMREAD_COLOR_RGB) if len(content) else None


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.parametrize("name", PER_CLASS)
def test_several_processes_write_the_same_bytes_as_one(name, drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(write, "LEAST_SHARE", 1)
    make_sample(name, tmp_path / name, PER_CLASS[name], seed=SEED, threads=2)
    assert digests(tmp_path / name) == digests(drawn[name])


@pytest.mark.parametrize("name", PER_CLASS)
def test_an_image_does_not_depend_on_how_many_there_are(name):
    few, many = ({job.paths: job.content for job in SAMPLES[name].jobs(n, 0)[0]} for n in (5, 10))
    assert few.keys() <= many.keys()
    same = sum(few[paths]() == many[paths]() for paths in few)  # the flaws of a larger set are others
    assert same >= 0.6 * len(few)


@pytest.mark.parametrize("name", PER_CLASS)
def test_exactly_the_listed_files_are_unreadable(name, drawn):
    folder = drawn[name]
    unreadable = {p.relative_to(folder).as_posix() for p in folder.rglob("*.jpg") if decoded(p) is None}
    listed = {entry["file"] for entry in manifest(folder)["unreadable"]}
    assert unreadable == listed and len(listed) == 3


@pytest.mark.parametrize("name", PER_CLASS)
def test_near_duplicates_look_like_their_originals(name, drawn):
    planted = manifest(drawn[name])["near_duplicates"]
    assert planted
    for entry in planted:
        pair = [cv2.resize(decoded(drawn[name] / entry[key]), (8, 8), interpolation=cv2.INTER_AREA)
                for key in ("file", "of")]  # fmt: skip
        assert np.abs(pair[0].astype(float) - pair[1]).mean() < 25


def test_landscapes_lie_as_published(drawn):
    files = [path.relative_to(drawn["landscapes"]) for path in drawn["landscapes"].rglob("*.jpg")]
    for file in files:
        part, again, class_name, name = file.parts
        assert part == again and class_name in layout.VIEWS and re.fullmatch(r"\d+\.jpg", name)
    assert len({file.name for file in files}) == len(files) == 6 * PER_CLASS["landscapes"]
    tested = [file.parts[2] for file in files if file.parts[0] == "seg_test"]
    assert {name: tested.count(name) for name in layout.VIEWS} == dict.fromkeys(layout.VIEWS, 3)


def test_landscapes_measure_150_pixels(drawn):
    facts = manifest(drawn["landscapes"])
    changed = {entry["file"] for entry in facts["near_duplicates"] + facts["unreadable"]}
    kept = [
        p
        for p in drawn["landscapes"].rglob("*.jpg")
        if p.relative_to(drawn["landscapes"]).as_posix() not in changed
    ]
    assert {decoded(path).shape for path in kept} == {(150, 150, 3)}


def test_four_percent_of_the_landscapes_are_mislabelled(drawn):
    wrong = manifest(drawn["landscapes"])["wrong_labels"]
    assert len(wrong) == round(0.04 * 6 * PER_CLASS["landscapes"])
    for entry in wrong:
        class_name, file = entry["file"].split("/")[2:]
        rng = generator(SEED, "landscapes", class_name, int(Path(file).stem) // len(layout.VIEWS))
        image = layout.draw(entry["true_class"], rng)
        assert entry["true_class"] != class_name
        assert np.abs(decoded(drawn["landscapes"] / entry["file"]).astype(float) - image).mean() < 10


def test_tiles_tell_their_scene_row_and_column(drawn):
    names = [path.name for path in (drawn["land_covers"] / "data").rglob("*.jpg")]
    parts = [
        re.fullmatch(r"(cloudy|desert|green_area|water)_(s\d{3})_r(\d\d)_c(\d\d)\.jpg", name) for name in names
    ]
    assert all(parts) and len(set(names)) == 4 * PER_CLASS["land_covers"]
    assert max(int(part[axis]) for part in parts for axis in (3, 4)) <= (SCENE - TILE) // STEP
    owners = {}
    for part in parts:
        owners.setdefault(part[2], set()).add(part[1])
    assert all(len(classes) == 1 for classes in owners.values())
    assert len(owners) == 4 * PER_CLASS["land_covers"] / TILES


def test_a_tile_is_the_part_of_the_scene_that_its_name_says(drawn):
    flaws = {entry["file"] for what in ("near_duplicates", "wrong_labels", "unreadable")
             for entry in manifest(drawn["land_covers"])[what]}  # fmt: skip
    scene = draw_scene("green area", generator(SEED, "land_covers", "green area", "green area", 1), SCENE, SCENE)
    compared = 0
    for row, column in places("green area", 1):
        file = f"data/green_area/green_area_s006_r{row:02d}_c{column:02d}.jpg"
        if file not in flaws:
            part = scene[STEP * row : STEP * row + TILE, STEP * column : STEP * column + TILE]
            assert np.abs(decoded(drawn["land_covers"] / file).astype(float) - part).mean() < 10
            compared += 1
    assert compared >= 3


def test_the_study_keeps_the_tiles_of_a_scene_together():
    pattern = re.compile(Study.load("satellite", {"source": "sample"}).group_by)
    assert pattern.search("desert/desert_s012_r01_c02.jpg").groups() == ("s012",)
    assert not any(pattern.search(name) for name in REAL_NAMES)
    assert Study.load("satellite", {"source": "real"}).group_by is None


def test_large_scenes_lie_beside_the_tiles(drawn):
    scenes = sorted((drawn["land_covers"] / "scenes").iterdir())
    assert len(scenes) == 4
    assert {decoded(path).shape for path in scenes} == {(700, 900, 3)}


def test_clouds_are_brighter_and_greyer_than_what_lies_below():
    def facts(kind: str) -> np.ndarray:
        scenes = [draw_scene(kind, generator(kind, number), 96, 96).astype(float) for number in range(24)]
        return np.mean([(s.mean(), (s.max(2) - s.min(2)).mean()) for s in scenes], 0)

    clouds, green, water = facts("cloudy"), facts("green area"), facts("water")
    assert clouds[0] > green[0] + 25 and clouds[0] > water[0] + 25
    assert clouds[1] < green[1]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", layout.VIEWS)
def test_views_can_have_any_size(name):
    for number in range(12):
        view = layout.VIEWS[name](generator(1, name, number), 90, 120)
        assert view.shape == (90, 120, 3) and view.dtype == np.float32 and np.isfinite(view).all()


def test_places_are_of_kinds_that_no_sample_has():
    images, labels, names = draw_pretraining_places(2, 48, seed=0, threads=2)
    assert images.shape == (2 * len(names), 48, 48, 3) and images.dtype == np.uint8
    assert labels.dtype == np.int64 and np.bincount(labels).tolist() == [2] * len(names)
    assert len(names) >= 16
    assert not set(names) & {name for sample in SAMPLES.values() for name in sample.classes}
    again, _, _ = draw_pretraining_places(2, 48, seed=0, threads=1)
    assert np.array_equal(images, again)
    assert len({image.tobytes() for image in images}) == len(images)


def test_animals_to_pretrain_on_are_drawn_from_their_own_numbers():
    images, labels, names = draw_pretraining(2, 32, seed=7, threads=1)
    row = 5
    expected = draw_other(names[labels[row]], generator(7, "pretraining", names[labels[row]], 1), 32)
    assert np.array_equal(images[row], expected)


VIEW = View(height=40, width=6, horizon=20.0, focal=30.0, eye=10.0)
AHEAD = np.geomspace(15, 900, STEPS, dtype=np.float32)[:, None]


def first_that_shows(height: np.ndarray, row: int, column: int) -> int:
    """The nearest distance whose land is seen at or above the pixel, found one by one."""
    for step in range(STEPS):
        if VIEW.horizon + (VIEW.eye - height[step, column]) * VIEW.focal / AHEAD[step, 0] <= row:
            return step
    return STEPS


def test_each_pixel_shows_the_nearest_land_in_its_line_of_sight():
    height = generator("hills").uniform(0, 12, (STEPS, VIEW.width)).astype(np.float32)
    top, step = _visible(VIEW, AHEAD, height)
    expected = [
        [first_that_shows(height, row, column) for column in range(VIEW.width)] for row in range(top, VIEW.height)
    ]
    assert np.array_equal(step, expected)
    assert top > 0 and (step[0] < STEPS).any()


def test_level_land_reaches_up_to_the_horizon_and_not_beyond():
    top, step = _visible(VIEW, AHEAD, np.zeros((STEPS, VIEW.width), np.float32))
    assert top == np.ceil(VIEW.horizon + VIEW.eye * VIEW.focal / 900)
    assert (np.diff(step, axis=0) <= 0).all()  # lower pixels show nearer land


def test_a_slope_is_bright_on_one_side_and_dark_on_the_other():
    land = survey(generator("peaks"), View(80, 80, 40, 90, 300), "alpine", 1500, 6000, (200, 9000))
    seen = land.light[land.seen > 0]
    assert seen.min() < -0.5 and seen.max() > 0.5
    assert land.height[land.seen > 0].max() > 300


def test_water_mirrors_what_stands_above_it():
    image = np.zeros((60, 50, 3), np.float32)
    image[:30] = (200, 60, 40)
    flood(image, generator("lake"), 30, (20, 20, 20), calm=1.0)
    red, _, blue = image[31:40].mean((0, 1))
    assert red > 2 * blue and 60 < red < 200
    assert (image[:30] == (200, 60, 40)).all()


def test_waves_leave_the_sky_alone():
    image = np.full((60, 50, 3), 180, np.float32)
    waves(image, generator("sea"), 24.0, weather(generator("day")), (20, 60, 90), 1.0, 0.5)
    assert (image[:25] == 180).all() and image[25:].std() > 5
