"""Chapter 02: measuring a network batch by batch, and making it honest."""

from collections.abc import Callable

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from helpers.models import Classifier
from helpers.show.words import number, written
from helpers.training.runs import Run
from sections.exercises.checking import exercise, expect, fresh

ENOUGH = 0.005  # nats by which a loss may be above the lowest


@exercise
def loss_and_accuracy(answer: Callable, run: Run) -> None:
    """The mean loss and the share of right answers over all images of a loader, the network standing still."""
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(3 * 8 * 8, 3))
    small = Classifier(layers, "2", "symmetric").train()
    made_up = torch.randint(0, 256, (11, 3, 8, 8), dtype=torch.uint8), torch.arange(11) // 4
    size = run.summary["image_size"]
    noise = torch.randint(0, 256, (20, 3, size, size), dtype=torch.uint8), torch.arange(20) % len(run.classes)
    for network, examples, on in (
        (small, made_up, "a small network"),
        (run.model(), noise, f"{run.title} and noise"),
    ):
        _measured(answer, network, DataLoader(TensorDataset(*examples), batch_size=5), on)


def _measured(answer: Callable, network: Classifier, loader: DataLoader, on: str) -> None:
    still = fresh(network)[0].eval()
    with torch.no_grad():
        batches = [(still(still.preprocess(images)), labels) for images, labels in loader]
    logits, labels = (torch.cat(one) for one in zip(*batches, strict=True))
    loss, right = F.cross_entropy(logits, labels), (logits.argmax(1) == labels).float().mean()
    losses = torch.stack([F.cross_entropy(*batch) for batch in batches])
    rights = torch.stack([(logits.argmax(1) == labels).float().mean() for logits, labels in batches])
    wrong = {
        "you took the mean over batches, and the last batch is smaller: weigh each batch by its images":
            (losses.mean(), rights.mean()),
        "the loss is a mean over batches, and the last is smaller: weigh each by its images":
            (losses.mean(), right),
        "each batch's loss is a mean: multiply it by the number of its images before you add it up":
            (losses.sum() / len(labels), right),
        "the accuracy is in per cent: give a share, 0 to 1": (loss, 100 * right),
        "the accuracy comes first, and the loss was to: (loss, accuracy)": (right, loss),
    }  # fmt: skip
    first, second = (answer(fresh(network)[0], loader) for _ in range(2))
    if first is not None and first != second:
        raise AssertionError("two calls differ: dropout is still on, so call network.eval() first")
    expect(first, (loss, right), wrong, on=on)


@exercise
def best_temperature(answer: Callable, run: Run) -> None:
    """The number by which to divide the logits so that the cross-entropy is lowest."""
    draw = torch.Generator().manual_seed(0)
    labels = torch.arange(300) % 4
    calm = 1.5 * F.one_hot(labels, 4) + torch.randn(300, 4, generator=draw)
    val = run.outputs("val")
    own = torch.from_numpy(np.log(val.probabilities.clip(1e-12))), torch.from_numpy(val.labels)
    for logits, truth, on in ((4 * calm, labels, "logits that are four times too large"), (*own, run.title)):
        found = answer(logits.clone(), truth.clone())
        assert found is not None, "nothing comes back: its last line must be a return"
        heat = float(found)
        assert np.isfinite(heat) and heat > 0, (
            f"{written(heat, '.3g')} came back: a temperature is above 0, so learn its logarithm"
        )
        loss, (best, lowest) = _loss(logits, truth, heat), _lowest(logits, truth)
        if loss <= lowest + ENOUGH:
            continue
        assert _loss(logits, truth, 1 / heat) > lowest + ENOUGH, (
            f"{number(heat)} is what to multiply the logits by: they are to be divided by the temperature"
        )
        assert abs(heat - 1) > 0.01, (
            "1 came back, from where it began: does the optimiser hold what you made, and step?"
        )
        raise AssertionError(
            f"on {on}, {number(heat)} gives a loss of {number(loss)}, and {number(best)} would give "
            f"{number(lowest)}: "
            "take more steps, or larger ones, and be sure to look at the loss and not at the accuracy"
        )


def _lowest(logits: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """The best temperature, and its loss."""
    found = minimize_scalar(lambda log: _loss(logits, labels, np.exp(log)), bounds=(-4, 4), method="bounded")
    return float(np.exp(found.x)), float(found.fun)


def _loss(logits: torch.Tensor, labels: torch.Tensor, heat: float) -> float:
    return float(F.cross_entropy(logits / heat, labels))
