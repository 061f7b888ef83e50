"""The segmentation part of a study: what is accepted, what is refused, and what runs on drawings."""

import pytest
import yaml

from helpers.errors import StudyError
from helpers.study import IMAGE_CHAPTERS, STREET_CHAPTERS, Study

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
