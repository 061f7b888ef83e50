"""Batch normalisation folded into convolutions for looking at many images, and unfolded for training again."""

import copy
from contextlib import ExitStack
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from helpers.models.classifier import Classifier


def fold_batch_norms(model: nn.Module) -> nn.Module:
    """A copy of a model in evaluation mode, in which every convolution does its normalisation itself.

    A convolution and a normalisation belong together where one follows the other in a module's children, as
    they do in torchvision's networks and in DeepLabV3+. Equal to the original up to float32 rounding.
    """
    folded = copy.deepcopy(model).eval()
    for parent in list(folded.modules()):
        for (name, convolution), (norm_name, norm) in pairwise(list(parent.named_children())):
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                parent.register_module(name, fuse_conv_bn_eval(convolution, norm))
                parent.register_module(norm_name, nn.Identity())
    return folded


def folded_batch_norms(model: Classifier) -> list[nn.BatchNorm2d]:
    """Layers that normalise nothing: mean 0, variance 1 and scale 1 in every channel.

    Converters for inference fold the true statistics into the convolution before. In evaluation mode that
    changes nothing, but the first step of training would normalise by the batch and destroy the features.
    """
    norms = [module for module in model.network.modules() if isinstance(module, nn.BatchNorm2d)]
    return [
        norm
        for norm in norms
        if not norm.running_mean.any() and bool((norm.running_var == 1).all()) and bool((norm.weight == 1).all())
    ]


@torch.no_grad()
def unfold_batch_norms(model: Classifier, batch: Tensor) -> int:
    """Give folded layers the statistics of a batch (n, 3, S, S), and scale and shift that undo them.

    With m and v the batch's mean and variance, scale √((v + ε) / (1 + ε)) and shift b + m / √(1 + ε), the
    layer computes what it did before; from there it can be trained. Returns how many layers were changed.
    """
    folded = folded_batch_norms(model)
    with ExitStack() as hooks:
        for norm in folded:
            hooks.enter_context(norm.register_forward_pre_hook(_measure))
        model.eval()(batch)
    return len(folded)


def _measure(norm: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
    variance, mean = torch.var_mean(inputs[0].float(), dim=(0, 2, 3), correction=0)
    norm.weight.copy_(((variance + norm.eps) / (1 + norm.eps)).sqrt())
    norm.bias.add_(mean / (1 + norm.eps) ** 0.5)
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
