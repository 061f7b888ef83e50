"""Pretrained weights: read from a file without running code, checked, and loaded into a network."""

import logging
import pickle
import re
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from helpers.base.errors import CourseError
from helpers.base.intact import check_zip
from helpers.base.paths import display_path
from helpers.models.classifier import Classifier

log = logging.getLogger("helpers")

# Parameters of transformers whose shape hangs on the image size.
POSITIONS = re.compile(r"pos(?:ition)?_?(?:emb|bias)|relative_|rel_pos|attention_bias|attn_mask")
# Layers of the first published DenseNets were called norm.1 where they are called norm1 now.
OLD_DENSENET = re.compile(r"(\.denselayer\d+\.(?:norm|conv))\.([12])\.")


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a weights file by parameter name, float32; nothing in the file is executed.

    Accepts safetensors, and PyTorch's files of either form (those written under Python 2 as well) with a state
    dict, alone or under `state_dict`, `model_state` or `model`, with or without `module.` in the names.
    Raises CourseError for anything else.
    """
    if not path.is_file():
        raise CourseError(f"there is no weights file {display_path(path)}: check the key 'weights'")
    state = _state_dict(_content(path))
    if not state:
        raise CourseError(f"{display_path(path)} holds no parameters by name: it is not a file of weights")
    return {_present_name(name): tensor for name, tensor in state.items()}


def _content(path: Path) -> object:
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        _refuse_bomb(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a file that was cut or altered can raise nearly anything
        raise CourseError(_unreadable(path, error)) from None


def _refuse_bomb(path: Path) -> None:
    """Raises ValueError for a file that is damaged or would fill more memory than it has bytes."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as file:
            if sum(entry.file_size for entry in file.infolist()) > path.stat().st_size:
                raise ValueError("it is packed")
        check_zip(path)


def _unreadable(path: Path, error: Exception) -> str:
    if isinstance(error, pickle.UnpicklingError) and "weights_only" in str(error).lower():
        return (
            f"{display_path(path)} holds Python objects beside tensors and was refused without running them: "
            "save it again as a state dict of tensors"
        )
    return f"{display_path(path)} is not a file of weights, or was cut short: fetch it again"


def _state_dict(content: object) -> dict[str, Tensor]:
    if not isinstance(content, Mapping):
        return {}
    for key in ("state_dict", "model_state", "model"):
        if isinstance(content.get(key), Mapping):
            content = content[key]
    return {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in content.items()
        if isinstance(name, str) and isinstance(tensor, Tensor)
    }


def _present_name(name: str) -> str:
    """Without what training on several processors put into a name, and as torchvision calls it today."""
    return OLD_DENSENET.sub(r"\1\2.", re.sub(r"(^|\.)module\.", r"\1", name))


def load_weights(model: Classifier, path: Path) -> None:
    """Start `model` from a weights file; what the file cannot have is left as drawn.

    That is a last layer of another number of classes, a head of one's own, the first convolution of a small
    stem, and dense layers at the end of which the file has none. The last two are said in the log. Positions that
    a transformer learnt at another image size are interpolated.
    Raises CourseError when the file is of another architecture, naming the first parameter that does not fit.
    """
    own = model.network.state_dict()
    state = _at_its_size(model.network, own, read_weights(path))
    fitting = {name for name in own if name in state and state[name].shape == own[name].shape}
    new = {name for name in own if _within(name, model.top_name)}
    new |= _excused(model, path, own, state, fitting)
    misfits = [name for name in own if name not in fitting | new]
    if misfits:
        raise CourseError(
            f"{display_path(path)} is of another architecture: {len(misfits)} of {len(set(own) - new)} "
            f"parameters do not fit, '{misfits[0]}' first; set 'architecture' to that of the file, or 'weights' "
            "to another file"
        )
    model.network.load_state_dict({name: state[name] for name in fitting}, strict=False)


def _at_its_size(network: nn.Module, own: Mapping[str, Tensor], state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The parameters for the network's image size, where a transformer's hang on it: as its library has it."""
    if not any(name in state and own[name].shape != state[name].shape for name in own if POSITIONS.search(name)):
        return state
    from torchvision.models.vision_transformer import VisionTransformer, interpolate_embeddings

    resized = getattr(sys.modules[type(network).__module__], "checkpoint_filter_fn", None)  # timm's
    try:
        if isinstance(network, VisionTransformer):
            return dict(interpolate_embeddings(network.image_size, network.patch_size, state))
        return resized(state, network) if resized else state
    except (ValueError, RuntimeError, AssertionError):
        return state  # whose misfits are named


def _excused(
    model: Classifier, path: Path, own: Iterable[str], state: Mapping[str, Tensor], fitting: set[str]
) -> set[str]:
    """Parameters that may be missing from a file: a small stem, and dense layers before the last."""
    places = [model.new_stem] if model.new_stem else []
    if "." in model.head_name:
        places.append(model.head_name.partition(".")[0])
    excused: set[str] = set()
    for place in places:
        names = {name for name in own if _within(name, place)}
        lacking = names - fitting - {name for name in names if _within(name, model.top_name)}
        if lacking and (place == model.new_stem or not any(_within(name, place) for name in state)):
            log.info("%s has no '%s' that fits: it is drawn anew", display_path(path), place)
            excused |= names
    return excused


def _within(name: str, place: str) -> bool:
    """Whether a parameter belongs to the part of the network called `place`; everything is within ''."""
    return not place or name.startswith(f"{place}.")
