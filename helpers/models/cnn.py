"""The small convolutional network of chapter 02."""

from collections.abc import Sequence

from torch import nn


def cnn(
    num_classes: int,
    image_size: int,
    blocks: Sequence[tuple[int, int]] = ((32, 4), (64, 2), (128, 2)),
    hidden: int = 128,
) -> nn.Sequential:
    """A convolutional network whose every block is a 3×3 convolution, ReLU and max-pooling.

    Args:
        num_classes: number of outputs (logits).
        image_size: height and width of the input in pixels.
        blocks: filters and pooling window of each block, from the input on.
        hidden: units of the dense layer before the last; 0 leaves it out.

    Returns:
        A network from (n, 3, image_size, image_size) to logits (n, num_classes).

    Raises:
        ValueError: when pooling leaves no pixel of an image of this size.
    """
    layers, channels, side = nn.Sequential(), 3, image_size
    for number, (filters, pool) in enumerate(blocks, 1):
        layers.add_module(f"conv{number}", nn.Conv2d(channels, filters, kernel_size=3, stride=1, padding=1))
        layers.add_module(f"relu{number}", nn.ReLU())
        layers.add_module(f"pool{number}", nn.MaxPool2d(pool))
        channels, side = filters, side // pool
    if side < 1:
        raise ValueError(f"images of {image_size} px are too small for pooling by {[pool for _, pool in blocks]}")
    return _add_head(layers, channels * side * side, hidden, num_classes)


def _add_head(layers: nn.Sequential, inputs: int, hidden: int, num_classes: int) -> nn.Sequential:
    layers.add_module("flatten", nn.Flatten())
    if hidden:
        layers.add_module("dense", nn.Linear(inputs, hidden))
        layers.add_module("relu_dense", nn.ReLU())
    layers.add_module("output", nn.Linear(hidden or inputs, num_classes))
    return layers
