"""Classes that stand in the names of the files."""

import pytest
from datasets_pictures import picture, save

from helpers.base.errors import StudyError
from helpers.datasets.folders import scan
from helpers.datasets.label_table import class_in_names
from helpers.datasets.types import DataError
from helpers.study.study import Study
from runner import first

FLAT = ["cat_1.png", "cat_2.png", "dog_1.png", "dog_2.png"]


def flat(folder, names=FLAT):
    for number, name in enumerate(names):
        save(folder / name, picture(number, 8, 8))
    return folder


def by_names(folder, pattern):
    study = Study.load(folder, {"labels": {"pattern": pattern}})
    return scan(folder, labels=study.label_table)


@pytest.mark.parametrize("pattern", ["^([a-z]+)_", r"(?P<class>cat|dog)_(\d)", r"_?(?P<n>\d)?(?P<class>[a-z]+)_"])
def test_a_group_of_the_pattern_is_the_class(tmp_path, pattern):
    found = by_names(flat(tmp_path), pattern)
    assert found.classes == ("cat", "dog") and found.labels.tolist() == [0, 0, 1, 1]
    assert found.ignored == [] and f"the pattern “{pattern}”" in found.remarks[0]


def test_a_pattern_with_a_slash_looks_at_the_path(tmp_path):
    names = [f"{who}/{kind}/{number}.png" for who in ("ann", "bob") for kind in ("cat", "dog") for number in "12"]
    assert by_names(flat(tmp_path, names), "/([a-z]+)/").classes == ("cat", "dog")
    assert by_names(tmp_path, "^(?P<class>[a-z]+)/").classes == ("ann", "bob")


def test_folders_that_are_parts_are_parts(tmp_path):
    found = by_names(
        flat(tmp_path, [f"{part}/{name}" for part in ("train", "test") for name in FLAT]), "^([a-z]+)_"
    )
    assert found.parts == ("train", "test") and found.classes == ("cat", "dog")


def test_files_that_do_not_match_are_named(tmp_path):
    flat(tmp_path, [*FLAT, *(f"IMG{number}.png" for number in range(5))])
    with pytest.raises(DataError, match=r"finds no class in IMG0\.png, IMG1\.png, IMG2\.png and 2 more of"):
        by_names(tmp_path, "^([a-z]+)_")
    with pytest.raises(DataError, match=r"finds no class in IMG0\.png, .* and 6 more of"):
        by_names(tmp_path, r"^([a-z]*?)")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pattern": "^[a-z]+_"}, r"labels: '\^\[a-z\]\+_' has no part in parentheses"),
        ({"pattern": "("}, "labels: '\\(' is not a regular expression"),
        ({"pattern": "(a)", "file": "x.csv"}, "labels: give a file, .*or a pattern alone"),
        ({"pattern": "(a)", "label": "x"}, "labels: give a file, .*or a pattern alone"),
        ({}, "labels: give a file"),
        ({"patern": "(a)"}, r"labels\.patern: unknown key \(did you mean 'pattern'\?\)"),
        (7, "labels: Input should be a valid string, not 7"),
    ],
)
def test_what_is_no_pattern_is_refused(tmp_path, given, said):
    with pytest.raises(StudyError, match=said):
        Study.load(flat(tmp_path), {"labels": given})


def test_a_study_file_and_the_command_line_say_so(tmp_path):
    flat(tmp_path / "mine")
    path = tmp_path / "mine.yaml"
    path.write_text("data: ./mine\nlabels: {pattern: '^([a-z]+)_'}\n")
    assert first.main([str(path)]) == first.GO_ON
    assert Study.load(path).class_names == ("cat", "dog")
    assert Study.load(tmp_path / "mine", {"labels": "{pattern: '^([a-z]+)_'}"}).class_names == ("cat", "dog")
    for pattern in ("^([a-z]+)_", "[_x]*([a-z]+)_", "(cat|dog)"):
        assert Study.load(tmp_path / "mine", {"labels.pattern": pattern}).class_names == ("cat", "dog")


@pytest.mark.parametrize("parts", [[""], ["train/", "test/"]])
def test_a_folder_without_class_folders_offers_this_way_on(tmp_path, parts):
    flat(tmp_path, [part + name for part in parts for name in FLAT])
    with pytest.raises(DataError, match=r"say labels: \{pattern: '(.*)'\}, whose parentheses") as caught:
        scan(tmp_path)
    offered = str(caught.value).split("{pattern: '")[1].split("'}")[0]
    assert by_names(tmp_path, offered).classes == ("cat", "dog")


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (["cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg"], {"cat", "dog"}),
        (["Abyssinian_1.jpg", "Abyssinian_2.jpg", "great_pyrenees_1.jpg", "great_pyrenees_2.jpg"],
         {"Abyssinian", "great_pyrenees"}),
        (["0001.jpg", "0002.jpg", "0003.jpg"], None),
        (["a1.jpg", "b1.jpg"], None),  # each its own
        (["img1.jpg", "img2.jpg"], None),
    ],
)  # fmt: skip
def test_a_pattern_is_offered_where_names_have_one(names, classes):
    import re

    pattern = class_in_names(names)
    assert (pattern and {re.search(pattern, name)[1] for name in names}) == classes
