"""What classifiers and segmenters on disk have in common: their facts, and how a training leaves them there."""

import json
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch

from helpers.base.device import device_name, pick_device, pick_precision
from helpers.base.errors import Interrupted
from helpers.base.headless import ASKED_THREADS, fail_as_before
from helpers.base.intact import FOLDER, kept_folder, seal_folder
from helpers.base.lock import is_held, locked
from helpers.base.paths import runs_dir, whole_file, write_json
from helpers.base.telling import counted
from helpers.models.summary import count_multiply_adds, count_parameters
from helpers.training.epochs import Fit, OnEpoch
from helpers.training.tracking import Tracker

log = logging.getLogger("helpers")
loaded: dict[str, dict[str, Any]] = {}  # by key, how each run was computed that this process has asked for


def run_place(label: str) -> Path:
    """Where what was trained alike lies: by what went into it, whatever study and model asked for it."""
    return runs_dir() / "trained" / re.sub(r"[^A-Za-z0-9_.-]+", "-", label)


def arithmetic() -> str:
    """How this process computes, as far as digits hang on it: device, precision, and threads of a processor."""
    device = pick_device()
    name = str(torch.get_num_threads()) if device.type == "cpu" else device_name(device)
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{device.type}-{pick_precision(device)}-{name}")


def _admissible(how: str) -> bool:
    """Whether a run that was computed so will do: a user who names a device, precision or threads wants these."""
    shared_out = "IMAGE_COURSE_THREADS" in os.environ
    threads = ASKED_THREADS if shared_out else "OMP_NUM_THREADS"
    asked = [os.environ.get(name) for name in ("IMAGE_COURSE_DEVICE", "IMAGE_COURSE_PRECISION", threads)]
    device, precision, name = how.split("-", 2)
    told = [device, precision, name if device == "cpu" else asked[2]]
    return all(one in (None, "", other) for one, other in zip(asked, told, strict=True))


class Told(NamedTuple):
    """Who hears of a training: the study and the chapter that W&B sorts it under, and what follows each epoch."""

    study: str
    job_type: str
    on_epoch: OnEpoch | None


@dataclass
class StoredRun:
    """A network in a folder of its own, which is finished once its checksums are written.

    `place` is for all that went into it, and `folder` within it for how it was computed: digits hang on that. A
    finished run that was computed otherwise is as good, unless the user has said how to compute; its summary says
    how it was.
    """

    job: ClassVar[str]  # the kind of job that makes it
    units: ClassVar[tuple[str, str]]  # what it learns from, and what goes through it while it learns
    score: ClassVar[tuple[str, str]]  # the measurement that is logged beside the losses: its key, and in words
    tracked_as: ClassVar[str] = "{}"  # what Weights & Biases calls the model, around its name

    name: str
    title: str
    seed: int
    spec: Any
    place: Path
    classes: tuple[str, ...]

    @cached_property
    def folder(self) -> Path:
        """Where it lies: finished, or to be made as this process computes."""
        own = self.place / arithmetic()
        others = [path for path in sorted(self.place.glob("*")) if (path / FOLDER).exists() and path != own]
        finished = [path for path in (own, *others) if kept_folder(path) and _admissible(path.name)]
        return finished[0] if finished else own

    @property
    def is_finished(self) -> bool:
        """Whether it is trained, by whatever process, and whole."""
        return (self.folder / FOLDER).exists()

    @property
    def key(self) -> str:
        """Names it: what went into it, and how it was computed."""
        return f"{self.place.name}/{self.folder.name}"

    @property
    def weights_file(self) -> Path:
        """The file with its weights."""
        return self.folder / "weights.pt"

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Facts about the network: parameters, multiply_adds, weights, precision, best_epoch, …"""
        return self._read("summary")

    @property
    def best_epoch(self) -> int | None:
        """The epoch (from 1) whose weights are kept, the best on validation data; 0 or None if not trained."""
        return self.summary["best_epoch"]

    @cached_property
    def timings(self) -> dict[str, Any]:
        """What differs between two identical trainings: seconds and speeds; empty if not trained."""
        return self._read("timings", {})

    @cached_property
    def history(self) -> dict[str, np.ndarray]:
        """Measurements by epoch, each (epochs,) float64: losses, scores, lr, seconds.

        Empty for a ready segmenter; of a classifier that is not trained one row, of what was measured: epoch 0.
        """
        if not (rows := self._read("history", [])):
            return {}
        columns = {key: np.array([row[key] for row in rows], dtype=float) for key in rows[0]}
        return columns | {"seconds": np.array(self.timings["epoch_seconds"])}

    @cached_property
    def range_tests(self) -> list[dict[str, Any]]:
        """The range tests, one a phase (`phase`, `title`, `lr`, `loss`, `suggestion`); none unless asked for."""
        return self._read("lr_finder", [])

    def _read(self, name: str, otherwise: Any = None) -> Any:
        path = self.folder / f"{name}.json"
        if otherwise is not None and not path.exists():
            return otherwise
        return json.loads(path.read_text(encoding="utf-8"))

    def make_once(self, make: Callable[[], None]) -> None:
        """Have it made unless it is finished, or failed just now; other processes wait meanwhile."""
        lock = self.place.parent / f".{self.place.name}.lock"
        if is_held(lock):
            log.info("%s is being trained by another notebook or command: waiting until it is done", self.title)
        with locked(lock):
            self.__dict__.pop("folder", None)  # another process may have made it meanwhile
            if not self.is_finished:
                fail_as_before(f"{self.job}.{self.name}.{self.seed}")
                try:
                    with counted("trainings"):
                        make()
                except KeyboardInterrupt:
                    raise Interrupted(
                        f"the training of {self.title} was stopped: what it has learnt until its last whole epoch "
                        "is kept, and running the cell again goes on from there"
                    ) from None
                for path in self.place.glob("*"):
                    if not (path / FOLDER).exists():  # begun with other threads, and cut off
                        shutil.rmtree(path, ignore_errors=True)
        took = {"seconds": self.timings.get("train_seconds")}
        told = ("device", "precision") if self.best_epoch != 0 else ("device",)  # it says how training computed
        loaded[self.key] = {name: self.summary.get(name) for name in told} | took

    @contextmanager
    def making(
        self, told: Told, sample: bool, count: int, epochs: int
    ) -> Iterator[tuple[Tracker, dict[str, Any]]]:
        """A record of its training on `count` images or scenes, and what `fit` is told; leaves no checkpoint."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if epochs:
            log.info("training %s, seed %d: %d %s, %d epochs", self.title, self.seed, count, self.units[0], epochs)
        config = {"study": told.study, "model": self.name, "seed": self.seed, "sample": sample}
        name = f"{self.tracked_as.format(self.name)}-{self.seed}"
        with Tracker(told.study, name, told.job_type, config | self.spec.model_dump()) as tracker:
            after = self._telling(tracker, told.on_epoch)
            yield tracker, {"seed": self.seed, "checkpoint": self.folder / "checkpoint.pt", "on_epoch": after}
        for path in self.folder.glob("checkpoint.*"):  # half written where a kill came
            path.unlink()

    def _telling(self, tracker: Tracker, on_epoch: OnEpoch | None) -> OnEpoch:
        """What follows each epoch: a line for the reader, one for the tracker, and the caller's own."""
        key, words = self.score

        def after(row: dict[str, float]) -> None:
            if on_epoch:
                on_epoch(row)  # first, so that curves stand above all lines
            log.info(
                "  epoch %d/%d  train loss %.3f  validation loss %.3f  %s %.1f %%  (%.1f s)",
                row["epoch"], row["epochs"], row["train_loss"],
                row["val_loss"], words, 100 * row[key], row["seconds"],
            )  # fmt: skip
            tracker.log(row)

        return after

    def write(self, weights: Mapping[str, Any], state: Fit, **speeds: float) -> None:
        """Its weights and what was measured in its training; `speeds` go beside the median one of that."""
        with whole_file(self.weights_file) as file:
            torch.save(weights, file)
        write_json(self.folder / "history.json", state.history)
        if state.range_tests:
            write_json(self.folder / "lr_finder.json", state.range_tests)
        steady = state.images_per_second[1:] or state.images_per_second  # the first epoch also warms up
        rate = {f"train_{self.units[1]}_per_second": float(np.median(steady))} if steady else {}
        write_json(
            self.folder / "timings.json",
            {"epoch_seconds": state.seconds, "train_seconds": sum(state.seconds)} | rate | speeds,
        )

    def seal(self, model: torch.nn.Module, image_size: int, **facts: Any) -> None:
        """The facts of a network, written last, and the checksums of all: they mark it as finished."""
        device = pick_device()
        write_json(self.folder / "summary.json", {
            "architecture": self.spec.architecture,
            "seed": self.seed,
            "parameters": count_parameters(model),
            "multiply_adds": count_multiply_adds(model, image_size),
            "image_size": image_size,
            "precision": pick_precision(device),
            "device": device_name(device),
            "recipe": self.spec.model_dump(exclude={"title", "weights", "backbone"}),
        } | facts)  # fmt: skip
        seal_folder(self.folder)
