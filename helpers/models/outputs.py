"""The last layer of a file of weights, its outputs in the order of the study's classes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from helpers.models.class_names import order_of, outputs_named_in, say_nothing
from helpers.models.classifier import Classifier
from helpers.show.words import listed

State = dict[str, Tensor]
SHOWN = 6  # names of classes in a sentence


def matched_outputs(
    model: Classifier, path: Path, classes: Sequence[str], own: Mapping[str, Tensor], state: State, found: State
) -> tuple[State, list[str]]:
    """The parameters `state` with the last layer for these classes, and what is to be told of it.

    A file that names its classes is matched by name, one that names none is taken to have the study's order; the
    last layer of one that names others, or has another number, is left out. `found`: parameters as the file calls
    them, among which a last layer under a name of its own is looked for.
    """
    weight, bias = (f"{model.head_name}.{kind}" for kind in ("weight", "bias"))
    state = _with_last_layer(weight, bias, own, state, found)
    if weight not in state or state[weight].shape[1:] != own[weight].shape[1:]:
        return state, []
    rows, named = len(state[weight]), outputs_named_in(path)
    if named and len(named) != max(rows, 2):
        named = None
    order = order_of(named, classes) if named else None
    if order is None and (named is None or say_nothing(named)):
        return state, [_taken_in_order(path, classes)] if rows == len(own[weight]) else []
    if order is None:
        absent = [name for name in classes if order_of(named, [name]) is None]
        told = (
            f"{path.name} names the classes {_few(named)}, and none of them is called {_few(absent, 'or')}: its "
            "last layer was not taken over."
        )
        return _without_last(state, weight, bias), [told]
    changed = _in_order(state, [name for name in (weight, bias) if name in state], order, len(own[weight]))
    if changed is None:
        return _without_last(state, weight, bias), []
    unused = len(named) - len(classes)
    others = "is for another class" if unused == 1 else "are for other classes"
    rest = f" Of its {len(named)} outputs {unused} {others}, and left out." if unused else ""
    return changed, [f"{path.name} names its classes, so its outputs were matched by name.{rest}"]


def _with_last_layer(weight: str, bias: str, own: Mapping[str, Tensor], state: State, found: State) -> State:
    """With the only other layer of this kind in the place of one that the file has under another name."""
    if weight in state:
        return state
    wanted = own[weight].shape[1:]
    others = [
        name.removesuffix(".weight")
        for name, tensor in found.items()
        if name.endswith(".weight") and tensor.ndim == len(wanted) + 1 and tensor.shape[1:] == wanted
        and not any(name.endswith(f".{mine}") or name == mine for mine in own)
    ]  # fmt: skip
    if len(others) != 1 or (bias in own) != (f"{others[0]}.bias" in found):
        return state
    layer = {weight: found[f"{others[0]}.weight"]}
    return state | layer | ({bias: found[f"{others[0]}.bias"]} if bias in own else {})


def _in_order(state: State, names: Sequence[str], order: Sequence[int], outputs: int) -> State | None:
    """The rows of the last layer in this order; None where one output cannot become two, or two become one."""
    rows = len(state[names[0]])
    if rows == 1 == outputs:  # see Classifier: it is for the second of two classes
        return state | {name: state[name] if order == [0, 1] else -state[name] for name in names}
    if 1 in (rows, outputs):
        return None
    return state | {name: state[name][torch.tensor(order)] for name in names}


def _without_last(state: State, weight: str, bias: str) -> State:
    return {name: tensor for name, tensor in state.items() if name not in (weight, bias)}


def _taken_in_order(path: Path, classes: Sequence[str]) -> str:
    return (
        f"{path.name} does not name its classes: its outputs are taken for {_few(classes)}, in this order, which "
        "is ImageFolder's where classes are folders. `classes` in the study sets another."
    )


def _few(names: Sequence[str], last: str = "and") -> str:
    shown = [f"“{name}”" for name in names[:SHOWN]]
    return listed([*shown, f"{len(names) - SHOWN} more"] if len(names) > SHOWN else shown, last)
