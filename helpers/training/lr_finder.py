"""The learning-rate range test (Smith, 2017): raise the rate step by step and watch the loss."""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from helpers.base.device import autocast
from helpers.base.errors import CourseError
from helpers.base.telling import steps
from helpers.study.recipe import Recipe
from helpers.training.balance import balanced_cross_entropy, loss_weights
from helpers.training.epochs import mix
from helpers.training.inputs import Inputs, training_order
from helpers.training.optimizer import l2_penalty, make_optimizer, parameter_groups, set_rates

LOWEST, HIGHEST, STEPS = 1e-6, 1.0, 60
MEMORY = 0.9  # of the running mean that says when to stop
DIVERGED = 4.0  # times the lowest running mean: no use in going on
WIDTH = 3.0  # steps: standard deviation of the smoothing, which looks both ways and so does not lag behind
TOLERANCE = 1.05  # a loss within 5 % of the lowest is as good as the lowest
SAFETY = 10.0  # the suggestion is so many times smaller than the highest rate that does no harm


@dataclass(frozen=True)
class RangeTest:
    """Learning rates tried and the smoothed loss at each, both (steps,) float64."""

    lr: np.ndarray
    loss: np.ndarray

    @property
    def limit(self) -> float:
        """The highest rate at which the loss is within 5 % of its lowest."""
        return float(self.lr[np.flatnonzero(self.loss <= TOLERANCE * self.loss.min())[-1]])

    @property
    def suggestion(self) -> float:
        """A tenth of that.

        The steepest fall, which others take, says nothing where a first phase has left little to fall.
        """
        return self.limit / SAFETY

    def as_dict(self) -> dict[str, Any]:
        """The same as plain numbers and lists, as they are kept."""
        curve = {"lr": self.lr.tolist(), "loss": self.loss.tolist()}
        return curve | {"limit": self.limit, "suggestion": self.suggestion}


def range_test(inputs: Inputs, recipe: Recipe, *, seed: int) -> RangeTest:
    """Train for `STEPS` batches with a rate growing from 1e-6 to 1; afterwards the weights are as before.

    The test stops early once the loss is four times its lowest. Raises CourseError where it is never finite.
    """
    before = copy.deepcopy(inputs.model.state_dict())
    rates = np.geomspace(LOWEST, HIGHEST, STEPS)
    losses = np.array(_losses(inputs, recipe, rates, seed))
    inputs.model.load_state_dict(before)
    if not len(losses):
        raise CourseError("the loss is not a finite number even before training: check the weights and the images")
    return RangeTest(rates[: len(losses)], smoothed(losses))


def _losses(inputs: Inputs, recipe: Recipe, rates: np.ndarray, seed: int) -> list[float]:
    model = inputs.model
    torch.manual_seed(mix(seed, 11))
    optimizer = make_optimizer(parameter_groups(model, recipe.early_lr), recipe)
    weights = loss_weights(inputs.part.labels, model.num_classes, recipe, inputs.device)
    model.train()
    mean, lowest, losses = 0.0, math.inf, []
    tried = zip(rates, _endless(inputs, recipe, seed), strict=False)
    for rate, (batch, labels) in steps(tried, "learning rate", len(rates), share=(0, 0)):
        set_rates(optimizer, rate)
        with autocast(inputs.device):
            loss = balanced_cross_entropy(inputs.logits(batch), labels, weights)
        optimizer.zero_grad()
        (loss + l2_penalty(model, recipe.l2)).backward()
        optimizer.step()
        if not math.isfinite(loss.item()):
            break
        losses.append(loss.item())
        mean = MEMORY * mean + (1 - MEMORY) * losses[-1]
        unbiased = mean / (1 - MEMORY ** len(losses))
        lowest = min(lowest, unbiased)
        if unbiased > DIVERGED * lowest:
            break
    return losses


def _endless(inputs: Inputs, recipe: Recipe, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    epoch = 0
    while True:
        order = training_order(inputs, recipe, mix(seed, 12), epoch)
        yield from inputs.batches(order, recipe.batch_size)
        epoch += 1


def smoothed(losses: np.ndarray) -> np.ndarray:
    """Means of (n,) losses over their neighbours, weighted by a Gaussian of `WIDTH` steps: (n,)."""
    distance = np.subtract.outer(np.arange(len(losses)), np.arange(len(losses)))
    weights = np.exp(-0.5 * (distance / WIDTH) ** 2)
    return weights @ losses / weights.sum(axis=1)
