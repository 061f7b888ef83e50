"""Segmenters on disk: trained once and loaded afterwards, or published weights with their facts."""

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from helpers.base.device import pick_device
from helpers.base.errors import CourseError
from helpers.base.fetch import digest
from helpers.base.fingerprint import code_of, key_of
from helpers.base.paths import display_path
from helpers.datasets.streets.resized import SceneArrays, open_scenes
from helpers.datasets.streets.types import SegmentationSet
from helpers.metrics.segmentation import segmentation_scores
from helpers.models.segmenters import Segmenter, build_segmenter
from helpers.show.words import count
from helpers.study.streets import SegmenterSpec
from helpers.study.study import Study
from helpers.training.epochs import OnEpoch
from helpers.training.segmenters.loop import fit_segmenter, measure_segmenter, quiet_residuals
from helpers.training.segmenters.selection import selection_split
from helpers.training.segmenters.start import backbone_file, start_in_words
from helpers.training.stored_run import StoredRun, Told, run_place
from helpers.training.tracking import Tracker

log = logging.getLogger("helpers")

UNTRAINED = {"title", "weights"}  # keys of the spec that change nothing about a training
TRACKED_SCENES = 8
CALIBRATION_SCENES = 32
STRIDE_IN_NAME = re.compile(r"(?<![a-z])(?:os|output[-_]?stride)[-_=]?(\d+)(?!\d)", re.IGNORECASE)


@dataclass
class SegmenterRun(StoredRun):
    """A segmenter with its weights: trained by the study, or published (`history` is then empty)."""

    job, units, score = "segmenter", ("scenes", "crops"), ("val_mean_iou", "validation mIoU")
    tracked_as = "segmentation-{}"

    spec: SegmenterSpec
    ready_weights: Path | None = None  # a file that exists, rather than what the study trains

    @property
    def weights_file(self) -> Path:
        return self.ready_weights or super().weights_file

    def model(self, device: str | torch.device = "cpu") -> Segmenter:
        """The network with its weights, in evaluation mode."""
        from helpers.models.segmenters.weights import load_segmenter_weights

        model = build_segmenter(self.spec, self.classes)
        load_segmenter_weights(model, self.weights_file)
        return model.to(device).eval()


def get_segmenter(
    study: Study,
    name: str,
    train: SegmentationSet | None = None,
    val: SegmentationSet | None = None,
    *,
    seed: int | None = None,
    on_epoch: OnEpoch | None = None,
) -> SegmenterRun:
    """A segmenter of the study: loaded if it is there, continued if it was cut off, otherwise trained now.

    Args:
        study: with a part `segmentation` that names the model.
        train: the scenes to learn from; None takes ready weights, the published ones or the spec's file.
        val: the scenes that choose the epoch; None holds out some of `train` (see `SelectionSplit`).

    Raises CourseError for weights that are missing or do not fit, and for scenes that cannot be read.
    """
    seed, size = study.seed if seed is None else seed, study.segmentation.size
    if train is None:
        return _ready(size, name, study.segmentation.models[name], seed)
    run = find_segmenter(study, name, train, val, seed)
    run.make_once(lambda: _make(run, Told(study.name, "07_segmentation", on_epoch), size, train, val))
    return run


def find_segmenter(
    study: Study, name: str, train: SegmentationSet, val: SegmentationSet | None, seed: int
) -> SegmenterRun:
    """A segmenter that the study trains, trained or not: its place is named by all that goes into it."""
    spec, backbone = study.segmentation.models[name], backbone_file(study.segmentation.models[name])
    key = key_of(
        spec=spec.model_dump(exclude=UNTRAINED | {"train", "backbone"}),
        backbone=digest(backbone) if backbone else None,
        size=study.segmentation.size,
        classes=train.classes,
        data=[train.fingerprint, val.fingerprint if val else None],
        native=[train.native, val.native if val else None],
        seed=seed,
        code=code_of(_make, without=(_track, Study)),
    )
    place = run_place(f"{spec.architecture}-{seed}-{key}")
    return SegmenterRun(name, spec.title or name, seed, spec, place, train.classes)


def _ready(size: int, name: str, spec: SegmenterSpec, seed: int) -> SegmenterRun:
    """A run around weights that exist: those published for the network, or the file that the spec names."""
    from helpers.models.published import published_file

    path = published_file(spec.architecture, "cityscapes") if spec.weights == "auto" else Path(spec.weights)
    file = file_says(path)
    spec, told = _at_its_stride(spec, path, file.output_stride)
    key = key_of(
        weights=digest(path), network=[spec.architecture, spec.stride, spec.normalize], told=told, size=size,
        code=code_of(_seal, build_segmenter),
    )  # fmt: skip
    run = SegmenterRun(name, spec.title or name, seed, spec, run_place(f"ready-{key}"), file.classes, path)
    run.make_once(
        lambda: _seal(run, run.model(), size, weights=f"the weights in {path.name}{told}", best_epoch=None)
    )
    return run


class FileSays(NamedTuple):
    """What a file of segmenter weights says of itself; the stride is None where it says nothing."""

    classes: tuple[str, ...]
    output_stride: int | None


def file_says(path: Path) -> FileSays:
    """The classes that a file of segmenter weights names, else the 19 of Cityscapes, and its output stride.

    Files that the course writes name both, so that one study's network can be another's `weights`. The public
    project has the stride in its files' names ('…_os16.pth').
    """
    from helpers.datasets.streets.tables import level_classes

    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception:  # whoever loads the weights says what is wrong with the file
        content = None
    record = content if isinstance(content, dict) else {}
    named, stride = record.get("classes"), record.get("output_stride")
    if not isinstance(stride, int):
        match = STRIDE_IN_NAME.search(path.name)
        stride = int(match[1]) if match else None
    return FileSays(tuple(named) if isinstance(named, list) else level_classes("fine"), stride)


def _at_its_stride(spec: SegmenterSpec, path: Path, found: int | None) -> tuple[SegmenterSpec, str]:
    """The spec with the output stride at which ready weights are used, and what the page tells of that.

    The parameters fit every stride, so loading them does not show that one is wrong. Raises CourseError where the
    file says one for which there is no network.
    """
    if spec.stride is None:
        return spec, ""
    is_asked, file = spec.output_stride != "auto", display_path(path)
    if not is_asked and found not in {None, 8, 16}:
        raise CourseError(
            f"{file} says output stride {found}, and there are networks of 8 and 16: set 'output_stride' to one "
            "of these, or 'weights' to another file"
        )
    stride = spec.stride if is_asked else found or spec.stride
    told = f", used at output stride {stride}"
    if found is None and not is_asked:
        told += ", of which their file says nothing"
        log.warning("%s says no output stride: taken as %d; set 'output_stride' if it is 8", file, stride)
    elif found not in {None, stride}:
        told += f", though their file says {found}: its own predictions differ"
        log.warning("%s%s; leave 'output_stride' out to take that of the file", file, told)
    return spec.model_copy(update={"output_stride": stride}), told


def _make(run: SegmenterRun, told: Told, size: int, train: SegmentationSet, val: SegmentationSet | None) -> None:
    learning, choosing, how = _parts(run, size, train, val)
    with run.making(told, train.is_sample, len(learning), run.spec.epochs) as (tracker, options):
        torch.manual_seed(run.seed)
        model = build_segmenter(run.spec, run.classes)
        _start(model, run.spec, learning)
        state = fit_segmenter(model, learning, choosing, run.spec, **options)
        named = {name: tensor.cpu() for name, tensor in model.network.state_dict().items()}
        run.write({"model_state": named, "classes": list(model.classes), "output_stride": run.spec.stride}, state)
        _seal(
            run, model, size, weights=start_in_words(run.spec), best_epoch=state.best_epoch,
            training_set=train.info.title, training_scenes=len(learning), selection_scenes=len(choosing),
            selection=how, epochs=state.epoch, data=train.fingerprint, sample=train.is_sample,
        )  # fmt: skip
        _track(tracker, run, model, choosing, train.colours)


def _parts(
    run: SegmenterRun, size: int, train: SegmentationSet, val: SegmentationSet | None
) -> tuple[SceneArrays, SceneArrays, str]:
    """Scenes to learn from, scenes that choose the epoch, and in words where the latter come from."""
    whole = open_scenes(train, size)
    if val is not None:
        return whole, open_scenes(val, size), f"the {count(len(val), 'scene')} of the validation part"
    split = selection_split([scene.sequence for scene in train.scenes], run.spec.held_out, run.seed)
    return whole.choose(split.train), whole.choose(split.val), split.how


def _start(model: Segmenter, spec: SegmenterSpec, train: SceneArrays) -> None:
    path = backbone_file(spec)
    if path is None:
        return quiet_residuals(model)
    from helpers.models.segmenters.weights import load_backbone

    scenes, _ = train.gather(np.linspace(0, len(train) - 1, min(CALIBRATION_SCENES, len(train))).astype(int))
    load_backbone(model, path, scenes)


def _seal(run: SegmenterRun, model: Segmenter, size: int, **facts: Any) -> None:
    run.seal(model, size, output_stride=run.spec.stride, classes=run.classes, **facts)


def _track(tracker: Tracker, run: SegmenterRun, model: Segmenter, val: SceneArrays, colours: np.ndarray) -> None:
    """The chosen epoch's scores by class, and some scenes as the network sees them, for Weights & Biases."""
    if not tracker.run:
        return
    device = pick_device()
    row, matrix = measure_segmenter(model.to(device), val)
    ious = segmentation_scores(matrix).iou
    by_class = {f"val_iou/{name}": float(iou) for name, iou in zip(run.classes, ious, strict=True)}
    tracker.summary(row | by_class | {"best_epoch": run.best_epoch})
    images, _ = val.gather(np.arange(min(TRACKED_SCENES, len(val))))
    with torch.no_grad():
        seen = model(model.preprocess(images.to(device))).argmax(1).cpu().numpy()
    pairs = np.concatenate([images.permute(0, 2, 3, 1).numpy(), colours[seen]], axis=2)
    tracker.pictures(
        "predictions", pairs, [f"scene {number + 1} of the validation part" for number in range(len(pairs))]
    )
