"""Of which network a file of weights is: told from the names and shapes of its parameters."""

from collections.abc import Mapping

import torch
from torch import Tensor

from helpers.study.recipe import torchvision_classifiers

ALIKE = 0.5  # share of a network's parameters that must fit before it is named
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
    with torch.device("meta"):
        shares = {name: share for name in torchvision_classifiers() if (share := _share(name, state))}
    best = max(shares, key=lambda name: shares[name], default=None)
    if best and shares[best] <= _fitting(asked, under_own_names(asked, state)) / len(asked):
        return f"the rest does, so it may be changed or incomplete: set {other}"
    if best is None or shares[best] < ALIKE:
        return f"set 'architecture' to that of the file, or {other}"
    fits = "it fits" if shares[best] == 1 else f"nearest is, with {100 * shares[best]:.0f} % of its parameters,"
    return f"{fits} {best}: set 'architecture: {best}', or {other}"


def _share(name: str, state: dict[str, Tensor]) -> float:
    """The share of an architecture's parameters, but for its last layer, that are in a file."""
    from torchvision.models import get_model

    auxiliary = {"aux_logits": False} if name in {"googlenet", "inception_v3"} else {}
    own = get_model(name, weights=None, **auxiliary).state_dict()
    last = [one for one, tensor in own.items() if tensor.ndim > 1][-1].removesuffix(".weight")
    own = {one: tensor for one, tensor in own.items() if not one.startswith(f"{last}.") and COUNTER not in one}
    return _fitting(own, under_own_names(own, state)) / len(own)
