"""Images and masks of one's own in a study: which chapters it has, what is looked at, and in which classes."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from own_masks import masks
from PIL import Image

from helpers.base.errors import CourseError, StudyError
from helpers.datasets.streets.types import IGNORE
from helpers.segmentation.streets import Streets, check_in_place
from helpers.study.study import Study

SCENES = ["07_segmentation", "08_segmentation_analysis"]
ABROAD = [*SCENES, "09_cross_domain"]
ROAD_NAMES = ["sky", "road", "car", "tree", "pavement"]


@pytest.fixture(autouse=True)
def own_place(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "data"))


def study_file(folder: Path, **part) -> Path:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({"segmentation": part}))
    return path


def two_sets(folder: Path, here: list[str], there: list[str], **part) -> Streets:
    for name, classes in (("here", here), ("there", there)):
        masks(folder / name, len(classes))
    sets = {name: {"folder": name, "classes": classes} for name, classes in (("here", here), ("there", there))}
    return Streets(Study.load(study_file(folder, sets=sets, target="there", **part)))


@pytest.mark.parametrize(
    ("images", "labels"), [("images", "masks"), ("imgs", "annotations"), ("train", "trainannot")]
)
def test_a_folder_of_images_and_masks_is_a_study_of_scenes_alone(tmp_path, images, labels):
    study = Study.load(masks(tmp_path / "Leaves 1", images=images, labels=labels))
    assert study.chapters_available() == SCENES and not study.data and not study.is_sample
    assert study.streets.home == study.streets.target == "Leaves_1" and not study.draws_streets
    assert study.has("own") and study.has("one_set") and not study.has("roads") and not study.has("shared_list")
    check_in_place(study)


def test_an_archive_of_images_and_masks_is_what_the_folder_in_it_would_be(tmp_path):
    masks(tmp_path / "packed" / "Leaves 1")
    archive = shutil.make_archive(str(tmp_path / "Leaves 1"), "zip", tmp_path / "packed")
    study = Study.load(archive)
    assert study.chapters_available() == SCENES and not study.data and list(study.streets.sets) == ["Leaves_1"]
    check_in_place(study)


def test_a_folder_called_like_a_set_of_the_catalogue_is_ones_own(tmp_path):
    assert list(Study.load(masks(tmp_path / "camvid")).streets.sets) == ["own"]


def test_who_says_that_the_folders_are_classes_has_a_study_of_classes(tmp_path):
    study = Study.load(masks(tmp_path / "set"), {"layout": "classes"})
    assert study.streets is None and study.data == str(tmp_path / "set")


def test_the_network_is_scored_on_what_it_has_not_learnt_from(tmp_path):
    streets = Streets(Study.load(masks(tmp_path / "set", count=20)))
    assert streets.target_part == streets.home_part == "test" and streets.home is streets.target
    train, val = streets._learns_from("deeplab")
    files = [{scene.image for scene in one.scenes} for one in (train, val, streets.target)]
    assert sum(map(len, files)) == len(set.union(*files)) == 20 and all(files)
    assert [one.part for one in streets.shown] == ["train", "test"]


def test_a_key_of_networks_holds_for_that_of_the_scenes_where_a_study_has_no_other(tmp_path):
    folder = masks(tmp_path / "set")
    network = Study.load(folder, {"epochs": "3", "segmentation.size": "64"}).streets.models["deeplab"]
    assert network.epochs == 3 and network.backbone == "auto" and network.crops_of(17) == 10
    assert network.crops_of(1) == 16 and network.crops_of(1000) == 1


def test_a_saved_study_of_masks_loads_to_the_same(tmp_path):
    masks(tmp_path / "photos")
    study = Study.load(study_file(tmp_path, sets={"mine": {"folder": "photos", "void": [255, "#ff00ff"]}}))
    assert study.streets.sets["mine"].folder == str(tmp_path / "photos")
    study.save(tmp_path / "runs" / "study.yaml")
    again = Study.load(tmp_path / "runs" / "study.yaml")
    assert (
        again.streets.model_copy(update={"source": "auto"}) == study.streets
        and again.chapters_available() == SCENES
    )


def test_a_second_set_makes_chapter_09(tmp_path):
    streets = two_sets(tmp_path, ["soil", "leaf"], ["soil", "leaf"])
    assert streets.study.chapters_available() == ABROAD and streets.spec.home == "here"
    assert (streets.home.name, streets.target.name) == ("here", "there")
    assert streets.spec.training_set("deeplab") == "here" and streets.spec.share == 1
    assert len(streets.target_rest) == 7 and streets.target_rest.part == "train"  # nothing learns from it


def test_classes_of_two_sets_meet_by_name_whatever_people_write_differently(tmp_path):
    streets = two_sets(tmp_path, ["Bare soil", "leaf", "stone"], ["leaf", "bare_soil", "sky", "Leaf-"])
    assert streets.classes == ("Bare soil", "leaf")
    assert [one.shared for one in streets.target.native] == ["leaf", "Bare soil", None, "leaf"]
    assert [one.shared for one in streets.home.native] == ["Bare soil", "leaf", None]
    assert streets.target.read_label(0)[0].tolist() == [1] * 4 + [0] * 4 + [IGNORE] * 4 + [1] * 4


def test_match_goes_before_equal_names_and_speaks_of_the_target_alone(tmp_path):
    streets = two_sets(
        tmp_path, ["automobile", "car", "sky"], ["sky", "car", "van"],
        match={"car": "automobile", "van": "Automobile"},
    )  # fmt: skip
    assert streets.classes == ("automobile", "sky")
    assert [one.shared for one in streets.target.native] == ["sky", "automobile", "automobile"]
    assert [one.shared for one in streets.home.native] == ["automobile", None, "sky"]


@pytest.mark.parametrize(
    ("there", "match", "said"),
    [
        (
            ["a", "b"],
            {},
            r"there \(a, b\) and here \(soil, leaf\) share no class by name.*match: \{class of target",
        ),
        (["a", "leaf"], {}, "share only 'leaf'"),
        (["a", "leaf"], {"b": "soil"}, "'b' is no class of there"),
        (["a", "leaf"], {"a": "sol"}, r"'sol' is no class of here \(did you mean 'soil'\?\)"),
    ],
)
def test_sets_that_do_not_meet_are_refused_before_anything_runs(tmp_path, there, match, said):
    with pytest.raises(CourseError, match=said):
        check_in_place(two_sets(tmp_path, ["soil", "leaf"], there, match=match).study)


def camvid(folder: Path) -> Path:
    """Two parts of CamVid's layout, one scene each."""
    for part in ("train", "val"):
        for name in (part, f"{part}annot"):
            (folder / name).mkdir(parents=True)
        Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(folder / part / "0001_a.png")
        Image.fromarray(np.full((16, 16), 3, np.uint8)).save(folder / f"{part}annot" / "0001_a.png")
    return folder


def test_ones_own_classes_meet_a_set_of_the_catalogue_in_the_class_table(tmp_path):
    masks(tmp_path / "mine", len(ROAD_NAMES))
    camvid(tmp_path / "camvid")
    part = {
        "sets": {"mine": {"folder": "mine", "classes": ["Sky", "Street", "car", "trunk", "side walk"]}},
        "home": "camvid", "train": "camvid", "folders": {"camvid": "./camvid"},
        "match": {"Street": "road", "trunk": "tree", "side walk": "pavement"},
    }  # fmt: skip
    streets = Streets(Study.load(study_file(tmp_path, **part)))
    assert streets.spec.target == "mine" and streets.shared.level == "medium"
    assert set(streets.classes) == set(ROAD_NAMES)
    assert [one.shared for one in streets.target.native] == ROAD_NAMES
    assert streets.home.read_label(0)[0, 0] == streets.classes.index("road")
    assert streets.shared.places(["road", "truck", "nothing"]).tolist() == [
        streets.classes.index("road"), streets.classes.index("car"), IGNORE
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"sets": {"mine": {"folder": "x"}}, "target": "mien"}, "unknown set of street scenes 'mien'.*'mine'"),
        ({"sets": {"idd": {"folder": "x"}}}, "sets.idd: the catalogue has a set of this name"),
        ({"sets": {"a b": {"folder": "x"}}}, "sets.a b: a set's name is up to 100 letters"),
        ({"sets": {"mine": {"folder": "x", "clases": []}}}, "clases: unknown key.*'classes'"),
        ({"sets": {"mine": {"folder": "x", "group_by": "a"}}}, "group_by: 'a' has no part in parentheses"),
        ({"sets": {"mine": {}}}, "segmentation.sets.mine.folder: this key is missing"),
    ],
)
def test_mistakes_in_sets_of_ones_own_are_named(tmp_path, part, said):
    with pytest.raises(StudyError, match=said):
        Study.load(study_file(tmp_path, **part))


def test_a_folder_that_is_not_there_is_named(tmp_path):
    study = Study.load(study_file(tmp_path, sets={"mine": {"folder": "nowhere"}}))
    assert not study.is_in_place("07_segmentation")
    with pytest.raises(CourseError, match=r"segmentation\.sets\.mine: the folder .*nowhere is not there"):
        check_in_place(study)


def test_a_study_says_its_images_or_its_scenes(tmp_path):
    path = tmp_path / "nothing.yaml"
    path.write_text("title: Nothing\n")
    with pytest.raises(StudyError, match="data: this key is missing"):
        Study.load(path)
