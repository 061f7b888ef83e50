"""Backbones: torchvision's classifiers without their heads, at output stride 16 or 8."""

from torch import Tensor, nn


class MobileNetBackbone(nn.Module):
    """MobileNetV2 (Sandler et al., 2018) with the padding and the strides of the public DeepLabV3Plus-Pytorch.

    Against torchvision's: the first convolution is not padded at all, and a block is padded before its
    expansion instead of after. The border that the depthwise convolution sees then holds what the expansion
    makes of zeros, and not zeros. A 1×1 convolution that is padded itself gives just that.
    """

    channels = (24, 320)
    LOW_LEVEL = 4  # layers of the first part, up to a quarter of the image's size

    def __init__(self, output_stride: int = 16):
        super().__init__()
        from torchvision.models import mobilenet_v2

        layers = mobilenet_v2(weights=None).features[:-1]  # the last layer only serves classification
        layers[0][0].padding = (0, 0)
        _set_strides(layers[1:], output_stride)
        self.low_level_features = layers[: self.LOW_LEVEL]
        self.high_level_features = layers[self.LOW_LEVEL :]

    def forward(self, batch: Tensor) -> dict[str, Tensor]:
        low_level = self.low_level_features(batch)
        return {"low_level": low_level, "out": self.high_level_features(low_level)}


def _set_strides(blocks: nn.Sequential, output_stride: int) -> None:
    """Beyond the output stride a block keeps the size of its map, and those after it look twice as wide."""
    stride, dilation = 2, 1
    for block in blocks:
        convolutions = [module for module in block.modules() if isinstance(module, nn.Conv2d)]
        depthwise = next(module for module in convolutions if module.groups > 1)
        step = depthwise.stride[0]
        own_dilation = dilation
        if stride == output_stride:
            depthwise.stride = (1, 1)
            dilation *= step
        else:
            stride *= step
        depthwise.dilation, depthwise.padding = (own_dilation, own_dilation), (0, 0)
        convolutions[0].padding = (own_dilation, own_dilation)


def resnet_backbone(name: str, output_stride: int = 16) -> nn.ModuleDict:
    """torchvision's ResNet up to its last map, dilated instead of strided beyond the output stride."""
    from torchvision import models
    from torchvision.models._utils import IntermediateLayerGetter

    dilated = [False, output_stride == 8, True]
    network = models.get_model(name, weights=None, replace_stride_with_dilation=dilated)
    backbone = IntermediateLayerGetter(network, {"layer1": "low_level", "layer4": "out"})
    backbone.channels = (256, 2048)
    return backbone
