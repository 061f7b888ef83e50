"""What network a file of weights is of, told from the names and shapes of its parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

RESNETS = {6: "ResNet-50", 23: "ResNet-101", 36: "ResNet-152"}  # by blocks of the third layer


@dataclass(frozen=True)
class FileContents:
    """`network` in words, such as 'DeepLabV3+ with a ResNet-101 backbone'; `classes` is 0 for no segmenter."""

    network: str
    classes: int = 0

    def __str__(self) -> str:
        return f"{self.network} for {self.classes} classes" if self.classes else self.network


def contents_of(state: Mapping[str, Tensor]) -> FileContents:
    """What these parameters are of."""
    if not any(name.startswith("backbone.") for name in state):
        return FileContents(f"no segmenter (its first parameter is '{next(iter(state))}')")
    form = " in the depthwise-separable form" if any(".body." in name for name in state) else ""
    return FileContents(f"{_head(state)} with {_backbone(state)} backbone{form}", _classes(state))


def _head(state: Mapping[str, Tensor]) -> str:
    if "classifier.project.0.weight" in state:
        return "DeepLabV3+"
    if "classifier.low_classifier.weight" in state:
        return "LR-ASPP"
    pyramid = any(name.startswith(("classifier.0.convs.", "classifier.classifier.0.convs.")) for name in state)
    return "DeepLabV3" if pyramid else "an FCN" if "classifier.4.weight" in state else "a segmenter"


def _backbone(state: Mapping[str, Tensor]) -> str:
    if "backbone.low_level_features.0.0.weight" in state:
        return "a MobileNetV2"
    if "backbone.0.0.weight" in state:
        return "a MobileNetV3"
    if any(name.startswith("backbone.stage2.") for name in state):
        return "an HRNet"
    blocks = {match[1] for name in state if (match := re.match(r"backbone\.layer3\.(\d+)\.", name))}
    return f"a {RESNETS.get(len(blocks), f'{len(blocks)}-block')}" if blocks else "an unknown"


def _classes(state: Mapping[str, Tensor]) -> int:
    """The outputs of the last convolution."""
    return int([tensor for tensor in state.values() if tensor.ndim == 4][-1].shape[0])
