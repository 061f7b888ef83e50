"""Weights & Biases: offline without a key, silent where it fails, and never the source of a number."""

import logging

import numpy as np
import pytest

from helpers import tracking
from helpers.tracking import Tracker, mode


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in ("WANDB_MODE", "WANDB_API_KEY"):
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
