"""Let a segmenter look at every scene of a set once, and count.

Scenes are read, looked at and counted a few at a time; nothing but counts is kept, so that memory does not grow
with their number. What was counted lies in parts on disk: an evaluation that was cut off goes on, a finished one
is loaded, and several processes can share the work.
"""

import logging
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from helpers.base.device import pick_device, synchronize
from helpers.base.errors import CourseError
from helpers.base.fingerprint import code_of, key_of
from helpers.base.intact import kept_arrays
from helpers.base.telling import now_and_then, stage
from helpers.datasets.streets.types import SegmentationSet
from helpers.segmentation import counting
from helpers.segmentation import pieces as parts
from helpers.segmentation.observed import (
    OBSERVERS,
    TIMES,
    SceneRead,
    SeenScene,
    count_scene,
    empty_sums,
    full_size,
    gathered,
    lookup,
    read_for_network,
)
from helpers.segmentation.score_bins import score_edges, to_bins
from helpers.segmentation.turns import in_turns
from helpers.segmentation.types import SegmenterEvaluation

if TYPE_CHECKING:
    from helpers.models.segmenters.predictor import Predicts

log = logging.getLogger("helpers")

SPARSE = 16  # every so many-th pixel is looked at to tell probabilities from other scores
RARE = 0.01  # a class with a smaller share of the set's labelled pixels is rare
SECONDS_BETWEEN_LINES = 10.0


def evaluate(
    predictor: "Predicts",
    scenes: SegmentationSet,
    folder: Path,
    *,
    size: int = 512,
    batch_size: int = 1,
    model_name: str = "segmenter",
    observers: str = "all",
    shard: tuple[int, int] = (0, 1),
) -> SegmenterEvaluation:
    """Count what a segmenter gets right and wrong on every scene; loaded where that was done before.

    Images are resized to `size` × `size` for the network; a prediction is brought to its label's own resolution
    by the nearest pixel. `observers='matrices'` counts the three matrices of each scene only; the other arrays
    are then zeros. The evaluation lies in a folder of its own within `folder`, named by what it depends on.
    `shard=(i, n)`: this is process i, from 0, of n that evaluate the same; the counts are those of one alone.

    Raises CourseError where the predictor's classes are not the scenes', or a scene cannot be read.
    """
    _refuse_misfits(predictor, scenes, observers)
    key = evaluation_key(predictor, scenes, size, observers, batch_size)
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{scenes.name}-{scenes.part}")
    own, all_parts = folder / f"{name}-{key}", parts.split(len(scenes), batch_size)
    wanted = parts.missing(own, all_parts)
    network, is_due = _Network(predictor), now_and_then(SECONDS_BETWEEN_LINES)
    done = count(len(scenes) - sum(map(len, wanted)) + 1)

    def told(counts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        reach(at := next(done))
        if is_due():
            log.info("evaluating: %d of %d scenes", at, len(scenes))
        return counts

    with (
        stage("scene", len(scenes)) as reach,
        closing(parts.in_turn(own, wanted, *shard)) as turns,  # also an error lets go of what was being made
    ):
        for some in turns:
            positions = [position for part in some for position in part]
            with closing(_counted(network, scenes, positions, size, batch_size, observers)) as counted:
                for part in some:
                    _make_part(parts.path_of(own, part), map(told, islice(counted, len(part))), network)
    return _load(own, all_parts, scenes, model_name, size)


def evaluation_key(
    predictor: "Predicts", scenes: SegmentationSet, size: int, observers: str = "all", batch_size: int = 1
) -> str:
    """A short hash of all that the numbers depend on (on the batch size in the last digits)."""
    return key_of(
        predictor=predictor.key, scenes=scenes.fingerprint, classes=scenes.classes, size=size,
        batch_size=batch_size, observers=observers, code=code_of(evaluate, without=(evaluation_key,)),
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


def _counted(
    network: "_Network",
    scenes: SegmentationSet,
    positions: Sequence[int],
    size: int,
    batch_size: int,
    observers: str,
) -> Iterator[dict[str, np.ndarray]]:
    """What is counted about each scene, in order."""
    return in_turns(
        positions,
        lambda position: read_for_network(scenes, position, size),
        network.look,
        lambda scene, seen: count_scene(scene, chosen(*seen), len(scenes.classes), observers),
        batch_size=batch_size,
        together=pick_device().type != "cpu",
    )


def _make_part(path: Path, counted: Iterator[dict[str, np.ndarray]], network: "_Network") -> None:
    """Gather the counts of a part's scenes and write them."""
    started, before = time.perf_counter(), network.seconds
    counts = gathered(counted)
    seconds = (time.perf_counter() - started, network.seconds - before)
    parts.write(path, counts | dict(zip(TIMES, np.array(seconds), strict=True)))


class _Network:
    """Looks at scenes, and knows how many seconds that took."""

    def __init__(self, predictor: "Predicts"):
        self.predictor, self.seconds = predictor, 0.0

    def look(self, batch: list[SceneRead]) -> list[tuple[torch.Tensor, ...]]:
        """Probabilities, bins of the scores, and those of the true class, of each scene."""
        started = time.perf_counter()
        probabilities = probabilities_of(self.predictor, [scene.small for scene in batch])
        self.seconds += time.perf_counter() - started
        return with_bins(probabilities, [scene.small_label for scene in batch])


def probabilities_of(predictor: "Predicts", images: Sequence[np.ndarray]) -> torch.Tensor:
    """(n, C, S, S) float32, on the predictor's device, of n images (S, S, 3) uint8.

    Raises CourseError where the predictor does not give a score to every class and pixel.
    """
    batch = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
    with torch.inference_mode():
        probabilities = predictor(batch)
    synchronize(probabilities.device)  # so that the network's seconds are its own
    expected = (len(images), len(predictor.classes), *batch.shape[2:])
    if tuple(probabilities.shape) != expected:
        raise CourseError(
            f"the segmenter gave an array {tuple(probabilities.shape)} for {len(images)} images, not "
            f"{expected}: one plane for each of its {len(predictor.classes)} classes is needed"
        )
    return probabilities.float().contiguous()


def with_bins(probabilities: torch.Tensor, labels: Sequence[np.ndarray]) -> list[tuple[torch.Tensor, ...]]:
    """Each scene's probabilities (C, S, S), the bins of its scores, and (S, S) those of its true classes' scores.

    PyTorch does on all cores, or on the GPU, what would take NumPy longest.
    """
    bins = to_bins(probabilities)
    truth = torch.from_numpy(np.stack(labels)).to(bins.device, torch.int64).clamp_(max=bins.shape[1] - 1)
    return list(zip(probabilities, bins, bins.gather(1, truth[:, None])[:, 0], strict=True))


def chosen(probabilities: torch.Tensor, bins: torch.Tensor, truth_bins: torch.Tensor) -> SeenScene:
    """What is counted of one scene."""
    prediction, confidence = _choice(probabilities)
    return SeenScene(prediction, confidence, *(one.cpu().numpy().view(np.uint16) for one in (bins, truth_bins)))


def _choice(probabilities: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Prediction and confidence (S, S). Raises CourseError for scores that are no probabilities."""
    planes = probabilities.cpu().numpy()
    prediction, confidence = counting.choose(planes)
    if not np.isfinite(confidence).all():
        raise CourseError("the segmenter's probabilities hold NaN: its weights or its training are broken")
    if np.abs(planes[:, ::SPARSE, ::SPARSE].sum(0) - 1).max() > 0.01:
        raise CourseError("the segmenter's probabilities do not sum to 1: apply softmax over the classes")
    return prediction, confidence


def _load(
    folder: Path, all_parts: Sequence[range], scenes: SegmentationSet, model_name: str, size: int
) -> SegmenterEvaluation:
    """Put the parts together."""
    arrays = empty_sums(len(scenes.classes)) | gathered(_read_back(folder, part) for part in all_parts)
    facts = {name: arrays.pop(name) for name in list(arrays) if name.startswith("fact_")}
    times = {name: float(arrays.pop(name)) for name in TIMES}
    return SegmenterEvaluation(
        set_name=scenes.name, part=scenes.part, model=model_name, classes=tuple(scenes.classes), size=size,
        files=tuple(scene.image for scene in scenes.scenes),
        sequences=tuple(scene.sequence for scene in scenes.scenes),
        score_edges=score_edges(),
        facts={name.removeprefix("fact_"): row for name, row in facts.items()} | _rare(arrays["matrices"]),
        timings=times | {"images_per_second": len(scenes) / times["seconds"]},
        **arrays,
    )  # fmt: skip


def _read_back(folder: Path, part: range) -> dict[str, np.ndarray]:
    arrays = kept_arrays(parts.path_of(folder, part))
    if arrays is None:
        raise CourseError(f"the evaluation {folder.name} cannot be read back: is the disk full?")
    return arrays


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
    from helpers.datasets.streets.reading import read_scene
    from helpers.datasets.streets.resized import resize_image

    image, native = read_scene(scenes, position)
    prediction, confidence = _choice(probabilities_of(predictor, [resize_image(image, size)])[0])
    label = lookup(native, scenes.to_shared)
    shape = label.shape
    return image, label, full_size(prediction, shape), full_size(confidence, shape)
