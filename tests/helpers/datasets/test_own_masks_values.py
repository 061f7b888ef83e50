"""What the values of one's own masks mean: numbers, palettes, colours, legends, what counts nowhere."""

import logging

import numpy as np
import pytest
from mask_sets import SIZE, every_mask, steps_mask, write_palette, write_set
from PIL import Image
from street_trees import STREET, mask_scene, painted, write_image, write_mask

from helpers.datasets.masks.own import MaskSettings, open_own
from helpers.datasets.streets.catalogue import open_set
from helpers.datasets.streets.tables import level_classes
from helpers.datasets.types import DataError

RED, GREEN, BLACK, BORDER, ODD = (255, 0, 0), (0, 128, 0), (0, 0, 0), (224, 224, 192), (1, 2, 3)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """What is remembered of files goes into a folder of the test."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path_factory.mktemp("data")))


def coloured(*colours) -> np.ndarray:
    """(H, W, 3) uint8: stripes of these colours."""
    return np.array(colours, np.uint8)[steps_mask(range(len(colours)))]


def write_masks(root, values: np.ndarray, count: int = 3, suffix: str = "png"):
    """Some images with the same mask."""
    for i in range(count):
        write_image(root / f"images/{i}.jpg", size=values.shape[1::-1])
        write_mask(root / f"masks/{i}.{suffix}", values)
    return root


def the_mask(own) -> np.ndarray:
    masks = list(every_mask(own).values())
    assert all(np.array_equal(mask, masks[0]) for mask in masks)
    return masks[0]


@pytest.mark.parametrize("high", [1, 255])
def test_two_values_are_background_and_what_the_folder_is_called(tmp_path, high):
    write_masks(tmp_path / "leaves", steps_mask((0, high)))
    own = open_own(tmp_path / "leaves", "mine")
    assert own.classes == ("background", "leaves")
    assert np.array_equal(the_mask(own), steps_mask((0, 1)))
    write_masks(tmp_path / "dataset", steps_mask((0, high)))
    assert open_own(tmp_path / "dataset", "mine").classes == ("background", "foreground")
    assert open_own(tmp_path / "leaves", "mine", MaskSettings(classes=("soil", "leaf"))).classes == (
        "soil",
        "leaf",
    )
    one = open_own(tmp_path / "leaves", "mine", MaskSettings(classes=("leaf",)))
    assert one.classes == ("background", "leaf") and np.array_equal(the_mask(one), steps_mask((0, 1)))


def test_numbers_without_names_are_called_by_their_numbers(tmp_path):
    own = open_own(write_masks(tmp_path, steps_mask((0, 3, 7, 255))), "mine")
    assert own.classes == ("class 0", "class 3", "class 7")
    assert np.array_equal(the_mask(own), steps_mask((0, 1, 2, 255)))
    assert any("Nobody names the classes of the masks" in remark for remark in own.remarks)


def test_stretched_numbers_are_classes_up_to_the_last(tmp_path):
    own = open_own(write_masks(tmp_path, steps_mask((0, 128, 255))), "mine")
    assert own.classes == ("class 0", "class 128", "class 255")


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.float32])
def test_whole_numbers_of_any_type_are_read(tmp_path, kind):
    suffix = "tif" if kind in (np.int32, np.float32) else "png"
    own = open_own(write_masks(tmp_path, steps_mask((0, 2, 5)).astype(kind), suffix=suffix), "mine")
    assert np.array_equal(the_mask(own), steps_mask((0, 1, 2)))


@pytest.mark.parametrize("suffix", ["bmp", "gif", "tif", "pgm", "webp"])
def test_other_formats_that_keep_values_are_read(tmp_path, suffix):
    write_masks(tmp_path, steps_mask((0, 2, 5)), suffix="png")
    for path in sorted((tmp_path / "masks").iterdir()):
        with Image.open(path) as image:
            (image.convert("RGB") if suffix == "webp" else image).save(
                path.with_suffix(f".{suffix}"), lossless=True
            )
        path.unlink()
    assert np.array_equal(the_mask(open_own(tmp_path, "mine")), steps_mask((0, 1, 2)))


def test_few_bits_and_more_than_255_are_read_as_written(tmp_path):
    write_masks(tmp_path / "bits", steps_mask((0, 1)).astype(bool))
    assert np.array_equal(the_mask(open_own(tmp_path / "bits", "mine")), steps_mask((0, 1)))
    values = steps_mask((0, 1, 2)).astype(np.uint16) * 500
    write_masks(tmp_path / "many", values)
    own = open_own(tmp_path / "many", "mine", MaskSettings(classes={0: "a", 500: "b", 1000: "c"}))
    assert own.classes == ("a", "b", "c") and np.array_equal(the_mask(own), steps_mask((0, 1, 2)))


def test_fractions_are_refused(tmp_path):
    write_masks(tmp_path, steps_mask((0, 1)).astype(np.float32) * 0.7, suffix="tif")
    with pytest.raises(DataError, match=r"0.tif holds numbers such as 0.7 \(48 pixels\), which are no class"):
        open_own(tmp_path, "mine")


def test_jpeg_masks_are_refused_with_the_cure(tmp_path):
    write_masks(tmp_path, steps_mask((0, 255)), suffix="jpg")
    with pytest.raises(DataError, match=r"0.jpg is a JPEG file, which changes the values .* again as PNG"):
        open_own(tmp_path, "mine")
    (tmp_path / "masks/0.jpg").rename(tmp_path / "masks/0.png")
    with pytest.raises(DataError, match=r"0.png is a JPEG file"):
        open_own(tmp_path, "mine")


def test_smoothed_masks_are_refused(tmp_path):
    write_masks(tmp_path, np.tile(np.arange(0, 252, 3, dtype=np.uint8), (8, 1)))
    with pytest.raises(DataError, match=r"holds 0 \(8 pixels\), .* and all masks 84 values that nobody names"):
        open_own(tmp_path, "mine")


def test_values_that_nobody_named_are_refused_with_their_counts(tmp_path):
    root = write_set(tmp_path / "zeros", 4, (0, 1, 2))
    write_mask(root / "masks/a3.png", steps_mask((0, 1, 7)))
    with pytest.raises(
        DataError,
        match=r"masks/a3.png holds 7 \(32 pixels\), which “classes” in the study file does not name \(1 of 4",
    ):
        open_own(root, "mine", MaskSettings(classes=("a", "b", "c")))
    with pytest.raises(DataError, match=r"if the numbers begin with 1, write them, as classes: {1: a, …}"):
        open_own(
            write_masks(tmp_path / "ones", steps_mask((1, 2, 3))), "mine", MaskSettings(classes=("a", "b", "c"))
        )
    own = open_own(root, "mine", MaskSettings(classes=("a", "b", "c"), void=(7,)))
    assert (every_mask(own)["images/a3.jpg"] == 255).sum() == 32


def test_palettes_are_read_by_number_and_lend_their_colours(tmp_path):
    for i in range(3):
        write_image(tmp_path / f"JPEGImages/{i}.jpg", size=(12, 8))
        palette = [BLACK, RED, GREEN, *[(9, 9, 9)] * 252, BORDER]
        write_palette(tmp_path / f"SegmentationClass/{i}.png", steps_mask((0, 1, 2, 255)), palette)
    own = open_own(tmp_path, "mine")
    assert np.array_equal(the_mask(own), steps_mask((0, 1, 2, 255)))
    assert own.colours.tolist() == [list(BLACK), list(RED), list(GREEN)]


def test_colours_without_a_legend_are_classes_called_by_their_colours(tmp_path):
    own = open_own(write_masks(tmp_path, coloured(BLACK, RED, ODD, BORDER)), "mine")
    assert own.classes == ("black", "#010203", "red")
    assert np.array_equal(the_mask(own), steps_mask((0, 2, 1, 255)))
    assert own.colours.tolist() == [list(BLACK), list(ODD), list(RED)]
    assert any("a class is called by its colour. Name them" in remark for remark in own.remarks)
    named = MaskSettings(classes={"#ff0000": "roof", "#000000": "ground", "#010203": "tree"}, void=("#000000",))
    own = open_own(tmp_path, "mine", named)
    assert own.classes == ("roof", "tree") and np.array_equal(the_mask(own), steps_mask((255, 0, 1, 255)))


COLOUR_LEGENDS = {  # file and text: ground black, roof red, tree green, void (1, 2, 3)
    "classes.csv": "name,r,g,b\nground,0,0,0\nroof,255,0,0\ntree,0,128,0\nvoid,1,2,3\n",
    "class_dict.csv": "name, r, g, b\nground, 0, 0, 0\nroof, 255, 0, 0\ntree, 0, 128, 0\nVoid, 1, 2, 3\n",
    "label_colors.txt": "0 0 0\tground\n255 0 0\troof\n0 128 0\ttree\n1 2 3\tvoid\n",
    "labelmap.txt": "# label:color_rgb:parts\nground:0,0,0::\nroof:255,0,0::\ntree:0,128,0::\nignore:1,2,3::\n",
    "classes.json": '{"ground": "#000000", "roof": [255, 0, 0], "tree": "#008000", "unlabelled": [1, 2, 3]}',
}


@pytest.mark.parametrize(("file", "text"), COLOUR_LEGENDS.items(), ids=COLOUR_LEGENDS)
def test_legends_name_colours(tmp_path, file, text):
    write_masks(tmp_path, coloured(RED, ODD, BLACK, GREEN))
    (tmp_path / file).write_text(text)
    own = open_own(tmp_path, "mine")
    assert own.classes == ("ground", "roof", "tree")
    assert np.array_equal(the_mask(own), steps_mask((1, 255, 0, 2)))
    assert own.colours.tolist() == [list(BLACK), list(RED), list(GREEN)]
    assert f"The classes are those of {file}." in own.remarks
    write_mask(tmp_path / "masks/1.png", coloured(RED, BLACK, (9, 9, 9)))
    with pytest.raises(DataError, match=rf"masks/1.png holds '#090909' \(32 pixels\), which {file} does not name"):
        open_own(tmp_path, "mine")


NUMBER_LEGENDS = {
    "classes.txt": "ground\nroof\ntree of life\n",
    "labels.txt": "0 ground\n1 roof\n2 tree of life\n",
    "labelmap.txt": "ground: 0\nroof: 1\ntree of life: 2\n",
    "_classes.csv": "Pixel Value, Class\n0, ground\n1, roof\n2, tree of life\n",
    "classes.json": '["ground", "roof", "tree of life"]',
    "id2label.json": '{"0": "ground", "1": "roof", "2": "tree of life"}',
    "labels.json": '[{"id": 0, "name": "ground"}, {"id": 1, "name": "roof"}, {"id": 2, "name": "tree of life"}]',
    "data.yaml": "nc: 3\nnames:\n  0: ground\n  1: roof\n  2: tree of life\n",
    "data.yml": "names: [ground, roof, tree of life]\n",
}


@pytest.mark.parametrize(("file", "text"), NUMBER_LEGENDS.items(), ids=NUMBER_LEGENDS)
def test_legends_name_numbers(tmp_path, file, text):
    write_masks(tmp_path, steps_mask((2, 0, 1, 255)))
    (tmp_path / file).write_text(text)
    own = open_own(tmp_path, "mine")
    assert own.classes == ("ground", "roof", "tree of life")
    assert np.array_equal(the_mask(own), steps_mask((2, 0, 1, 255)))


def test_numbers_with_one_name_are_one_class(tmp_path):
    write_masks(tmp_path, steps_mask((0, 1, 2, 255)))
    own = open_own(tmp_path, "mine", MaskSettings(classes={0: "ground", 1: "car", 2: "car"}))
    assert own.classes == ("ground", "car") and np.array_equal(the_mask(own), steps_mask((0, 1, 1, 255)))
    assert own.remarks[-3:-1] == (
        "Pixels of 255 count nowhere, neither in training nor in scores: 25 % of all.",
        "1 and 2 are one class, “car”.",
    )


def test_labelme_lists_begin_with_what_is_ignored(tmp_path):
    write_masks(tmp_path, steps_mask((0, 1, 255)))
    (tmp_path / "labels.txt").write_text("__ignore__\n_background_\nleaf\n")
    assert open_own(tmp_path, "mine").classes == ("background", "leaf")


def test_numbers_of_void_classes_count_nowhere(tmp_path):
    write_masks(tmp_path, steps_mask((0, 1, 2)))
    (tmp_path / "classes.txt").write_text("sky\nroad\nunlabelled\n")
    own = open_own(tmp_path, "mine")
    assert own.classes == ("sky", "road") and np.array_equal(the_mask(own), steps_mask((0, 1, 255)))
    told = "Pixels of “unlabelled” count nowhere, neither in training nor in scores: 33.3 % of all."
    assert told in own.remarks
    with pytest.raises(
        DataError, match=r"void: 'raod' is none of the classes \(did you mean 'road'\?\); they are sky"
    ):
        open_own(tmp_path, "mine", MaskSettings(void=("raod",)))
    with pytest.raises(DataError, match=r"hold 1 class \(sky\): at least two are needed"):
        open_own(tmp_path, "mine", MaskSettings(void=("road",)))


def test_a_legend_of_colours_serves_masks_of_numbers_in_its_order(tmp_path):
    write_masks(tmp_path, steps_mask((0, 1, 2)))
    (tmp_path / "class_dict.csv").write_text(COLOUR_LEGENDS["class_dict.csv"])
    assert np.array_equal(the_mask(open_own(tmp_path, "mine")), steps_mask((0, 1, 2)))


def test_files_that_speak_of_something_else_are_no_legend(tmp_path):
    write_masks(tmp_path, steps_mask((0, 1, 2)))
    (tmp_path / "data.yaml").write_text("train: ../train/images\nval: ../valid/images\n")
    (tmp_path / "labels.txt").write_text("masks/0.png\nmasks/1.png\nmasks/2.png\n")
    assert open_own(tmp_path, "mine").classes == ("class 0", "class 1", "class 2")
    (tmp_path / "classes.csv").write_text("name,id\na,0\n,1\nc,2\n")
    with pytest.raises(DataError, match=r"classes.csv has a class without a name"):
        open_own(tmp_path, "mine")


def test_legends_that_cannot_be_used_are_refused(tmp_path):
    write_masks(tmp_path / "a", coloured(RED, BLACK))
    (tmp_path / "a/classes.txt").write_text("ground\nroof\n")
    with pytest.raises(DataError, match=r"masks/0.png is a colour image, and classes.txt names no colours"):
        open_own(tmp_path / "a", "mine")
    (tmp_path / "a/classes.csv").write_text("r,g,b\n0,0,0\n")
    with pytest.raises(DataError, match=r"classes.csv has no column of names, only r, g, b"):
        open_own(tmp_path / "a", "mine")
    with pytest.raises(DataError, match="'rot' is neither the number of a class nor a colour"):
        open_own(tmp_path / "a", "mine", MaskSettings(classes={"rot": "roof"}))
    with pytest.raises(DataError, match=r"hold 1 class \(class 0\): at least two"):
        open_own(write_masks(tmp_path / "b", steps_mask((0,))), "mine")


def test_much_that_counts_nowhere_and_classes_that_are_missing_are_said(tmp_path):
    write_masks(tmp_path, steps_mask((0, 1, 255, 255, 255)))
    own = open_own(tmp_path, "mine", MaskSettings(classes=("a", "b", "c")))
    odd = "58 % of all pixels count nowhere, far more than usual: check whether the masks' values are what"
    assert any(remark.startswith(odd) for remark in own.remarks)
    assert "Class “c” has no pixel in any mask: no network can learn it, and it has no score." in own.remarks
    write_masks(tmp_path, steps_mask((0, 1, 0, 1, 255, 255)))
    assert not any("of all pixels" in remark for remark in open_own(tmp_path, "mine").remarks)


def test_classes_of_one_part_alone_are_said(tmp_path):
    for part, numbers in (("train", (0, 1)), ("val", (0, 1)), ("test", (0, 2))):
        write_image(tmp_path / part / "images/1.jpg", size=SIZE)
        write_mask(tmp_path / part / "masks/1.png", steps_mask(numbers))
    own = open_own(tmp_path, "mine", MaskSettings(classes=("a", "b", "c")))
    assert own.remarks[-2:] == (
        "Class “b” has no pixels in test: it has no score there.",
        "Class “c” has pixels in test alone, none in train: it cannot be learnt.",
    )
    assert len(every_mask(own)) == 3


def test_a_changed_mask_is_looked_at_again(tmp_path):
    write_set(tmp_path, 3, (0, 1))
    assert len(open_own(tmp_path, "mine").classes) == 2
    write_mask(tmp_path / "masks/a1.png", steps_mask((0, 1, 2, 3)))
    assert len(open_own(tmp_path, "mine").classes) == 4


def test_see_through_and_damaged_masks_are_refused(tmp_path):
    write_set(tmp_path, 3, (0, 1))
    Image.fromarray(np.zeros((8, 12, 4), np.uint8)).save(tmp_path / "masks/a1.png")
    with pytest.raises(DataError, match=r"a1.png has transparent pixels"):
        open_own(tmp_path, "mine")
    (tmp_path / "masks/a1.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(DataError, match=r"a1.png is no readable image|a1.png is cut short or damaged"):
        open_own(tmp_path, "mine")


def test_train_ids_called_label_ids_are_refused(tmp_path):
    mask_scene(tmp_path, painted(STREET, {"sky": 10, "building": 2, "road": 0, "car": 13}, 255), "labelIds")
    scenes = open_set("cityscapes", tmp_path, "val", level_classes("fine"))
    with pytest.raises(DataError, match=r"is called labelIds and seems to hold train ids: 255 \(\d+ pixels\)"):
        scenes.read_label(0)


def test_a_part_of_the_catalogue_that_ignores_most_pixels_is_told(tmp_path, caplog):
    mask_scene(tmp_path, painted(STREET, {"sky": 10, "building": 2, "road": 0, "car": 13}, 0), "labelIds")
    with caplog.at_level(logging.WARNING):
        open_set("cityscapes", tmp_path, "val", level_classes("fine"))
    assert "of all pixels count nowhere" in caplog.text
