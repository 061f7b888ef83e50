"""Trees of class folders as they are found in the wild."""

import os
import shutil
import unicodedata
from pathlib import Path

import pytest
from datasets_pictures import class_folders, picture, save
from torchvision.datasets import ImageFolder

from helpers.datasets.catalogue import CATALOGUE, describe, real_data_folder
from helpers.datasets.folders import scan
from helpers.datasets.layout import part_of
from helpers.datasets.types import DataError

WILDLIFE = CATALOGUE["russian_wildlife"].classes


def test_classes_and_files_are_sorted(tmp_path):
    found = scan(class_folders(tmp_path, {"dog": 2, "Cat": 1}))
    assert found.classes == ("Cat", "dog")
    assert [file.path for file in found.files] == ["Cat/000.jpg", "dog/000.jpg", "dog/001.jpg"]
    assert found.labels.tolist() == [0, 1, 1]
    assert found.parts == ()


def test_published_parts_whatever_their_capitals(tmp_path):
    counts = {f"{part}/{name}": 1 for part in ("Train", "VALID", "test") for name in "ab"}
    found = scan(class_folders(tmp_path, counts))
    assert found.parts == ("train", "val", "test")
    assert {file.path: file.part for file in found.files}["VALID/b/000.jpg"] == "val"


def test_a_class_may_be_called_train(tmp_path):
    found = scan(class_folders(tmp_path, {"train": 1, "plane": 1}))
    assert found.classes == ("plane", "train")
    assert found.parts == ()


def test_shells_around_the_class_folders_are_passed(tmp_path):
    class_folders(tmp_path, {"archive/images/a": 1, "archive/images/b": 1})
    assert scan(tmp_path).root == tmp_path / "archive" / "images"


def test_names_of_a_known_set_match_loosely(tmp_path):
    spellings = [
        name.replace(" ", "_").upper() if i % 2 else name.replace(" ", "-") for i, name in enumerate(WILDLIFE)
    ]
    found = scan(class_folders(tmp_path, dict.fromkeys(spellings, 1)), WILDLIFE)
    assert found.classes == WILDLIFE
    assert [file.label for file in found.files if "boar" in file.path.lower()] == [8]
    assert [file.label for file in found.files if "PEOPLE" in file.path] == [9]


def test_a_missing_class_of_a_known_set_is_named(tmp_path):
    class_folders(tmp_path, dict.fromkeys(WILDLIFE[:-2], 1))
    with pytest.raises(DataError, match="8 of 10 class folders are there, but none for 'wild boar', 'people'"):
        scan(tmp_path, WILDLIFE)


def test_other_folders_beside_a_known_set_are_listed(tmp_path):
    class_folders(tmp_path, dict.fromkeys([*WILDLIFE, "cats"], 1))
    assert scan(tmp_path, WILDLIFE).ignored == ["cats/ (no class of this data set)"]


@pytest.mark.parametrize("names", [["A", "a"], ["-1", "1"], ["A", "A-"], ["black bear", "Black_Bear", "dog"]])
def test_folders_that_differ_in_anything_are_different_classes(tmp_path, names):
    class_folders(tmp_path / "plain", dict.fromkeys(names, 1))
    class_folders(tmp_path / "parts", {f"{part}/{name}": 1 for part in ("train", "test") for name in names})
    for place in ("plain", "parts"):
        assert scan(tmp_path / place).classes == tuple(sorted(names))


def test_a_class_may_be_written_otherwise_in_another_part(tmp_path):
    class_folders(tmp_path, {"train/Polar bear": 1, "train/Dog": 1, "test/polar_bear": 1, "test/dog": 1})
    found = scan(tmp_path)
    assert found.classes == ("Dog", "Polar bear") and found.labels.tolist() == [0, 1, 0, 1]


def test_classes_have_the_order_of_image_folder(tmp_path):
    names = ["Zebra", "apple", "Mango", "10", "9", "ärger"]
    found = scan(class_folders(tmp_path, dict.fromkeys(names, 1)))
    assert list(found.classes) == ImageFolder(tmp_path).classes


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("training_set", "train"), ("Training_Data", "train"), ("train2017", "train"), ("seg_train", "train"),
        ("my-train-images", "train"), ("dev", "val"), ("validate", "val"), ("VALID", "val"),
        ("Validation.Set", "val"), ("eval", "test"), ("evaluation", "test"), ("test_set", "test"),
        ("trainer", None), ("latest", None), ("devices", None), ("strain", None), ("train_test", None),
    ],
)  # fmt: skip
def test_parts_are_known_by_a_word_of_their_name(name, part):
    assert part_of(Path(name)) == part


def test_parts_by_any_name_hold_the_classes(tmp_path):
    counts = {f"{part}/{name}": 1 for part in ("training_set", "dev", "Evaluation") for name in ("cats", "dogs")}
    found = scan(class_folders(tmp_path, counts))
    assert found.classes == ("cats", "dogs") and found.parts == ("train", "val", "test")
    assert found.ignored == []


def test_a_folder_that_could_be_a_part_or_a_class_is_asked_for(tmp_path):
    class_folders(tmp_path, {"train/steam": 1, "train/diesel": 1, "bus": 1, "car": 1})
    with pytest.raises(DataError, match=r"could mean two things: 'train' .* 'diesel', 'steam' .*layout: parts or"):
        scan(tmp_path)
    assert scan(tmp_path, layout="classes").classes == ("bus", "car", "train")
    found = scan(tmp_path, layout="parts")
    assert found.classes == ("diesel", "steam")
    assert found.ignored == ["bus/ (no folder of a class)", "car/ (no folder of a class)"]


def test_two_folders_for_one_part_are_asked_for(tmp_path):
    class_folders(tmp_path, {f"{part}/{name}": 1 for part in ("train_a", "train_b") for name in "xy"})
    with pytest.raises(DataError, match="could mean two things: 'train_a', 'train_b'"):
        scan(tmp_path)


def test_parts_without_class_folders_make_no_classes(tmp_path):
    class_folders(tmp_path, {"train": 2, "test": 2})
    with pytest.raises(DataError, match=r"'test', 'train' .*a folder for each class inside.*layout: classes"):
        scan(tmp_path)
    assert scan(tmp_path, layout="classes").classes == ("test", "train")


@pytest.mark.parametrize(
    "names", [("images", "masks"), ("Images", "Labels"), ("JPEGImages", "SegmentationClass"), ("img", "gt")]
)
@pytest.mark.parametrize("place", ["", "train/"])
def test_images_and_their_masks_are_no_classes(tmp_path, names, place):
    class_folders(tmp_path, {f"{place}{name}": 1 for name in names})
    with pytest.raises(DataError, match=r"', '.*' in .* no classes"):
        scan(tmp_path)
    assert set(scan(tmp_path, layout="classes").classes) == set(names)


def test_what_systems_and_disk_stations_leave_is_no_class(tmp_path):
    class_folders(
        tmp_path,
        {
            "cats": 1,
            "dogs": 1,
            "cats/@eaDir/000.jpg": 2,
            **dict.fromkeys(
                (
                    "@eaDir",
                    "$RECYCLE.BIN",
                    "#recycle",
                    "System Volume Information",
                    "lost+found",
                    "__MACOSX",
                    ".cache",
                ),
                1,
            ),
        },
    )
    found = scan(tmp_path)
    assert found.classes == ("cats", "dogs") and len(found.files) == 2
    assert "lost+found/ (of the file system)" in found.ignored and ".cache/ (hidden)" in found.ignored
    assert "cats/@eaDir/ (thumbnails of a Synology disk station)" in found.ignored and len(found.ignored) == 8


def test_composed_and_decomposed_unicode_are_one_class(tmp_path):
    class_folders(tmp_path, {unicodedata.normalize(form, "Café"): 1 for form in ("NFC", "NFD")} | {"tea": 1})
    with pytest.raises(DataError, match="two folders"):
        scan(tmp_path)


def test_decomposed_name_is_shown_composed(tmp_path):
    found = scan(class_folders(tmp_path, {unicodedata.normalize("NFD", "Bär"): 1, "тигр": 1}))
    assert found.classes == (unicodedata.normalize("NFC", "Bär"), "тигр")


def test_odd_names_are_taken_as_they_are(tmp_path):
    names = ("<script>alert(1)<", 'it\'s a "cat"', "two  words", "日本")
    found = scan(class_folders(tmp_path, dict.fromkeys(names, 1)))
    assert set(found.classes) == set(names)
    assert all((tmp_path / file.path).is_file() for file in found.files)


def test_missing_folder(tmp_path):
    with pytest.raises(DataError, match="nowhere does not exist"):
        scan(tmp_path / "nowhere")


def test_empty_class(tmp_path):
    class_folders(tmp_path, {"cat": 1, "dog": 0})
    with pytest.raises(DataError, match="class 'dog' has no images"):
        scan(tmp_path)


@pytest.mark.parametrize(("part", "why"), [("test", "it has no score"), ("val", "the epoch is chosen without it")])
def test_class_absent_from_a_published_part_is_remarked(tmp_path, part, why):
    class_folders(tmp_path, {"train/a": 1, "train/b": 1, f"{part}/a": 1})
    assert scan(tmp_path).remarks == (f"Class “b” has no images in {part}/: {why}.",)


def test_class_without_images_to_train_on(tmp_path):
    class_folders(tmp_path, {"train/a": 1, "train/b": 0, "train/c": 1, "test/b": 1, "test/a": 1, "test/c": 1})
    with pytest.raises(DataError, match="class 'b' has no images in train/"):
        scan(tmp_path)


def test_a_class_of_the_test_part_alone_is_left_aside(tmp_path):
    class_folders(tmp_path, {"train/a": 1, "train/b": 1, "test/a": 1, "test/b": 1, "test/unknown": 3})
    found = scan(tmp_path)
    assert found.classes == ("a", "b") and found.ignored == ["test/unknown/ (no class of the training images)"]


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_classes(tmp_path, count):
    class_folders(tmp_path, {"cat": 1} if count else {})
    with pytest.raises(DataError, match=f"holds {count} class folder"):
        scan(tmp_path)


def test_what_is_no_image_is_listed(tmp_path):
    class_folders(tmp_path, {"a": 1, "b": 1})
    for name in ("notes.txt", "a/Thumbs.db", "a/._000.jpg", "b/.git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = scan(tmp_path)
    assert len(found.files) == 2
    assert found.ignored == [
        "a/._000.jpg (hidden)", "a/Thumbs.db (thumbnails of Windows)", "b/.git/ (hidden)",
        "notes.txt (it lies beside what is used)",
    ]  # fmt: skip


def test_kinds_that_are_not_read_are_named(tmp_path):
    class_folders(tmp_path, {"a": 1, "b": 1})
    for name in ("a/x.svg", "b/clip.mp4", "b/README"):
        (tmp_path / name).write_text("x")
    assert scan(tmp_path).ignored == [
        "a/x.svg (.svg is no kind of image that is read)", "b/README (no image by its name)",
        "b/clip.mp4 (.mp4 is no kind of image that is read)",
    ]  # fmt: skip


def test_names_that_are_not_utf8_are_listed(tmp_path):
    class_folders(tmp_path, {"a": 1, "b": 1})
    (tmp_path / "a" / os.fsdecode(b"caf\xe9.jpg")).touch()
    found = scan(tmp_path)
    assert len(found.files) == 2
    assert found.ignored == ["a/caf\\udce9.jpg (its name holds no valid or no printable characters: rename it)"]


def test_folder_that_may_not_be_read(tmp_path, monkeypatch):
    class_folders(tmp_path, {"a": 1, "b": 1})

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match=r"cannot be read \(Permission denied\)"):
        scan(tmp_path)


def test_nested_folders_and_capital_suffixes_belong_to_the_class(tmp_path):
    class_folders(tmp_path, {"a": 0, "b": 1})
    save(tmp_path / "a" / "2024" / "June" / "X.JPEG", picture(0), format="JPEG")
    assert [file.path for file in scan(tmp_path).files] == ["a/2024/June/X.JPEG", "b/000.jpg"]


def test_symlink_loops_end(tmp_path):
    class_folders(tmp_path, {"a": 2, "b": 1})
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")
    (tmp_path / "b" / "all").symlink_to(tmp_path)
    found = scan(tmp_path)
    own = [file for file in found.files if file.path.count("/") == 1]
    assert len(own) == 3
    assert any("loop/ (a link" in path for path in found.ignored)


def test_linked_class_folder_is_followed(tmp_path):
    elsewhere = class_folders(tmp_path / "elsewhere", {"x": 3})
    class_folders(tmp_path / "data", {"a": 1})
    (tmp_path / "data" / "b").symlink_to(elsewhere / "x")
    assert scan(tmp_path / "data").labels.tolist() == [0, 1, 1, 1]


def test_real_data_is_found_up_to_three_levels_down(tmp_path):
    assert real_data_folder("russian_wildlife", tmp_path) is None
    inner = tmp_path / "download" / "russian-wildlife-dataset" / "Cropped_final"
    class_folders(inner, {name.replace(" ", "_"): 1 for name in WILDLIFE})
    (tmp_path / "download" / "loop").symlink_to(tmp_path)
    assert real_data_folder("russian_wildlife", tmp_path) == inner


def test_a_set_of_which_most_is_in_place_is_not_taken_for_none(tmp_path):
    inner = tmp_path / "archive" / "Cropped_final"
    class_folders(inner, {name.replace(" ", "_"): 1 for name in WILDLIFE[:-1]})
    with pytest.raises(
        DataError, match=r"has 9 of the 10 class folders of Russian Wildlife, but none for 'people'"
    ):
        real_data_folder("russian_wildlife", tmp_path)
    assert real_data_folder("russian_wildlife", tmp_path, unpack=False) is None  # it is only listed
    shutil.rmtree(inner)
    assert real_data_folder("russian_wildlife", tmp_path) is None


def test_whole_house_numbers_are_no_digits(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "digitStruct.mat").touch()
    with pytest.raises(DataError, match=r"format 1\): the course reads single digits \(format 2\)"):
        real_data_folder("svhn", tmp_path)


def test_a_folder_of_ones_own_describes_itself(tmp_path):
    info = describe(str(tmp_path / "My birds"))
    assert (info.title, info.licence) == ("My birds", "yours")
    assert real_data_folder(str(tmp_path)) == tmp_path
    assert real_data_folder(str(tmp_path / "missing")) is None


def test_unknown_data_set_names_the_known_ones():
    with pytest.raises(DataError, match=r"'wildlfe'.*russian_wildlife"):
        describe("wildlfe")
