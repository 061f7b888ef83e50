"""The learning-rate range test (Smith, 2017): raise the rate step by step and watch the loss."""

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from helpers.datasets.loader import ImagePart, batches
from helpers.device import autocast
from helpers.models.classifier import Classifier
from helpers.study import Recipe
from helpers.training import make_optimizer, mix, training_order

LOWEST, HIGHEST = 1e-6, 1.0
SMOOTHING = 0.9
DIVERGED = 4.0  # times the lowest loss


@dataclass(frozen=True)
class RangeTest:
    """Learning rates tried, the smoothed loss at each (both (steps,) float64), and the rate suggested."""

    lr: np.ndarray
    loss: np.ndarray
    suggestion: float


def range_test(
    model: Classifier,
    train: ImagePart,
    recipe: Recipe,
    *,
    seed: int,
    device: torch.device,
    precision: str,
    steps: int = 60,
) -> RangeTest:
    """Train for `steps` batches with a rate growing from 1e-6 to 1; afterwards the weights are as before.

    The test stops early once the loss is four times its minimum. The suggestion is the rate at which the
    smoothed loss falls most steeply on the logarithmic axis.
    """
    model.to(device, memory_format=torch.channels_last)
    before = copy.deepcopy(model.state_dict())
    rates = np.geomspace(LOWEST, HIGHEST, steps)
    losses = _losses(model, train, recipe, rates, seed, device, precision)
    model.load_state_dict(before)
    rates = rates[: len(losses)]
    return RangeTest(rates, np.array(losses), steepest(rates, np.array(losses)))


def _losses(model, train, recipe, rates, seed, device, precision) -> list[float]:
    torch.manual_seed(mix(seed, 11))
    optimizer = make_optimizer(model, recipe)
    model.train()
    smoothed, losses = 0.0, []
    for step, (images, labels) in enumerate(_endless(train, recipe.batch_size, seed, device)):
        if step == len(rates):
            break
        for group in optimizer.param_groups:
            group["lr"] = rates[step]
        with autocast(device, precision):
            loss = F.cross_entropy(model(model.preprocess(images)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        smoothed = SMOOTHING * smoothed + (1 - SMOOTHING) * loss.item()
        losses.append(smoothed / (1 - SMOOTHING ** (step + 1)))
        if not math.isfinite(losses[-1]) or losses[-1] > DIVERGED * min(losses):
            break
    return losses


def _endless(train: ImagePart, batch_size: int, seed: int, device: torch.device):
    epoch = 0
    while True:
        order = training_order(len(train), batch_size, mix(seed, 12), epoch)
        yield from batches(train, batch_size, order=order, device=device, memory_format=torch.channels_last)
        epoch += 1


def steepest(rates: np.ndarray, losses: np.ndarray) -> float:
    """The rate at which the loss falls fastest per decade, before its minimum."""
    end = max(3, int(np.nanargmin(losses)) + 1)
    slope = np.gradient(losses[:end], np.log10(rates[:end]))
    return float(rates[int(np.nanargmin(slope))])
