"""The four further studies on tiny samples: every chapter that each has, with whatever is particular to it."""

import json
import os
import subprocess
import sys

import pytest
import torch
import yaml
from course_chapters import CHAPTERS, IMAGE_CHAPTERS
from grammar import assert_sound
from page_check import check_report
from said import Page, all_facts, contradictions

from helpers.base.paths import ROOT, STUDIES
from helpers.study.images import load
from helpers.study.study import Study
from helpers.training.runs import get_run

SMALL = {
    "svhn": IMAGE_CHAPTERS,
    "scenes": IMAGE_CHAPTERS,
    "vehicles_animals": IMAGE_CHAPTERS,
    "satellite": CHAPTERS,
}
PATCHES = {"patch": 32, "stride": 16, "mosaics": 4, "mosaic_size": 96, "regions": 3}


def shrunk(name: str, weights: str) -> dict:
    """A study as it comes, with small networks that are trained for an epoch on a few images."""
    study = yaml.safe_load((STUDIES / f"{name}.yaml").read_text(encoding="utf-8"))
    for model, spec in study["models"].items():
        spec["epochs"] = 1
        if spec.get("pretrained"):
            spec |= {"architecture": "resnet18", "weights": weights, "stem": "standard"}
        if "input_size" in spec:
            spec["input_size"] = 48
        if "phases" in spec:
            spec["phases"] = [phase | {"epochs": 1} for phase in spec["phases"]]
        if spec.get("lr") == "find" and model != "resnet50":
            spec |= {"lr": 1e-3, "lr_finder": False}  # one range test is enough
    overrides = study["sample"]["overrides"]
    kept = {
        key: value
        for key, value in overrides.items()
        if not key.startswith(("models.", "segmentation.")) and key != "image_size"
    }
    images = 60 if "group_by" in kept else 24  # scenes of several images are not divided, so there must be enough
    study["sample"] |= {"images_per_class": images, "overrides": kept | {"image_size": 32}}
    if "segmentation" in study:
        study["segmentation"] |= PATCHES
    return study


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The report on all four, made by one command."""
    from torchvision.models import resnet18

    place = tmp_path_factory.mktemp("studies")
    weights = place / "weights.pth"
    torch.save(resnet18().state_dict(), weights)
    for name in SMALL:
        (place / f"small_{name}.yaml").write_text(yaml.safe_dump(shrunk(name, str(weights))))
    folders = {f"IMAGE_COURSE_{name.upper()}": str(place / name) for name in ("data", "runs", "reports")}
    files = [str(place / f"small_{name}.yaml") for name in SMALL]
    finished = subprocess.run(
        [sys.executable, "-m", "runner", *files, "--sample", "--jobs", "2"],
        env=os.environ | folders, cwd=ROOT, capture_output=True, text=True, timeout=1500,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]
    for name in SMALL:  # whose own name is that of the study that comes with the course
        (place / "reports" / name).symlink_to(place / "reports" / f"small_{name}")
        (place / "runs" / name).symlink_to(place / "runs" / f"small_{name}")
    return place / "reports"


def test_trainings_were_jobs_of_their_own_and_each_run_was_trained_once(reports):
    runs = reports.parent / "runs"
    trained = [
        path.stem
        for study in SMALL
        for path in (runs / study / "logs").glob("*.progress")
        if "\ntraining " in path.read_text(encoding="utf-8")
    ]
    assert {name.split(".")[0] for name in trained} == {"training"}  # no chapter has trained
    # All weights are one file here, so that models that differ in their weights alone are one run, for any study.
    assert len(trained) == len(list((runs / "trained").glob("*/*/summary.json")))


def results(reports, study, chapter):
    return json.loads((reports / study / f"{chapter}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("study", SMALL)
def test_a_study_has_all_its_chapters(reports, study):
    for chapter in SMALL[study]:
        assert (reports / study / f"{chapter}.html").stat().st_size > 10_000
        assert results(reports, study, chapter)["sample"] is True
    status = json.loads((reports / study / "status.json").read_text(encoding="utf-8"))
    assert set(status["chapters"]) == set(SMALL[study])
    assert {record["status"] for record in status["chapters"].values()} == {"ok"}


@pytest.mark.parametrize("study", SMALL)
def test_pages_are_sound_and_do_not_contradict_each_other(reports, study):
    pages = [Page(path) for path in sorted((reports / study).glob("*.html"))]
    for page in pages:
        assert_sound(page.readings)
    found, _ = all_facts(pages)
    assert contradictions(found) == [] and len(found) > 40


@pytest.mark.parametrize("name", SMALL)
def test_no_prediction_would_be_another_in_float64(reports, monkeypatch, name):
    for what in ("data", "runs"):
        monkeypatch.setenv(f"IMAGE_COURSE_{what.upper()}", str(reports.parent / what))
    study = Study.load(reports.parent / f"small_{name}.yaml", {"source": "sample"})
    splits = load(study)
    images, _ = splits.part("test").gather(range(len(splits.test)))
    for model in study.models:
        run = get_run(study, splits, model)
        network = run.model().double()
        with torch.no_grad():
            exact = network(network.preprocess(images).double()).softmax(1)
        first, second = exact.topk(2).values.T
        told = (first - second > 1e-5).numpy()  # nearer than that it is a draw
        assert (exact.argmax(1).numpy() == run.outputs("test").predictions)[told].all()


def test_the_pages_need_nothing_from_outside_and_every_picture_has_a_text(reports):
    problems = check_report(reports)
    assert not any(problems.values()), problems


def test_the_index_lays_the_studies_side_by_side(reports):
    page = (reports / "index.html").read_text(encoding="utf-8")
    assert "The studies side by side" in page and "All studies ran on images drawn by the project" in page


@pytest.mark.parametrize(
    ("study", "chapter", "section"),
    [
        ("satellite", "01_data", "What a careless split would have promised"),
        ("vehicles_animals", "02_cnn_from_scratch", "Variants of the network"),
        ("scenes", "03_fine_tuning", "Classes that look alike"),
        ("scenes", "06_model_comparison", "Does it help to leave out suspicious images?"),
        ("vehicles_animals", "06_model_comparison", "Where to cut between two classes?"),
        ("vehicles_animals", "06_model_comparison", "Which original classes are confused?"),
        ("satellite", "07_segmentation", "Large images with a known truth"),
        ("satellite", "09_cross_domain", "Through other cameras"),
    ],
)
def test_what_is_particular_stands_where_it_belongs_and_nowhere_else(reports, study, chapter, section):
    having = {name for name in SMALL if chapter in SMALL[name] and section in _page(reports, name, chapter)}
    assert study in having
    if section != "Classes that look alike":  # two studies name some
        assert having == {study}


def _page(reports, study, chapter):
    return (reports / study / f"{chapter}.html").read_text(encoding="utf-8")


def test_numbers_that_are_asked_for_as_files_are_there(reports):
    assert len((reports / "vehicles_animals" / "cnn_variants.csv").read_text(encoding="utf-8").splitlines()) > 5
    assert results(reports, "satellite", "01_data")["promise"]["blind"]["seen"] > 0
    assert results(reports, "satellite", "01_data")["promise"]["own"]["seen"] == 0
    for study in SMALL:
        assert set(results(reports, study, "06_model_comparison")["gains"]) == {"transfer", "augmentation"}
    cameras = results(reports, "satellite", "09_cross_domain")["cameras"]
    assert set(cameras) == {"resolution", "zoom", "colours", "haze", "noise", "together"}
