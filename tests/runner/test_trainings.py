"""Trainings as jobs of their own: which there are, that chapters load what they make, what a failure leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from course_chapters import CHAPTERS
from tiny_course import CNN, Course, differences, results, simple_notebooks, tiny_study

from helpers.study.study import Study, list_studies
from runner import jobs, options, plan, snakemake
from runner.jobs import needs, resources, start, waits

SCRATCH, TUNED, AUGMENTED = CHAPTERS[1:4]


def load(name: str, **changes: str) -> Study:
    return Study.load(name, {"source": "sample", **changes})


def trained(study: Study, chapter: str) -> list[str]:
    return [job for job in needs(study, chapter, 0) if job.startswith(("training", "segmenter"))]


def test_each_chapter_needs_the_models_it_is_about():
    study = load("wildlife", seeds="2")
    assert trained(study, "01_data") == []
    assert trained(study, SCRATCH) == ["training.cnn.0", "training.cnn.1"]
    assert trained(study, TUNED) == ["training.resnet18.0", "training.resnet18.1"]
    assert len(trained(study, AUGMENTED)) == 4 and len(trained(study, "06_model_comparison")) == 6
    assert trained(study, "07_segmentation") == ["segmenter.deeplab.0", "segmenter.deeplab.1"]
    assert trained(study, "08_segmentation_analysis") == ["segmenter.deeplab.0"]


def test_what_only_some_studies_have_is_trained_beforehand_too():
    assert trained(load("svhn", seeds="2"), AUGMENTED)[-1] == "training.resnet18_mirrored.0"
    assert trained(load("satellite"), "01_data") == ["training.cnn.0", "training.cnn.blind"]
    assert len(trained(load("vehicles_animals"), SCRATCH)) == 5
    assert trained(load("satellite"), "07_segmentation") == ["training.resnet50.0"]
    assert trained(load("satellite"), "09_cross_domain") == [
        "training.resnet50.0",
        "training.resnet50_augmented.0",
    ]


def test_ready_networks_are_not_trained():
    study = Study.load("wildlife", {"segmentation.source": "real"})
    assert needs(study, "07_segmentation", 0) == ["scenes"]


def test_models_that_start_alike_wait_for_the_same_weights_and_small_stems_for_the_standard_ones():
    study = load("svhn")
    assert waits(study, "training.cnn.0") == ["data"]
    small, large = (start(study, name) for name in ("resnet18", "resnet18_enlarged"))
    assert start(study, "resnet18_augmented") == small != large
    assert waits(study, small) == [large] and waits(study, large) == []
    order = needs(study, "05_feature_distances", 0)
    assert order.index(large) < order.index(small) < order.index("training.resnet18.0")


def test_a_file_of_weights_needs_no_job(tmp_path: Path):
    (tmp_path / "weights.pth").write_bytes(b"x")
    assert start(load("wildlife", weights=str(tmp_path / "weights.pth")), "resnet18") is None


def test_shards_are_jobs_that_wait_for_the_networks_only():
    found = needs(load("wildlife"), "08_segmentation_analysis", 3)
    assert [job for job in found if job.startswith("evaluation")] == [
        f"evaluation.08_segmentation_analysis.{number}.3" for number in range(3)
    ]
    assert waits(load("wildlife"), found[-1]) == ["scenes", "segmenter.deeplab.0"]


def all_of(*studies: str) -> tuple[dict, dict]:
    plans = plan.plan(options.parse_options(["--sample", *studies]))
    return jobs.all_jobs(plans, 1)


def test_every_job_of_every_study_is_known_before_it_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("IMAGE_COURSE_DEVICE", raising=False)
    needed, found = all_of("all")
    assert set(needed) == {study.name for study in list_studies()}
    known = set()
    for name, job in found.items():
        assert set(job.waits) <= known, name
        known.add(name)
        takes = resources(job.plan.study, job.name)
        assert 4000 <= takes["mem_mb"] < 64_000 and 15 <= takes["runtime"] <= 1440
        assert takes["gpu"] == (0 if name.endswith(("/data", "/scenes")) else 1)
    assert {job for chapters in needed.values() for names in chapters.values() for job in names} == known
    weights = [name.split("/")[1] for name in found if "/weights." in name]
    assert len(weights) == len(set(weights)) >= 5  # made once for all studies


def test_a_model_changes_its_own_trainings_only():
    def settings(*changes: str) -> dict[str, str]:
        plans = plan.plan(options.parse_options(["wildlife", "--sample", *changes]))
        return {name: job.key for name, job in jobs.all_jobs(plans, 0)[1].items()}

    first = settings()
    changed = settings("--set", "models.cnn.epochs=3", "--set", "title=Other")
    assert [name for name in first if first[name] != changed[name]] == ["wildlife/training.cnn.0"]
    more = settings("--seeds", "2")
    assert first.items() < more.items()


def test_no_gpu_is_asked_for_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IMAGE_COURSE_DEVICE", "cpu")
    small = resources(load("wildlife"), "training.resnet18.0")
    assert small["gpu"] == 0
    larger = resources(load("wildlife", image_size="224", epochs="40"), "training.resnet18.0")
    assert larger["runtime"] > small["runtime"] and larger["mem_mb"] > small["mem_mb"]


def test_who_runs_the_jobs(tmp_path: Path):
    (tmp_path / "config.yaml").write_text("executor: slurm\n")
    assert snakemake.is_elsewhere(["--profile", str(tmp_path)])
    assert snakemake.is_elsewhere(["-e", "kubernetes", "--jobs", "3"])
    assert not snakemake.is_elsewhere(["--profile", str(tmp_path), "--dry-run"])
    assert not snakemake.is_elsewhere(["--printshellcmds", "--executor", "local"])
    (tmp_path / "config.yaml").write_text("printshellcmds: true\n")
    assert not snakemake.is_elsewhere(["--profile", str(tmp_path)])


def test_a_job_starts_without_what_only_chapters_use():
    code = "import runner.training, helpers.training.runs, helpers.study.images, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"matplotlib", "sklearn", "pandas", "seaborn", "papermill", "nbconvert", "torchvision"} & set(
        loaded
    )


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study, simple notebooks, and a model whose weights cannot be read."""
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "broken.pth").write_text("no weights at all")
    broken = {"architecture": "resnet18", "pretrained": True, "weights": "./broken.pth", "epochs": 1}
    tiny_study(folder, tuned=broken, plain=CNN | {"augment": {"flip": 0.5}})
    simple_notebooks(folder / "notebooks")
    return folder


def course(tiny: Path, name: str, *arguments: str, **variables: str) -> Course:
    places = {"IMAGE_COURSE_NOTEBOOKS": str(tiny / "notebooks"), "OMP_NUM_THREADS": "1", "WANDB_MODE": "disabled"}
    return Course(tiny / name, [str(tiny / "tiny.yaml"), *arguments], variables=places | variables)


def status(run: Course) -> dict[str, dict]:
    return json.loads((run.folder / "reports" / "tiny" / "status.json").read_text())["chapters"]


@pytest.fixture(scope="module")
def apart(tiny: Path) -> Course:
    """Chapters 02 to 04 with their trainings as jobs; one of these cannot begin."""
    run = course(tiny, "apart", "--only", "02,03,04", "--jobs", "2")
    assert run.start().wait(300) == 1, run.said()
    return run


def test_a_training_that_fails_leaves_a_page_and_the_others_go_on(apart: Course):
    found = status(apart)
    assert {name: record["status"] for name, record in found.items()} == {
        SCRATCH: "ok", TUNED: "failed", AUGMENTED: "ok"
    }  # fmt: skip
    assert "broken.pth" in found[TUNED]["error"] and "Traceback" not in apart.said()
    page = (apart.folder / "reports" / "tiny" / f"{TUNED}.html").read_text()
    assert page.index("broken.pth") < page.index("seen before the failure")
    assert "broken.pth" in (apart.folder / "reports" / "index.html").read_text()


def test_the_terminal_follows_the_trainings_and_chapters_train_nothing(apart: Course):
    assert "training.cnn.0" in apart.said() and "epoch 2/2" in apart.said()
    logs = apart.folder / "runs" / "tiny" / "logs"
    for path in logs.glob("*.progress"):
        trains = any(line.startswith("training ") for line in path.read_text().splitlines())
        assert trains == path.name.startswith("training."), path.name


def test_numbers_are_those_of_chapters_that_train_themselves(tiny: Path, apart: Course):
    alone = course(tiny, "alone", "--only", "02,04", "--jobs", "1")
    alone.finish()
    assert not list((alone.folder / "runs" / "tiny" / "logs").glob("training.*"))
    found = results(alone)
    assert len(found) > 8 and differences(found, results(apart)) == []


def test_what_is_done_is_not_done_again_in_either_way(tiny: Path, apart: Course):
    for jobs_at_a_time in ("1", "2"):
        again = course(tiny, "apart", "--only", "02,04", "--jobs", jobs_at_a_time)
        position = len(again.said())
        again.finish()
        assert "Nothing had changed" in again.said(position), again.said(position)


def test_a_training_that_is_killed_is_named_and_the_same_command_goes_on(tiny: Path):
    run = course(tiny, "killed", "--only", "02,04", "--jobs", "2", "--set", "models.cnn.epochs=400")
    process = run.start()
    progress = run.folder / "runs" / "tiny" / "logs" / "training.cnn.0.progress"
    _wait(lambda: progress.exists() and "epoch 3/" in progress.read_text())
    for pid in run.processes():
        if b"training.cnn.0" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    assert process.wait(300) == 1
    found = status(run)
    assert found[AUGMENTED]["status"] == "ok" and found[SCRATCH]["status"] == "failed"
    assert "training.cnn.0" in found[SCRATCH]["error"] and "memory" in found[SCRATCH]["error"]
    run.finish()
    assert {record["status"] for record in status(run).values()} == {"ok"}


def _wait(condition, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not begin in time"
        time.sleep(0.05)
