"""Drawn street scenes: picture, polygons and label images agree, in both publishers' layouts, to the byte."""

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from drawings import SAMPLES, make_sample, write
from drawings.canvas import generator
from drawings.streets import fleet, furniture, greenery, living
from drawings.streets.abroad import ABROAD
from drawings.streets.camera import RoadCamera
from drawings.streets.files import numbers_of
from drawings.streets.home import HOME
from drawings.streets.scene import draw_scene
from drawings.streets.site import Light, Site
from drawings.streets.stage import Air, PaintLayer, _silhouette, clipped, label_image, paint, united
from drawings.streets.vehicles import vehicle
from helpers.datasets.streets.catalogue import find_set, open_set, parts_of
from helpers.datasets.streets.tables import level_classes, rows_of

SCENES, SEED = 24, 4
CITIES = (HOME, ABROAD)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "streets"
    make_sample("streets", folder, SCENES, seed=SEED, threads=1)
    return folder


@pytest.fixture(scope="module", params=CITIES, ids=lambda city: city.name)
def scene(request):
    return draw_scene(request.param, generator(5, request.param.name))


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def filled(file: Path) -> tuple[np.ndarray, list[str]]:
    """The polygons of a file painted one over the other, numbered by class, and the classes."""
    content = json.loads(file.read_text())
    objects = [entry for entry in content["objects"] if not entry.get("deleted")]
    names = sorted({entry["label"] for entry in objects})
    label = np.full((content["imgHeight"], content["imgWidth"]), 255, np.uint8)
    for entry in objects:
        cv2.fillPoly(label, [np.array(entry["polygon"], np.int32)], names.index(entry["label"]))
    return label, names


def test_several_processes_write_the_same_bytes_as_one(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(write, "LEAST_SHARE", 1)
    make_sample("streets", tmp_path / "again", SCENES, seed=SEED, threads=2)
    assert digests(tmp_path / "again") == digests(drawn)


def test_another_seed_draws_other_scenes():
    contents = [SAMPLES["streets"].jobs(2, seed)[0][0].content() for seed in (0, 1)]
    assert contents[0][0] != contents[1][0] and contents[0][1] != contents[1][1]


def test_a_scene_can_be_drawn_again_and_does_not_depend_on_how_many_there_are():
    few, many = ({job.paths: job.content for job in SAMPLES["streets"].jobs(n, 0)[0]} for n in (8, 16))
    for paths in list(few)[:: len(few) - 1]:
        assert few[paths]() == few[paths]() == many[paths]()


def test_parts_have_their_shares():
    _, manifest = SAMPLES["streets"].jobs(480, 0)
    assert manifest["parts"] == {"cityscapes/train": 240, "cityscapes/val": 60, "idd/val": 180}


def test_manifest_counts_the_files_and_names_the_deleted_objects(drawn):
    manifest = json.loads((drawn / "manifest.json").read_text())
    assert manifest["files"] == len([path for path in drawn.rglob("*") if path.is_file()]) - 1
    with_deleted = {
        path.relative_to(drawn).as_posix() for path in drawn.rglob("*.json")
        if path.name != "manifest.json" and any(o.get("deleted") for o in json.loads(path.read_text())["objects"])
    }  # fmt: skip
    assert with_deleted == set(manifest["deleted_objects"]) != set()


def test_a_sample_on_disk_is_not_drawn_again(drawn):
    before = {path: path.stat().st_mtime_ns for path in drawn.rglob("*")}
    make_sample("streets", drawn, SCENES, seed=SEED)
    assert before == {path: path.stat().st_mtime_ns for path in drawn.rglob("*")}


@pytest.mark.parametrize(("kind", "set_name"), [
    ("labelIds", "cityscapes"), ("labelTrainIds", "cityscapes"), ("labelcsTrainIds", "idd"),
])  # fmt: skip
def test_label_images_are_the_filled_polygons(drawn, tmp_path, kind, set_name):
    folder = drawn
    if kind == "labelcsTrainIds":  # only some drives have it: draw enough of them
        folder = tmp_path / "more"
        jobs = [job for job in SAMPLES["streets"].jobs(100, 3)[0] if any(kind in path for path in job.paths)]
        for path in (path for job in jobs[:2] for path in job.paths):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
        for job in jobs[:2]:
            write.write_job(folder, job)
    files = sorted(folder.rglob(f"*_gtFine_{kind}.png"))
    assert files
    numbers = numbers_of(set_name, kind)
    for file in files:
        label, names = filled(file.with_name(file.name.replace(f"{kind}.png", "polygons.json")))
        table = np.full(256, numbers.get("unlabeled", 255), np.uint8)
        table[: len(names)] = [numbers.get(name, table[255]) for name in names]
        assert np.array_equal(cv2.imread(str(file), cv2.IMREAD_UNCHANGED), table[label])


def test_numbers_are_the_published_ones():
    ids, train_ids = numbers_of("cityscapes", "labelIds"), numbers_of("cityscapes", "labelTrainIds")
    assert (ids["road"], ids["traffic light"], ids["bicycle"]) == (7, 19, 33)
    assert list(train_ids) == list(level_classes("fine")) and list(train_ids.values()) == list(range(19))
    assert numbers_of("idd", "labelcsTrainIds")["non-drivable fallback"] == train_ids["terrain"]


def test_the_course_reads_both_trees(drawn):
    classes = level_classes("fine")
    for name, parts in (("cityscapes", ("train", "val")), ("idd", ("val",))):
        root = find_set(name, drawn / name)
        assert parts_of(name, root) == parts
        part = open_set(name, root, parts[-1], classes, is_sample=True)
        image, label = part.read_image(0), part.read_label(0)
        assert image.shape[:2] == label.shape
        assert len(set(np.unique(label)) - {255}) >= 6


def test_the_picture_changes_only_where_the_polygons_lie():
    camera = RoadCamera(200, 120, 200.0, 50.0, 1.4)
    site = Site(camera, Light(1.0, 1.0, 1.0, 0.5), generator(0))
    vehicle(site, fleet.LORRY, -3.0, 14.0, 3.0)
    living.two_wheeler(site, "bicycle", 1.0, 6.0, 1, True)
    living.person(site, 3.0, 8.0)
    greenery.tree(site, -6.0, 15.0, 6.0, (80, 100, 50), (80, 70, 60))
    furniture.traffic_light(site, 4.0, 12.0)
    image = np.full((120, 200, 3), 254, np.uint8)
    polygons = paint(site.things, image, camera, Air((254, 254, 254), 1e9), [], 1.0)
    covered = label_image(polygons, {name: 1 for name, _ in polygons}, image.shape[:2]) == 1
    changed = (image != 254).any(2)
    assert covered.any() and np.array_equal(changed, covered)


def test_every_pixel_has_a_label_and_no_polygon_leaves_the_picture(scene):
    height, width = scene.image.shape[:2]
    label = label_image(scene.polygons, {name: 1 for name, _ in scene.polygons}, (height, width))
    assert label.all()
    for _, polygon in scene.polygons:
        assert len(polygon) >= 1 and (polygon >= 0).all() and (polygon < (width, height)).all()


@pytest.mark.parametrize(("city", "set_name"), [(HOME, "cityscapes"), (ABROAD, "idd")], ids=["home", "abroad"])
def test_labels_are_the_publishers(city, set_name):
    published = {row.name for row in rows_of(set_name)}
    seen = {name for i in range(12) for name, _ in draw_scene(city, generator(i, "names")).polygons}
    assert seen <= published
    own = (
        {"autorickshaw", "billboard", "non-drivable fallback", "curb"}
        if city is ABROAD
        else {"traffic light", "truck"}
    )
    assert own | {"road", "car", "person", "rider", "motorcycle", "bicycle", "pole", "vegetation"} <= seen


@pytest.mark.parametrize("city", CITIES, ids=lambda city: city.name)
def test_scenes_come_in_any_size(city):
    assert draw_scene(city, generator(1), (512, 512)).image.shape == (512, 512, 3)


def test_scenes_of_one_drive_share_light_and_camera():
    skies = [draw_scene(ABROAD, generator(i), drive=generator(9)).image[:8].mean((0, 1)) for i in range(3)]
    others = [draw_scene(ABROAD, generator(i), drive=generator(9 + i)).image[:8].mean((0, 1)) for i in range(3)]
    assert np.std(skies, axis=0).mean() < np.std(others, axis=0).mean()


def test_clipping_keeps_what_is_inside():
    square = np.array([(-10.0, -10.0), (30.0, -10.0), (30.0, 30.0), (-10.0, 30.0)])
    polygon = clipped(square, 20, 16)
    assert (polygon.min(0) == 0).all() and polygon.max(0).tolist() == [19, 15]
    assert not len(clipped(square + 500, 20, 16))
    assert np.array_equal(clipped(square / 4 + 5, 20, 20), np.rint(square / 4 + 5).astype(np.int32))


def test_union_covers_the_same_pixels_and_keeps_holes_open():
    left, right = (np.array([(x, 0), (x + 10, 0), (x + 10, 10), (x, 10)], np.int32) for x in (0, 6))
    assert len(united([left, right], *_silhouette([left, right]))) == 1
    bars = [np.array(c, np.int32) for c in (
        [(0, 0), (20, 0), (20, 2), (0, 2)], [(0, 18), (20, 18), (20, 20), (0, 20)],
        [(0, 0), (2, 0), (2, 20), (0, 20)], [(18, 0), (20, 0), (20, 20), (18, 20)],
    )]  # fmt: skip
    assert len(united(bars, *_silhouette(bars))) == 4


def test_perspective():
    camera = RoadCamera(400, 200, 400.0, 80.0, 1.5)
    assert camera.project((0.0, 1.5, 7.0)).tolist() == [200.0, 80.0]  # at the height of the lens: on the horizon
    assert camera.project((2.0, 0.0, 10.0)).tolist() == [280.0, 140.0]
    assert camera.nearest_ground() == pytest.approx(1.5 * 400 / 120)
    near, far = (camera.strip(-2, 2, a, a + 1) for a in (5.0, 50.0))
    assert np.ptp(near[:, 0]) > 5 * np.ptp(far[:, 0])


def test_nothing_stands_in_the_same_place_twice():
    site = Site(RoadCamera(100, 100, 100.0, 40.0, 1.4), Light(1, 1, 1, 0.5), generator(0))
    assert site.claim(0, 10, 1, 2) and not site.claim(0.5, 11, 1, 2) and site.claim(2.5, 11, 1, 2)
    assert PaintLayer.SKY < PaintLayer.GROUND < PaintLayer.BUILT < PaintLayer.STREET
