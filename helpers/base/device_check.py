"""Whether a GPU computes as the processor does: a small step of training, and what comes before and after one.

Some versions of macOS and PyTorch have computed wrong gradients on Apple GPUs without a word.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.base.device import memory_format

TOLERANCE = 1e-3  # of the largest number: both round, in different orders


def differences(device: torch.device) -> list[str]:
    """What is computed differently on `device`, by name; nothing where all is right."""
    found, expected = small_step(device), small_step(torch.device("cpu"))
    return [name for name, values in expected.items() if not _alike(found[name].cpu(), values)]


def _alike(found: Tensor, expected: Tensor) -> bool:
    found, expected = found.double(), expected.double()
    return bool((found - expected).abs().max() <= TOLERANCE * expected.abs().max())  # not where one is NaN


def small_step(device: torch.device) -> dict[str, Tensor]:
    """One step of training on made-up images, and what the course does to images and scores besides, by name."""
    draw = torch.Generator().manual_seed(0)
    images, labels = torch.rand(8, 3, 16, 16, generator=draw), torch.arange(8) % 5
    model, images, labels = _network(draw), images.to(device), labels.to(device)
    model.to(device, memory_format=memory_format(device))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2, fused=True)
    logits = model(images)
    loss = F.cross_entropy(logits, labels, label_smoothing=0.1)
    loss.backward()
    found = {f"the gradient of {name}": parameter.grad.clone() for name, parameter in model.named_parameters()}
    optimizer.step()
    later = F.cross_entropy(model(images), labels)
    found |= {"class scores": logits, "the loss": loss, "the loss after a step": later, **_besides(images, logits)}
    return {name: values.detach() for name, values in found.items()}


def _network(draw: torch.Generator) -> nn.Module:
    """Layers of every kind that the course's networks are made of."""
    with torch.random.fork_rng(devices=[]):  # who asks draws the same as if nobody had
        model = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8, bias=False), nn.BatchNorm2d(8), nn.ReLU6(),
            nn.Upsample(scale_factor=2, mode="bilinear"), nn.AvgPool2d(2),
            nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 5),
        )  # fmt: skip
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=draw)
    return model


def _besides(images: Tensor, logits: Tensor) -> dict[str, Tensor]:
    """Images turned and cut as in augmentation, and scores counted as in evaluation."""
    device, angle = images.device, torch.tensor(0.3)
    turn = torch.tensor([[angle.cos(), -angle.sin(), 0.3], [angle.sin(), angle.cos(), -0.2]])
    grid = F.affine_grid(turn.expand(8, 2, 3), [8, 1, 16, 16], align_corners=False).to(device)
    apart = grid.permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1)  # the same numbers in another order
    torch.rand(8, generator=torch.Generator(device).manual_seed(0), device=device)
    probabilities = logits.softmax(1)
    return {
        "turned images": F.grid_sample(images, apart, "bilinear", "reflection", align_corners=False),
        "cut images": F.grid_sample(images, grid, "bilinear", "zeros", align_corners=False),
        "cut labels": F.grid_sample(images, grid, "nearest", "zeros", align_corners=False),
        "counts": torch.bincount(logits.argmax(1), minlength=5),
        "bins of scores": probabilities.bfloat16().view(torch.int16).bitwise_right_shift_(1),
    }
