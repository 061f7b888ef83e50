"""Runs: one trained model on disk, with everything a chapter asks of it."""

import json
import logging
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from helpers.datasets.loader import ImagePart, epoch_order
from helpers.datasets.types import PARTS, Splits
from helpers.device import device_name, pick_device, pick_precision
from helpers.epochs import Fit, OnEpoch
from helpers.errors import CourseError
from helpers.fingerprint import code_digest, key_of
from helpers.headless import fail_as_before
from helpers.intact import kept_folder, seal_folder
from helpers.lock import locked
from helpers.metrics.classification import confusion_matrix, scores
from helpers.models import Classifier, build
from helpers.models.batch_norm import unfold_batch_norms
from helpers.models.summary import count_multiply_adds, count_parameters
from helpers.models.weights import load_weights
from helpers.paths import display_path, runs_dir, write_json
from helpers.phases import Stage, stages_of, total_epochs
from helpers.starting_weights import describe_start, starting_file, starting_key
from helpers.study import ModelSpec, Study
from helpers.tracking import Tracker
from helpers.training import Outputs, fit, predict

log = logging.getLogger("helpers")

CALIBRATION_IMAGES = 256
TRACKED_PICTURES = 24


@dataclass
class Run:
    """A finished training: its recipe, history, weights, and what it says of every image."""

    name: str
    title: str
    seed: int
    spec: ModelSpec
    folder: Path
    classes: tuple[str, ...]

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Facts about the model: parameters, multiply_adds, best_epoch, precision, weights, …"""
        return read_json(self.folder / "summary.json")

    @cached_property
    def timings(self) -> dict[str, Any]:
        """What differs between two identical runs: seconds and images per second."""
        return read_json(self.folder / "timings.json")

    @cached_property
    def history(self) -> dict[str, np.ndarray]:
        """Measurements by epoch, each (epochs,) float64: losses, accuracies, macro F1, lr, seconds."""
        rows = read_json(self.folder / "history.json")
        columns = {key: np.array([row[key] for row in rows], dtype=float) for key in rows[0]}
        return columns | {"seconds": np.array(self.timings["epoch_seconds"])}

    @property
    def best_epoch(self) -> int:
        """The epoch (from 1) with the lowest validation loss, whose weights are kept."""
        return self.summary["best_epoch"]

    @property
    def stages(self) -> list[Stage]:
        """The phases of the training with their titles, epochs and recipes; one where the study names none."""
        return stages_of(self.spec)

    @cached_property
    def range_tests(self) -> list[dict[str, Any]]:
        """The range tests, one a phase (`phase`, `title`, `lr`, `loss`, `suggestion`); none unless asked for."""
        path = self.folder / "lr_finder.json"
        return read_json(path) if path.exists() else []

    def outputs(self, part: str) -> Outputs:
        """Probabilities and features for 'train', 'val' or 'test', computed once when training ended."""
        with np.load(self.folder / f"{part}.npz") as file:
            return Outputs(**{key: file[key] for key in ("probabilities", "features", "labels", "index")})

    def model(self, device: str | torch.device = "cpu") -> Classifier:
        """The network with its best weights, in evaluation mode."""
        model = build(self.spec, len(self.classes), self.summary["image_size"])
        model.load_state_dict(torch.load(self.folder / "weights.pt", map_location="cpu", weights_only=True))
        return model.to(device).eval()


def get_run(
    study: Study,
    splits: Splits,
    model_name: str,
    seed: int | None = None,
    on_epoch: OnEpoch | None = None,
    job_type: str = "training",
) -> Run:
    """The run of a model: loaded if it is there, continued if it was cut off, otherwise trained now.

    `job_type` is what Weights & Biases sorts a new training under: the chapter that asked for it.

    Raises CourseError for an unknown model or for weights that are missing or do not fit.
    """
    if model_name not in study.models:
        raise CourseError(f"study '{study.name}' has no model '{model_name}': it has {', '.join(study.models)}")
    seed = study.seed if seed is None else seed
    folder = runs_dir() / study.name / model_name / f"seed-{seed}-{run_key(study, splits, model_name, seed)}"
    spec = study.models[model_name]
    run = Run(model_name, spec.title or model_name, seed, spec, folder, splits.classes)
    with locked(folder.parent / f".{folder.name}.lock"):
        if not kept_folder(folder):
            _make(run, study, splits, on_epoch, job_type)
    return run


def initial_weights(study: Study, model_name: str) -> Path | None:
    """The file that a model starts from, fetched or pretrained if need be; None for training from scratch."""
    return starting_file(study.models[model_name], study.weights_of(model_name))


def run_key(study: Study, splits: Splits, model_name: str, seed: int) -> str:
    """A hash of everything that a run's numbers depend on, the machine's arithmetic apart."""
    return key_of(
        spec=study.models[model_name].model_dump(exclude={"title", "weights"}),
        image_size=study.image_size,
        resize=study.resize,
        data=splits.fingerprint,
        split=[part.tolist() for part in (splits.train, splits.val, splits.test)],
        seed=seed,
        weights=starting_key(study.models[model_name], study.weights_of(model_name)),
        cleaning=code_digest(("cleaning.py",)) if study.models[model_name].clean else None,
        code=code_digest(),
    )


def _make(run: Run, study: Study, splits: Splits, on_epoch: OnEpoch | None, job_type: str) -> None:
    fail_as_before(f"training.{run.name}.{run.seed}")
    weights = initial_weights(study, run.name)
    run.folder.mkdir(parents=True, exist_ok=True)
    train = training_part(study, splits, run.name, run.seed)
    log.info("training %s, seed %d: %d images, %d epochs", run.title, run.seed, len(train), total_epochs(run.spec))
    config = {"study": study.name, "model": run.name, "seed": run.seed, "sample": splits.is_sample}
    with Tracker(study.name, f"{run.name}-{run.seed}", job_type, config | run.spec.model_dump()) as tracker:
        model, state = _train(run, study, splits, train, weights, tracker, on_epoch)
        timings = _write_outputs(run, splits, model)
        _write_facts(run, study, splits, model, state, len(train), timings)
        _track_test(tracker, run, splits)
    for path in run.folder.glob("checkpoint.*"):  # half written where a kill came
        path.unlink()


def training_part(study: Study, splits: Splits, model_name: str, seed: int) -> ImagePart:
    """The images that a model learns from: the training part, without the suspicious ones if it asks for that."""
    if not study.models[model_name].clean:
        return splits.part("train")
    from helpers.cleaning import kept

    index = kept(study, splits, model_name, seed)
    return ImagePart(splits.images, splits.labels, splits.files, index)


def _train(
    run: Run,
    study: Study,
    splits: Splits,
    train: ImagePart,
    weights: Path | None,
    tracker: Tracker,
    on_epoch: OnEpoch | None,
) -> tuple[Classifier, Fit]:
    device = pick_device()
    precision = pick_precision(device)
    torch.manual_seed(run.seed)
    model = build(run.spec, len(splits.classes), study.image_size)
    if weights:
        _start_from(model, weights, splits)

    def after(row: dict[str, float]) -> None:
        log.info(
            "  epoch %d/%d  train loss %.3f  validation loss %.3f  validation accuracy %.1f %%  (%.1f s)",
            row["epoch"], row["epochs"], row["train_loss"],
            row["val_loss"], 100 * row["val_accuracy"], row["seconds"],
        )  # fmt: skip
        tracker.log(row)
        if on_epoch:
            on_epoch(row)

    state = fit(
        model, train, splits.part("val"), run.spec, seed=run.seed, device=device,
        precision=precision, checkpoint=run.folder / "checkpoint.pt", on_epoch=after,
    )  # fmt: skip
    return model, state


def _start_from(model: Classifier, weights: Path, splits: Splits) -> None:
    """Load a file of weights; batch normalisations that were folded away are measured anew on training images."""
    load_weights(model, weights)
    part = splits.part("train")
    images, _ = part.gather(epoch_order(len(part), 0, 0)[:CALIBRATION_IMAGES])
    changed = unfold_batch_norms(model, model.preprocess(images))
    if changed:
        log.info(
            "%d batch normalisations of %s were folded into their convolutions: measured anew on %d images",
            changed, display_path(weights), len(images),
        )  # fmt: skip


def _write_outputs(run: Run, splits: Splits, model: Classifier) -> dict[str, float]:
    """Every part once through the finished model. This is where the test set is scored."""
    device = pick_device()
    precision = pick_precision(device)
    speeds = {}
    for part in PARTS:
        started = time.monotonic()
        outputs = predict(model, splits.part(part), device, precision)
        speeds[f"{part}_images_per_second"] = len(outputs.labels) / (time.monotonic() - started)
        _save_npz(run.folder / f"{part}.npz", vars(outputs))
    return speeds


def _save_npz(path: Path, arrays: dict[str, np.ndarray]) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        np.savez(file, **arrays)
    temporary.replace(path)


def _write_facts(
    run: Run,
    study: Study,
    splits: Splits,
    model: Classifier,
    state: Fit,
    training_images: int,
    speeds: dict[str, float],
) -> None:
    """Weights, history, timings and the summary; the checksums of all mark the run as finished."""
    torch.save(model.cpu().state_dict(), run.folder / "weights.tmp")
    (run.folder / "weights.tmp").replace(run.folder / "weights.pt")
    write_json(run.folder / "history.json", state.history)
    if state.range_tests:
        write_json(run.folder / "lr_finder.json", state.range_tests)
    steady = state.images_per_second[1:] or state.images_per_second  # the first epoch also warms up
    timings = {"epoch_seconds": state.seconds, "train_seconds": sum(state.seconds)}
    write_json(
        run.folder / "timings.json", timings | speeds | {"train_images_per_second": float(np.median(steady))}
    )
    device = pick_device()
    write_json(run.folder / "summary.json", {
        "model": run.name,
        "architecture": run.spec.architecture,
        "seed": run.seed,
        "best_epoch": state.best_epoch,
        "epochs": state.epoch,
        "training_images": training_images,
        "left_out": len(splits.train) - training_images,
        "parameters": count_parameters(model),
        "multiply_adds": count_multiply_adds(model, study.image_size),
        "image_size": study.image_size,
        "num_classes": len(splits.classes),
        "weights": describe_weights(study, run.name),
        "precision": pick_precision(device),
        "device": device_name(device),
        "sample": splits.is_sample,
        "data": splits.fingerprint,
        "recipe": run.spec.model_dump(exclude={"weights"}),
    })  # fmt: skip
    seal_folder(run.folder)


def describe_weights(study: Study, model_name: str) -> str:
    """Where a model's first weights come from, in words."""
    return describe_start(study.models[model_name], study.weights_of(model_name))


def _track_test(tracker: Tracker, run: Run, splits: Splits) -> None:
    outputs = run.outputs("test")
    score = scores(confusion_matrix(outputs.labels, outputs.predictions, len(run.classes)))
    tracker.summary(
        {"test_accuracy": score.accuracy, "test_macro_f1": score.macro_f1, "best_epoch": run.best_epoch}
    )
    tracker.confusion_matrix(outputs.labels, outputs.predictions, run.classes)
    wrong = np.flatnonzero(~outputs.correct)[:TRACKED_PICTURES]
    pairs = zip(outputs.labels[wrong], outputs.predictions[wrong], strict=True)
    captions = [f"{run.classes[truth]} taken for {run.classes[predicted]}" for truth, predicted in pairs]
    if captions:
        tracker.pictures("mistakes", splits.images[outputs.index[wrong]], captions)


def read_json(path: Path) -> Any:
    """What a JSON file of a run holds."""
    return json.loads(path.read_text(encoding="utf-8"))
