"""Whether images enter a pretrained network as those did that it was trained on: ask its batch normalisation."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from helpers.models.batch_norm import folded_batch_norms
from helpers.models.classifier import Classifier, Normalising
from helpers.study.recipe import NORMALISATIONS, Normalisation

FAR = 0.25  # nats: a normalisation that is nearer than this is not doubted
# How many times as near another one has to come: with the images' brightness and contrast evened out, and without.
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
    name = min(others, key=lambda other: others[other][1])
    plain, even = others[name]
    doubted = own[1] > FAR and own[1] > MUCH_NEARER * even and own[0] > NEARER * plain
    return InputCheck(own[1], name if doubted else None, even)


def _evened(images: Tensor) -> Tensor:
    """Images (n, 3, S, S) 0..1 whose channels have ImageNet's means and deviations."""
    deviation, mean = torch.std_mean(images, dim=(0, 2, 3), keepdim=True)
    usual = Normalising("imagenet")
    return ((images - mean) / deviation.clamp_min(1e-3) - usual.shift) / usual.scale


@torch.no_grad()
def _distance(model: Classifier, images: Tensor, normalisation: Normalisation | None) -> float | None:
    """What `check_input` says of a normalisation, or the model's; None for a network without batch normalisation."""
    found: list[float] = []

    def compare(norm: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        variance, mean = torch.var_mean(inputs[0].float(), dim=(0, 2, 3), correction=0)
        ratio = (variance + norm.eps) / (norm.running_var + norm.eps)
        shift = (mean - norm.running_mean) ** 2 / (norm.running_var + norm.eps)
        found.append(float(((ratio + shift - 1 - ratio.log()) / 2).median()))
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
