"""The segmentation part of a study: what is accepted, what is refused, and what runs on drawings."""

from pathlib import Path

import pytest
import yaml
from course_chapters import IMAGE_CHAPTERS, STREET_CHAPTERS

from helpers.base.errors import StudyError
from helpers.study.study import Study

NO_PART = {"segmentation": None}


@pytest.fixture(autouse=True)
def no_real_data(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "data"))


def camvid_layout(root):
    for folder in ("train", "trainannot", "val", "valannot", "test", "testannot"):
        (root / folder).mkdir(parents=True)
    return root


def test_street_chapters_come_with_the_part():
    study = Study.load("wildlife")
    assert study.chapters_available() == [*IMAGE_CHAPTERS, *STREET_CHAPTERS]
    assert study.draws_streets and study.segmentation.train == "cityscapes"
    assert study.is_drawn("07_segmentation") and study.is_drawn("01_data")


def test_a_folder_of_images_has_no_street_chapters(tmp_path):
    assert Study.load(tmp_path).chapters_available() == list(IMAGE_CHAPTERS)


def test_the_overrides_of_the_sample_hold_for_drawn_scenes_only():
    drawn = Study.load("wildlife")
    real = Study.load("wildlife", {"segmentation.source": "real"})
    assert drawn.segmentation.train == "cityscapes" and real.segmentation.train is None
    assert not real.draws_streets and real.is_sample


def test_source_of_the_study_counts_where_the_part_says_nothing():
    assert Study.load("wildlife", {"source": "sample"}).draws_streets
    assert not Study.load("wildlife", {"source": "real"}).draws_streets
    assert Study.load("wildlife", {"source": "real", "segmentation.source": "sample"}).draws_streets


def test_real_scenes_are_used_where_every_set_is_in_place(tmp_path):
    settings = {f"segmentation.{key}": "camvid" for key in ("target", "home", "train")}
    assert Study.load("wildlife", settings).draws_streets
    root = camvid_layout(tmp_path / "elsewhere")
    study = Study.load("wildlife", settings | {"segmentation.folders.camvid": str(root)})
    assert not study.draws_streets and study.street_roots == {"camvid": root}


def test_a_key_for_every_segmenter_and_for_one():
    study = Study.load("wildlife", {"segmentation.epochs": "3", "segmentation.models.deeplab.lr": "1e-4"})
    assert study.segmentation.models["deeplab"].epochs == 3
    assert study.segmentation.models["deeplab"].lr == 1e-4
    assert study.segmentation.models["deeplab"].title == "DeepLabV3+ with MobileNetV2"
    assert all(spec.epochs != 3 for spec in study.models.values())


def test_a_resolved_study_loads_to_the_same(tmp_path):
    study = Study.load("wildlife", {"segmentation.share": "0.5"})
    study.save(tmp_path / "study.yaml")
    again = Study.load(tmp_path / "study.yaml")
    expected = study.segmentation.model_dump(exclude={"source": True, "sample": {"overrides"}})
    assert again.segmentation.model_dump(exclude={"source": True, "sample": {"overrides"}}) == expected
    assert again.draws_streets


def test_weights_and_folders_in_a_study_file_count_from_the_file(tmp_path):
    camvid_layout(tmp_path / "streets")
    (tmp_path / "net.pth").write_bytes(b"x")
    part = {
        "target": "camvid", "home": "camvid", "folders": {"camvid": "./streets"},
        "models": {"net": {"weights": "./net.pth"}},
    }  # fmt: skip
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"data": str(tmp_path), "segmentation": part}))
    study = Study.load(path)
    assert study.segmentation.models["net"].weights == str(tmp_path / "net.pth")
    assert study.street_roots["camvid"] == tmp_path / "streets"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"segmentation.target": "citiscapes"}, "unknown set of street scenes 'citiscapes'.*cityscapes"),
        ({"segmentation.traget": "idd"}, "unknown key.*did you mean 'target'"),
        ({"segmentation.models.deeplab.epoch": "3"}, "unknown key.*did you mean 'epochs'"),
        ({"segmentation.models.net.epochs": "3"}, "unknown key.*the models are deeplab"),
        ({"segmentation.sample.scene": "3"}, "unknown key.*did you mean 'scenes'"),
        ({"segmentation.architecture": "deeplabv3plus_mobilnet"}, "did you mean 'deeplabv3plus_mobilenet'"),
        ({"segmentation.share": "1.5"}, "segmentation.share"),
        ({"segmentation.scale": "[2, 1]"}, "smallest scale"),
        ({"segmentation.weights": "nowhere.pth"}, "no weights file 'nowhere.pth'"),
        ({"segmentation.train": "kitti"}, "unknown set of street scenes 'kitti'"),
        ({"segmentation.models": "{}"}, "segmentation.models"),
    ],
)
def test_mistakes_are_named(changes, said):
    with pytest.raises(StudyError, match=said):
        Study.load("wildlife", changes)


def test_the_keys_of_patches_are_named_where_one_is_wrong(tmp_path: Path):
    path = tmp_path / "tiles.yaml"
    path.write_text("data: /nowhere\nsegmentation: {kind: patches, strid: 16}\n")
    with pytest.raises(StudyError, match=r"segmentation.strid: unknown key \(did you mean 'stride'\?\)") as caught:
        Study.load(path)
    assert "mosaic_size" in str(caught.value) and "target" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{kind: patches, patch: 32, stride: 64}", "pixels would be left out"),
        ("{kind: patches, patch: 128, mosaic_size: 64}", "larger than mosaic_size"),
        ("{kind: patches, models: [nobody]}", "'nobody' is not among the models"),
        ("{kind: patches, remedy: nobody}", "'nobody' is not among the models"),
    ],
)
def test_patches_that_cannot_be_are_refused(tmp_path: Path, line: str, message: str):
    path = tmp_path / "tiles.yaml"
    path.write_text(f"data: /nowhere\nsegmentation: {line}\n")
    with pytest.raises(StudyError, match=message):
        Study.load(path)


def test_patches_alone_is_enough(tmp_path: Path):
    path = tmp_path / "tiles.yaml"
    path.write_text("data: /nowhere\nsegmentation: patches\n")
    study = Study.load(path, {"segmentation.stride": "16"})
    assert study.patches.stride == 16 and study.streets is None and study.has("patches")
    assert study.chapters_available()[-1] == "09_cross_domain"


def test_folders_of_large_images_count_from_the_study_file(tmp_path: Path):
    path = tmp_path / "tiles.yaml"
    path.write_text("data: /nowhere\nsegmentation: {kind: patches, folder: ./large, abroad: {other: ./other}}\n")
    study = Study.load(path)
    assert study.patches.folder == str(tmp_path / "large") and study.patches.abroad == {
        "other": str(tmp_path / "other")
    }
