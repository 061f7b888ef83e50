"""Masks drawn as shapes, and sets of the catalogue that are read as plain folders under other names."""

import base64
import io
import json

import numpy as np
import pytest
from mask_sets import every_mask
from PIL import Image
from street_trees import STREET, mask_scene, painted, write_image, write_mask

from helpers.datasets.masks.own import MaskSettings, looks_like_masks, open_own
from helpers.datasets.masks.shapes import run_lengths
from helpers.datasets.streets.catalogue import open_set
from helpers.datasets.streets.tables import level_classes
from helpers.datasets.types import DataError

SIZE = (12, 8)
LEAF = [[1, 1], [4, 1], [4, 5], [1, 5]]  # its border belongs to it
STEM = [[3, 3], [8, 3], [8, 6], [3, 6]]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """What is remembered of files goes into a folder of the test."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path_factory.mktemp("data")))


def leaf_and_stem(leaf: int, stem: int) -> np.ndarray:
    """The two rectangles, the stem over the leaf, without any code that draws."""
    values = np.zeros((8, 12), np.uint8)
    values[1:6, 1:5] = leaf
    values[3:7, 3:9] = stem
    return values


def shape(label: str, points, **more) -> dict:
    return {"label": label, "points": points, "shape_type": "polygon", **more}


def labelme_set(root, shapes, count: int = 3):
    for i in range(count):
        write_image(root / f"{i}.jpg", size=SIZE)
        content = {"version": "5.4", "shapes": shapes, "imagePath": f"{i}.jpg", "imageWidth": 12, "imageHeight": 8}
        (root / f"{i}.json").write_text(json.dumps(content))
    return root


def the_mask(own) -> np.ndarray:
    masks = list(every_mask(own).values())
    assert len(masks) == 3 and all(np.array_equal(mask, masks[0]) for mask in masks)
    return masks[0]


def test_labelme_shapes_are_painted_in_their_order(tmp_path):
    root = labelme_set(
        tmp_path, [shape("leaf", LEAF), shape("stem", STEM), shape("tip", [[1, 1]], shape_type="point")]
    )
    assert looks_like_masks(root)
    own = open_own(root, "mine")
    assert own.classes == ("background", "leaf", "stem")
    assert np.array_equal(the_mask(own), leaf_and_stem(1, 2))
    assert "3 lines and points have no area and draw nothing." in own.remarks
    stated = open_own(root, "mine", MaskSettings(classes=("stem", "leaf"), void=("background",)))
    assert stated.classes == ("stem", "leaf")
    assert np.array_equal(the_mask(stated) == 255, leaf_and_stem(1, 1) == 0)
    with pytest.raises(
        DataError,
        match=r"0.json has shapes of 'stem' \(1 shape\), which “classes” in the study file does not name",
    ):
        open_own(root, "mine", MaskSettings(classes=("leaf", "root")))


def test_labelme_knows_rectangles_circles_bitmaps_and_what_is_ignored(tmp_path):
    bitmap = io.BytesIO()
    Image.fromarray(np.ones((4, 6), bool)).save(bitmap, "PNG")
    packed = base64.b64encode(bitmap.getvalue()).decode()
    shapes = [
        shape("leaf", [[1, 1], [4, 5]], shape_type="rectangle"),
        shape("stem", [[3, 3], [8, 6]], shape_type="mask", mask=packed),
    ]
    assert np.array_equal(the_mask(open_own(labelme_set(tmp_path / "a", shapes), "mine")), leaf_and_stem(1, 2))
    ignored = [shape("__ignore__", LEAF), shape("stem", STEM)]
    own = open_own(labelme_set(tmp_path / "b", ignored), "mine")
    assert own.classes == ("background", "stem") and np.array_equal(the_mask(own), leaf_and_stem(255, 1))
    circle = the_mask(
        open_own(labelme_set(tmp_path / "c", [shape("dot", [[5, 4], [7, 4]], shape_type="circle")]), "mine")
    )
    assert circle[4, 3:8].all() and circle[2:7, 5].all() and not circle[2, 3] and circle.sum() in range(13, 22)


def test_shapes_that_cannot_be_drawn_are_named(tmp_path):
    labelme_set(tmp_path, [shape("leaf", LEAF), shape("leaf", [[1, 1], [2, 2]])])
    with pytest.raises(DataError, match=r"0.json: shape 2 cannot be drawn \(2 points, fewer than three\)"):
        open_own(tmp_path, "mine")
    (tmp_path / "1.json").write_text("{")
    with pytest.raises(DataError, match=r"1.json is broken JSON"):
        open_own(tmp_path, "mine")


def coco(forms, count: int = 3, **more) -> dict:
    return {
        "images": [{"id": i, "file_name": f"{i}.jpg", "width": 12, "height": 8} for i in range(count)],
        "categories": [{"id": 7, "name": "stem"}, {"id": 3, "name": "leaf"}, {"id": 9, "name": "root"}],
        "annotations": [
            {"id": 10 * i + j, "image_id": i, "category_id": category, "segmentation": form}
            for i in range(count) for j, (category, form) in enumerate(forms)
        ],
        **more,
    }  # fmt: skip


def lengths(inside: np.ndarray) -> dict:
    """Run lengths of a bitmap, pixel by pixel."""
    counts, now = [0], False
    for pixel in inside.T.ravel().tolist():
        if pixel != now:
            counts, now = [*counts, 0], pixel
        counts[-1] += 1
    return {"counts": counts, "size": list(inside.shape)}


@pytest.mark.parametrize("as_lengths", [False, True])
def test_coco_is_painted_over_the_background(tmp_path, as_lengths):
    for i in range(4):
        write_image(tmp_path / f"images/{i}.jpg", size=SIZE)
    stem = lengths(leaf_and_stem(0, 1) == 1) if as_lengths else [np.ravel(STEM).tolist()]
    (tmp_path / "annotations").mkdir()
    file = tmp_path / "annotations/instances.json"
    file.write_text(json.dumps(coco([(3, [np.ravel(LEAF).tolist()]), (7, stem)])))
    assert looks_like_masks(tmp_path)
    own = open_own(tmp_path, "mine")
    assert own.classes == ("background", "leaf", "stem")
    assert np.array_equal(the_mask(own), leaf_and_stem(1, 2))
    assert "Not named there and left aside: images/3.jpg." in own.remarks
    assert "No object, so no class: category “root”." in own.remarks


def test_coco_tells_parts_by_its_places(tmp_path):
    for part in ("train", "valid", "test"):
        for i in range(2):
            write_image(tmp_path / part / f"{i}.jpg", size=SIZE)
        (tmp_path / part / "_annotations.coco.json").write_text(
            json.dumps(coco([(3, [np.ravel(LEAF).tolist()])], 2))
        )
    own = open_own(tmp_path, "mine")
    assert {part: len(scenes) for part, scenes in own.parts.items()} == {"train": 2, "val": 2, "test": 2}
    assert own.given_parts == ("train", "val", "test")


def test_packed_run_lengths_and_boxes_are_refused(tmp_path):
    write_image(tmp_path / "0.jpg", size=SIZE)
    for form, reason in (({"counts": "abc", "size": [8, 12]}, "packed into a text"), ([], "as for boxes alone")):
        (tmp_path / "all.json").write_text(json.dumps(coco([(3, form)], 1)))
        with pytest.raises(DataError, match=f"all.json: object 0 cannot be drawn .*{reason}"):
            open_own(tmp_path, "mine")
    with pytest.raises(ValueError, match="make 5 pixels, not 2 × 3"):
        run_lengths([2, 3], (2, 3))


def test_camvid_under_other_names_has_the_same_pixels(tmp_path):
    """train/ and trainannot/ by the catalogue's reader; pictures/ and truth/ with a list of names by this one."""
    medium = level_classes("medium")
    for i in range(6):
        values = painted(STREET, {"sky": 0, "building": 1, "road": 3, "car": 8}, 11)
        values[i, :] = i
        part, name = ("train", "train", "train", "train", "val", "test")[i], f"0001TP_00{i}690"
        write_image(tmp_path / "camvid" / part / f"{name}.png", seed=i)
        write_mask(tmp_path / "camvid" / f"{part}annot" / f"{name}.png", values)
        write_image(tmp_path / "roads/pictures" / part / f"{name}.png", seed=i)
        write_mask(tmp_path / "roads/truth" / part / f"{name}_label.png", values)
    (tmp_path / "roads/classes.txt").write_text("\n".join([*medium, "unlabelled"]))
    own = open_own(tmp_path / "roads", "roads")
    assert own.classes == medium
    for part in ("train", "val", "test"):
        known = open_set("camvid", tmp_path / "camvid", part, medium)
        assert len(known) == len(own.parts[part])
        for position, scene in enumerate(own.parts[part]):
            assert np.array_equal(own.reader(own.root / scene.label), known.read_label(position))


def test_idd_lite_under_other_names_has_the_same_pixels(tmp_path):
    coarse = level_classes("coarse")
    for drive in range(4):
        values = painted(STREET, {"sky": 6, "building": 5, "road": 0, "car": 3}, 255)
        for frame in range(2):
            values[frame] = drive
            name = f"frame{drive}{frame}"
            write_image(tmp_path / f"idd/leftImg8bit/train/{drive}/{name}_image.jpg", seed=frame)
            write_mask(tmp_path / f"idd/gtFine/train/{drive}/{name}_label.png", values)
            write_image(tmp_path / f"india/train/images/{drive}/{name}.jpg", seed=frame)
            write_mask(tmp_path / f"india/train/masks/{drive}/{name}.png", values)
    own = open_own(tmp_path / "india", "india", MaskSettings(classes=coarse))
    known = open_set("idd_lite", tmp_path / "idd", "train", coarse)
    expected = {scene.image.split("/")[-1]: known.read_label(i) for i, scene in enumerate(known.scenes)}
    found = every_mask(own)
    assert len(found) == len(expected) == 8
    for image, mask in found.items():
        assert np.array_equal(mask, expected[image.split("/")[-1].replace(".jpg", "_image.jpg")])
    drives = [{scene.sequence for scene in scenes} for scenes in own.parts.values()]
    assert sum(map(len, drives)) == 4


def test_cityscapes_label_ids_as_a_plain_folder(tmp_path):
    values = painted(STREET, {"sky": 23, "building": 11, "road": 7, "car": 26}, 0)
    for frame in range(4):
        mask_scene(tmp_path, values, "labelIds", part="train", sequence=str(frame))
    names = {0: "unlabeled", 7: "road", 11: "building", 23: "sky", 26: "car"}
    own = open_own(tmp_path, "town", MaskSettings(classes=names))
    known = open_set("cityscapes", tmp_path, "train", level_classes("fine"))
    to_fine = np.full(256, 255, np.uint8)
    to_fine[: len(own.classes)] = [level_classes("fine").index(name) for name in own.classes]
    for mask in every_mask(own).values():
        assert np.array_equal(to_fine[mask], known.read_label(0))
