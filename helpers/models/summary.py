"""What a network is made of: layers, output shapes, parameters, multiply-adds."""

from contextlib import ExitStack
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from helpers.models.classifier import Classifier


@dataclass(frozen=True)
class NetworkLayer:
    """One layer that computes something. `multiply_adds` is for one image; layers without weights count 0."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    multiply_adds: int


def layer_table(model: Classifier, image_size: int) -> list[NetworkLayer]:
    """The layers in the order in which one image of `image_size` px passes through them."""
    layers: list[NetworkLayer] = []
    names = {module: name for name, module in model.network.named_modules() if name and _is_layer(module)}

    def note(module: nn.Module, _inputs: tuple, output: Tensor) -> None:
        if isinstance(output, Tensor):
            layers.append(_describe(names[module], module, output))

    with ExitStack() as hooks, torch.no_grad():
        for module in names:
            hooks.enter_context(module.register_forward_hook(note))
        model.eval()(torch.zeros(1, 3, image_size, image_size, device=model.scale.device))
    return layers


def _is_layer(module: nn.Module) -> bool:
    """Whether a module computes something itself, not only through its parts."""
    if isinstance(module, nn.Identity):
        return False
    return not list(module.children()) or bool(list(module.parameters(recurse=False)))


def _describe(name: str, module: nn.Module, output: Tensor) -> NetworkLayer:
    parameters = sum(parameter.numel() for parameter in module.parameters(recurse=False))
    return NetworkLayer(
        name, type(module).__name__, tuple(output.shape[1:]), parameters, _multiply_adds(module, output)
    )


def _multiply_adds(module: nn.Module, output: Tensor) -> int:
    """Each output of a convolution costs kernel area × input channels ÷ groups; of a linear layer, its inputs."""
    if isinstance(module, nn.Conv2d):
        kernel = module.kernel_size[0] * module.kernel_size[1] * module.in_channels // module.groups
        return output[0].numel() * kernel
    return output[0].numel() * module.in_features if isinstance(module, nn.Linear) else 0


def count_parameters(model: nn.Module) -> int:
    """Number of parameters, trained or not."""
    return sum(parameter.numel() for parameter in model.parameters())


def count_multiply_adds(model: Classifier, image_size: int) -> int:
    """Multiply-adds of convolutions and linear layers for one image."""
    return sum(layer.multiply_adds for layer in layer_table(model, image_size))
