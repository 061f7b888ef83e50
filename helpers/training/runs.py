"""Runs: one trained model on disk, with everything a chapter asks of it."""

import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from helpers.base.errors import CourseError
from helpers.base.fingerprint import code_of, key_of
from helpers.base.paths import display_path, whole_file
from helpers.datasets.loader import ImagePart, epoch_order
from helpers.datasets.types import PARTS, Splits
from helpers.metrics.classification import confusion_matrix, scores
from helpers.models import Classifier, build
from helpers.models.batch_norm import unfold_batch_norms
from helpers.models.class_names import outputs_named_in
from helpers.models.weights import load_weights
from helpers.study.phases import Stage, stages_of, total_epochs
from helpers.study.study import ModelSpec, Study
from helpers.training import cleaning
from helpers.training.epochs import OnEpoch
from helpers.training.loop import Outputs, fit, predict
from helpers.training.starting_weights import (
    about_input,
    describe_start,
    is_own_file,
    starting_file,
    starting_key,
    starting_spec,
)
from helpers.training.stored_run import StoredRun, Told, run_place
from helpers.training.tracking import Tracker

log = logging.getLogger("helpers")

CALIBRATION_IMAGES = 256
CHECKED_IMAGES = 64
TRACKED_PICTURES = 24
JUDGING = (cleaning.find, cleaning.learnt_from)  # what a recipe with `clean: true` needs
APART = (starting_file, Study, *JUDGING)  # which have keys of their own

NOT_COMPARED = {"title", "augment"}  # of two recipes; all else should be equal


@dataclass
class Run(StoredRun):
    """A finished training: its recipe, history, weights, and what it says of every image."""

    job, units, score = "training", ("images", "images"), ("val_accuracy", "validation accuracy")

    spec: ModelSpec
    scenes: np.ndarray | None = None  # (N,) int64, of all images of the set: see Splits

    @property
    def stages(self) -> list[Stage]:
        """The phases of the training with their titles, epochs and recipes; one where the study names none."""
        return stages_of(self.spec, self.history.get("phase", ()))

    def outputs(self, part: str) -> Outputs:
        """Probabilities and features for 'train', 'val' or 'test', computed once when training ended."""
        with np.load(self.folder / f"{part}.npz") as file:
            return Outputs(**file)

    def model(self, device: str | torch.device = "cpu") -> Classifier:
        """The network with its best weights, in evaluation mode."""
        model = build(self.spec, len(self.classes), self.summary["image_size"])
        model.load_state_dict(torch.load(self.weights_file, map_location="cpu", weights_only=True))
        return model.to(device).eval()


def find_run(study: Study, splits: Splits, model_name: str, seed: int | None = None) -> Run:
    """The run of a model of a study, trained or not: its place is named by all that goes into it, and by the code.

    Raises CourseError for an unknown model, for a file of weights that is not there, and for images that were
    read for other settings than the study's.
    """
    if model_name not in study.models:
        raise CourseError(f"study '{study.name}' has no model '{model_name}': it has {', '.join(study.models)}")
    asked, read = study.data_settings, splits.read_for
    other = [key for key in asked if read and asked[key] != read.get(key)]
    if other:
        raise CourseError(
            f"these images were read with another {' and '.join(other)} than the study now has: "
            "read them again (chapter.splits, or helpers.study.images.load(study))"
        )
    spec, seed = starting_spec(study, model_name), study.seed if seed is None else seed
    start = study.weights_of(model_name)
    key = key_of(
        spec=spec.model_dump(exclude={"title", "weights"}),
        images=splits.array,
        data=splits.fingerprint,
        classes=splits.classes,
        split=[part.tolist() for part in (splits.train, splits.val, splits.test)],
        seed=seed,
        weights=starting_key(spec, start),
        outputs=outputs_named_in(Path(start)) if is_own_file(start) else None,
        cleaning=code_of(*JUDGING, without=APART) if spec.clean else None,
        code=code_of(_make, without=(*APART, _track_test)),
    )
    place = run_place(f"{spec.architecture}-{seed}-{key}")
    return Run(model_name, spec.title or model_name, seed, spec, place, splits.classes, splits.scenes)


def get_run(
    study: Study,
    splits: Splits,
    model_name: str,
    seed: int | None = None,
    on_epoch: OnEpoch | None = None,
    job_type: str = "training",
) -> Run:
    """The run of a model: loaded if it is there, continued if it was cut off, otherwise trained now.

    A run of another study, or of a model of another name, is the same run if all that went into it is the same.
    `job_type` is what Weights & Biases sorts a new training under: the chapter that asked for it.

    Raises CourseError as `find_run`, and for weights that cannot be fetched or do not fit.
    """
    run = find_run(study, splits, model_name, seed)
    run.make_once(lambda: _make(run, study, splits, Told(study.name, job_type, on_epoch)))
    return run


def _make(run: Run, study: Study, splits: Splits, told: Told) -> None:
    train, start = _learnt_from(run, study, splits), study.weights_of(run.name)
    with run.making(told, splits.is_sample, len(train), total_epochs(run.spec)) as (tracker, options):
        size = splits.images.shape[1]
        weights = starting_file(run.spec, start)
        torch.manual_seed(run.seed)
        model = build(run.spec, len(splits.classes), size)
        notes = _start_from(model, run, start, weights, splits) if weights else []
        state = fit(model, train, splits.part("val"), run.spec, **options)
        speeds = _write_outputs(run, splits, model)
        run.write(model.cpu().state_dict(), state, **speeds)
        run.seal(
            model, size, best_epoch=state.best_epoch, epochs=state.epoch, training_images=len(train),
            left_out=len(splits.train) - len(train), num_classes=len(splits.classes),
            weights=describe_start(run.spec, start), notes=notes, sample=splits.is_sample, data=splits.fingerprint,
            classes=splits.classes, normalisation=model.normalisation.model_dump(),
        )  # fmt: skip
        _track_test(tracker, run, splits)


def _learnt_from(run: Run, study: Study, splits: Splits) -> ImagePart:
    """The training part, or what cleaning leaves of it."""
    if not run.spec.clean:
        return splits.part("train")
    kept = cleaning.learnt_from(study, splits, run.name, run.seed)
    return ImagePart(splits.images, splits.labels, splits.files, kept)


def _start_from(model: Classifier, run: Run, start: str | None, weights: Path, splits: Splits) -> list[str]:
    """Load a file of weights; batch normalisations that were folded away are measured anew on training images.

    Returns what is to be told of the file's outputs and of how images enter the network. Raises CourseError for
    a model that is to be scored as it is, where the file does not have all of it.
    """
    loaded = load_weights(model, weights, splits.classes if is_own_file(start) else None)
    if not total_epochs(run.spec) and not loaded.is_whole:
        lacking = f"{display_path(weights)} does not hold the whole of '{run.name}' for these classes."
        raise CourseError(
            f"{' '.join([lacking, *loaded.notes])} So it cannot be scored as it is: give a file with "
            f"{len(splits.classes)} outputs that names the study's classes or none, or train it (epochs: 1)"
        )
    part = splits.part("train")
    images, _ = part.gather(epoch_order(len(part), 0, 0)[:CALIBRATION_IMAGES])
    for note in loaded.notes:
        log.info("%s", note)
    doubts = about_input(run.spec, start, model, images[:CHECKED_IMAGES])
    for note in doubts:
        log.warning("%s", note)
    changed = unfold_batch_norms(model, model.preprocess(images)) if total_epochs(run.spec) else 0
    if changed:
        log.info(
            "%d batch normalisations of %s were folded into their convolutions: measured anew on %d images",
            changed, display_path(weights), len(images),
        )  # fmt: skip
    return loaded.notes + doubts


def _write_outputs(run: Run, splits: Splits, model: Classifier) -> dict[str, float]:
    """Every part once through the finished model. This is where the test set is scored."""
    speeds = {}
    for part in PARTS:
        started = time.monotonic()
        outputs = predict(model, splits.part(part))
        speeds[f"{part}_images_per_second"] = len(outputs.labels) / (time.monotonic() - started)
        with whole_file(run.folder / f"{part}.npz") as file:
            np.savez(file, **vars(outputs))
    return speeds


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


def distinct_titles(titles: Mapping[str, str]) -> dict[str, str]:
    """Titles by model name; where two models share one, the name is added."""
    repeated = {title for title, number in Counter(titles.values()).items() if number > 1}
    return {name: f"{title} ({name})" if title in repeated else title for name, title in titles.items()}


def other_differences(before: "Run", after: "Run") -> list[tuple[str, Any, Any]]:
    """Settings in which two recipes differ beside augmentation: (key, before, after)."""
    old, new = before.spec.model_dump(exclude=NOT_COMPARED), after.spec.model_dump(exclude=NOT_COMPARED)
    return [(key, old[key], new[key]) for key in old if old[key] != new[key]]
