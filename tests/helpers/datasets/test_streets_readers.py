"""Generated trees with known polygons give the expected masks pixel by pixel."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image, ImageDraw
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
)  # fmt: skip

from helpers.datasets.streets.catalogue import SETS, find_set, open_set, parts_of
from helpers.datasets.streets.tables import level_classes
from helpers.datasets.streets.types import IGNORE
from helpers.datasets.types import DataError

FINE, MEDIUM, COARSE = (level_classes(level) for level in ("fine", "medium", "coarse"))
IDS = {"sky": 23, "building": 11, "road": 7, "car": 26, "train": 31, "pole": 17, "polegroup": 18}
FINE_NUMBERS = {name: number for number, name in enumerate(FINE)}

# One row of pixels for each class of IDD, with the number its publisher writes and the shared class expected.
IDD_CLASSES = {
    # name: (labelIds, labelcsIds, labelcsTrainIds, labellevel3Ids, fine class, coarse class)
    "road": (0, 7, 0, 0, "road", "drivable"),
    "parking": (1, 9, 255, 1, None, "drivable"),
    "drivable fallback": (2, 255, 255, 1, None, "drivable"),
    "sidewalk": (3, 8, 1, 2, "sidewalk", "non-drivable"),
    "rail track": (4, 10, 255, 3, None, "non-drivable"),
    "non-drivable fallback": (5, 255, 9, 3, "terrain", "non-drivable"),
    "person": (6, 24, 11, 4, "person", "living things"),
    "animal": (7, 255, 255, 4, None, "living things"),
    "rider": (8, 25, 12, 5, "rider", "living things"),
    "motorcycle": (9, 32, 17, 6, "motorcycle", "vehicles"),
    "autorickshaw": (11, 255, 255, 8, None, "vehicles"),
    "caravan": (15, 29, 255, 12, None, "vehicles"),
    "trailer": (16, 30, 255, 12, None, "vehicles"),
    "train": (17, 31, 16, 12, "train", "vehicles"),
    "vehicle fallback": (18, 355, 255, 12, None, "vehicles"),
    "curb": (19, 255, 255, 13, None, "roadside objects"),
    "traffic sign": (24, 20, 7, 18, "traffic sign", "roadside objects"),
    "traffic light": (25, 19, 6, 19, "traffic light", "roadside objects"),
    "polegroup": (27, 18, 255, 20, None, "roadside objects"),
    "bridge": (30, 15, 255, 23, None, "far objects"),
    "fallback background": (34, 255, 255, 25, None, "sky"),
    "unlabeled": (35, 0, 255, 255, None, None),
    "license plate": (39, 255, 255, 255, None, None),
}
KINDS = ("labelIds", "labelcsIds", "labelcsTrainIds", "labellevel3Ids")
IDD_BOXES = tuple((name, 0, row, 3, row) for row, name in enumerate(IDD_CLASSES))
IDD_SIZE = (4, len(IDD_CLASSES))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """What is remembered of files goes into a folder of the test."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path_factory.mktemp("data")))


def numbers_of(classes: list[str | None], shared: tuple[str, ...]) -> list[int]:
    return [IGNORE if name is None else shared.index(name) for name in classes]


def idd_scene(root, kind: str | None):
    """One scene in which each class of IDD has a row of its own: polygons, or a label image of one kind."""
    image, label = tree_paths(root, "val", "12", "000001", f"{kind}.png" if kind else "polygons.json", image="jpg")
    write_image(image, size=IDD_SIZE)
    if kind is None:
        return write_polygons(label, [box_object(box) for box in IDD_BOXES], IDD_SIZE)
    values = [facts[KINDS.index(kind)] for facts in IDD_CLASSES.values()]
    mode = np.uint16 if max(values) > 255 else np.uint8
    return write_mask(label, np.repeat(np.array(values, mode)[:, None], IDD_SIZE[0], axis=1))


def rows_read(scenes) -> list[int]:
    label = scenes.read_label(0)
    assert (label == label[:, :1]).all()
    return label[:, 0].tolist()


def test_cityscapes_polygons_give_the_expected_mask(tmp_path):
    polygon_scene(tmp_path)
    scenes = open_set("cityscapes", tmp_path, "val", FINE)
    assert np.array_equal(scenes.read_label(0), painted(STREET, FINE_NUMBERS, IGNORE))


def test_cityscapes_label_ids_give_the_expected_mask(tmp_path):
    mask_scene(tmp_path, painted(STREET, IDS, 0), "labelIds")
    scenes = open_set("cityscapes", tmp_path, "val", FINE)
    assert np.array_equal(scenes.read_label(0), painted(STREET, FINE_NUMBERS, IGNORE))


def test_cityscapes_train_ids_give_the_expected_mask(tmp_path):
    mask_scene(tmp_path, painted(STREET, FINE_NUMBERS, 255), "labelTrainIds")
    scenes = open_set("cityscapes", tmp_path, "val", FINE)
    assert np.array_equal(scenes.read_label(0), painted(STREET, FINE_NUMBERS, IGNORE))


@pytest.mark.parametrize(("classes", "road", "car"), [(MEDIUM, "road", "car"), (COARSE, "drivable", "vehicles")])
def test_cityscapes_is_read_in_coarser_lists_too(tmp_path, classes, road, car):
    polygon_scene(tmp_path)
    label = open_set("cityscapes", tmp_path, "val", classes).read_label(0)
    assert classes[label[15, 0]] == road
    assert classes[label[10, 12]] == car


def test_a_slanting_polygon_is_filled_with_its_border(tmp_path):
    label = polygon_scene(tmp_path)
    write_polygons(label, [{"label": "road", "polygon": [[2, 2], [6, 6], [2, 6]]}])
    read = open_set("cityscapes", tmp_path, "val", FINE).read_label(0) == 0
    expected = np.zeros((HEIGHT, WIDTH), bool)
    for row in range(2, 7):
        expected[row, 2 : row + 1] = True
    assert np.array_equal(read, expected)


def test_corners_with_fractions_are_those_of_the_publishers_tool(tmp_path):
    """Poles and other shapes as IDD marks them: fractions are cut off, also left of and above the image."""
    label, random = polygon_scene(tmp_path), np.random.default_rng(0)
    for _ in range(40):
        x, y, width, lean = random.uniform([-4, -4, 2, -2], [WIDTH, 4, 12, 2])
        pole = [[x, y], [x + width, y], [x + width + lean, y + 9.5], [x + lean, y + 9.5]]
        others = random.uniform(-5, 37, (random.integers(3, 9), 2)).tolist()
        for corners in (pole, others):
            write_polygons(label, [{"label": "pole", "polygon": corners}])
            expected = Image.new("L", (WIDTH, HEIGHT))  # what json2labelImg.py of the publisher does
            ImageDraw.Draw(expected).polygon([tuple(corner) for corner in corners], fill=1)
            read = open_set("idd", tmp_path, "val", FINE).read_label(0) == FINE_NUMBERS["pole"]
            assert np.array_equal(read, np.asarray(expected, bool)), corners
    write_polygons(label, [{"label": "pole", "polygon": [[3.9, 2.6], [8.7, 2.6], [8.7, 11.9], [3.9, 11.9]]}])
    rows, columns = np.nonzero(open_set("idd", tmp_path, "val", FINE).read_label(0) == FINE_NUMBERS["pole"])
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (3, 8, 2, 11)


def test_later_objects_cover_earlier_ones_and_deleted_ones_are_not_there(tmp_path):
    label = polygon_scene(tmp_path)
    boxes = [("car", 0, 0, 9, 9), ("road", 5, 5, 14, 14), ("sky", 0, 0, 31, 15)]
    write_polygons(label, [box_object(boxes[0]), box_object(boxes[1]), box_object(boxes[2], deleted=1)])
    read = open_set("cityscapes", tmp_path, "val", FINE).read_label(0)
    assert np.array_equal(read, painted(boxes[:2], FINE_NUMBERS, IGNORE))


def test_what_reaches_beyond_the_image_is_cut_at_its_border(tmp_path):
    label = polygon_scene(tmp_path)
    write_polygons(label, [box_object(("road", -40, 10, 90, 99))])
    read = open_set("cityscapes", tmp_path, "val", FINE).read_label(0)
    assert np.array_equal(read, painted([("road", 0, 10, 31, 15)], FINE_NUMBERS, IGNORE))


def test_a_group_is_of_its_class_unless_it_is_a_class_itself(tmp_path):
    label = polygon_scene(tmp_path)
    write_polygons(label, [box_object(("cargroup", 0, 0, 9, 9)), box_object(("polegroup", 20, 0, 25, 9))])
    scenes = open_set("cityscapes", tmp_path, "val", FINE)
    native = scenes.read_native(0)
    assert scenes.native[native[0, 0]].name == "car"
    assert scenes.native[native[0, 20]].name == "polegroup"


def test_licence_plates_belong_to_the_car_in_cityscapes_and_to_nothing_in_idd(tmp_path):
    boxes = (("car", 0, 0, 9, 9), ("license plate", 2, 2, 4, 4))
    polygon_scene(tmp_path, boxes)
    assert (open_set("cityscapes", tmp_path, "val", FINE).read_label(0)[:10, :10] == FINE_NUMBERS["car"]).all()
    assert (open_set("idd", tmp_path, "val", FINE).read_label(0)[2:5, 2:5] == IGNORE).all()


def test_every_idd_class_counts_as_expected_from_polygons(tmp_path):
    idd_scene(tmp_path, None)
    fine = [facts[4] for facts in IDD_CLASSES.values()]
    coarse = [facts[5] for facts in IDD_CLASSES.values()]
    assert rows_read(open_set("idd", tmp_path, "val", FINE)) == numbers_of(fine, FINE)
    assert rows_read(open_set("idd", tmp_path, "val", COARSE)) == numbers_of(coarse, COARSE)


@pytest.mark.parametrize("kind", ["labelIds", "labelcsTrainIds"])
def test_idd_label_images_agree_with_the_polygons_in_fine_classes(tmp_path, kind):
    idd_scene(tmp_path, kind)
    fine = [facts[4] for facts in IDD_CLASSES.values()]
    assert rows_read(open_set("idd", tmp_path, "val", FINE)) == numbers_of(fine, FINE)


def test_idd_cs_ids_lose_only_the_fallback_that_has_none(tmp_path):
    idd_scene(tmp_path, "labelcsIds")
    fine = [None if name == "non-drivable fallback" else facts[4] for name, facts in IDD_CLASSES.items()]
    assert rows_read(open_set("idd", tmp_path, "val", FINE)) == numbers_of(fine, FINE)


def test_idd_level_3_ids_are_read_in_coarse_classes_and_refused_in_finer_ones(tmp_path):
    idd_scene(tmp_path, "labellevel3Ids")
    coarse = [facts[5] for facts in IDD_CLASSES.values()]
    assert rows_read(open_set("idd", tmp_path, "val", COARSE)) == numbers_of(coarse, COARSE)
    with pytest.raises(
        DataError, match=r"000001_gtFine_labellevel3Ids.png: .* rail track and non-drivable fallback"
    ):
        open_set("idd", tmp_path, "val", FINE)


def test_idd_takes_the_label_image_that_is_exact_for_each_scene(tmp_path):
    idd_scene(tmp_path, "labellevel3Ids")
    idd_scene(tmp_path, "labelcsTrainIds")
    assert open_set("idd", tmp_path, "val", FINE).scenes[0].label.endswith("labelcsTrainIds.png")
    idd_scene(tmp_path, None)
    assert open_set("idd", tmp_path, "val", FINE).scenes[0].label.endswith("polygons.json")


def test_names_of_label_images_match_whatever_their_capitals(tmp_path):
    label = idd_scene(tmp_path, "labelIds")
    label.rename(label.with_name(label.name.replace("labelIds", "labelids")))  # as IDD's own tool writes it
    assert rows_read(open_set("idd", tmp_path, "val", FINE))[0] == 0


def test_debatable_pixels_can_be_told_from_the_others(tmp_path):
    idd_scene(tmp_path, None)
    scenes = open_set("idd", tmp_path, "val", FINE)
    debatable = scenes.is_debatable[scenes.read_native(0)][:, 0]
    assert [name for name, marked in zip(IDD_CLASSES, debatable, strict=True) if marked] == [
        "non-drivable fallback"
    ]


def colour_mask(values: np.ndarray, colours: dict[int, tuple[int, int, int]]) -> np.ndarray:
    table = np.zeros((256, 3), np.uint8)
    table[list(colours)] = list(colours.values())
    return table[values]


CITY_COLOURS = {7: (128, 64, 128), 11: (70, 70, 70), 23: (70, 130, 180), 26: (0, 0, 142)}


def test_published_colours_are_mapped_to_their_classes(tmp_path):
    ids = painted(STREET, IDS, 0)
    rgb = colour_mask(ids, CITY_COLOURS)
    expected = painted(STREET, FINE_NUMBERS, IGNORE)
    opaque = np.dstack([rgb, np.full(ids.shape, 255, np.uint8)])
    for values, kind in ((rgb, "labelIds"), (opaque, "color")):
        root = tmp_path / kind
        mask_scene(root, values, kind)
        assert np.array_equal(open_set("cityscapes", root, "val", FINE).read_label(0), expected), kind


def palette_image(path, indices: np.ndarray, palette: dict[int, tuple[int, int, int]]) -> None:
    image = Image.fromarray(indices, "L").convert("P")
    image.putpalette([value for i in range(256) for value in palette.get(i, (1, 2, 3))])
    image.putdata(indices.ravel().tolist())
    image.save(path)


def test_palette_images_are_read_by_their_numbers(tmp_path):
    ids = painted(STREET, IDS, 0)
    label = mask_scene(tmp_path, ids, "labelIds")
    for palette in ({}, CITY_COLOURS | {0: (0, 0, 0)}):
        palette_image(label, ids, palette)
        expected = painted(STREET, FINE_NUMBERS, IGNORE)
        assert np.array_equal(open_set("cityscapes", tmp_path, "val", FINE).read_label(0), expected)


def test_palette_images_are_read_by_their_colours_where_their_numbers_mean_nothing(tmp_path):
    indices = painted(STREET, {"sky": 201, "building": 202, "road": 203, "car": 204}, 200)
    label = mask_scene(tmp_path, indices, "labelIds")
    colours = {200: (0, 0, 0), 201: (70, 130, 180), 202: (70, 70, 70), 203: (128, 64, 128), 204: (0, 0, 142)}
    palette_image(label, indices, colours)
    read = open_set("cityscapes", tmp_path, "val", FINE).read_label(0)
    assert np.array_equal(read, painted(STREET, FINE_NUMBERS, IGNORE))


def test_16_bit_images_of_class_numbers_are_read(tmp_path):
    mask_scene(tmp_path, painted(STREET, IDS, 0).astype(np.uint16), "labelIds")
    read = open_set("cityscapes", tmp_path, "val", FINE).read_label(0)
    assert np.array_equal(read, painted(STREET, FINE_NUMBERS, IGNORE))


def test_numbers_in_four_bits_are_not_stretched(tmp_path):
    ids = painted(STREET, {"sky": 0, "building": 1, "road": 3, "car": 8}, 11)
    write_image(tmp_path / "val" / "a_1.png")
    label = write_mask(tmp_path / "valannot" / "a_1.png", ids)
    label.write_bytes(grey_png(ids, bits=4))
    read = open_set("camvid", tmp_path, "val", MEDIUM).read_label(0)
    assert np.array_equal(read, np.where(ids == 11, IGNORE, ids))


def grey_png(values: np.ndarray, bits: int) -> bytes:
    """A grey PNG of fewer than 8 bits a value, which Pillow does not write."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packed = (values[:, ::2] << bits | values[:, 1::2]).astype(np.uint8)
    lines = b"".join(b"\0" + line.tobytes() for line in packed)
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], bits, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def camvid_tree(root):
    for part in ("train", "val", "test"):
        write_image(root / part / "0016E5_01.png")
        write_mask(
            root / f"{part}annot" / "0016E5_01.png",
            painted(STREET, {"sky": 0, "building": 1, "road": 3, "car": 8}, 11),
        )
    return root


def test_camvid_is_read_in_its_own_and_in_coarse_classes(tmp_path):
    camvid_tree(tmp_path)
    assert parts_of("camvid", tmp_path) == ("train", "val", "test")
    medium, coarse = (open_set("camvid", tmp_path, "test", classes) for classes in (MEDIUM, COARSE))
    expected = painted(STREET, {"sky": 0, "building": 1, "road": 3, "car": 8}, IGNORE)
    assert np.array_equal(medium.read_label(0), expected)
    expected = painted(STREET, {"sky": 6, "building": 5, "road": 0, "car": 3}, IGNORE)
    assert np.array_equal(coarse.read_label(0), expected)
    assert medium.scenes[0].sequence == "0016E5"


def test_camvid_cannot_be_scored_in_fine_classes(tmp_path):
    with pytest.raises(DataError, match="camvid cannot be scored in the fine classes"):
        open_set("camvid", camvid_tree(tmp_path), "val", FINE)


def test_idd_lite_is_read_as_published(tmp_path):
    values = painted([("a", 0, 0, 31, 5), ("b", 0, 6, 31, 9)], {"a": 6, "b": 0}, 255)
    write_image(tmp_path / "leftImg8bit" / "val" / "33" / "f_image.jpg")
    write_mask(tmp_path / "gtFine" / "val" / "33" / "f_label.png", values)
    write_mask(tmp_path / "gtFine" / "val" / "33" / "f_inst_label.png", values)
    scenes = open_set("idd_lite", tmp_path, "val", COARSE)
    assert np.array_equal(scenes.read_label(0), values)
    assert (scenes.scenes[0].sequence, len(scenes)) == ("33", 1)


def test_a_set_is_found_a_few_levels_below(tmp_path):
    polygon_scene(tmp_path / "unpacked" / "IDD_Segmentation")
    assert find_set("idd", tmp_path) == tmp_path / "unpacked" / "IDD_Segmentation"
    assert find_set("camvid", tmp_path) is None
    assert find_set("idd", tmp_path / "nowhere") is None


def test_images_and_labels_may_lie_in_the_folders_of_their_archives(tmp_path):
    polygon_scene(tmp_path)
    for name in ("leftImg8bit", "gtFine"):
        (tmp_path / f"{name}_trainvaltest").mkdir()
        shutil.move(tmp_path / name, tmp_path / f"{name}_trainvaltest" / name)
    assert find_set("cityscapes", tmp_path) == tmp_path
    assert len(open_set("cityscapes", tmp_path, "val", FINE)) == 1


def test_folders_that_are_links_are_followed(tmp_path):
    polygon_scene(tmp_path / "elsewhere", sequence="1")
    for name in ("leftImg8bit", "gtFine"):
        folder = tmp_path / "idd" / name / "val"
        folder.mkdir(parents=True)
        (folder / "1").symlink_to(tmp_path / "elsewhere" / name / "val" / "1")
    assert len(open_set("idd", find_set("idd", tmp_path / "idd"), "val", FINE)) == 1


def test_both_parts_of_idd_are_read_together(tmp_path):
    polygon_scene(tmp_path / "part1", sequence="1")
    polygon_scene(tmp_path / "part2", sequence="2")
    root = find_set("idd", tmp_path)
    assert root == tmp_path
    assert [scene.sequence for scene in open_set("idd", root, "val", FINE).scenes] == ["1", "2"]


def test_a_set_below_data_is_found_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    polygon_scene(tmp_path / "cityscapes")
    assert find_set("cityscapes") == tmp_path / "cityscapes"


def test_test_labels_of_nothing_but_ignored_pixels_are_no_part(tmp_path):
    polygon_scene(tmp_path)
    mask_scene(tmp_path, np.full((HEIGHT, WIDTH), 3, np.uint8), "labelIds", part="test")
    assert parts_of("cityscapes", tmp_path) == ("val",)
    with pytest.raises(DataError, match=r"the part 'test' of Cityscapes in .* has no labels .* parts val"):
        open_set("cityscapes", tmp_path, "test", FINE)


def test_a_part_without_labels_is_no_part(tmp_path):
    polygon_scene(tmp_path)
    write_image(tmp_path / "leftImg8bit" / "test" / "9" / "1_leftImg8bit.png")
    assert parts_of("idd", tmp_path) == ("val",)


def test_scenes_come_in_one_order_with_posix_paths(tmp_path):
    for sequence, frame in (("b", "2"), ("a", "9"), ("b", "1")):
        polygon_scene(tmp_path, sequence=sequence, frame=frame)
    images = [scene.image for scene in open_set("idd", tmp_path, "val", FINE).scenes]
    assert images == [f"leftImg8bit/val/{name}_leftImg8bit.png" for name in ("a/9", "b/1", "b/2")]


def test_every_set_of_the_catalogue_says_where_it_comes_from():
    for known in SETS.values():
        assert known.info.home.startswith("http")
        assert f"data/{known.name}/" in known.info.how_to_get
        assert known.info.licence


def test_polygon_files_with_other_keys_are_read(tmp_path):
    label = polygon_scene(tmp_path)
    content = json.loads(label.read_text())
    content["objects"] = [
        {**entry, "id": 3, "user": "x", "draw": True, "verified": 0} for entry in content["objects"]
    ]
    label.write_text(json.dumps(content))
    read = open_set("idd", tmp_path, "val", FINE).read_label(0)
    assert np.array_equal(read, painted(STREET, FINE_NUMBERS, IGNORE))
