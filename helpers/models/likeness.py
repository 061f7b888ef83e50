"""Of which network a file of weights is: told from the names and shapes of its parameters."""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from helpers.study.recipe import torchvision_classifiers

ALIKE = 0.5  # share of a network's parameters that must fit before it is named
# A word in the names of the parameters of each family of torchvision's; RegNets cannot be built without memory.
FAMILIES = {
    "layer4": ("resnet", "resnext", "wide_resnet"), "denseblock4": ("densenet",), "squeeze": ("squeezenet",),
    "features": ("alexnet", "mobilenet", "vgg", "efficientnet", "convnext", "swin"), "stage4": ("shufflenet",),
    "encoder_layer_0": ("vit",), "inception5b": ("googlenet",), "Mixed_7c": ("inception",), "layers": ("mnasnet",),
}  # fmt: skip
COUNTER = "num_batches_tracked"  # files of before 2018 lack it


def under_own_names(own: Mapping[str, Tensor], state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The parameters of a file without what stands before all of its names, such as `model.` or `network.`.

    Of several beginnings (two networks in one file) that with which most parameters fit, the first of equals.
    """
    beginnings = {"": None}
    for name in state:
        for at, letter in enumerate(name):
            if letter == "." and name[at + 1 :] in own:
                beginnings[name[: at + 1]] = None
    best = max(beginnings, key=lambda beginning: _fitting(own, state, beginning))
    if not best:
        return state
    return {name.removeprefix(best): tensor for name, tensor in state.items() if name.startswith(best)}


def _fitting(own: Mapping[str, Tensor], state: Mapping[str, Tensor], beginning: str = "") -> int:
    """How many parameters of a network a file has, in its shape."""
    found = ((tensor, state.get(f"{beginning}{name}")) for name, tensor in own.items())
    return sum(other is not None and other.shape == tensor.shape for tensor, other in found)


def likeliest(state: dict[str, Tensor], asked: Mapping[str, Tensor]) -> str:
    """What is to be done about a file that does not fit the network `asked` for: which one it is of, if any."""
    other = "'weights' to another file"
    shares: dict[str, float] = {}
    for name in _candidates(state):
        with torch.device("meta"):
            shares[name] = _share(name, state)
        if shares[name] == 1:
            break
    best = max(shares, key=lambda name: shares[name], default="")
    if best and shares[best] <= _fitting(asked, under_own_names(asked, state)) / len(asked):
        return f"the rest does, so it may be changed or incomplete: set {other}"
    if not best or shares[best] < ALIKE:
        return f"set 'architecture' to that of the file, or {other}"
    fits = "it fits" if shares[best] == 1 else f"nearest is, with {100 * shares[best]:.0f} % of its parameters,"
    return f"{fits} {best}: set 'architecture: {best}', or {other}"


def _candidates(state: Mapping[str, Tensor]) -> list[str]:
    """The architectures whose family's word is among the names of a file, the small ones first."""
    words = {word for name in state for word in name.split(".")}
    families = tuple(one for word, names in FAMILIES.items() if word in words for one in names)
    return sorted((name for name in torchvision_classifiers() if name.startswith(families)), key=_size)


def _size(name: str) -> int:
    return max([int(number) for number in re.findall(r"\d+", name)], default=0)


def _share(name: str, state: dict[str, Tensor]) -> float:
    """The share of an architecture's parameters, but for its last layer, that are in a file."""
    from torchvision.models import get_model

    auxiliary = {"aux_logits": False, "init_weights": False} if name in {"googlenet", "inception_v3"} else {}
    own = get_model(name, weights=None, **auxiliary).state_dict()
    last = [one for one, tensor in own.items() if tensor.ndim > 1][-1].removesuffix(".weight")
    own = {one: tensor for one, tensor in own.items() if not one.startswith(f"{last}.") and COUNTER not in one}
    return _fitting(own, under_own_names(own, state)) / len(own)
