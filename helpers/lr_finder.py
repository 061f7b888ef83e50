"""The learning-rate range test (Smith, 2017): raise the rate step by step and watch the loss."""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.device import autocast
from helpers.epochs import mix
from helpers.inputs import Inputs, training_order
from helpers.optimizer import l2_penalty, make_optimizer, set_rates
from helpers.recipe import Recipe

LOWEST, HIGHEST = 1e-6, 1.0
SMOOTHING = 0.9
DIVERGED = 4.0  # times the lowest loss


@dataclass(frozen=True)
class RangeTest:
    """Learning rates tried, the smoothed loss at each (both (steps,) float64), and the rate suggested."""

    lr: np.ndarray
    loss: np.ndarray
    suggestion: float

    def as_dict(self) -> dict[str, Any]:
        """The same as plain numbers and lists, as they are kept."""
        return {"lr": self.lr.tolist(), "loss": self.loss.tolist(), "suggestion": self.suggestion}


def range_test(inputs: Inputs, recipe: Recipe, *, seed: int, steps: int = 60) -> RangeTest:
    """Train for `steps` batches with a rate growing from 1e-6 to 1; afterwards the weights are as before.

    The test stops early once the loss is four times its minimum. The suggestion is the rate at which the
    smoothed loss falls most steeply on the logarithmic axis.
    """
    before = copy.deepcopy(inputs.model.state_dict())
    rates = np.geomspace(LOWEST, HIGHEST, steps)
    losses = np.array(_losses(inputs, recipe, rates, seed))
    inputs.model.load_state_dict(before)
    rates = rates[: len(losses)]
    return RangeTest(rates, losses, steepest(rates, losses))


def _losses(inputs: Inputs, recipe: Recipe, rates: np.ndarray, seed: int) -> list[float]:
    model = inputs.model
    torch.manual_seed(mix(seed, 11))
    optimizer = make_optimizer(model, recipe)
    model.train()
    smoothed, losses = 0.0, []
    for step, (rate, (batch, labels)) in enumerate(zip(rates, _endless(inputs, recipe, seed), strict=False)):
        set_rates(optimizer, rate)
        with autocast(inputs.device, inputs.precision):
            loss = F.cross_entropy(inputs.logits(batch), labels)
        optimizer.zero_grad()
        (loss + l2_penalty(model, recipe.l2)).backward()
        optimizer.step()
        smoothed = SMOOTHING * smoothed + (1 - SMOOTHING) * loss.item()
        losses.append(smoothed / (1 - SMOOTHING ** (step + 1)))
        if not math.isfinite(losses[-1]) or losses[-1] > DIVERGED * min(losses):
            break
    return losses


def _endless(inputs: Inputs, recipe: Recipe, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    epoch = 0
    while True:
        order = training_order(len(inputs), recipe.batch_size, mix(seed, 12), epoch)
        yield from inputs.batches(order, recipe.batch_size)
        epoch += 1


def steepest(rates: np.ndarray, losses: np.ndarray) -> float:
    """The rate at which the loss falls fastest per decade, before its minimum."""
    end = max(3, int(np.nanargmin(losses)) + 1)
    slope = np.gradient(losses[:end], np.log10(rates[:end]))
    return float(rates[int(np.nanargmin(slope))])
