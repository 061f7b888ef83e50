"""The small convolutional network of chapter 02."""

from collections.abc import Sequence
from typing import Literal

from torch import nn


def cnn(
    num_classes: int,
    image_size: int,
    blocks: Sequence[tuple[int, int]] = ((32, 4), (64, 2), (128, 2)),
    hidden: int | Sequence[int] = 128,
    *,
    convolutions: int = 1,
    batch_norm: bool = False,
    dropout: float = 0.0,
    pooling: Literal["flatten", "average"] = "flatten",
) -> nn.Sequential:
    """A convolutional network of blocks of 3×3 convolutions, each with ReLU, and max-pooling.

    Args:
        num_classes: number of outputs (logits).
        image_size: height and width of the input in pixels.
        blocks: filters and pooling window of each block, from the input on.
        hidden: units of each dense layer before the last; 0 or none leaves them out.
        convolutions: convolutions in each block.
        batch_norm: whether batch normalisation follows each convolution, before ReLU.
        dropout: share dropped after each block and after each dense layer.
        pooling: 'average' takes the mean of each map of the last block, 'flatten' every pixel.

    Returns:
        A network from (n, 3, image_size, image_size) to logits (n, num_classes).

    Raises:
        ValueError: when pooling leaves no pixel of an image of this size.
    """
    layers, channels, side = nn.Sequential(), 3, image_size
    for number, (filters, pool) in enumerate(blocks, 1):
        for part in range(convolutions):
            name = f"{number}" if convolutions == 1 else f"{number}_{part + 1}"
            _add_convolution(layers, name, channels, filters, batch_norm)
            channels = filters
        layers.add_module(f"pool{number}", nn.MaxPool2d(pool))
        if dropout:
            layers.add_module(f"dropout{number}", nn.Dropout(dropout))
        side //= pool
    if side < 1:
        raise ValueError(f"images of {image_size} px are too small for pooling by {[pool for _, pool in blocks]}")
    if pooling == "average":
        layers.add_module("average", nn.AdaptiveAvgPool2d(1))
        side = 1
    layers.add_module("flatten", nn.Flatten())
    add_dense(
        layers, channels * side * side, [hidden] if isinstance(hidden, int) else hidden, dropout, num_classes
    )
    return layers


def _add_convolution(layers: nn.Sequential, name: str, channels: int, filters: int, batch_norm: bool) -> None:
    convolution = nn.Conv2d(channels, filters, kernel_size=3, stride=1, padding=1, bias=not batch_norm)
    layers.add_module(f"conv{name}", convolution)
    if batch_norm:
        layers.add_module(f"norm{name}", nn.BatchNorm2d(filters))
    layers.add_module(f"relu{name}", nn.ReLU())


def add_dense(layers: nn.Sequential, inputs: int, hidden: Sequence[int], dropout: float, outputs: int) -> None:
    """Dense layers, each with ReLU and dropout, and the output layer."""
    widths = [units for units in hidden if units]
    for number, units in enumerate(widths, 1):
        name = "dense" if len(widths) == 1 else f"dense{number}"
        layers.add_module(name, nn.Linear(inputs, units))
        layers.add_module(f"relu_{name}", nn.ReLU())
        if dropout:
            layers.add_module(f"dropout_{name}", nn.Dropout(dropout))
        inputs = units
    layers.add_module("output", nn.Linear(inputs, outputs))
