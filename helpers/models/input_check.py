"""Whether images enter a pretrained network as those did that it was trained on: ask its batch normalisation."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from helpers.models.batch_norm import folded_batch_norms
from helpers.models.classifier import Classifier, Normalising
from helpers.study.recipe import NORMALISATIONS, Normalisation

FAR = 0.25  # nats: a normalisation that is nearer than this is not doubted
NOTHING = 1e-4  # nats: the least distance that is told from none
# How many times as near another one has to come: by the images as they are or evened out, and by both.
MUCH_NEARER, NEARER = 4, 1.5


class InputCheck(NamedTuple):
    """How far images are from what the first batch normalisation remembers, in nats; see `check_input`."""

    distance: float
    likelier: str | None  # a name of NORMALISATIONS that comes much nearer, if one does
    its_distance: float


class _SeenEnough(Exception):
    """Ends a forward pass at the first batch normalisation."""


def check_input(model: Classifier, images: Tensor) -> InputCheck | None:
    """Compare the normalisation of a network with the known ones, on RGB images (n, 3, S, S) uint8.

    The distance is the median over channels of the Kullback-Leibler divergence between two normal distributions,
    with the mean and the variance of what enters the layer and with those that it remembers. It is taken of the
    images as they are and with each channel brought to ImageNet's mean and deviation: dark or pale images are far
    from others whatever their normalisation, and are not what is looked for. Another order of the channels is
    hardly ever seen so, since the colours of photographs are alike in mean and contrast.

    None where the network has no batch normalisation, or one whose statistics were folded into a convolution.
    """
    if model.new_stem or folded_batch_norms(model):
        return None
    evened = _evened(images.float() / 255)

    def distances(normalisation: Normalisation | None) -> list[float | None]:
        return [_distance(model, batch, normalisation) for batch in (images, evened)]

    own = distances(None)
    if None in own:
        return None
    others = {name: distances(one) for name, one in NORMALISATIONS.items()}
    name = min(others, key=lambda other: math.prod(others[other]))
    times = [mine / its for mine, its in zip(own, others[name], strict=True)]
    told = int(times[1] > times[0])  # by which of the two the other is the nearer one
    doubted = own[told] > FAR and times[told] > MUCH_NEARER and times[1 - told] > NEARER
    return InputCheck(own[told], name if doubted else None, others[name][told])


def _evened(images: Tensor) -> Tensor:
    """Images (n, 3, S, S) 0..1 whose channels have ImageNet's means and deviations."""
    deviation, mean = torch.std_mean(images, dim=(0, 2, 3), keepdim=True)
    usual = Normalising("imagenet")
    return ((images - mean) / deviation.clamp_min(1e-3) - usual.shift) / usual.scale


@torch.no_grad()
def _distance(model: Classifier, images: Tensor, normalisation: Normalisation | None) -> float | None:
    """What `check_input` says of a normalisation, or the model's; None where there is no such layer."""
    found: list[float] = []

    def compare(norm: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        variance, mean = torch.var_mean(inputs[0].float(), dim=(0, 2, 3), correction=0)
        ratio = (variance + norm.eps) / (norm.running_var + norm.eps)
        shift = (mean - norm.running_mean) ** 2 / (norm.running_var + norm.eps)
        found.append(max(float(((ratio + shift - 1 - ratio.log()) / 2).median()), NOTHING))
        raise _SeenEnough

    norms = [module for module in model.network.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(compare) for norm in norms]
    again = getattr(model.network, "transform_input", None)  # see `networks.classifier`
    if normalisation and again:
        model.network.transform_input = False
    try:
        model.eval()((Normalising(normalisation) if normalisation else model).preprocess(images))
    except _SeenEnough:
        pass
    finally:
        for hook in hooks:
            hook.remove()
        if again:
            model.network.transform_input = again
    return found[0] if found else None
