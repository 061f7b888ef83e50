"""Segmenters by name, behind one interface."""

import torch
from torch import nn

from helpers.models.segmenters.backbones import MobileNetBackbone, resnet_backbone
from helpers.models.segmenters.deeplab import DeepLabV3Plus
from helpers.models.segmenters.segmenter import Segmenter
from helpers.study.streets import DEEPLABS, SegmenterSpec

__all__ = ["Segmenter", "build_segmenter"]


def build_segmenter(spec: SegmenterSpec, classes: tuple[str, ...]) -> Segmenter:
    """A segmenter with freshly drawn parameters, as the study describes it, for the named classes.

    The output stride applies to DeepLabV3+; torchvision's segmenters have theirs built in.
    """
    network = _deeplab(spec, len(classes)) if spec.architecture in DEEPLABS else _torchvision(spec, len(classes))
    normalisation = "imagenet" if spec.normalize == "auto" else spec.normalize
    return Segmenter(network, classes, normalisation).to(memory_format=torch.channels_last)


def _deeplab(spec: SegmenterSpec, num_classes: int) -> nn.Module:
    name = spec.architecture.removeprefix("deeplabv3plus_")
    backbone = MobileNetBackbone(spec.stride) if name == "mobilenet" else resnet_backbone(name, spec.stride)
    return DeepLabV3Plus(backbone, backbone.channels, num_classes, spec.stride)


def _torchvision(spec: SegmenterSpec, num_classes: int) -> nn.Module:
    from torchvision.models import get_model

    return get_model(
        spec.architecture, weights=None, weights_backbone=None, num_classes=num_classes,
        **({} if spec.architecture.startswith("lraspp") else {"aux_loss": False}),
    )  # fmt: skip
