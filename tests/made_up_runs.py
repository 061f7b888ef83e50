"""Runs without training: features drawn around class centres, as a network that has learnt them would have."""

from dataclasses import dataclass, field

import numpy as np

from helpers.training.loop import Outputs

SIZES = {"train": 30, "test": 12}  # images of each class


@dataclass
class MadeUpRun:
    """What the comparisons ask of a `helpers.training.runs.Run`."""

    name: str
    title: str
    classes: tuple[str, ...]
    parts: dict[str, Outputs]
    summary: dict = field(default_factory=lambda: {
        "parameters": 90_000, "multiply_adds": 2_000_000, "epochs": 3,
        "architecture": "cnn", "training_images": 3600,
    })  # fmt: skip
    timings: dict = field(
        default_factory=lambda: {
            "epoch_seconds": [20.0, 4.0, 4.5],
            "test_images_per_second": 2000.0,
        }
    )
    scenes: np.ndarray | None = None
    history: dict = field(default_factory=lambda: {"phase": np.ones(3)})

    def outputs(self, part: str) -> Outputs:
        return self.parts[part]


def made_up_run(
    name: str, noise: float, seed: int = 0, classes: tuple[str, ...] = ("cat", "dog", "elk"), title: str = ""
) -> MadeUpRun:
    """A model that answers with the nearest class centre; the larger `noise`, the more mistakes."""
    rng = np.random.default_rng([seed, *name.encode()])
    centres = 3 * rng.normal(size=(len(classes), 8))
    parts = {
        part: _outputs(centres, np.repeat(np.arange(len(classes)), each), noise, rng)
        for part, each in SIZES.items()
    }
    return MadeUpRun(name, title or name.title(), classes, parts)


def _outputs(centres: np.ndarray, labels: np.ndarray, noise: float, rng: np.random.Generator) -> Outputs:
    features = centres[labels] + noise * rng.normal(size=(len(labels), centres.shape[1]))
    scores = -np.linalg.norm(features[:, None] - centres, axis=2)
    return outputs_of(features, scores, labels)


def outputs_of(features: np.ndarray, scores: np.ndarray, labels: np.ndarray) -> Outputs:
    """Outputs with softmax of `scores` (n, C) as probabilities; the images are 0, 1, 2, … of the set."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
    return Outputs(probabilities, features.astype(np.float32), labels.astype(np.int64), np.arange(len(labels)))


def answering(name: str, labels: list[int], answers: list[int], num_classes: int = 2) -> MadeUpRun:
    """A model that gives exactly these answers on the test images; its features are of no interest."""
    truth = np.array(labels)
    test = outputs_of(np.zeros((len(truth), 2)), 2.0 * np.eye(num_classes)[answers], truth)
    return MadeUpRun(name, name.title(), tuple(f"class {c}" for c in range(num_classes)), {"test": test})


ODD = "a $x_1$ <b>&"


class FakeSplits:
    """Four grey pixels for every image, and the names that go with them."""

    def __init__(self, classes: tuple[str, ...], images: int):
        self.classes = classes
        self.images = np.full((images, 4, 4, 3), 120, np.uint8)
        self.files = [f"{ODD}/{number}.jpg" for number in range(images)]


def model_runs(count: int, noise: float = 3.0, classes: tuple[str, ...] = ("cat", "dog", ODD)) -> dict:
    return {
        f"m{k}": made_up_run(f"m{k}", noise + k, classes=classes, title=f"Model {k} {ODD}") for k in range(count)
    }
