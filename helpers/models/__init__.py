"""Classifiers by name, behind one interface."""

import torch
from torch import nn

from helpers.errors import CourseError
from helpers.models.classifier import Classifier
from helpers.models.cnn import cnn
from helpers.study import ModelSpec

__all__ = ["Classifier", "build"]


def build(spec: ModelSpec, num_classes: int, image_size: int) -> Classifier:
    """A classifier with freshly drawn parameters, as the study describes it.

    Raises CourseError when the architecture cannot take images of this size.
    """
    try:
        network = _network(spec, num_classes, image_size)
        top = "" if spec.architecture == "cnn" else None
        model = Classifier(network, last_layer(network), _normalisation(spec), top=top)
        with torch.no_grad():
            model.eval()(torch.zeros(1, 3, image_size, image_size))
    except (ValueError, RuntimeError, AssertionError) as error:
        raise CourseError(
            f"model '{spec.architecture}' cannot take images of {image_size} px ({error}): change image_size"
        ) from error
    return model.to(memory_format=torch.channels_last)


def _network(spec: ModelSpec, num_classes: int, image_size: int) -> nn.Module:
    if spec.architecture == "cnn":
        return cnn(num_classes, image_size, spec.blocks, spec.hidden)
    from torchvision.models import get_model  # seconds to import: only where it is needed

    fixed_size = {"image_size": image_size} if spec.architecture.startswith("vit_") else {}
    auxiliary = {"aux_logits": False} if spec.architecture in {"googlenet", "inception_v3"} else {}
    network = get_model(spec.architecture, weights=None, **fixed_size, **auxiliary)
    return replace_last_layer(network, num_classes)


def _normalisation(spec: ModelSpec) -> str:
    if spec.normalize != "auto":
        return spec.normalize
    return "imagenet" if spec.pretrained else "symmetric"


def last_layer(network: nn.Module) -> str:
    """Name of the layer that makes the logits: the last linear one, or the last convolution."""
    for kind in (nn.Linear, nn.Conv2d):
        names = [name for name, module in network.named_modules() if isinstance(module, kind)]
        if names:
            return names[-1]
    raise ValueError("the network has neither a linear layer nor a convolution")


def replace_last_layer(network: nn.Module, num_classes: int) -> nn.Module:
    """Give a network a last layer with `num_classes` outputs, freshly drawn."""
    name = last_layer(network)
    old = network.get_submodule(name)
    if isinstance(old, nn.Linear):
        new = nn.Linear(old.in_features, num_classes)
    else:
        new = nn.Conv2d(old.in_channels, num_classes, old.kernel_size)
    network.set_submodule(name, new)
    return network
