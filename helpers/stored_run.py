"""What classifiers and segmenters on disk have in common: their facts, and how a training leaves them there."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from helpers.device import device_name, pick_device, pick_precision
from helpers.epochs import Fit, OnEpoch
from helpers.headless import fail_as_before
from helpers.intact import kept_folder, seal_folder
from helpers.lock import locked
from helpers.models.summary import count_multiply_adds, count_parameters
from helpers.paths import write_json
from helpers.tracking import Tracker

log = logging.getLogger("helpers")


@dataclass
class StoredRun:
    """A network in a folder of its own, which is finished once its checksums are written."""

    job: ClassVar[str]  # the kind of job that makes it
    unit: ClassVar[str]  # what an epoch goes through
    score: ClassVar[tuple[str, str]]  # the measurement that is logged beside the losses: its key, and in words

    name: str
    title: str
    seed: int
    spec: Any
    folder: Path
    classes: tuple[str, ...]

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Facts about the network: parameters, multiply_adds, weights, precision, best_epoch, …"""
        return self._read("summary")

    @cached_property
    def timings(self) -> dict[str, Any]:
        """What differs between two identical trainings: seconds and speeds; empty if not trained."""
        return self._read("timings", {})

    @cached_property
    def history(self) -> dict[str, np.ndarray]:
        """Measurements by epoch, each (epochs,) float64: losses, scores, lr, seconds; empty if not trained."""
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
        with locked(self.folder.parent / f".{self.folder.name}.lock"):
            if not kept_folder(self.folder):
                fail_as_before(f"{self.job}.{self.name}.{self.seed}")
                make()

    @contextmanager
    def making(self, study: str, job_type: str, sample: bool, count: int, epochs: int) -> Iterator[Tracker]:
        """A folder and a record for its training on `count` images or scenes; afterwards no checkpoint is left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log.info("training %s, seed %d: %d %s, %d epochs", self.title, self.seed, count, self.unit, epochs)
        config = {"study": study, "model": self.name, "seed": self.seed, "sample": sample}
        name = f"{self.folder.parent.name}-{self.seed}"
        with Tracker(study, name, job_type, config | self.spec.model_dump()) as tracker:
            yield tracker
        for path in self.folder.glob("checkpoint.*"):  # half written where a kill came
            path.unlink()

    def telling(self, tracker: Tracker, on_epoch: OnEpoch | None) -> OnEpoch:
        """What follows each epoch: a line for the reader, one for the tracker, and the caller's own."""
        key, words = self.score

        def after(row: dict[str, float]) -> None:
            log.info(
                "  epoch %d/%d  train loss %.3f  validation loss %.3f  %s %.1f %%  (%.1f s)",
                row["epoch"], row["epochs"], row["train_loss"],
                row["val_loss"], words, 100 * row[key], row["seconds"],
            )  # fmt: skip
            tracker.log(row)
            if on_epoch:
                on_epoch(row)

        return after

    def write_history(self, state: Fit, speed: str, **speeds: float) -> None:
        """Measurements of the epochs, and as `speed` the median of images or crops per second."""
        write_json(self.folder / "history.json", state.history)
        if state.range_tests:
            write_json(self.folder / "lr_finder.json", state.range_tests)
        steady = state.images_per_second[1:] or state.images_per_second  # the first epoch also warms up
        spent = {"epoch_seconds": state.seconds, "train_seconds": sum(state.seconds)}
        write_json(self.folder / "timings.json", spent | speeds | {speed: float(np.median(steady))})

    def write_summary(self, model: torch.nn.Module, image_size: int, **facts: Any) -> None:
        """The facts of a network, written last, and the checksums of all: they mark it as finished."""
        device = pick_device()
        write_json(self.folder / "summary.json", {
            "model": self.name,
            "architecture": self.spec.architecture,
            "seed": self.seed,
            "parameters": count_parameters(model),
            "multiply_adds": count_multiply_adds(model, image_size),
            "image_size": image_size,
            "precision": pick_precision(device),
            "device": device_name(device),
            "recipe": self.spec.model_dump(exclude={"weights", "backbone"}),
        } | facts)  # fmt: skip
        seal_folder(self.folder)
