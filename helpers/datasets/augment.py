"""Augmentation of whole batches on the device, every image with random parameters of its own.

All changes of geometry are one affine map per image and cost one resampling; all changes of colour are one
matrix per image and cost one multiplication. torchvision's RandAugment and TrivialAugment go first, image by
image. What is drawn comes from the generator alone.

Names, meanings and limits are in `helpers.datasets.augmentations`; what mixes images is in `mixing`, beside this.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from helpers.base.errors import CourseError
from helpers.datasets.augmentations import AUGMENTATIONS, check_augmentation

__all__ = ["AUGMENTATIONS", "Augment"]

GEOMETRY = ("flip", "rotation", "affine", "shift", "scale", "crop")
COLOUR = ("brightness", "contrast", "saturation", "rgb_shift", "hue", "jitter")
JITTER_HUE = 0.1  # share of the strength of `jitter` that becomes a turn of the hue
ERASED_AREA = (0.02, 0.2)  # share of the image; as in Zhong et al., "Random erasing data augmentation", 2017,
ERASED_ASPECT = 10 / 3  # but half of their largest area: the objects here are small
CROP_ASPECT = 4 / 3
GREY = 0.5
LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601
# Rows: luminance, and two axes of colour at right angles to grey; a hue turns in their plane (as in NTSC's YIQ).
YIQ = ((0.299, 0.587, 0.114), (0.595716, -0.274453, -0.321263), (0.211456, -0.522591, 0.311135))


class Augment:
    """Augmentations by name and strength, applied as one: `Augment({"flip": 0.5, "affine": 15})`.

    Raises CourseError for an unknown name or a strength outside its limits.
    """

    def __init__(self, strengths: Mapping[str, float]):
        for name, strength in strengths.items():
            try:
                check_augmentation(name, strength)
            except ValueError as error:
                raise CourseError(str(error)) from None
        self.strengths = dict(strengths)

    def __call__(self, images: Tensor, generator: Generator) -> Tensor:
        """Square images (b, 3, S, S), uint8 or float 0..1, to float 0..1 in the same memory format."""
        last = images.is_contiguous(memory_format=torch.channels_last)
        X = _policies(images.contiguous(), self.strengths, generator)
        X = X.float().div_(255) if X.dtype == torch.uint8 else X.float()
        for family in (_geometry, _colour, _blur, _noise, _erasing):
            X = family(X, self.strengths, generator)
        return X.contiguous(memory_format=torch.channels_last) if last else X

    def __repr__(self) -> str:
        return f"Augment({self.strengths})"


@contextmanager
def drawing_like(generator: Generator) -> Iterator[None]:
    """Within, what is drawn from PyTorch's global generator follows from this one; afterwards it is as before."""
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed every GPU as well
        yield


def _policies(X: Tensor, strengths: Mapping[str, float], generator: Generator) -> Tensor:
    """torchvision's RandAugment and TrivialAugment, each image by itself: of a batch they change all alike."""
    if not (strengths.get("rand_augment") or strengths.get("trivial_augment")):
        return X
    from torchvision.transforms import v2  # importing it takes a second

    smooth, chosen = v2.InterpolationMode.BILINEAR, []
    if magnitude := strengths.get("rand_augment"):
        chosen.append(v2.RandAugment(magnitude=int(magnitude), interpolation=smooth))
    if chance := strengths.get("trivial_augment"):
        chosen.append(v2.RandomApply([v2.TrivialAugmentWide(interpolation=smooth)], p=chance))
    X = X if X.dtype == torch.uint8 else (X * 255).round().clamp(0, 255).to(torch.uint8)
    with drawing_like(generator):
        for change in chosen:
            X = torch.stack([change(image) for image in X])
    return X


def _uniform(X: Tensor, low: float, high: float, generator: Generator) -> Tensor:
    """One number for each image of the batch, (b,) float32."""
    return torch.rand(len(X), generator=generator, device=X.device) * (high - low) + low


def _geometry(X: Tensor, strengths: Mapping[str, float], generator: Generator) -> Tensor:
    chosen = [name for name in GEOMETRY if name in strengths]
    if chosen == ["flip"]:  # needs no resampling
        mirrored = _uniform(X, 0, 1, generator) < strengths["flip"]
        return torch.where(mirrored[:, None, None, None], X.flip(-1), X)
    if not chosen:
        return X
    matrix = torch.eye(3, device=X.device).expand(len(X), 3, 3)
    for name in chosen:
        matrix = matrix @ _MATRICES[name](X, strengths[name], generator)
    return F.grid_sample(X, _grid(matrix, X.shape[-1]), "bilinear", "reflection", align_corners=False)


def _grid(matrix: Tensor, size: int) -> Tensor:
    """Where each output pixel comes from, (b, S, S, 2) in -1..1, for matrices (b, 3, 3) on homogeneous x, y."""
    at = (torch.arange(size, device=matrix.device) * 2 + 1) / size - 1
    along_x, along_y, shift = matrix[:, :2, None, None, :].unbind(-1)
    coordinates = along_x * at[None, None, None, :] + along_y * at[None, None, :, None] + shift
    return coordinates.permute(0, 2, 3, 1)


def _matrix(*entries: Tensor | float) -> Tensor:
    """(b, 3, 3) of entries row by row, each (b,) or one for all; the last row may be left to 0, 0, 1."""
    like = next(entry for entry in entries if isinstance(entry, Tensor))
    whole = (*entries, 0.0, 0.0, 1.0)[:9]
    filled = [entry if isinstance(entry, Tensor) else torch.full_like(like, entry) for entry in whole]
    return torch.stack(filled, dim=1).view(-1, 3, 3)


def _flip(X: Tensor, probability: float, generator: Generator) -> Tensor:
    sign = 1 - 2 * (_uniform(X, 0, 1, generator) < probability).float()
    return _matrix(sign, 0, 0, 0, 1, 0)


def _rotation(X: Tensor, degrees: float, generator: Generator) -> Tensor:
    angle = _uniform(X, -degrees, degrees, generator) * (math.pi / 180)
    return _matrix(angle.cos(), -angle.sin(), 0, angle.sin(), angle.cos(), 0)


def _affine(X: Tensor, degrees: float, generator: Generator) -> Tensor:
    """At 15 degrees: shifts up to 7.5 % of the side, sizes between 1/1.1 and 1.1, shears up to 5 degrees."""
    shift = min(degrees / 100, 1.0)  # the side has length 2 in the coordinates of the grid
    scale = _uniform(X, -1, 1, generator).mul(math.log1p(degrees / 150)).exp()
    shear = _uniform(X, -degrees / 3, degrees / 3, generator).mul(math.pi / 180).tan()
    x, y = _uniform(X, -shift, shift, generator), _uniform(X, -shift, shift, generator)
    return _rotation(X, degrees, generator) @ _matrix(scale, shear * scale, x, 0, scale, y)


def _shift(X: Tensor, share: float, generator: Generator) -> Tensor:
    """Along both axes, each by its own amount; the side has length 2 in the coordinates of the grid."""
    x, y = (_uniform(X, -2 * share, 2 * share, generator) for _ in "xy")
    return _matrix(1, 0, x, 0, 1, y)


def _scale(X: Tensor, change: float, generator: Generator) -> Tensor:
    """Objects between 1 - change and 1 + change of their size; the grid shrinks by what they grow."""
    factor = 1 / _uniform(X, 1 - change, 1 + change, generator)
    return _matrix(factor, 0, 0, 0, factor, 0)


def _crop(X: Tensor, least: float, generator: Generator) -> Tensor:
    """A rectangle of between `least` and all of the area, stretched to the square."""
    area = _uniform(X, least, 1, generator)
    bend = torch.minimum(-area.log(), torch.full_like(area, math.log(CROP_ASPECT)))  # fits in the image
    aspect = (_uniform(X, -1, 1, generator) * bend).exp()
    width, height = (area * aspect).sqrt(), (area / aspect).sqrt()
    x = (1 - width) * _uniform(X, -1, 1, generator)
    y = (1 - height) * _uniform(X, -1, 1, generator)
    return _matrix(width, 0, x, 0, height, y)


_MATRICES = {
    "flip": _flip,
    "rotation": _rotation,
    "affine": _affine,
    "shift": _shift,
    "scale": _scale,
    "crop": _crop,
}


def _colour(X: Tensor, strengths: Mapping[str, float], generator: Generator) -> Tensor:
    """Brightness, contrast, saturation, channel shifts and hue, in this order, each affine in the pixel.

    So they are one matrix and one offset for each image together.
    """
    chosen = [name for name in COLOUR if name in strengths]
    if not chosen:
        return X
    weights = torch.tensor(LUMINANCE, device=X.device)
    matrix, offset = torch.eye(3, device=X.device).expand(len(X), 3, 3), torch.zeros(len(X), 3, 1, device=X.device)
    mean = X.mean((2, 3))[:, :, None]
    for kind, strength in _changes(strengths):
        grey = weights @ (matrix @ mean + offset)  # (b, 1) mean luminance so far
        change, added = _colour_change(X, kind, strength, grey, generator)
        matrix, offset = change @ matrix, change @ offset + added
    return torch.baddbmm(offset, matrix, X.flatten(2)).view_as(X).clamp_(0, 1)


def _colour_change(
    X: Tensor, kind: str, strength: float, grey: Tensor, generator: Generator
) -> tuple[Tensor, Tensor]:
    """What multiplies the colours of each image, (b, 3, 3), and what is then added, (b, 3, 1) or (b, 1, 1)."""
    same, nothing = torch.eye(3, device=X.device), torch.zeros_like(grey)[:, None]
    if kind == "hue":
        return _hue_turn(_uniform(X, -strength, strength, generator)), nothing
    if kind == "rgb_shift":
        shifts = torch.stack([_uniform(X, -strength, strength, generator) for _ in "rgb"], dim=1)
        return same.expand(len(X), 3, 3), shifts[:, :, None]
    factor = _uniform(X, 1 - strength, 1 + strength, generator)[:, None, None]
    if kind == "saturation":
        return factor * same + (1 - factor) * torch.tensor(LUMINANCE, device=X.device), nothing
    return factor * same, (1 - factor) * grey[:, None] if kind == "contrast" else nothing


def _changes(strengths: Mapping[str, float]) -> list[tuple[str, float]]:
    jitter = strengths.get("jitter", 0.0)
    shares = {"brightness": jitter, "contrast": jitter, "saturation": jitter, "rgb_shift": 0.0}
    shares["hue"] = jitter * JITTER_HUE
    both = [(kind, strength) for kind in shares for strength in (strengths.get(kind, 0.0), shares[kind])]
    return [(kind, strength) for kind, strength in both if strength]


def _hue_turn(turns: Tensor) -> Tensor:
    """(b, 3, 3) matrices that turn the colour circle by (b,) full turns and keep luminance."""
    to_yiq = torch.tensor(YIQ, device=turns.device)
    angle = turns * (2 * math.pi)
    turn = _matrix(1, 0, 0, 0, angle.cos(), -angle.sin(), 0, angle.sin(), angle.cos())
    return torch.linalg.inv(to_yiq) @ turn @ to_yiq


def _blur(X: Tensor, strengths: Mapping[str, float], generator: Generator) -> Tensor:
    """Gaussian, along rows and then columns, with a width of its own for each image."""
    if not strengths.get("blur"):
        return X
    count, channels, height, width = X.shape
    sigma = _uniform(X, 0, strengths["blur"], generator).clamp_min(1e-3)
    radius = min(math.ceil(3 * strengths["blur"]), min(height, width) - 1)
    offsets = torch.arange(-radius, radius + 1, device=X.device)
    kernel = torch.exp(-0.5 * (offsets / sigma[:, None]) ** 2)
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(channels, 0)
    flat = F.pad(X.reshape(1, count * channels, height, width), (radius,) * 4, mode="reflect")
    flat = F.conv2d(flat, kernel[:, None, None, :], groups=count * channels)
    return F.conv2d(flat, kernel[:, None, :, None], groups=count * channels).view_as(X)


def _noise(X: Tensor, strengths: Mapping[str, float], generator: Generator) -> Tensor:
    if not strengths.get("noise"):
        return X
    noise = torch.randn(X.shape, generator=generator, device=X.device)
    return torch.add(X, noise, alpha=strengths["noise"]).clamp_(0, 1)


def _erasing(X: Tensor, strengths: Mapping[str, float], generator: Generator) -> Tensor:
    """A grey rectangle somewhere in the image, in a share of the images."""
    if not strengths.get("erasing"):
        return X
    size = X.shape[-1]
    erased = _uniform(X, 0, 1, generator) < strengths["erasing"]
    area = _uniform(X, *ERASED_AREA, generator)
    aspect = _uniform(X, -math.log(ERASED_ASPECT), math.log(ERASED_ASPECT), generator).exp()
    rows = _span(X, (area * aspect).sqrt() * size, size, generator)
    columns = _span(X, (area / aspect).sqrt() * size, size, generator)
    inside = (rows[:, :, None] & columns[:, None, :] & erased[:, None, None])[:, None]
    return torch.where(inside, GREY, X)


def _span(X: Tensor, length: Tensor, size: int, generator: Generator) -> Tensor:
    """(b, size) bool: a run of about `length` (b,) positions that lies within the side."""
    length = length.round().clamp(1, size)
    start = (_uniform(X, 0, 1, generator) * (size - length + 1)).floor()[:, None]
    at = torch.arange(size, device=X.device)
    return (at >= start) & (at < start + length[:, None])
