"""Files that people really have: each gets a message that names the file and says what to do."""

import json
import logging
import re

import numpy as np
import pytest
from PIL import Image
from street_trees import (
    HEIGHT,
    STREET,
    WIDTH,
    box_object,
    mask_scene,
    painted,
    polygon_scene,
    tree_paths,
    write_image,
    write_mask,
    write_polygons,
)

from helpers.datasets.streets.catalogue import find_set, open_set, parts_of
from helpers.datasets.streets.reading import read_image, read_scene
from helpers.datasets.streets.tables import level_classes
from helpers.datasets.types import DataError

FINE, COARSE = level_classes("fine"), level_classes("coarse")
IDS = {"sky": 23, "building": 11, "road": 7, "car": 26}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """What is remembered of files goes into a folder of the test."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path_factory.mktemp("data")))


def refused(root, message: str, name: str = "cityscapes", classes=FINE) -> None:
    """Opening the set, or reading its first label, is refused with this message, in one sentence."""
    with pytest.raises(DataError, match=message) as error:
        open_set(name, root, "val", classes).read_label(0)
    assert "\n" not in str(error.value)


def ids_with(**changes: int) -> np.ndarray:
    """A street's label ids in which the first pixels of the last row are changed: value → count."""
    values = painted(STREET, IDS, 0).astype(np.int32)
    first = 0
    for value, count in changes.items():
        values[-1, first : first + count] = int(value.removeprefix("v"))
        first += count
    return values


def test_image_without_label(tmp_path):
    polygon_scene(tmp_path)
    write_image(tree_paths(tmp_path, "val", "7", "000002", "")[0])
    refused(
        tmp_path, r"1 of the part 'val' has no label \(leftImg8bit/val/7/000002_leftImg8bit.png\): add the labels"
    )


def test_label_without_image(tmp_path):
    polygon_scene(tmp_path)
    for frame in range(2, 7):
        write_polygons(tree_paths(tmp_path, "val", "7", f"{frame:06d}", "polygons.json")[1], [])
    refused(
        tmp_path, r"5 of the part 'val' have no image \(gtFine/val/7/000002_gtFine_polygons.json, .* and 2 more"
    )


def test_camvid_image_without_label(tmp_path):
    write_image(tmp_path / "val" / "a_1.png")
    write_image(tmp_path / "val" / "a_2.png")
    write_mask(tmp_path / "valannot" / "a_1.png", painted(STREET, dict.fromkeys(IDS, 3), 11))
    refused(tmp_path, r"has no label \(val/a_2.png\)", "camvid", level_classes("medium"))


def test_two_images_for_one_label(tmp_path):
    polygon_scene(tmp_path)
    write_image(tree_paths(tmp_path, "val", "7", "000001", "", image="jpg")[0])
    refused(
        tmp_path, "000001_leftImg8bit.jpg and .*000001_leftImg8bit.png are both there for one scene: remove one"
    )


@pytest.mark.parametrize("kind", ["mask", "polygons"])
def test_sizes_that_differ(tmp_path, kind):
    if kind == "mask":
        mask_scene(tmp_path, np.full((HEIGHT, WIDTH - 1), 7, np.uint8), "labelIds")
    else:
        write_polygons(polygon_scene(tmp_path), [], (WIDTH - 1, HEIGHT))
    refused(
        tmp_path, r"000001_leftImg8bit.png has 32 × 16 pixels, its label .*gtFine_.* 31 × 16: give both in one"
    )


def test_sizes_are_compared_again_when_a_scene_is_read(tmp_path):
    mask_scene(tmp_path, painted(STREET, IDS, 0), "labelIds")
    scenes = open_set("cityscapes", tmp_path, "val", FINE)
    assert read_scene(scenes, 0)[0].shape[:2] == read_scene(scenes, 0)[1].shape
    write_image(tmp_path / scenes.scenes[0].image, size=(20, 10))
    with pytest.raises(DataError, match=r"has 20 × 10 pixels, its label .* 32 × 16"):
        read_scene(scenes, 0)


def test_label_values_outside_the_table_are_named_with_their_counts(tmp_path):
    mask_scene(tmp_path, ids_with(v77=3, v40=1).astype(np.uint8), "labelIds")
    refused(
        tmp_path, r"000001_gtFine_labelIds.png holds 77 \(3 pixels\), 40 \(1 pixel\), which are no numbers of city"
    )


def test_many_unknown_values_are_counted_not_listed(tmp_path):
    mask_scene(tmp_path, (np.arange(HEIGHT * WIDTH) % 200).reshape(HEIGHT, WIDTH).astype(np.uint8), "labelIds")
    refused(tmp_path, r"holds 34 \(3 pixels\), .* and 160 other values")


def test_train_ids_under_the_name_of_ids_are_refused_where_it_shows(tmp_path):
    write_image(tmp_path / "val" / "a_1.png")
    write_mask(tmp_path / "valannot" / "a_1.png", painted(STREET, IDS, 0))
    refused(tmp_path, r"a_1.png holds .*23 .*no numbers of camvid", "camvid", level_classes("medium"))


def test_16_bit_instances_and_stretched_values_are_refused(tmp_path):
    for number, values in enumerate((ids_with(v26001=5), painted(STREET, IDS, 0).astype(int) * 257)):
        mask_scene(tmp_path / str(number), values.astype(np.uint16), "labelIds")
        refused(tmp_path / str(number), "instances or stretched values; give the label image of classes instead")


def test_colours_that_nobody_published(tmp_path):
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    rgb[0, :4] = (9, 8, 7)
    mask_scene(tmp_path, rgb, "labelIds")
    refused(tmp_path, r"labelIds.png is a colour image with #090807 \(4 pixels\), which are no published colours")


def test_a_palette_that_means_neither_numbers_nor_colours(tmp_path):
    label = mask_scene(tmp_path, painted(STREET, IDS, 0), "labelIds")
    image = Image.fromarray(np.full((HEIGHT, WIDTH), 90, np.uint8)).convert("P")
    image.putpalette([5, 6, 7] * 256)
    image.save(label)
    refused(tmp_path, r"is a colour image with #050607 \(512 pixels\)")


def test_numbers_and_colours_that_contradict_each_other(tmp_path):
    label = mask_scene(tmp_path, painted(STREET, IDS, 0), "labelIds")
    image = Image.fromarray(np.full((HEIGHT, WIDTH), 7, np.uint8)).convert("P")  # road, shown as a car
    image.putpalette([0, 0, 142] * 256)
    image.save(label)
    refused(
        tmp_path, "by its numbers and by its colours, which say different classes of cityscapes: save it as a grey"
    )


def test_transparent_pixels(tmp_path):
    mask_scene(tmp_path, np.zeros((HEIGHT, WIDTH, 4), np.uint8), "color")
    refused(tmp_path, "_color.png has transparent pixels: save the label without transparency")


def test_numbers_in_a_file_of_colours(tmp_path):
    mask_scene(tmp_path, painted(STREET, IDS, 0), "color")
    refused(tmp_path, r"_color.png holds .* which are no published colours of cityscapes")


def test_a_label_that_is_a_jpeg_by_content(tmp_path):
    label = mask_scene(tmp_path, painted(STREET, IDS, 0), "labelIds")
    Image.fromarray(painted(STREET, IDS, 0)).save(label, "JPEG")
    refused(tmp_path, "labelIds.png is not a PNG file: class numbers survive only in a PNG")


def test_a_label_that_is_cut_short(tmp_path):
    noise = np.random.default_rng(0).integers(7, 27, (HEIGHT, WIDTH)).astype(np.uint8)
    label = mask_scene(tmp_path, noise, "labelIds")
    label.write_bytes(label.read_bytes()[:150])
    refused(tmp_path, "labelIds.png is cut short or damaged .*: restore the label")


def test_empty_files(tmp_path):
    label = mask_scene(tmp_path, painted(STREET, IDS, 0), "labelIds")
    label.write_bytes(b"")
    refused(tmp_path, r"000001_gtFine_labelIds.png is no readable image .*: restore it")
    label.unlink()
    polygon_scene(tmp_path).write_bytes(b"")
    refused(tmp_path, r"000001_gtFine_polygons.json is broken JSON .*: restore the label")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"imgWidth": 32, "imgHeight": 16, "obj', "is broken JSON"),
        ("[1, 2]", "is no polygon file: it must hold imgWidth, imgHeight and objects"),
        ('{"objects": []}', "gives imgWidth None and imgHeight None: write the image's size"),
        ('{"imgWidth": 32, "imgHeight": -16, "objects": []}', "imgHeight -16: write the image's size"),
        (
            '{"imgWidth": 99999, "imgHeight": 99999, "objects": []}',
            "99999 × 99999 pixels: write the image's own size",
        ),
        ('{"imgWidth": 32, "imgHeight": 16}', "has no list of objects"),
        (
            '{"imgWidth": 32, "imgHeight": 16, "objects": [{"label": "road"}]}',
            "object 1 lacks a label or a polygon",
        ),
    ],
)
def test_broken_polygon_files(tmp_path, content, message):
    polygon_scene(tmp_path).write_text(content)
    refused(tmp_path, f"000001_gtFine_polygons.json.*{message}")


@pytest.mark.parametrize(
    "corners", [[[0, 0], [1, "a"], [2, 2]], [[0, 0], [1], [2, 2]], [0, 1, 2, 3], [[1, 2, 3]] * 4, "here"]
)
def test_corners_that_are_no_numbers(tmp_path, corners):
    label = polygon_scene(tmp_path)
    write_polygons(label, [{"label": "car", "polygon": corners}])
    refused(tmp_path, r"polygons.json: the polygon of object 1 \('car'\) is no list of x and y: correct it")


def test_a_corner_absurdly_far_away(tmp_path):
    write_polygons(polygon_scene(tmp_path), [box_object(("car", 0, 0, 1_000_000, 9))])
    refused(tmp_path, r"object 1 \('car'\) has a corner more than 30000 pixels away")


def test_unknown_label_names_are_counted_and_the_nearest_is_offered(tmp_path):
    names = ("autoricksaw", "dragon", "road", "autoricksaw")
    write_polygons(polygon_scene(tmp_path), [box_object((name, 0, 0, 5, 5)) for name in names])
    refused(
        tmp_path,
        r"polygons.json has objects of unknown classes: 'autoricksaw' \(2 objects\), 'dragon' \(1 object\); "
        "perhaps 'autorickshaw' is meant; correct the file",
        "idd",
    )


def test_an_unknown_name_on_a_deleted_object_does_not_matter(tmp_path):
    write_polygons(polygon_scene(tmp_path), [box_object(("dragon", 0, 0, 5, 5), deleted=1)])
    assert open_set("idd", tmp_path, "val", FINE).read_label(0).shape == (HEIGHT, WIDTH)


@pytest.mark.parametrize(
    ("corners", "remark"),
    [
        ([[1, 1], [5, 5]], r"object 2 \('car'\) has 2 points, fewer than three; nothing is drawn"),
        ([], r"object 2 \('car'\) has 0 points, fewer than three"),
        ([[40, 1], [50, 1], [45, 9]], r"object 2 \('car'\) lies outside the image of 32 × 16 pixels"),
        ([[1, -9], [9, -9], [5, -1]], r"object 2 \('car'\) lies outside the image"),
    ],
)
def test_polygons_that_cannot_be_seen_are_remarked_on_and_the_rest_is_kept(tmp_path, caplog, corners, remark):
    label = polygon_scene(tmp_path)
    write_polygons(label, [box_object(("road", 0, 9, 31, 15)), {"label": "car", "polygon": corners}])
    scenes = open_set("cityscapes", tmp_path, "val", FINE)
    with caplog.at_level(logging.WARNING):
        read = scenes.read_label(0)
        scenes.read_label(0)
    assert np.array_equal(read, painted([("road", 0, 9, 31, 15)], {"road": 0}, 255))
    assert len(caplog.records) == 1
    assert re.search(f"000001_gtFine_polygons.json: {remark}", caplog.text)


def test_an_empty_part_and_an_empty_set(tmp_path):
    polygon_scene(tmp_path)
    (tmp_path / "leftImg8bit" / "train").mkdir()
    with pytest.raises(
        DataError, match=r"the part 'train' of Cityscapes in .* is not there: use one of its parts val"
    ):
        open_set("cityscapes", tmp_path, "train", FINE)
    with pytest.raises(DataError, match="is not there: Register on its page, download"):
        open_set("cityscapes", tmp_path / "nothing", "val", FINE)


def test_an_empty_folder_of_a_sequence_is_remarked_on(tmp_path, caplog):
    polygon_scene(tmp_path)
    (tmp_path / "leftImg8bit" / "val" / "ulm").mkdir()
    with caplog.at_level(logging.WARNING):
        assert len(open_set("cityscapes", tmp_path, "val", FINE)) == 1
    assert "Cityscapes: the folder leftImg8bit/val/ulm holds no images" in caplog.text


def test_empty_folders_are_no_set(tmp_path):
    for name in ("leftImg8bit", "gtFine"):
        (tmp_path / name).mkdir()
    assert find_set("cityscapes", tmp_path) is None
    assert parts_of("cityscapes", tmp_path) == ()


def test_an_image_that_cannot_be_decoded(tmp_path):
    mask_scene(tmp_path, painted(STREET, IDS, 0), "labelIds")
    scenes = open_set("cityscapes", tmp_path, "val", FINE)
    image = tmp_path / scenes.scenes[0].image
    image.write_bytes(image.read_bytes()[:900])
    with pytest.raises(DataError, match=r"000001_leftImg8bit.png is no image .*cut short.*: restore it"):
        scenes.read_image(0)
    with pytest.raises(DataError, match=r"missing\.png cannot be read"):
        read_image(tmp_path / "missing.png")
    image.write_text("<html>")
    refused(tmp_path, "000001_leftImg8bit.png is no readable image")


def test_a_cache_that_cannot_be_written(tmp_path, monkeypatch):
    polygon_scene(tmp_path)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "file"))
    with pytest.raises(DataError, match=r"cannot be kept in .*: make it writable, or set IMAGE_COURSE_DATA"):
        open_set("cityscapes", tmp_path, "val", FINE)


def test_hidden_files_of_other_systems_are_left_alone(tmp_path):
    polygon_scene(tmp_path)
    (tmp_path / "leftImg8bit" / "val" / "7" / "._000001_leftImg8bit.png").write_bytes(b"mac")
    assert len(open_set("cityscapes", tmp_path, "val", FINE)) == 1


def test_unknown_names_of_sets(tmp_path):
    with pytest.raises(DataError, match="unknown set of street scenes 'kitti': use one of cityscapes, idd"):
        open_set("kitti", tmp_path, "val", FINE)


def test_json_with_other_numbers_for_deleted(tmp_path):
    label = polygon_scene(tmp_path)
    content = json.loads(label.read_text())
    for entry in content["objects"]:
        del entry["deleted"]
    label.write_text(json.dumps(content))
    assert (open_set("cityscapes", tmp_path, "val", FINE).read_label(0) != 255).any()
