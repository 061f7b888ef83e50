"""Images whose classes stand in a table: columns are guessed and said, or asked for; nothing is lost."""

import pandas as pd
import pytest
from datasets_pictures import class_folders, picture, save, study_of

from helpers.base.errors import StudyError
from helpers.datasets.folders import scan
from helpers.datasets.label_table import Columns
from helpers.datasets.types import DataError
from helpers.study.images import load
from helpers.study.study import Study

NAMES = [f"{number:03d}.jpg" for number in range(12)]
KINDS = ["round", "square"] * 6


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(NAMES):
        save(tmp_path / "photos" / name, picture(number))
    return tmp_path


def table(folder, name="labels.csv", separator=",", **columns):
    pd.DataFrame(columns or {"file": NAMES, "label": KINDS}).to_csv(folder / name, sep=separator, index=False)
    return folder


@pytest.mark.parametrize(
    "written", ["{}.jpg", "{}", "photos/{}.jpg", "./photos/{}.jpg", "C:\\x\\{}.jpg", "/home/me/{}.jpg"]
)
@pytest.mark.parametrize(("name", "separator"), [("labels.csv", ","), ("train.tsv", "\t"), ("meta.csv", ";")])
def test_files_are_found_however_they_are_written(folder, written, name, separator):
    files = [written.format(file[:-4]) for file in NAMES]
    found = scan(table(folder, name, separator, image_id=files, breed=KINDS, width=range(12)))
    assert found.classes == ("round", "square") and found.ignored == [] and found.parts == ()
    assert [file.path for file in found.files] == [f"photos/{name}" for name in NAMES]
    assert found.labels.tolist() == [0, 1] * 6
    assert found.remarks == (f"Labels are those of {name}: “image_id” names the file, “breed” names the class.",)


def test_the_only_column_with_few_values_holds_the_classes(folder):
    found = scan(table(folder, a=NAMES, kind=KINDS, remark=[f"no {number}" for number in range(12)]))
    assert found.classes == ("round", "square")


def test_which_column_is_asked_for_where_two_could_hold_the_classes(folder):
    table(folder, a=NAMES, shape=KINDS, colour=["red", "blue", "blue"] * 4)
    with pytest.raises(DataError, match=r"which column of .*labels\.csv holds the classes: shape, colour\?"):
        scan(folder)
    found = scan(folder, labels=(folder / "labels.csv", Columns(label="colour")))
    assert found.classes == ("blue", "red")


def test_a_column_for_each_class(folder):
    flags = {name: [int(kind == name) for kind in KINDS] for name in ("square", "round", "oval")}
    found = scan(table(folder, image=NAMES, **flags))
    assert found.classes == ("round", "square") and found.labels.tolist() == [0, 1] * 6


def test_numbers_are_in_the_order_of_numbers(folder):
    found = scan(table(folder, file=NAMES, label=[10, 9, 2] * 4))
    assert found.classes == ("2", "9", "10")


def test_parts_by_a_column_by_folders_and_by_tables(folder):
    table(folder, file=NAMES, label=KINDS, split=["train"] * 8 + ["valid"] * 2 + ["test"] * 2)
    assert [file.part for file in scan(folder).files] == ["train"] * 8 + ["val"] * 2 + ["test"] * 2
    (folder / "labels.csv").unlink()
    table(folder, "train.csv", file=NAMES[:8], label=KINDS[:8])
    table(folder, "test_set.csv", file=NAMES[8:], label=KINDS[8:])
    assert scan(folder).parts == ("train", "test")
    for name in NAMES[8:]:
        (folder / "holdout_test").mkdir(exist_ok=True)
        (folder / "photos" / name).rename(folder / "holdout_test" / name)
    (folder / "photos").rename(folder / "train_images")
    for name in ("train.csv", "test_set.csv"):
        (folder / name).unlink()
    assert scan(table(folder)).parts == ("train", "test")


def test_what_the_table_does_not_name_is_left_aside_by_name(folder):
    found = scan(table(folder, file=NAMES[:10], label=[*KINDS[:9], ""]))
    assert len(found.files) == 9
    assert found.ignored == [f"photos/{name} (no label in labels.csv)" for name in NAMES[9:]]


def test_files_that_are_not_there_are_listed_with_the_unreadable(folder):
    (folder / "photos" / NAMES[3]).unlink()
    splits = load(study_of(table(folder), label_table="auto"))
    assert [path for path, _ in splits.unreadable] == [NAMES[3]] and len(splits.files) == 11


def test_two_labels_for_one_file(folder):
    with pytest.raises(DataError, match=r"photos/000\.jpg has two labels, 'round' and 'square'"):
        scan(table(folder, file=[*NAMES, NAMES[0]], label=[*KINDS, "square"]))


def test_tables_about_something_else_or_to_be_handed_in_are_none(folder):
    table(folder, "sample_submission.csv", file=NAMES, label=["round"] * 12)
    table(folder, "weather.csv", day=range(12), label=KINDS)
    with pytest.raises(DataError, match="holds 1 class folder"):
        scan(folder)
    assert scan(table(folder)).classes == ("round", "square")


def test_folders_and_a_table_that_say_the_same_or_not(tmp_path):
    class_folders(tmp_path, {"cats": 3, "dogs": 3})
    files = [f"{name}/{number:03d}.jpg" for name in ("cats", "dogs") for number in range(3)]
    table(tmp_path, file=files, label=["cats"] * 3 + ["dogs"] * 3)
    assert scan(tmp_path).remarks == ()
    table(tmp_path, file=files, label=["young", "old", "old"] * 2)
    with pytest.raises(DataError, match=r"could mean two things.*labels: labels\.csv or labels: folders"):
        scan(tmp_path)
    assert scan(tmp_path, labels="folders").classes == ("cats", "dogs")
    assert scan(tmp_path, labels=(tmp_path / "labels.csv", Columns())).classes == ("old", "young")


def test_a_study_names_table_and_columns(folder, tmp_path):
    table(folder, "meta.csv", f=NAMES, a=KINDS, b=["x", "y", "y"] * 4)
    path = tmp_path / "mine.yaml"
    path.write_text("data: .\nlabels: {file: meta.csv, label: b}")
    study = Study.load(path)
    assert scan(folder, labels=study.label_table).classes == ("x", "y")
    path.write_text("data: .\nlabels: {file: meta.csv, label: c}")
    with pytest.raises(DataError, match=r"has no column 'c' \(label\), only f, a, b"):
        scan(folder, labels=Study.load(path).label_table)
    path.write_text("data: .\nlabels: nowhere.csv")
    with pytest.raises(StudyError, match=r"labels: there is no file nowhere\.csv"):
        Study.load(path).label_table  # noqa: B018


def test_what_a_table_calls_a_group_stays_in_one_part(folder):
    patients = ["a", "b", "c", "d", "e", "f"] * 2
    splits = load(study_of(table(folder, file=NAMES, label=["x"] * 6 + ["y"] * 6, patient=patients)))
    part = {i: name for name in ("train", "val", "test") for i in getattr(splits, name)}
    assert splits.scenes.tolist() == [0, 1, 2, 3, 4, 5] * 2
    assert all(part[i] == part[i + 6] for i in range(6))
