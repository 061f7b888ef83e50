"""What the index says of time and data: of the whole command, by kind of work, whoever did it and when."""

import time
from pathlib import Path

import pytest

from helpers.base.intact import read_sealed
from helpers.base.paths import reports_dir
from helpers.base.telling import counted, spent
from helpers.study.study import Study
from helpers.training.starting_weights import pretraining_seconds, starting_file
from runner import finish
from runner.graph import ChapterFiles
from runner.pages.index import _made
from runner.plan import StudyPlan
from runner.records import Record

CHAPTERS = ["01_data", "02_cnn_from_scratch", "07_segmentation"]


@pytest.fixture
def plan(tmp_path, monkeypatch) -> StudyPlan:
    for name in ("RUNS", "REPORTS", "DATA"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name}", str(tmp_path / name.lower()))
    return StudyPlan(Study.load("wildlife", {"source": "sample"}), CHAPTERS)


def record(seconds: float, prints: str, spent: dict[str, float] | None = None, trained: float = 0.0) -> Record:
    ran_on = {"device": "CPU, 2 threads", "fingerprint": prints, "trained": {"cnn": trained}}
    return Record("ok", seconds, started="2026-05-17T09:50:00+00:00", ran_on=ran_on, spent=spent or {})


def report(plan: StudyPlan, outcome: dict[str, Record], seconds: float, made: list[str], jobs: list[str]) -> dict:
    command = finish.Command("2026-05-17T09:47:11+00:00", seconds, 1, 2, made, {plan.name: jobs})
    finish.write_report([plan], {plan.name: outcome}, command=command)
    return _made(read_sealed(reports_dir() / plan.name / "status.json"))


def by_jobs(plan: StudyPlan) -> tuple[dict[str, Record], list[str]]:
    """Jobs before the chapters: data and weights, a training and a segmenter."""
    took = {
        "data": 20,
        "scenes": 12,
        "weights.sample.resnet18.standard": 422,
        "training.cnn.0": 47,
        "segmenter.a.0": 329,
    }
    for job, seconds in took.items():
        Record("ok", seconds).save(ChapterFiles(plan.name, job).done)
    outcome = {name: record(30, "82ec" if name.startswith("07") else "efa1", trained=44) for name in CHAPTERS}
    return outcome, [f"{plan.name}/{job}" for job in took]


def test_time_is_that_of_the_whole_command_and_apart_from_it_the_sum_by_kind(plan):
    outcome, jobs = by_jobs(plan)
    told = report(plan, outcome, 2296, [f"{plan.name}/{name}" for name in CHAPTERS], jobs)
    assert told["Wall time"].startswith("38 min 16 s, the last command that made something here (begun 2026-05-17")
    assert told["Wall time"].endswith("all chapters; 1 job at a time, 2 threads each)")
    assert told["Sum of all jobs"] == (
        "15 min 20 s: data 32 s, first weights 7 min 2 s, trainings 6 min 16 s, chapters 1 min 30 s"
    )
    assert "Kept trainings" not in told


def test_chapters_that_train_for_themselves_give_the_same_sums(plan):
    outcome, jobs = by_jobs(plan)
    expected = report(plan, outcome, 900, [], jobs)["Sum of all jobs"]
    outcome["02_cnn_from_scratch"] = record(
        30 + 20 + 422 + 47, "efa1", {"data": 20, "first weights": 422, "trainings": 47}
    )
    outcome["07_segmentation"] = record(30 + 12 + 329, "82ec", {"data": 12, "trainings": 329})
    assert report(plan, outcome, 900, [], [])["Sum of all jobs"] == expected


def test_a_command_that_made_nothing_leaves_what_is_told(plan):
    outcome, jobs = by_jobs(plan)
    first = report(plan, outcome, 2296, [f"{plan.name}/{name}" for name in CHAPTERS], jobs)
    path = reports_dir() / plan.name / "status.json"
    before = path.stat().st_mtime_ns
    assert report(plan, outcome, 3, ["another/01_data"], jobs) == first and path.stat().st_mtime_ns == before
    again = report(plan, outcome, 63, [f"{plan.name}/01_data"], jobs)
    assert "1 min 3 s" in again["Wall time"] and "1 of 3 chapters, the rest was kept" in again["Wall time"]
    assert again["Sum of all jobs"] == first["Sum of all jobs"]


def test_trainings_that_were_found_on_disk_are_told_with_their_own_time(plan):
    outcome = {name: record(30, "efa1", {"trainings": 0.4}, trained=624) for name in CHAPTERS}
    assert report(plan, outcome, 95, [], [])["Kept trainings"].startswith("10 min 24 s for the models shown")


def test_every_data_set_has_its_fingerprint_and_its_name(plan):
    outcome, jobs = by_jobs(plan)
    told = report(plan, outcome, 900, [], jobs)["Data fingerprint"]
    assert told.startswith("efa1 (") and ", 82ec (" in told and plan.study.info.title in told


def test_what_is_counted_within_counts_for_its_own_kind_alone(monkeypatch):
    monkeypatch.setattr("helpers.base.telling.spent", found := {})
    with counted("trainings"):
        time.sleep(0.02)
        with counted("data"):
            time.sleep(0.05)
        with counted("data"):
            pass
    assert 0.05 <= found["data"] < found["data"] + found["trainings"] < 0.5 and found["trainings"] >= 0.02
    assert found is not spent


def test_what_pretraining_took_is_known_afterwards(tmp_path, monkeypatch):
    """As the run that pretrained measured it; who finds the weights there leaves it as it is."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    monkeypatch.setattr("helpers.base.telling.spent", found := {})

    def made(*_: str) -> Path:
        path = tmp_path / "weights.pth"
        if not path.exists():
            time.sleep(0.05)
            path.write_bytes(b"")
        return path

    monkeypatch.setattr("helpers.training.pretraining.sample_weights", made)
    spec = next(one for one in Study.load("wildlife").models.values() if one.architecture == "resnet18")
    assert pretraining_seconds(spec, "sample") is None
    starting_file(spec, "sample")
    took = pretraining_seconds(spec, "sample")
    assert 0.05 <= took < 5 and found["first weights"] >= took
    time.sleep(0.02)
    starting_file(spec, "sample")
    assert pretraining_seconds(spec, "sample") == took
    assert pretraining_seconds(spec, "imagenet") is None and pretraining_seconds(spec, None) is None
