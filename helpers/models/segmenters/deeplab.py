"""DeepLabV3+ (Chen et al., 2018), parameter by parameter as in the public project DeepLabV3Plus-Pytorch.

Its checkpoints therefore load as they are. The plain form: no depthwise-separable convolution in the head.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.models.segmenters.joining import JoiningConvolution

LOW_LEVEL_CHANNELS = 48  # after projection, so that they do not outweigh the 256 of the pyramid
PYRAMID_CHANNELS = 256
ATROUS_RATES = {16: (6, 12, 18), 8: (12, 24, 36)}  # by output stride: the same reach in pixels of the image


class DeepLabV3Plus(nn.Module):
    """A backbone that returns the maps `low_level` and `out`, and the head that makes class scores of them."""

    def __init__(self, backbone: nn.Module, channels: tuple[int, int], num_classes: int, output_stride: int):
        """`channels` are those of the maps `low_level` and `out`."""
        super().__init__()
        self.backbone = backbone
        self.classifier = Head(*channels, num_classes, ATROUS_RATES[output_stride])

    def forward(self, batch: Tensor) -> Tensor:
        """Class scores (n, classes, H, W) at the size of the batch (n, 3, H, W)."""
        return resize_maps(self.classifier(self.backbone(batch)), batch.shape[-2:])


class Head(nn.Module):
    """Joins what the scene is about (`out`, through the pyramid) with where its edges are (`low_level`)."""

    def __init__(self, low_level: int, high_level: int, num_classes: int, rates: tuple[int, ...]):
        super().__init__()
        self.project = convolution(low_level, LOW_LEVEL_CHANNELS, 1)
        self.aspp = Pyramid(high_level, rates)
        self.classifier = nn.Sequential(
            JoiningConvolution(LOW_LEVEL_CHANNELS, PYRAMID_CHANNELS, PYRAMID_CHANNELS),
            nn.BatchNorm2d(PYRAMID_CHANNELS),
            nn.ReLU(inplace=True),
            nn.Conv2d(PYRAMID_CHANNELS, num_classes, 1),
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, maps: dict[str, Tensor]) -> Tensor:
        """Class scores (n, classes, h, w) at the size of the low-level map."""
        join, *layers = self.classifier
        joined = join(self.project(maps["low_level"]), self.aspp(maps["out"]))
        return nn.Sequential(*layers)(joined)


class Pyramid(nn.Module):
    """Atrous spatial pyramid pooling: the same map looked at through windows of several widths."""

    def __init__(self, channels: int, rates: tuple[int, ...]):
        super().__init__()
        branches = [convolution(channels, PYRAMID_CHANNELS, 1)]
        branches += [convolution(channels, PYRAMID_CHANNELS, 3, rate) for rate in rates]
        self.convs = nn.ModuleList([*branches, WholeImage(channels)])
        joined = PYRAMID_CHANNELS * len(self.convs)
        self.project = nn.Sequential(*convolution(joined, PYRAMID_CHANNELS, 1), nn.Dropout(0.1))

    def forward(self, features: Tensor) -> Tensor:
        return self.project(torch.cat([branch(features) for branch in self.convs], dim=1))


class WholeImage(nn.Sequential):
    """The widest window: the mean over the image, handed to every place."""

    def __init__(self, channels: int):
        super().__init__(nn.AdaptiveAvgPool2d(1), *convolution(channels, PYRAMID_CHANNELS, 1))

    def forward(self, features: Tensor) -> Tensor:
        return super().forward(features).expand(-1, -1, *features.shape[-2:])


def convolution(inputs: int, outputs: int, kernel: int, dilation: int = 1) -> nn.Sequential:
    """A convolution that keeps the size of the map, batch normalisation, ReLU."""
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def resize_maps(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear, by the centres of pixels."""
    return F.interpolate(maps, size=tuple(size), mode="bilinear", align_corners=False)
