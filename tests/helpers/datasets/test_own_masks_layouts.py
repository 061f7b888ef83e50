"""One's own images and masks: which layouts are found, and how they are split."""

import subprocess
import sys

import numpy as np
import pytest
from mask_sets import every_mask, steps_mask, write_pair, write_palette, write_set
from street_trees import write_image, write_mask
from test_datasets_decode import HEIC

from helpers.base.paths import ROOT
from helpers.datasets.masks.own import MaskSettings, SeededShares, looks_like_masks, open_own
from helpers.datasets.masks.pairs import find_pairs
from helpers.datasets.masks.parts import draw_parts
from helpers.datasets.masks.roles import role_of
from helpers.datasets.types import DataError

SOLID = steps_mask((0, 1))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """What is remembered of files goes into a folder of the test."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path_factory.mktemp("data")))


LAYOUTS = {  # image and mask of one scene, the part that its folders tell
    "images beside masks": ("images/a.jpg", "masks/a.png", None),
    "imgs and labels": ("imgs/a.jpg", "labels/a.png", None),
    "other names": ("rgb/a.png", "gt/a.png", None),
    "annotations": ("Images/a.JPG", "Annotations/a.png", None),
    "parts inside": ("images/train/a.jpg", "masks/train/a.png", "train"),
    "parts outside": ("training_set/images/a.jpg", "training_set/masks/a.png", "train"),
    "parts in the names": ("train_images/a.jpg", "train_masks/a.png", "train"),
    "joined words": ("val/a.jpg", "valannot/a.png", "val"),
    "validation by another word": ("dev/images/a.jpg", "dev/labels/a.png", "val"),
    "Cityscapes' tree": (
        "leftImg8bit/val/town/town_000000_000019_leftImg8bit.png",
        "gtFine/val/town/town_000000_000019_gtFine_labelIds.png", "val",
    ),
    "IDD-lite's tree": ("leftImg8bit/train/47/frame12_image.jpg", "gtFine/train/47/frame12_label.png", "train"),
    "PASCAL VOC": ("JPEGImages/2007_000032.jpg", "SegmentationClass/2007_000032.png", None),
    "beside, with a suffix": ("a.jpg", "a_mask.png", None),
    "beside, another suffix": ("photos/b 1.png", "photos/b 1-label.png", None),
    "beside, both with one": ("12_sat.jpg", "12_mask.png", None),
    "beside, by the format alone": ("a.jpg", "a.png", None),
    "before the name": ("images/image_1.jpg", "masks/mask_1.png", None),
    "two suffixes": ("images/a.jpg", "masks/a.jpg_mask.png", None),
    "CamVid as published": ("701_StillsRaw_full/0006R0_f1.png", "LabeledApproved_full/0006R0_f1_L.png", None),
    "shells": ("set/v2/images/a.jpg", "set/v2/masks/a.png", None),
}  # fmt: skip


@pytest.mark.parametrize(("image", "mask", "part"), LAYOUTS.values(), ids=LAYOUTS)
def test_layouts_are_found_by_themselves(tmp_path, image, mask, part):
    write_pair(tmp_path / image, tmp_path / mask, SOLID)
    found = find_pairs(tmp_path)
    assert [(pair.image, pair.label, pair.part) for pair in found.pairs] == [(image, mask, part)]
    assert looks_like_masks(tmp_path)
    assert found.remarks == (f"1 image has its mask, as {image} has {mask}.",)


def test_names_of_photographs_are_not_taken_for_masks():
    assert role_of("images/moving_target.jpg").kind == "image"
    assert role_of("color/a.jpg").kind == "image"
    assert role_of("images/a_mask.png").kind == "mask"


def test_classes_in_folders_are_no_masks(tmp_path):
    for name in ("mask", "face", "with_mask", "without_mask"):
        for i in range(2):
            write_image(tmp_path / name / f"{i}.jpg", seed=i, size=(64, 64))
    assert not looks_like_masks(tmp_path)
    for name in ("mask", "face"):
        for i in range(2):
            write_image(tmp_path / "png" / name / f"{i}.png", seed=i, size=(128, 128))
    assert not looks_like_masks(tmp_path / "png")
    assert not looks_like_masks(tmp_path / "nowhere")


def test_a_folder_of_masks_is_known_before_the_set_up(tmp_path):
    """With nothing but Python: the run asks what it was given before it installs anything."""
    write_set(tmp_path, 2)
    code = "from helpers.datasets.masks.own import *; import sys; print(looks_like_masks(Path(sys.argv[1])))"
    command = [sys.executable, "-S", "-c", code, str(tmp_path)]
    told = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert told.stdout == "True\n", told.stderr


def test_masks_of_classes_are_preferred_to_instances_and_colours(tmp_path):
    start = "gtFine/val/town/town_1_2_gtFine_"
    write_image(tmp_path / "leftImg8bit/val/town/town_1_2_leftImg8bit.png")
    for kind in ("labelIds", "instanceIds", "color", "labelTrainIds"):
        write_mask(tmp_path / f"{start}{kind}.png", SOLID)
    found = find_pairs(tmp_path)
    assert [pair.label for pair in found.pairs] == [f"{start}labelIds.png"]
    assert found.remarks[1:] == (
        "Left aside: 2 further masks of images that have one already.",
        "Left aside: 1 mask of objects instead of classes.",
    )


def test_what_has_no_partner_is_named(tmp_path):
    write_set(tmp_path, 4)
    for name in ("x1", "x2", "x3", "x4"):
        write_image(tmp_path / "images" / f"{name}.jpg")
    write_mask(tmp_path / "masks/y.png", SOLID)
    remarks = open_own(tmp_path, "mine").remarks
    assert (
        "4 images have no mask and are left aside: images/x1.jpg, images/x2.jpg, images/x3.jpg and 1 more."
        in remarks
    )
    assert "1 mask has no image and is left aside: masks/y.png." in remarks


def test_a_part_without_masks_may_use_names_again(tmp_path):
    """As competitions hand them out."""
    for i in range(6):
        write_pair(tmp_path / f"train/images/{i}.jpg", tmp_path / f"train/masks/{i}.png", SOLID)
        write_image(tmp_path / f"test/images/{i}.jpg")
    own = open_own(tmp_path, "mine")
    assert own.given_parts == ("train",) and sum(map(len, own.parts.values())) == 6
    lonely = "6 images have no mask and are left aside: test/images/0.jpg, test/images/1.jpg, test/images/2.jpg"
    assert f"{lonely} and 3 more." in own.remarks


def test_without_a_pair_there_is_a_way_on(tmp_path):
    write_image(tmp_path / "images/a.jpg")
    write_mask(tmp_path / "masks/b.png", SOLID)
    with pytest.raises(
        DataError, match=r"none of the 1 images .* images/a.jpg, the first mask masks/b.png; put the"
    ):
        open_own(tmp_path, "mine")
    with pytest.raises(DataError, match="is not there: put images and masks into it"):
        open_own(tmp_path / "nowhere", "mine")


def test_text_files_of_yolo_are_told(tmp_path):
    write_image(tmp_path / "images/a.jpg")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/a.txt").write_text("0 0.1 0.1 0.9 0.1 0.9 0.9")
    with pytest.raises(DataError, match=r"labels/a.txt seems to be YOLO's, which is not read: export masks"):
        open_own(tmp_path, "mine")


def test_scenes_that_lie_in_several_parts_are_told(tmp_path):
    for part in ("train", "val", "test"):
        for name in ("one_0001", "one_0002", f"{part}_0001"):
            write_pair(tmp_path / part / f"images/{name}.jpg", tmp_path / part / f"masks/{name}.png", SOLID)
    own = open_own(tmp_path, "mine")
    assert own.remarks[-1].startswith("1 scene has images in several parts, as the folder has them")
    assert len(every_mask(own)) == 9


def test_two_masks_of_one_image_are_refused(tmp_path):
    write_pair(tmp_path / "images/a.jpg", tmp_path / "masks/a.png", SOLID)
    write_mask(tmp_path / "masks/a.tif", SOLID)
    with pytest.raises(DataError, match=r"masks/a.png and masks/a.tif are both the mask of one scene"):
        open_own(tmp_path, "mine")


def test_folders_that_no_word_tells_are_named_by_the_study(tmp_path):
    for i in range(4):
        write_pair(tmp_path / f"up/{i}.jpg", tmp_path / f"down/{i}.jpg.png", steps_mask((0, 1), shift=i))
    settings = MaskSettings(images="up", masks="down/*.png")
    assert len(every_mask(open_own(tmp_path, "mine", settings))) == 4
    with pytest.raises(DataError, match="masks: 'dwon' is no folder with files"):
        open_own(tmp_path, "mine", MaskSettings(masks="dwon"))


def test_the_folders_parts_are_kept_and_the_missing_one_is_drawn(tmp_path):
    for part, count in (("train", 8), ("val", 2)):
        for i in range(count):
            name = f"{part}{i}"
            write_pair(
                tmp_path / part / "images" / f"{name}.jpg", tmp_path / part / "masks" / f"{name}.png",
                steps_mask((0, 1), shift=i),
            )  # fmt: skip
    own = open_own(tmp_path, "mine")
    assert own.given_parts == ("train", "val")
    assert {part: len(scenes) for part, scenes in own.parts.items()} == {"train": 6, "val": 2, "test": 2}
    assert all(scene.image.startswith("train/") for scene in own.parts["test"])
    assert any("The folder has no part test: images are drawn from train" in remark for remark in own.remarks)


def test_scenes_stay_together(tmp_path):
    for film in range(6):
        for frame in range(5):
            name = f"film{film}_{frame:06d}"
            write_pair(tmp_path / "images" / f"{name}.jpg", tmp_path / "masks" / f"{name}.png", SOLID)
    own = open_own(tmp_path, "mine")
    films = {part: {scene.image[7:12] for scene in scenes} for part, scenes in own.parts.items()}
    assert sum(map(len, films.values())) == 6 and set(films) == {"train", "val", "test"}
    assert any(
        "are taken for frames of one scene, as the 5 that begin with film5: 6 scenes." in one
        for one in own.remarks
    )
    by_frame = open_own(tmp_path, "mine", MaskSettings(group_by=r"_(\d+)\."))
    frames = {part: {scene.image[13:19] for scene in scenes} for part, scenes in by_frame.parts.items()}
    assert sum(map(len, frames.values())) == 5


def test_numbers_alone_are_no_films(tmp_path):
    for i in range(12):
        write_pair(
            tmp_path / f"images/{2007 + i % 3}_00{i:04d}.jpg",
            tmp_path / f"masks/{2007 + i % 3}_00{i:04d}.png",
            SOLID,
        )
    own = open_own(tmp_path, "mine")
    assert len({scene.sequence for scenes in own.parts.values() for scene in scenes}) == 12


def test_few_folders_are_kinds_of_images_and_not_scenes(tmp_path):
    for kind in ("ill", "well", "unclear"):
        for i in range(10):
            name = f"{kind}/{kind} ({i})"
            write_pair(tmp_path / f"{name}.jpg", tmp_path / f"{name}_mask.png", SOLID)
    own = open_own(tmp_path, "mine")
    assert {part: len(scenes) for part, scenes in own.parts.items()} == {"train": 21, "val": 3, "test": 6}
    assert {scene.image.split("/")[0] for scene in own.parts["train"]} == {"ill", "well", "unclear"}
    assert any(
        "each image counts by itself. Where neighbouring images show the same" in one for one in own.remarks
    )
    with pytest.raises(DataError, match="group_by finds 2 scenes, and train, val, test need one each at least"):
        open_own(tmp_path, "mine", MaskSettings(group_by="(ll|cl)"))


def test_the_split_is_that_of_its_seed(tmp_path):
    write_set(tmp_path, 20)
    one, same, other = (open_own(tmp_path, "mine", split=SeededShares(seed=seed)) for seed in (1, 1, 2))
    assert one.parts == same.parts != other.parts
    assert {part: len(scenes) for part, scenes in one.parts.items()} == {"train": 14, "val": 2, "test": 4}


def test_the_split_is_the_same_on_every_machine():
    presence = np.array([[True, i % 3 == 0, i % 5 == 0] for i in range(20)])
    parts = draw_parts(presence, [str(i // 2) for i in range(20)], ("train", "val", "test"), SeededShares(), 7)
    assert "".join(part[1] for part in parts) == "rrrreerrrraaeerrrraa"


def test_every_class_is_in_every_part_as_far_as_that_goes(tmp_path):
    for i in range(30):
        numbers = (0, 1, 2) if i % 10 == 0 else (0, 1)
        write_pair(tmp_path / f"images/{i}.jpg", tmp_path / f"masks/{i}.png", steps_mask(numbers))
    for seed in range(5):
        own = open_own(tmp_path, "mine", split=SeededShares(seed=seed))
        masks = every_mask(own)
        assert all(any((masks[scene.image] == 2).any() for scene in own.parts[part]) for part in own.parts)


def test_too_few_images_are_refused(tmp_path):
    write_set(tmp_path, 2)
    with pytest.raises(
        DataError, match="there are 2 images with masks to train on, and train, val, test need one each"
    ):
        open_own(tmp_path, "mine")


def test_lists_of_names_tell_the_parts(tmp_path):
    for i in range(5):
        write_pair(
            tmp_path / f"JPEGImages/2007_00000{i}.jpg", tmp_path / f"SegmentationClass/2007_00000{i}.png", SOLID
        )
    lists = tmp_path / "ImageSets/Segmentation"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("2007_000000\n2007_000001\n2007_000009\n")
    (lists / "val.txt").write_text("2007_000002\n")
    (lists / "trainval.txt").write_text("2007_000000\n2007_000001\n2007_000002\n")
    (lists / "test.txt").write_text("2007_000003\n")
    own = open_own(tmp_path, "mine")
    assert {part: len(scenes) for part, scenes in own.parts.items()} == {"train": 2, "val": 1, "test": 1}
    assert "Named there and not in place: 2007_000009." in own.remarks
    assert "In no part, and left aside: JPEGImages/2007_000004.jpg." in own.remarks
    (lists / "val.txt").write_text("2007_000001\n")
    with pytest.raises(DataError, match=r"2007_000001 is in ImageSets/Segmentation/train.txt as well"):
        open_own(tmp_path, "mine")


def test_sizes_that_differ(tmp_path):
    write_set(tmp_path, 4)
    write_mask(tmp_path / "masks/a1.png", steps_mask((0, 1, 2), (24, 16)))
    own = open_own(tmp_path, "mine")
    assert np.array_equal(every_mask(own)["images/a1.jpg"], steps_mask((0, 1, 2)))
    assert any("masks/a1.png with 24 × 16 for 12 × 8: scaled" in remark for remark in own.remarks)
    write_mask(tmp_path / "masks/a1.png", steps_mask((0, 1, 2), (8, 12)))
    with pytest.raises(
        DataError, match=r"images/a1.jpg has 12 × 8 pixels, its mask masks/a1.png 8 × 12: one of them"
    ):
        open_own(tmp_path, "mine")
    write_mask(tmp_path / "masks/a1.png", steps_mask((0, 1, 2), (12, 7)))
    with pytest.raises(DataError, match="12 × 7: give both in one size"):
        open_own(tmp_path, "mine")


def test_scaled_masks_keep_colours_and_numbers(tmp_path):
    for kind, stripes in (("palette", (0, 1, 2)), ("colours", (0, 1, 2)), ("deep", (0, 1, 2))):
        for i, size in enumerate(((12, 8), (12, 8), (6, 4), (48, 32))):
            write_image(tmp_path / kind / f"images/{i}.jpg", size=(12, 8))
            values, file = steps_mask(stripes, size), tmp_path / kind / f"masks/{i}.png"
            if kind == "palette":
                write_palette(file, values, [(0, 0, 0), (255, 0, 0), (0, 0, 255)])
            else:
                colours = np.array([(0, 0, 0), (0, 0, 255), (255, 0, 0)], np.uint8)
                write_mask(file, colours[values] if kind == "colours" else values.astype(np.uint16) * 300)
        own = open_own(tmp_path / kind, "mine")
        assert all(np.array_equal(mask, steps_mask(stripes)) for mask in every_mask(own).values()), kind


def test_photographs_of_telephones_have_masks_as_they_were_held(tmp_path):
    for i in range(3):
        write_mask(tmp_path / f"masks/{i}.png", steps_mask((0, 1), (24, 32)))
        (tmp_path / "images").mkdir(exist_ok=True)
        (tmp_path / f"images/{i}.heic").write_bytes(HEIC)
    assert {mask.shape for mask in every_mask(open_own(tmp_path, "mine")).values()} == {(32, 24)}


def test_images_of_several_sizes_are_one_set(tmp_path):
    write_set(tmp_path, 3)
    write_pair(tmp_path / "images/b.jpg", tmp_path / "masks/b.png", steps_mask((0, 1, 2), (30, 20)))
    assert {mask.shape for mask in every_mask(open_own(tmp_path, "mine")).values()} == {(8, 12), (20, 30)}
