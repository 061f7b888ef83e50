"""Weights & Biases: offline without a key, silent where it fails, and never the source of a number."""

import logging
import os
import re
import sys

import numpy as np
import pytest
import yaml

from helpers.base.paths import ROOT
from helpers.training import tracking
from helpers.training.tracking import Tracker, mode, name_group
from runner.options import overrides, parse_options


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in ("WANDB_MODE", "WANDB_API_KEY", "WANDB_RUN_GROUP", "IMAGE_COURSE_TRACKED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IMAGE_COURSE_RUNS", str(tmp_path))


def test_the_mode_is_offline_unless_a_key_or_the_user_says_otherwise(monkeypatch):
    assert mode() == "offline"
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    assert mode() == "online"
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert mode() == "disabled"


def test_offline_runs_are_kept_and_can_be_sent_later(tmp_path):
    with Tracker("pets", "cnn-0", "02_cnn_from_scratch", {"lr": 0.1}) as tracker:
        tracker.log({"epoch": 1, "val_loss": 0.5})
        tracker.confusion_matrix(np.array([0, 1]), np.array([1, 1]), ("cat", "dog"))
        tracker.pictures("mistakes", np.zeros((1, 8, 8, 3), np.uint8), ["cat taken for dog"])
        tracker.summary({"test_accuracy": 0.5})
        assert (tracker.run.group, tracker.run.job_type) == ("pets", "02_cnn_from_scratch")
    assert list(tmp_path.glob("wandb/offline-run-*/run-*.wandb"))


def test_without_network_an_online_run_goes_on_offline(monkeypatch, caplog):
    opened = []

    def open_run(chosen, *_rest):
        opened.append(chosen)
        if chosen == "online":
            raise TimeoutError("no route to host\nsecond line")
        return None

    monkeypatch.setattr(logging.getLogger("helpers"), "propagate", True)
    monkeypatch.setattr(tracking, "_open", open_run)
    monkeypatch.setenv("WANDB_MODE", "online")
    with caplog.at_level(logging.WARNING, logger="helpers"), Tracker("pets", "cnn-0", "training", {}) as tracker:
        tracker.log({"epoch": 1})
    assert opened == ["online", "offline"]
    assert "no route to host" in caplog.text and "second line" not in caplog.text


def test_a_broken_installation_stops_nothing(monkeypatch):
    def fail(*_rest):
        raise ImportError("no module named wandb")

    monkeypatch.setattr(tracking, "_open", fail)
    with Tracker("pets", "cnn-0", "training", {}) as tracker:
        tracker.log({"epoch": 1})
        tracker.summary({"test_accuracy": 0.5})
    assert tracker.run is None


def test_its_process_killed_while_a_model_trains_stops_nothing(monkeypatch, caplog):
    class Gone:
        def log(self, *_rest):
            raise ConnectionResetError("Connection lost")

    monkeypatch.setattr(logging.getLogger("helpers"), "propagate", True)
    monkeypatch.setattr(tracking, "_open", lambda *_rest: Gone())
    with Tracker("pets", "cnn-0", "training", {}) as tracker:
        tracker.log({"epoch": 1})
        tracker.log({"epoch": 2})
        tracker.summary({"test_accuracy": 0.5})
    assert caplog.text.count("Connection lost") == 1


def test_all_that_one_command_trains_is_in_one_group(monkeypatch, tmp_path):
    settings = {"wildlife": {"01_data": "a1"}, "svhn": {"01_data": "b2"}}
    monkeypatch.setenv("WANDB_RUN_GROUP", "")  # so that it is forgotten afterwards

    def named(**changed):
        monkeypatch.delenv("WANDB_RUN_GROUP")
        name_group(settings | changed)
        return os.environ["WANDB_RUN_GROUP"]

    assert named().startswith("wildlife-svhn-") and named() == named()
    assert named(svhn={"01_data": "b3"}) != named()
    assert len(named(**{"s" * 200: {}})) < 128  # the most that W&B takes
    group = named()
    name_group({"other": {}})  # what is there stays, such as the user's own
    with Tracker("svhn", "cnn-0", "02_cnn_from_scratch", {}) as tracker:
        assert tracker.run.group == group


def test_the_command_line_names_the_group_for_its_jobs(monkeypatch, tmp_path):
    """The same when the same command continues, or runs another chapter; another one with other settings."""
    from runner import __main__ as command_line

    for name in ("DATA", "REPORTS"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name}", str(tmp_path))
    groups = []

    def note(*_rest):
        groups.append(os.environ["WANDB_RUN_GROUP"])
        return 0

    monkeypatch.setattr(command_line.snakemake, "run", note)
    for arguments in ([], [], ["--only", "02"], ["--set", "epochs=2"]):
        monkeypatch.setenv("WANDB_RUN_GROUP", "")  # so that it is forgotten afterwards
        monkeypatch.delenv("WANDB_RUN_GROUP")
        command_line.main(["wildlife", "--sample", *arguments])  # which misses the chapters that nobody makes here
    assert groups[0] == groups[1] == groups[2] != groups[3]
    assert groups[0].startswith("wildlife-")


TRIAL = """
import sys
from helpers.training.tracking import Tracker

for name in ("cnn-0", "resnet18-0", "resnet18-1"):
    with Tracker("wildlife", name, "03_fine_tuning", {"lr": 0.1}) as tracker:
        tracker.log({"val_loss": 0.5})
        if tracker.run:
            print(name, tracker.run.id, tracker.run.sweep_id, tracker.run.config["models.resnet18.lr"])
"""


def sweep_of_the_readme() -> dict:
    (block,) = re.findall(r"```yaml\n(# sweep\.yaml.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return yaml.safe_load(block)


def test_a_sweep_as_in_the_readme_calls_the_course_and_keeps_the_swept_training(tmp_path, monkeypatch):
    """W&B's own agent makes the command and starts it, as it does when its server has sent a trial."""
    from wandb.wandb_agent import Agent

    sweep = sweep_of_the_readme()
    stand_in = tmp_path / "run_all.sh"
    stand_in.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > arguments\nexec {sys.executable} trial.py > tracked\n')
    stand_in.chmod(0o755)
    (tmp_path / "trial.py").write_text(TRIAL)
    monkeypatch.chdir(tmp_path)
    for name in ("WANDB_DIR", "WANDB_RUN_ID", "WANDB_SWEEP_PARAM_PATH"):
        monkeypatch.setenv(name, "")  # the agent sets them; so they are forgotten afterwards
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    monkeypatch.setenv("WANDB_SWEEP_ID", "s1w2e3e4")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    values = {"models.resnet18.lr": 0.003, "models.resnet18.weight_decay": 0.1}
    assert values.keys() == sweep["parameters"].keys()
    agent = Agent(api=None, queue=None)
    agent._sweep_command = sweep["command"]
    arguments = {name: {"value": value} for name, value in values.items()}
    agent._command_run({"run_id": "trial7", "program": None, "args": arguments})
    assert agent._run_processes["trial7"].wait(timeout=100) == 0

    options = parse_options((tmp_path / "arguments").read_text().splitlines())
    assert overrides(options) == {name: str(value) for name, value in values.items()}
    assert options.studies == ["wildlife"] and options.only == "03"
    assert (tmp_path / "tracked").read_text().splitlines() == ["resnet18-0 trial7 s1w2e3e4 0.003"]
    assert len(list(tmp_path.glob("wandb/offline-run-*-trial7"))) == 1


def test_the_sweep_of_the_readme_chooses_by_validation_and_its_keys_are_the_study_s():
    from helpers.study.study import Study

    sweep = sweep_of_the_readme()
    assert sweep["metric"] == {"name": "val_loss", "goal": "minimize"}
    study = Study.load("wildlife", {name: "0.01" for name in sweep["parameters"]})
    (tracked,) = re.findall("IMAGE_COURSE_TRACKED=([^ ]+)", sweep["command"][2])
    assert tracked == f"{study.chapters.fine_tuned}-{study.seed}"
