"""Optimisers and their learning rates: over time, and from the earliest layers to the last."""

import math

import torch
from torch import Tensor

from helpers.models.classifier import Classifier
from helpers.study.recipe import Recipe
from helpers.study.streets import SegmenterSpec

POLYNOMIAL_POWER = 0.9  # as in Chen et al., "Rethinking atrous convolution for semantic image segmentation", 2017


def make_optimizer(groups: list[dict], recipe: Recipe | SegmenterSpec, **options: bool) -> torch.optim.Optimizer:
    """The recipe's optimiser over groups of parameters; see `set_rates` for their rates. `options`: Adam's own."""
    lr = recipe.lr if isinstance(recipe.lr, float) else 1e-3
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            groups, lr, momentum=recipe.momentum, weight_decay=recipe.weight_decay, nesterov=recipe.momentum > 0
        )
    kind = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.AdamW
    return kind(groups, lr, weight_decay=recipe.weight_decay, **options)


def parameter_groups(model: Classifier, early_lr: float) -> list[dict]:
    """The parameters that are trained, with the `share` of the learning rate that each group gets.

    The shares rise geometrically from `early_lr` in the earliest layers to 1 in the last (discriminative
    fine-tuning: Howard & Ruder, "Universal language model fine-tuning for text classification", 2018). A layer
    keeps its share where others are frozen.
    """
    if early_lr == 1:
        return [{"params": [one for one in model.parameters() if one.requires_grad], "share": 1.0}]
    layers = model.layer_groups()
    last = max(1, len(layers) - 1)
    groups = [
        {"params": [one for one in layer if one.requires_grad], "share": early_lr ** ((last - position) / last)}
        for position, layer in enumerate(layers)
    ]
    return [group for group in groups if group["params"]]


def set_rates(optimizer: torch.optim.Optimizer, lr: float) -> float:
    """Give every group its share of a learning rate, which is returned."""
    for group in optimizer.param_groups:
        group["lr"] = lr * group["share"]
    return lr


def schedule_factor(schedule: str, step: int, steps: int) -> float:
    """Learning rate at a step, as a share of the recipe's.

    'cosine' falls from 1 to 0. 'one_cycle' rises from 1/25 to 1 in the first 30 % of the steps and falls to 1e-5,
    both along half a cosine (Smith & Topin, 2018). 'polynomial' falls as (1 - step / steps)^0.9.
    """
    if schedule == "constant":
        return 1.0
    if schedule == "polynomial":
        return (1 - step / steps) ** POLYNOMIAL_POWER
    if schedule == "cosine":
        return _half_cosine(1.0, 0.0, step / steps)
    rise = max(1, round(0.3 * steps))
    if step < rise:
        return _half_cosine(1 / 25, 1.0, step / rise)
    return _half_cosine(1.0, 1e-5, (step - rise) / max(1, steps - rise))


def _half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def l2_penalty(model: Classifier, strength: float) -> Tensor | float:
    """`strength` times the sum of squares of the new layers' weights (not biases), to be added to the loss.

    As in Keras' `l2`: unlike decoupled weight decay it is part of the gradient that the optimiser sees.
    """
    return strength * sum(weight.square().sum() for weight in model.new_weights()) if strength else 0.0
