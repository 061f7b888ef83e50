"""Depthwise convolutions on a processor, where their gradient in bfloat16 takes up to thirty times as long."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


@contextmanager
def quick_depthwise(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Within the context, strided and dilated depthwise convolutions compute in float32, on a processor.

    There is no quick bfloat16 kernel for their gradient, and in MobileNetV2 it takes a third of the training.
    """
    slow = [module for module in model.modules() if _is_slow(module)] if device.type == "cpu" else []
    for module in slow:
        module.forward = _in_float32(module)
    try:
        yield
    finally:
        for module in slow:
            del module.forward


def _is_slow(module: nn.Module) -> bool:
    return (
        isinstance(module, nn.Conv2d)
        and module.groups == module.in_channels > 1
        and (module.stride != (1, 1) or module.dilation != (1, 1))
    )


def _in_float32(module: nn.Conv2d):
    def forward(X: Tensor) -> Tensor:
        with torch.autocast(X.device.type, enabled=False):
            return nn.Conv2d.forward(module, X.float()).to(X.dtype)

    return forward
