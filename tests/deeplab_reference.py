"""DeepLabV3+ a second time, as the public project computes it: functions over a state dict, no modules.

Written from what that project does (padding before the expansion, enlarge and join before the head's 3×3
convolution), to hold the course's network against. Nothing here is shared with `helpers.models`.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

# MobileNetV2's blocks: expansion, channels, repetitions, stride of the first
MOBILENET = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
RESNET = {"resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3)}


class Reference:
    """Class scores of a batch from a state dict; `training` normalises by the batch (without dropout)."""

    def __init__(self, state: dict[str, Tensor], architecture: str, output_stride: int, training: bool = False):
        self.state, self.training, self.output_stride = state, training, output_stride
        self.architecture = architecture

    def __call__(self, batch: Tensor) -> Tensor:
        low, high = self.mobilenet(batch) if self.architecture == "mobilenet" else self.resnet(batch)
        edges = self.unit("classifier.project.0", "classifier.project.1", low).relu()
        context = F.interpolate(self.pyramid(high), size=edges.shape[2:], mode="bilinear", align_corners=False)
        joined = torch.cat([edges, context], dim=1)
        joined = self.unit("classifier.classifier.0", "classifier.classifier.1", joined, padding=1).relu()
        scores = F.conv2d(
            joined, self.of("classifier.classifier.3.weight"), self.of("classifier.classifier.3.bias")
        )
        return F.interpolate(scores, size=batch.shape[2:], mode="bilinear", align_corners=False)

    def of(self, name: str) -> Tensor:
        return self.state[name]

    def unit(self, convolution: str, norm: str, x: Tensor, **how) -> Tensor:
        x = F.conv2d(x, self.of(f"{convolution}.weight"), **how)
        mean, variance = self.of(f"{norm}.running_mean").clone(), self.of(f"{norm}.running_var").clone()
        return F.batch_norm(x, mean, variance, self.of(f"{norm}.weight"), self.of(f"{norm}.bias"), self.training)

    def pyramid(self, x: Tensor) -> Tensor:
        rates = (6, 12, 18) if self.output_stride == 16 else (12, 24, 36)
        branches = [self.unit("classifier.aspp.convs.0.0", "classifier.aspp.convs.0.1", x).relu()]
        for number, rate in enumerate(rates, 1):
            name = f"classifier.aspp.convs.{number}"
            branches.append(self.unit(f"{name}.0", f"{name}.1", x, padding=rate, dilation=rate).relu())
        pooled = x.mean(dim=(2, 3), keepdim=True)
        pooled = self.unit("classifier.aspp.convs.4.1", "classifier.aspp.convs.4.2", pooled).relu()
        branches.append(F.interpolate(pooled, size=x.shape[2:], mode="bilinear", align_corners=False))
        return self.unit("classifier.aspp.project.0", "classifier.aspp.project.1", torch.cat(branches, 1)).relu()

    def mobilenet(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = F.relu6(self.unit(*pair("backbone.low_level_features.0"), x, stride=2))
        number, stride, dilation, inputs, low = 1, 2, 1, 32, x
        for expansion, outputs, repetitions, step in MOBILENET:
            before = dilation
            if stride == self.output_stride:
                step, dilation = 1, dilation * step
            else:
                stride *= step
            for repetition in range(repetitions):
                first = repetition == 0
                part = "low_level_features" if number < 4 else "high_level_features"
                y = self.block(
                    f"backbone.{part}.{number}.conv",
                    x,
                    expansion,
                    step if first else 1,
                    before if first else dilation,
                )
                x = x + y if not first and inputs == outputs else y
                low = x if number == 3 else low
                number, inputs = number + 1, outputs
        return low, x

    def block(self, name: str, x: Tensor, expansion: int, stride: int, dilation: int) -> Tensor:
        x, depthwise = F.pad(x, [dilation] * 4), 0
        if expansion > 1:
            x, depthwise = F.relu6(self.unit(*pair(f"{name}.0"), x)), 1
        x = self.unit(*pair(f"{name}.{depthwise}"), x, stride=stride, dilation=dilation, groups=x.shape[1])
        return self.unit(f"{name}.{depthwise + 1}", f"{name}.{depthwise + 2}", F.relu6(x))

    def resnet(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.unit("backbone.conv1", "backbone.bn1", x, stride=2, padding=3).relu()
        x = F.max_pool2d(x, 3, stride=2, padding=1)
        low, dilation = x, 1
        for layer, blocks in enumerate(RESNET[self.architecture], 1):
            stride, before = 1 if layer == 1 else 2, dilation
            if layer == 4 or (layer == 3 and self.output_stride == 8):
                stride, dilation = 1, dilation * 2
            for block in range(blocks):
                name = f"backbone.layer{layer}.{block}"
                x = self.bottleneck(name, x, *((stride, before) if block == 0 else (1, dilation)))
            low = x if layer == 1 else low
        return low, x

    def bottleneck(self, name: str, x: Tensor, stride: int, dilation: int) -> Tensor:
        y = self.unit(f"{name}.conv1", f"{name}.bn1", x).relu()
        y = self.unit(f"{name}.conv2", f"{name}.bn2", y, stride=stride, padding=dilation, dilation=dilation).relu()
        y = self.unit(f"{name}.conv3", f"{name}.bn3", y)
        if f"{name}.downsample.0.weight" in self.state:
            x = self.unit(f"{name}.downsample.0", f"{name}.downsample.1", x, stride=stride)
        return (x + y).relu()


def pair(name: str) -> tuple[str, str]:
    """Convolution and normalisation of a unit."""
    return f"{name}.0", f"{name}.1"


def expected_shapes(architecture: str, num_classes: int) -> dict[str, tuple[int, ...]]:
    """Every entry of the public project's `model_state`, by its name."""
    shapes: dict[str, tuple[int, ...]] = {}

    def unit(convolution: str, norm: str, outputs: int, inputs: int, kernel: int) -> None:
        shapes[f"{convolution}.weight"] = (outputs, inputs, kernel, kernel)
        shapes.update({f"{norm}.{name}": (outputs,) for name in ("weight", "bias", "running_mean", "running_var")})
        shapes[f"{norm}.num_batches_tracked"] = ()

    if architecture == "mobilenet":
        low, high = _mobilenet_shapes(unit)
    else:
        low, high = _resnet_shapes(unit, RESNET[architecture])
    unit("classifier.project.0", "classifier.project.1", 48, low, 1)
    unit(*pair("classifier.aspp.convs.0"), 256, high, 1)
    for number in (1, 2, 3):
        unit(*pair(f"classifier.aspp.convs.{number}"), 256, high, 3)
    unit("classifier.aspp.convs.4.1", "classifier.aspp.convs.4.2", 256, high, 1)
    unit(*pair("classifier.aspp.project"), 256, 5 * 256, 1)
    unit(*pair("classifier.classifier"), 256, 48 + 256, 3)
    return shapes | {
        "classifier.classifier.3.weight": (num_classes, 256, 1, 1),
        "classifier.classifier.3.bias": (num_classes,),
    }


def _mobilenet_shapes(unit) -> tuple[int, int]:
    unit(*pair("backbone.low_level_features.0"), 32, 3, 3)
    number, inputs = 1, 32
    for expansion, outputs, repetitions, _ in MOBILENET:
        for _ in range(repetitions):
            part, wide, depthwise = ("low" if number < 4 else "high"), inputs * expansion, int(expansion > 1)
            name = f"backbone.{part}_level_features.{number}.conv"
            if expansion > 1:
                unit(*pair(f"{name}.0"), wide, inputs, 1)
            unit(*pair(f"{name}.{depthwise}"), wide, 1, 3)
            unit(f"{name}.{depthwise + 1}", f"{name}.{depthwise + 2}", outputs, wide, 1)
            number, inputs = number + 1, outputs
    return 24, 320


def _resnet_shapes(unit, layers: tuple[int, ...]) -> tuple[int, int]:
    unit("backbone.conv1", "backbone.bn1", 64, 3, 7)
    inputs = 64
    for layer, blocks in enumerate(layers, 1):
        width = 32 * 2**layer
        for block in range(blocks):
            name = f"backbone.layer{layer}.{block}"
            unit(f"{name}.conv1", f"{name}.bn1", width, inputs, 1)
            unit(f"{name}.conv2", f"{name}.bn2", width, width, 3)
            unit(f"{name}.conv3", f"{name}.bn3", 4 * width, width, 1)
            if block == 0:
                unit(f"{name}.downsample.0", f"{name}.downsample.1", 4 * width, inputs, 1)
            inputs = 4 * width
    return 256, 2048
