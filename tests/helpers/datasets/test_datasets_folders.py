"""Trees of class folders as they are found in the wild."""

import os
import unicodedata

import pytest
from datasets_pictures import class_folders, picture, save

from helpers.datasets.catalogue import CATALOGUE, describe, real_data_folder
from helpers.datasets.folders import scan
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
    with pytest.raises(DataError, match="no folder for 'wild boar', 'people'"):
        scan(tmp_path, WILDLIFE)


def test_other_folders_beside_a_known_set_are_listed(tmp_path):
    class_folders(tmp_path, dict.fromkeys([*WILDLIFE, "cats"], 1))
    assert scan(tmp_path, WILDLIFE).ignored == ["cats/"]


def test_two_folders_for_one_class_are_both_named(tmp_path):
    class_folders(tmp_path, {"black bear": 1, "Black_Bear": 1, "dog": 1})
    with pytest.raises(DataError, match=r"(?=.*'black bear')(?=.*'Black_Bear')"):
        scan(tmp_path)


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


def test_class_absent_from_a_published_part(tmp_path):
    class_folders(tmp_path, {"train/a": 1, "train/b": 1, "test/a": 1})
    with pytest.raises(DataError, match="class 'b' has no images in test/"):
        scan(tmp_path)


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
    assert found.ignored == ["a/._000.jpg", "a/Thumbs.db", "b/.git/", "notes.txt"]


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


def test_a_folder_of_ones_own_describes_itself(tmp_path):
    info = describe(str(tmp_path / "My birds"))
    assert (info.title, info.licence) == ("My birds", "yours")
    assert real_data_folder(str(tmp_path)) == tmp_path
    assert real_data_folder(str(tmp_path / "missing")) is None


def test_unknown_data_set_names_the_known_ones():
    with pytest.raises(DataError, match=r"'wildlfe'.*russian_wildlife"):
        describe("wildlfe")
