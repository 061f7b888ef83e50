"""Runs: one trained model on disk, with everything a chapter asks of it."""

import logging
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from helpers.datasets.loader import ImagePart, epoch_order
from helpers.datasets.types import PARTS, Splits
from helpers.device import pick_device, pick_precision
from helpers.epochs import Fit, OnEpoch
from helpers.errors import CourseError
from helpers.fingerprint import code_digest, key_of
from helpers.metrics.classification import confusion_matrix, scores
from helpers.models import Classifier, build
from helpers.models.batch_norm import unfold_batch_norms
from helpers.models.weights import load_weights
from helpers.paths import display_path, runs_dir, whole_file
from helpers.phases import Stage, stages_of, total_epochs
from helpers.starting_weights import describe_start, starting_file, starting_key
from helpers.stored_run import StoredRun
from helpers.study import ModelSpec, Study
from helpers.tracking import Tracker
from helpers.training import Outputs, fit, predict

log = logging.getLogger("helpers")

CALIBRATION_IMAGES = 256
TRACKED_PICTURES = 24


@dataclass
class Run(StoredRun):
    """A finished training: its recipe, history, weights, and what it says of every image."""

    job, unit, score = "training", "images", ("val_accuracy", "validation accuracy")

    spec: ModelSpec
    scenes: np.ndarray | None = None  # (N,) int64, of all images of the set: see Splits

    @property
    def best_epoch(self) -> int:
        """The epoch (from 1) with the lowest validation loss, whose weights are kept."""
        return self.summary["best_epoch"]

    @property
    def stages(self) -> list[Stage]:
        """The phases of the training with their titles, epochs and recipes; one where the study names none."""
        return stages_of(self.spec)

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
    run = Run(model_name, spec.title or model_name, seed, spec, folder, splits.classes, splits.scenes)
    run.make_once(lambda: _make(run, study, splits, on_epoch, job_type))
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
    weights = initial_weights(study, run.name)
    train = training_part(study, splits, run.name, run.seed)
    with run.making(study.name, job_type, splits.is_sample, len(train), total_epochs(run.spec)) as tracker:
        model, state = _train(run, study, splits, train, weights, run.telling(tracker, on_epoch))
        speeds = _write_outputs(run, splits, model)
        with whole_file(run.folder / "weights.pt") as file:
            torch.save(model.cpu().state_dict(), file)
        run.write_history(state, "train_images_per_second", **speeds)
        run.write_summary(
            model, study.image_size, best_epoch=state.best_epoch, epochs=state.epoch,
            training_images=len(train), left_out=len(splits.train) - len(train), num_classes=len(splits.classes),
            weights=describe_weights(study, run.name), sample=splits.is_sample, data=splits.fingerprint,
        )  # fmt: skip
        _track_test(tracker, run, splits)


def training_part(study: Study, splits: Splits, model_name: str, seed: int) -> ImagePart:
    """The images that a model learns from: the training part, without the suspicious ones if it asks for that."""
    if not study.models[model_name].clean:
        return splits.part("train")
    from helpers.cleaning import kept

    index = kept(study, splits, model_name, seed)
    return ImagePart(splits.images, splits.labels, splits.files, index)


def _train(
    run: Run, study: Study, splits: Splits, train: ImagePart, weights: Path | None, after: OnEpoch
) -> tuple[Classifier, Fit]:
    device = pick_device()
    torch.manual_seed(run.seed)
    model = build(run.spec, len(splits.classes), study.image_size)
    if weights:
        _start_from(model, weights, splits)
    state = fit(
        model, train, splits.part("val"), run.spec, seed=run.seed, device=device,
        precision=pick_precision(device), checkpoint=run.folder / "checkpoint.pt", on_epoch=after,
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
        with whole_file(run.folder / f"{part}.npz") as file:
            np.savez(file, **vars(outputs))
    return speeds


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
