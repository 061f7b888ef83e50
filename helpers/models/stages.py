"""The parts of a network from the image to the logits, for learning rates that grow with depth."""

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from torch import nn

STAGES = 5  # a ResNet's stem and four stages; other networks are divided into as many parts of equal depth
TRUNKS = {"features", "stages", "blocks", "layers", "encoder", "trunk_output"}  # lists of blocks, by their names


def stages(network: nn.Module, without: Iterable[nn.Parameter] = ()) -> list[list[nn.Parameter]]:
    """The parameters of a network but for some, in at most five groups, earliest first.

    A group is a run of neighbouring blocks (layers or stages, as the network is built of them). Parameters
    outside of any block, such as the positions of a transformer, belong to the earliest.
    """
    taken = {id(parameter) for parameter in without}
    blocks = _weighty(_parameters(block, taken) for block in _blocks(network))
    loose = _parameters(network, taken)
    if not blocks:
        return [loose] if loose else []
    blocks[0] = loose + blocks[0]
    edges = [round(len(blocks) * step / STAGES) for step in range(STAGES + 1)]
    groups = [list(chain.from_iterable(blocks[start:end])) for start, end in pairwise(edges)]
    return [group for group in groups if group]


def _blocks(module: nn.Module) -> Iterator[nn.Module]:
    for name, child in module.named_children():
        if name in TRUNKS:
            yield from _blocks(child)
        else:
            yield child


def _parameters(module: nn.Module, taken: set[int]) -> list[nn.Parameter]:
    """The parameters of a module that no group has yet, which are then taken."""
    found = [parameter for parameter in module.parameters() if id(parameter) not in taken]
    taken.update(id(parameter) for parameter in found)
    return found


def _weighty(blocks: Iterable[list[nn.Parameter]]) -> list[list[nn.Parameter]]:
    """Blocks with weights; one that has only vectors, such as a normalisation, joins the one before."""
    joined: list[list[nn.Parameter]] = []
    for block in blocks:
        if joined and all(parameter.ndim < 2 for parameter in block):
            joined[-1] += block
        elif block:
            joined.append(block)
    return joined
