"""Study files: what is accepted, what is refused, and in which words."""

import pytest
import yaml
from datasets_pictures import picture, save

from helpers.base.errors import StudyError
from helpers.base.paths import ROOT, STUDIES, our_sources
from helpers.datasets.types import DataError
from helpers.study.recipe import torchvision_classifiers
from helpers.study.study import Study, list_studies

WILDLIFE = ["amur leopard", "amur tiger", "birds", "black bear", "brown bear",
            "dog", "roe deer", "sika deer", "wild boar", "people"]  # fmt: skip


@pytest.fixture(autouse=True)
def no_real_data(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "data"))


def write(folder, **values):
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({"title": "Mine", "data": str(folder), **values}))
    return path


def test_wildlife_runs_on_the_sample_until_real_data_is_in_place(tmp_path):
    assert Study.load("wildlife").is_sample
    assert Study.load("wildlife").image_size == 64
    for name in WILDLIFE:
        (tmp_path / "data" / "russian_wildlife" / name.replace(" ", "_").title()).mkdir(parents=True)
    real = Study.load("wildlife")
    assert not real.is_sample and real.image_size == 128
    assert Study.load("wildlife", {"source": "sample"}).is_sample


def test_every_study_that_comes_with_the_course_is_valid():
    assert [study.name for study in list_studies()] == sorted(path.stem for path in STUDIES.glob("*.yaml"))


def test_wildlife_is_as_specified():
    study = Study.load("wildlife")
    assert (study.split.train, study.split.val, study.split.test) == (0.7, 0.1, 0.2)
    cnn = study.models[study.chapters.from_scratch]
    assert cnn.blocks == [(32, 4), (64, 2), (128, 2)]
    assert (cnn.optimizer, cnn.epochs, cnn.pretrained) == ("adam", 10, False)
    assert study.models[study.chapters.fine_tuned].architecture == "resnet18"
    assert study.models[study.chapters.augmented].augment


def test_a_resolved_study_loads_to_the_same(tmp_path):
    study = Study.load("wildlife", {"epochs": "2", "models.cnn.lr": "1e-4"})
    assert study.save(tmp_path / "study.yaml") and not study.save(tmp_path / "study.yaml")
    again = Study.load(tmp_path / "study.yaml")
    assert again.models == study.models and again.image_size == 64 and again.is_sample
    assert not again.save(tmp_path / "study.yaml")


def test_overrides_of_study_model_and_every_model():
    study = Study.load(
        "wildlife", {"epochs": "3", "models.cnn.lr": "5e-4", "split.val": "0.15", "split.test": "0.15"}
    )
    assert {spec.epochs for spec in study.models.values()} == {3}
    assert study.models["cnn"].lr == 5e-4 and study.models["resnet18"].lr == 1e-3
    assert study.split.val == 0.15


def test_weights_set_for_the_study_hold_for_pretrained_models_only():
    study = Study.load("wildlife", {"weights": "imagenet"})
    assert [study.weights_of(name) for name in study.models] == [None, "imagenet", "imagenet"]
    assert Study.load("wildlife").weights_of("resnet18") == "sample"


def test_a_folder_is_a_study(tmp_path):
    folder = tmp_path / "My Pets!"
    folder.mkdir()
    study = Study.load(folder)
    assert study.name == "my_pets" and study.title == "My Pets!" and not study.is_sample
    assert study.chapters.augmented == "augmented"
    assert Study.load(folder, {"models.fine_tuned.architecture": "mobilenet_v2"}).models["fine_tuned"].epochs == 6


def test_a_short_file_is_a_study(tmp_path):
    study = Study.load(
        write(tmp_path, models={"small": {}, "big": {"architecture": "resnet18", "pretrained": True}})
    )
    assert (study.chapters.from_scratch, study.chapters.fine_tuned) == ("small", "big")


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"epoch": "2"}, ["epoch", "did you mean"]),
        ({"epochs": "two"}, ["epochs", "integer", "two"]),
        ({"epochs": "0"}, ["epochs", "0"]),
        ({"epochs": "2.5"}, ["epochs", "2.5"]),
        ({"split.val": "0.5"}, ["split", "add up to"]),
        ({"split.vall": "0.5"}, ["vall", "test, train, val"]),
        ({"models.cn.epochs": "2"}, ["cn", "cnn"]),
        ({"models.cnn.optimiser": "adam"}, ["optimiser", "optimizer"]),
        ({"models.cnn.optimizer": "adamm"}, ["adamm", "'adam', 'adamw' or 'sgd'"]),
        ({"models.cnn.architecture": "resnet19"}, ["resnet19", "resnet18"]),
        ({"models.cnn.pretrained": "true"}, ["pretrained"]),
        ({"augment": "{mirror: 1.0}"}, ["mirror", "flip"]),
        ({"augment": "{flip: 2.0}"}, ["flip", "between 0 and 1"]),
        ({"augment": "{rand_augment: 9.5}"}, ["rand_augment", "whole number"]),
        ({"models.cnn.phases": "[{epochs: 2, augment: {mixup: -1}}]"}, ["mixup", "between 0 and 10"]),
        ({"balance": "weigths"}, ["balance", "'none', 'weights' or 'sampling'"]),
        ({"early_stopping": "0"}, ["early_stopping", "greater than or equal to 1"]),
        ({"chapters.augmented": "resnet5"}, ["resnet5", "resnet18_augmented"]),
        ({"image_size": "7"}, ["image_size", "16"]),
        ({"source": "fake"}, ["source", "'auto', 'real' or 'sample'"]),
        ({"seed.x": "1"}, ["seed.x"]),
        ({"weights": "no/such/file.pth"}, ["weights", "file.pth", "imagenet"]),
        ({"models": "[1"}, ["models", "cannot be read"]),
    ],
)
def test_what_is_wrong_is_said_in_one_line(overrides, words):
    with pytest.raises(StudyError) as caught:
        Study.load("wildlife", overrides)
    message = str(caught.value)
    assert "\n" not in message and str(ROOT) not in message
    for word in words:
        assert word in message


def test_unknown_studies_and_unreadable_files(tmp_path):
    with pytest.raises(StudyError, match="did you mean 'wildlife'"):
        Study.load("wildlfe")
    for text in ("title: [", "just words", "- a\n- b"):
        (tmp_path / "bad.yaml").write_text(text)
        with pytest.raises(StudyError, match=r"bad\.yaml"):
            Study.load(tmp_path / "bad.yaml")


def test_paths_in_a_study_file_are_relative_to_the_file(tmp_path, monkeypatch):
    (tmp_path / "photos").mkdir()
    path = tmp_path / "mine.yaml"
    (tmp_path / "w.pth").write_bytes(b"")
    path.write_text("title: Mine\ndata: ./photos\nweights: ./w.pth\n")
    monkeypatch.chdir("/")
    study = Study.load(path)
    assert study.data == str(tmp_path / "photos") and study.weights == str(tmp_path / "w.pth")


def test_a_bare_word_is_a_path_where_something_lies_there_of_no_known_name(tmp_path):
    for name in ("photos", "svhn"):
        (tmp_path / name).mkdir()
    (tmp_path / "own.pth").touch()
    path = tmp_path / "mine.yaml"

    def study(text):
        path.write_text(f"title: Mine\n{text}")
        return Study.load(path)

    assert study("data: photos\nweights: own.pth").data == str(tmp_path / "photos")
    assert study("data: photos\nweights: own.pth").weights == str(tmp_path / "own.pth")
    assert study("data: svhn\nweights: imagenet").data == "svhn"
    with pytest.raises(DataError, match="'pictures': there is no such folder beside the study file"):
        study("data: pictures").data_root  # noqa: B018


@pytest.mark.parametrize("name", ["no", "yes", "off", "N", "on", "1", "007", "2020-01-01", "12:30", "1e5x"])
def test_classes_may_be_called_as_people_call_them(tmp_path, name):
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"data: {tmp_path}\nlook_alikes: [[{name}, other]]\nclasses: {{{name}: [{name}], other: [other]}}"
    )
    study = Study.load(path)
    assert study.look_alikes == [[name, "other"]] and study.classes == {name: [name], "other": ["other"]}
    study.save(tmp_path / "again.yaml")
    assert Study.load(tmp_path / "again.yaml").classes == study.classes
    path.write_text(f"data: {tmp_path}\nclasses: [other, {name}]")
    assert Study.load(path).classes == {"other": ["other"], name: [name]}


@pytest.mark.parametrize("name", ["true", "False", "1.50", "~"])
def test_names_that_are_no_longer_as_written_are_to_be_quoted(tmp_path, name):
    path = tmp_path / "mine.yaml"
    path.write_text(f"data: {tmp_path}\nlook_alikes: [[{name}, other]]")
    with pytest.raises(StudyError, match="put the name in quotes"):
        Study.load(path)


@pytest.mark.parametrize("names", [["no", "yes"], ["a", "b", "c"]])
def test_two_classes_of_ones_own_have_the_section_on_thresholds(tmp_path, names):
    for name in names:
        save(tmp_path / name / "1.png", picture(0))
    study = Study.load(tmp_path)
    assert study.class_names == tuple(names)
    assert study.has("two_classes") == (len(names) == 2) and not study.has("merged_classes")
    path = tmp_path / "mine.yaml"
    path.write_text(f"data: .\nclasses: [{', '.join(reversed(names))}]")
    assert not Study.load(path).has("merged_classes")
    assert Study.load(path).class_names == tuple(reversed(names))


def test_yes_and_no_are_answers_where_one_is_asked_for(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"data: {tmp_path}\nmodels: {{net: {{architecture: resnet18, pretrained: no, lr_finder: yes}}}}"
    )
    spec = Study.load(path).models["net"]
    assert spec.pretrained is False and spec.lr_finder is True
    assert Study.load(path, {"lr": "1e-3", "models.net.pretrained": "yes"}).models["net"].pretrained is True


def test_names_of_torchvision_classifiers_are_those_torchvision_lists():
    import torchvision

    assert torchvision_classifiers() == sorted(torchvision.models.list_models(module=torchvision.models))


def test_one_study_is_the_default():
    assert [study.name for study in list_studies() if study.default] == [Study.load("").name]


def test_no_chapter_and_no_helper_names_a_study():
    """Outside the readers of data sets and the drawing of samples; "scenes" is also an ordinary word."""
    names = [study.name for study in list_studies() if study.name != "scenes"] + ["scenes.yaml"]
    sources = [path for path in our_sources("helpers", "runner", "sections") if "datasets" not in path.parts]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in [*sources, *(ROOT / "notebooks").glob("*.ipynb")]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(name in line for name in names)
    ]
    assert found == []


@pytest.mark.parametrize("study", list_studies(), ids=lambda study: study.name)
def test_what_a_study_changes_for_its_sample_is_in_force(study):
    sample = Study.load(study.name, {"source": "sample"})
    streets = sample.streets.sample.overrides if sample.streets else {}
    asked = sample.sample.overrides | {f"segmentation.{key}": value for key, value in streets.items()}
    assert asked
    for key, value in asked.items():
        for found in values_at(sample.model_dump(mode="json", exclude_unset=True), key.split(".")):
            assert found == value, key


def values_at(holder, keys: list[str]) -> list:
    """What lies at a dotted key; of a key of every segmenter, what each of them has."""
    if not keys:
        return [holder]
    if keys[0] in holder:
        return values_at(holder[keys[0]], keys[1:])
    return [spec[keys[0]] for spec in holder["models"].values()]
