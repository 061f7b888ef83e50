"""The whole course on a tiny sample: every chapter run, every page checked, a second call with nothing to do."""

import json
import os
import subprocess
import sys
import time

import pytest
import torch
from course_chapters import CHAPTERS
from grammar import assert_sound
from page_check import check_report
from said import SENTENCES, Page, all_facts, contradictions

from helpers.base.paths import ROOT
from helpers.training import pretraining

NOT_EVERYWHERE = {pattern for pattern in SENTENCES if "random split" in pattern}  # where a split is lucky

SMALL = [
    "sample.images_per_class=24", "image_size=32", "epochs=1",
    "segmentation.sample.scenes=32", "segmentation.size=128", "segmentation.crop=64", "segmentation.epochs=1",
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with its own data, runs and reports, and weights that cost no minute of pretraining."""
    root = tmp_path_factory.mktemp("course")
    from torchvision.models import resnet18

    torch.save(resnet18().state_dict(), root / "weights.pth")
    return root


def run_course(place, *arguments):
    environment = os.environ | {
        f"IMAGE_COURSE_{name.upper()}": str(place / name) for name in ("data", "runs", "reports")
    }
    settings = [part for setting in [*SMALL, f"weights={place / 'weights.pth'}"] for part in ("--set", setting)]
    return subprocess.run(
        [sys.executable, "-m", "runner", "wildlife", "--sample", *settings, *arguments],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=900,
    )  # fmt: skip


@pytest.fixture(scope="module")
def course(place):
    finished = run_course(place)
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    return place, finished


def results(place, chapter):
    return json.loads((place / "reports" / "wildlife" / f"{chapter}.json").read_text())


def test_every_chapter_has_its_page_and_its_results(course):
    place, _ = course
    for chapter in CHAPTERS:
        assert (place / "reports" / "wildlife" / f"{chapter}.html").stat().st_size > 10_000
        assert results(place, chapter)["sample"] is True
    assert (place / "reports" / "index.html").exists()
    assert (place / "reports" / "wildlife" / "cover.webp").exists()


def test_the_pages_need_nothing_from_outside_and_every_picture_has_a_text(course):
    place, _ = course
    problems = check_report(place / "reports")
    assert not any(problems.values()), problems


def test_every_page_says_that_the_data_were_drawn(course):
    place, _ = course
    for page in (place / "reports" / "wildlife").glob("*.html"):
        assert "drawn" in page.read_text().lower(), page.name


def test_headline_numbers_lie_in_their_intervals(course):
    place, _ = course
    rows = [row for chapter in CHAPTERS[1:] for row in results(place, chapter).get("headline", [])]
    assert {row["metric"] for row in rows} >= {"accuracy", "macro_f1", "mean_iou", "pixel_accuracy"}
    for row in rows:
        assert 0 <= row["low"] <= row["value"] <= row["high"] <= 1, row


def test_no_two_statements_of_the_pages_contradict_each_other(course):
    place, _ = course
    pages = [Page(path) for path in sorted((place / "reports" / "wildlife").glob("*.html"))]
    pages.append(Page(place / "reports" / "index.html"))
    found, used = all_facts(pages)
    assert contradictions(found) == []
    assert used >= SENTENCES.keys() - NOT_EVERYWHERE and len(found) > 50
    for number, fact in enumerate(found):  # whichever number were another, it would be noticed
        if fact.thing in {"Accuracy", "Mean IoU", "test images", "mistakes"} and isinstance(fact.said, str):
            assert contradictions([*found[:number], fact._replace(said="7,777"), *found[number + 1 :]])


def test_every_sentence_of_the_pages_is_sound_and_every_file_that_is_named_is_there(course):
    place, _ = course
    drawn = {path.name for path in (place / "data" / "samples").rglob("*.*")}
    for page in map(Page, sorted((place / "reports" / "wildlife").glob("*.html"))):
        assert_sound(page.readings)
        assert {name.rpartition("/")[2] for name in page.files} <= drawn, page.name


def test_the_street_chapters_agree(course):
    place, _ = course
    seven, nine = (results(place, chapter) for chapter in ("07_segmentation", "09_cross_domain"))
    assert seven["data"] == nine["data"] and len(seven["scenes"]["images"]) > 0
    assert [row["metric"] for row in seven["headline"]][:1] == ["mean_iou"]


def test_nothing_written_names_this_machine(course):
    place, _ = course
    secrets = [str(place), str(ROOT), os.path.expanduser("~") + "/"]
    for path in [*(place / "reports").rglob("*.html"), *(place / "reports").rglob("*.json")]:
        text = path.read_text()
        assert not [secret for secret in secrets if secret in text], path.name


def test_the_terminal_tells_epochs_report_and_headline_numbers(course):
    _, finished = course
    assert "epoch 1/1" in finished.stdout
    assert "index.html" in finished.stdout
    assert "accuracy" in finished.stdout.lower()


def test_a_second_call_executes_nothing(course):
    place, _ = course
    notebooks = sorted((place / "runs" / "wildlife" / "notebooks").glob("*.ipynb"))
    assert len(notebooks) == len(CHAPTERS)
    before = [path.stat().st_mtime_ns for path in notebooks]
    started = time.monotonic()
    again = run_course(place)
    assert again.returncode == 0
    assert [path.stat().st_mtime_ns for path in notebooks] == before
    assert time.monotonic() - started < 30  # 6 seconds on an idle machine


def test_a_chapter_runs_by_itself_as_in_jupyterlab(course, tmp_path):
    """Chapter 05 asks for every model: outside the runner it trains what is not there, with growing curves."""
    place, _ = course
    environment = os.environ | {
        "IMAGE_COURSE_DATA": str(place / "data"),
        "IMAGE_COURSE_RUNS": str(tmp_path / "runs"),
        "IMAGE_COURSE_REPORTS": str(tmp_path / "reports"),
    }
    environment.pop("IMAGE_COURSE_HEADLESS", None)
    study = place / "runs" / "wildlife" / "study.yaml"
    finished = subprocess.run(
        [sys.executable, "-m", "papermill", "notebooks/05_feature_distances.ipynb", str(tmp_path / "out.ipynb"),
         "--cwd", "notebooks", "-p", "study", str(study)],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    ours = json.loads((tmp_path / "runs" / "trials" / "wildlife" / "05_feature_distances.json").read_text())
    assert ours == results(place, "05_feature_distances")


def test_pretraining_on_drawn_classes_is_done_once(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    monkeypatch.setattr(pretraining, "IMAGES_PER_CLASS", 4)
    monkeypatch.setattr(pretraining, "EPOCHS", 1)
    monkeypatch.setattr(pretraining, "IMAGE_SIZE", 32)
    path = pretraining.sample_weights("resnet18")
    written = path.stat().st_mtime_ns
    assert pretraining.sample_weights("resnet18") == path and path.stat().st_mtime_ns == written
    assert not path.with_suffix(".checkpoint").exists()
    state = torch.load(path, weights_only=True)
    assert "conv1.weight" in state and all(
        tensor.dtype in (torch.float32, torch.int64) for tensor in state.values()
    )
