"""How fast an evaluation is, as ratios measured side by side in one run, on drawn street scenes.

    python benchmarks/segmentation.py [--rounds 3] [--memory 200 2000]

In alternating rounds, one image at a time and eight: the network alone on a batch held
in memory (preprocessing, DeepLabV3+ with MobileNetV2, softmax at full size), as published and as the evaluation
has it (normalisation joined with the convolutions, which is faster), and the evaluation end to end (read, resize,
network, every count, parts written). Then what counting costs in processor time, step by step; a loop
over pixels as in IDD's own evaluator, to the last count; and the peak of memory after so many scenes.

The aims: end to end at 0.85 or more of the network alone; confusion matrix and score histograms together at most
a tenth of the network's time; a loop at least 1000 times slower; memory within 5 %.
"""

import argparse
import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch

from drawings import make_sample
from helpers.base.device import device_name, full_precision, pick_device
from helpers.datasets.streets.catalogue import open_set
from helpers.datasets.streets.tables import shared_classes
from helpers.datasets.streets.types import IGNORE, SegmentationSet
from helpers.models.segmenters import build_segmenter
from helpers.models.segmenters.predictor import Predictor
from helpers.segmentation import counting
from helpers.segmentation.evaluation import chosen, evaluate, probabilities_of, with_bins
from helpers.segmentation.observed import SceneRead, SeenScene, count_scene, read_for_network
from helpers.segmentation.score_bins import pixel_score_counts
from helpers.study.streets import SegmenterSpec

SIZE = 512
BATCHES = (1, 8)


def drawn_scenes(folder: Path, scenes: int) -> SegmentationSet:
    """The second city's scenes, in classes that both cities share."""
    make_sample("streets", folder, scenes)
    return open_set("idd", folder / "idd", "val", shared_classes("idd", "cityscapes"), is_sample=True)


def predictor_of(classes: tuple[str, ...]) -> Predictor:
    """A network with random weights: how fast it is does not depend on what it has learnt."""
    torch.manual_seed(0)
    return Predictor(build_segmenter(SegmenterSpec(), classes), key="benchmark")


class AsPublished:
    """The same network, layer by layer as the public project computes it, with channels last."""

    def __init__(self, predictor: Predictor):
        self.classes, self.device = predictor.classes, predictor.device
        self.network = predictor.model.eval().to(self.device, memory_format=torch.channels_last)

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Probabilities (n, C, H, W) of images (n, 3, H, W) uint8."""
        with full_precision(self.device):
            scores = self.network(self.network.preprocess(images.to(self.device)))
        return scores.softmax(dim=1)


def network_alone(predictor: Predictor | AsPublished, images: list[np.ndarray], batch_size: int) -> float:
    """Images a second on batches held in memory."""
    started = time.perf_counter()
    for start in range(0, len(images), batch_size):
        probabilities_of(predictor, images[start : start + batch_size])
    return len(images) / (time.perf_counter() - started)


def end_to_end(predictor: Predictor, scenes: SegmentationSet, batch_size: int) -> float:
    """Scenes a second of a whole evaluation, into an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        evaluate(predictor, scenes, Path(folder), size=SIZE, batch_size=batch_size)
        return len(scenes) / (time.perf_counter() - started)


def speeds(scenes: SegmentationSet, rounds: int) -> None:
    """Network alone and end to end in every setting, in alternating rounds."""
    images = [read_for_network(scenes, position, SIZE).small for position in range(len(scenes))]
    predictor = predictor_of(scenes.classes)
    measured: dict[int, list[tuple[float, ...]]] = {batch_size: [] for batch_size in BATCHES}
    for number, batch_size in itertools.product(range(rounds + 1), BATCHES):
        figures = (
            network_alone(AsPublished(predictor), images, batch_size),
            network_alone(predictor, images, batch_size),
            end_to_end(predictor, scenes, batch_size),
        )
        if number:  # the first round warms up
            measured[batch_size].append(figures)
    print("batch  as published  as evaluated  end to end  of published  of evaluated")
    for batch_size, pairs in measured.items():
        told = "".join(f"{statistics.median(values):10.1f}/s" for values in zip(*pairs, strict=True))
        ratios = [statistics.median(whole / figures[i] for *figures, whole in pairs) for i in (0, 1)]
        print(f"{batch_size:5}{told}  " + "".join(f"{ratio:12.3f}" for ratio in ratios))


def processor_ms(work: Callable[[], object], repeats: int = 15) -> float:
    """Median milliseconds of processor time, of all threads: hardly disturbed by what else runs."""
    work()
    found = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        found.append(1000 * (time.process_time() - started))
    return statistics.median(found)


def counting_costs(scenes: SegmentationSet) -> None:
    """Processor time of reading and counting one scene, as a share of the network's."""
    scene, classes = read_for_network(scenes, 0, SIZE), len(scenes.classes)
    predictor = predictor_of(scenes.classes)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for one another would count as busy
    network = processor_ms(lambda: probabilities_of(predictor, [scene.small]))
    probabilities = probabilities_of(predictor, [scene.small]).cpu()
    seen = _seen(probabilities, scene)
    steps = {
        "confusion matrix": lambda: counting.confusion(scene.small_label, seen.prediction, classes),
        "score histograms": lambda: _scores(probabilities, scene, seen),
        "choice of the class": lambda: counting.choose(probabilities[0].numpy()),
        "all that is counted": lambda: count_scene(scene, _seen(probabilities, scene), classes, "all"),
        "reading and resizing": lambda: read_for_network(scenes, 0, SIZE),
    }
    print(f"\nprocessor time of a scene: the network {network:.1f} ms")
    for name, work in steps.items():
        cost = processor_ms(work)
        print(f"{name:22}{cost:5.1f} ms  {cost / network:8.1%} of that")
    torch.set_num_threads(threads)


def _seen(probabilities: torch.Tensor, scene: SceneRead) -> SeenScene:
    return chosen(*with_bins(probabilities, [scene.small_label])[0])


def _scores(probabilities: torch.Tensor, scene: SceneRead, seen: SeenScene) -> np.ndarray:
    with_bins(probabilities, [scene.small_label])
    return pixel_score_counts(seen.bins, seen.truth_bins, scene.small_label, seen.prediction, seen.confidence)


def against_loop(scenes: SegmentationSet) -> None:
    """A loop over pixels beside ours, on a scene at 1280 × 720, where IDD's evaluator works."""
    scene = read_for_network(scenes, 0, SIZE)
    label, prediction = (_enlarged(values) for values in (scene.label, np.roll(scene.label, 5, axis=1)))
    prediction[prediction == IGNORE] = 0
    ours = processor_ms(lambda: counting.confusion(label, prediction, len(scenes.classes)), repeats=50)
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:  # as the evaluation counts: a scene on every core
        begun = time.perf_counter()
        list(pool.map(lambda _: counting.confusion(label, prediction, len(scenes.classes)), range(100)))
        all_cores = 10 * (time.perf_counter() - begun)
    started = time.process_time()
    loop = pixel_loop(label, prediction)
    seconds = time.process_time() - started
    same = np.array_equal(
        loop[: len(scenes.classes), : len(scenes.classes)],
        counting.confusion(label, prediction, len(scenes.classes)),
    )
    print(
        f"\nconfusion matrix of {label.size} pixels: {ours:.2f} ms, a loop over pixels {1000 * seconds:.0f} ms, "
        f"{1000 * seconds / ours:.0f} times as long on one core, {1000 * seconds / all_cores:.0f} times "
        f"on {cores}; counts are {'equal' if same else 'NOT EQUAL'}"
    )


def _enlarged(values: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.resize(values, (1280, 720), interpolation=cv2.INTER_NEAREST_EXACT)


def pixel_loop(label: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """(256, 256) uint64: one pixel after another."""
    matrix = np.zeros((256, 256), np.uint64)
    for truth, guess in zip(label.flatten(), prediction.flatten(), strict=True):
        matrix[truth, guess] += np.uint64(1)
    return matrix


def peak_of(folder: Path, count: int) -> None:
    """Evaluate `count` scenes, the drawn ones over and over, and print the process's peak of memory in MB."""
    scenes = drawn_scenes(folder / "streets", 120)
    scenes = scenes.choose(np.arange(count) % len(scenes))
    predictor = predictor_of(scenes.classes)
    evaluate(predictor, scenes, folder / f"peak-{count}", size=SIZE)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def memory(folder: Path, counts: list[int]) -> None:
    """Peaks of processes of their own."""
    peaks = []
    for count in counts:
        command = [sys.executable, __file__, "--peak-of", str(count), "--folder", str(folder)]
        peaks.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        print(f"peak of memory after {count} scenes: {peaks[-1]:.0f} MB ({peaks[-1] / peaks[0]:.3f})")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scenes", type=int, default=120, help="of both cities; the second's are evaluated")
    parser.add_argument("--memory", type=int, nargs="*", default=[200, 2000], help="numbers of scenes")
    parser.add_argument("--folder", type=Path, help="where scenes are drawn; absent: a temporary folder")
    parser.add_argument("--peak-of", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        if arguments.peak_of:
            return peak_of(folder, arguments.peak_of)
        scenes = drawn_scenes(folder / "streets", arguments.scenes)
        print(
            f"{len(scenes)} scenes at {SIZE} × {SIZE}, {len(scenes.classes)} classes, {device_name(pick_device())}"
        )
        if arguments.rounds:
            speeds(scenes, arguments.rounds)
        counting_costs(scenes)
        against_loop(scenes)
        memory(folder, arguments.memory)


if __name__ == "__main__":
    main()
