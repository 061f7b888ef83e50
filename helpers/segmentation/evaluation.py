"""Let a segmenter look at every scene of a set once, and count.

Scenes are read, looked at and counted a few at a time; nothing but counts is kept, so that memory does not grow
with their number. What was counted lies in parts on disk: an evaluation that was cut off goes on, a finished one
is loaded.
"""

import logging
import re
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from helpers.datasets.segmentation.types import SegmentationSet
from helpers.device import pick_device
from helpers.errors import CourseError
from helpers.fingerprint import code_digest, key_of
from helpers.lock import locked
from helpers.segmentation import counting, parts
from helpers.segmentation.observed import (
    OBSERVERS,
    ROWS,
    SUMS,
    Look,
    Observed,
    count_scene,
    empty_sums,
    full_size,
)
from helpers.segmentation.scene_read import SceneRead, lookup, read
from helpers.segmentation.score_bins import score_edges
from helpers.segmentation.turns import in_turns
from helpers.segmentation.types import Evaluation

if TYPE_CHECKING:
    from helpers.models.segmentation.predictor import Predicts

log = logging.getLogger("helpers")

MODULES = ("counting", "score_bins", "observed", "scene_read", "evaluation", "types")
CODE = tuple(f"segmentation/{name}.py" for name in MODULES)
SPARSE = 16  # every so many-th pixel is looked at to tell probabilities from other scores
RARE = 0.01  # a class with a smaller share of the set's labelled pixels is rare
SECONDS_BETWEEN_LINES = 10.0
Progress = Callable[[int, int], None]


def evaluate(
    predictor: "Predicts",
    scenes: SegmentationSet,
    folder: Path,
    *,
    size: int = 512,
    batch_size: int = 1,
    model_name: str = "segmenter",
    observers: str = "all",
    on_scene: Progress | None = None,
) -> Evaluation:
    """Count what a segmenter gets right and wrong on every scene; loaded where that was done before.

    Images are resized to `size` × `size` for the network; a prediction is brought to its label's own resolution
    by the nearest pixel. `observers='matrices'` counts the three matrices of each scene only; the other arrays
    are then zeros. The evaluation lies in a folder of its own within `folder`, named by what it depends on.
    `on_scene(done, total)` is called after every scene.

    Raises CourseError where the predictor's classes are not the scenes', or a scene cannot be read.
    """
    _refuse_misfits(predictor, scenes, observers)
    key = evaluation_key(predictor, scenes, size, observers)
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{model_name}-{scenes.name}-{scenes.part}")
    own = folder / f"{name}-{key}"
    with locked(own / "lock"):
        wanted = parts.missing(own, parts.split(len(scenes)))
        _count(predictor, scenes, own, wanted, size, batch_size, observers, on_scene)
        return _load(own, scenes, model_name, size)


def evaluation_key(predictor: "Predicts", scenes: SegmentationSet, size: int, observers: str = "all") -> str:
    """A short hash of all that the numbers depend on."""
    return key_of(
        predictor=predictor.key, scenes=scenes.fingerprint, classes=scenes.classes, size=size,
        observers=observers, code=code_digest(CODE),
    )  # fmt: skip


def _refuse_misfits(predictor: "Predicts", scenes: SegmentationSet, observers: str) -> None:
    if observers not in OBSERVERS:
        raise ValueError(f"observers are one of {', '.join(OBSERVERS)}, not '{observers}'")
    if len(scenes) == 0:
        raise CourseError(f"the part '{scenes.part}' of {scenes.info.title} has no scene to evaluate on")
    if tuple(predictor.classes) != tuple(scenes.classes):
        raise CourseError(
            f"the segmenter tells {', '.join(predictor.classes)} apart, but the scenes are labelled with "
            f"{', '.join(scenes.classes)}: bring it to these classes with reduce_to"
        )


def _count(
    predictor: "Predicts",
    scenes: SegmentationSet,
    folder: Path,
    wanted: Sequence[range],
    size: int,
    batch_size: int,
    observers: str,
    on_scene: Progress | None,
) -> None:
    """Make the parts that are wanted, one after another."""
    positions = [position for part in wanted for position in part]
    told = _Told(len(scenes), len(scenes) - len(positions), on_scene)
    network = _Network(predictor)
    classes = len(scenes.classes)
    counted = in_turns(
        positions,
        lambda position: read(scenes, position, size),
        network.look,
        lambda scene, probabilities: count_scene(scene, look(probabilities), classes, observers),
        batch_size=batch_size,
        together=pick_device().type == "cuda",
    )
    with closing(counted):
        for part in wanted:
            observed, started, before = Observed(classes, observers), time.perf_counter(), network.seconds
            for counts in islice(counted, len(part)):
                observed.add(counts)
                told.one_more()
            seconds = {"seconds": time.perf_counter() - started, "network_seconds": network.seconds - before}
            parts.write(parts.path_of(folder, part), observed.arrays() | _timed(seconds))


class _Network:
    """Looks at scenes, and knows how many seconds that took."""

    def __init__(self, predictor: "Predicts"):
        self.predictor, self.seconds = predictor, 0.0

    def look(self, batch: list[SceneRead]) -> torch.Tensor:
        started = time.perf_counter()
        probabilities = probabilities_of(self.predictor, [scene.small for scene in batch])
        self.seconds += time.perf_counter() - started
        return probabilities


def _timed(seconds: dict[str, float]) -> dict[str, np.ndarray]:
    return {f"time_{name}": np.array(value) for name, value in seconds.items()}


class _Told:
    """Tells how far the evaluation is: to the caller after every scene, to the log now and then."""

    def __init__(self, total: int, done: int, on_scene: Progress | None):
        self.total, self.done, self.on_scene, self.said = total, done, on_scene, time.monotonic()

    def one_more(self) -> None:
        self.done += 1
        if self.on_scene is not None:
            self.on_scene(self.done, self.total)
        if time.monotonic() - self.said > SECONDS_BETWEEN_LINES:
            self.said = time.monotonic()
            log.info("evaluating: %d of %d scenes", self.done, self.total)


def probabilities_of(predictor: "Predicts", images: Sequence[np.ndarray]) -> torch.Tensor:
    """(n, C, S, S) float32, on the predictor's device, of n images (S, S, 3) uint8.

    Raises CourseError where the predictor does not give a score to every class and pixel.
    """
    batch = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
    with torch.inference_mode():
        probabilities = predictor(batch)
    if probabilities.is_cuda:
        torch.cuda.synchronize(probabilities.device)  # so that the network's seconds are its own
    expected = (len(images), len(predictor.classes), *batch.shape[2:])
    if tuple(probabilities.shape) != expected:
        raise CourseError(
            f"the segmenter gave an array {tuple(probabilities.shape)} for {len(images)} images, not "
            f"{expected}: one plane for each of its {len(predictor.classes)} classes is needed"
        )
    return probabilities


def look(probabilities: torch.Tensor) -> Look:
    """What an evaluation counts of one scene's probabilities (C, S, S) float32."""
    planes = probabilities.float().contiguous().cpu().numpy()
    prediction, confidence = counting.choose(planes)
    if not np.isfinite(confidence).all():
        raise CourseError("the segmenter's probabilities hold NaN: its weights or its training are broken")
    if np.abs(planes[:, ::SPARSE, ::SPARSE].sum(0) - 1).max() > 0.01:
        raise CourseError("the segmenter's probabilities do not sum to 1: apply softmax over the classes")
    return Look(prediction, confidence, planes)


def _load(folder: Path, scenes: SegmentationSet, model_name: str, size: int) -> Evaluation:
    """Put the parts together."""
    classes = len(scenes.classes)
    rows = {name: np.zeros((len(scenes), classes, classes), np.int64) for name in ROWS}
    sums, facts, times = empty_sums(classes), {}, {"seconds": 0.0, "network_seconds": 0.0}
    for positions in parts.split(len(scenes)):
        arrays = parts.load(parts.path_of(folder, positions))
        if arrays is None:
            raise CourseError(f"the evaluation {folder.name} cannot be read back: is the disk full?")
        for name in ROWS:
            rows[name][positions.start : positions.stop] = arrays[name]
        for name in (name for name in SUMS if name in arrays):
            sums[name] += arrays[name]
        for name in times:
            times[name] += float(arrays[f"time_{name}"])
        for name in (name for name in arrays if name.startswith("fact_")):
            facts.setdefault(name.removeprefix("fact_"), []).append(arrays[name])
    return Evaluation(
        set_name=scenes.name, part=scenes.part, model=model_name, classes=tuple(scenes.classes), size=size,
        files=tuple(scene.image for scene in scenes.scenes),
        sequences=tuple(scene.sequence for scene in scenes.scenes),
        score_edges=score_edges(),
        facts={name: np.concatenate(found) for name, found in facts.items()} | _rare(rows["matrices"]),
        timings=times | {"images_per_second": len(scenes) / times["seconds"]},
        **rows, **sums,
    )  # fmt: skip


def _rare(matrices: np.ndarray) -> dict[str, np.ndarray]:
    """Share of each scene's labelled pixels in classes that are rare in the set."""
    truth = matrices.sum(axis=2)
    of_class = truth.sum(axis=0)
    rare = of_class < RARE * of_class.sum()
    return {"rare_share": truth[:, rare].sum(axis=1) / np.maximum(1, truth.sum(axis=1))}


def predict_scene(
    predictor: "Predicts", scenes: SegmentationSet, position: int, size: int = 512
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One scene as it is and as it is seen, all at the label's own resolution, for pictures.

    Returns the image (H, W, 3) uint8 RGB, label and prediction (H, W) uint8 (IGNORE where there is no label),
    and the confidence in the prediction (H, W) float32.
    """
    from helpers.datasets.segmentation.reading import read_scene
    from helpers.segmentation.cache import resize_image

    image, native = read_scene(scenes, position)
    seen = look(probabilities_of(predictor, [resize_image(image, size)])[0])
    label = lookup(native, scenes.to_shared)
    shape = label.shape
    return image, label, full_size(seen.prediction, shape), full_size(seen.confidence, shape)
