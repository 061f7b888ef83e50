"""Pretrained weights: read from a file without running code, checked, and loaded into a network."""

import logging
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from torch import Tensor, nn

from helpers.base.errors import CourseError
from helpers.base.paths import display_path
from helpers.models.checkpoint import content_of, parameters_in
from helpers.models.classifier import Classifier
from helpers.models.likeness import COUNTER, likeliest, under_own_names
from helpers.models.outputs import matched_outputs

log = logging.getLogger("helpers")

# Parameters of transformers whose shape hangs on the image size.
POSITIONS = re.compile(r"pos(?:ition)?_?(?:emb|bias)|relative_|rel_pos|attention_bias|attn_mask")
# Layers of the first published DenseNets were called norm.1 where they are called norm1 now.
OLD_DENSENET = re.compile(r"(\.denselayer\d+\.(?:norm|conv))\.([12])\.")
WRAPPERS = re.compile(r"(^|\.)(?:module|_orig_mod)\.")  # of networks in parallel, and of compiled ones


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a weights file by parameter name, float32; nothing in the file is executed.

    Accepts safetensors, and PyTorch's files of either form (those written under Python 2 as well) with a state
    dict, alone or under a key of a checkpoint (`state_dict`, `model_state_dict`, `model` and the like), with or
    without what training in parallel or `torch.compile` put into the names.
    Raises CourseError for anything else.
    """
    if not path.is_file():
        raise CourseError(f"there is no weights file {display_path(path)}: check the key 'weights'")
    state = parameters_in(content_of(path))
    if not state:
        raise CourseError(f"{display_path(path)} holds no parameters by name: it is not a file of weights")
    return {
        _present_name(name): tensor.detach().float() if tensor.is_floating_point() else tensor
        for name, tensor in state.items()
    }


def _present_name(name: str) -> str:
    """Without what wrappers of a network put into a name, and as torchvision calls it today."""
    return OLD_DENSENET.sub(r"\1\2.", WRAPPERS.sub(r"\1", WRAPPERS.sub(r"\1", name)))


class Loaded(NamedTuple):
    """What came from a file: sentences on its outputs, and whether nothing of the network is left as drawn."""

    notes: list[str]
    is_whole: bool


def load_weights(model: Classifier, path: Path, classes: Sequence[str] | None = None) -> Loaded:
    """Start `model` from a weights file; what the file cannot have is left as drawn.

    That is a last layer of another number of classes, a head of one's own, the first convolution of a small
    stem, and dense layers at the end of which the file has none. The last two are said in the log. Positions that
    a transformer learnt at another image size are interpolated. Names before all parameters, such as `model.`, are
    taken off.

    Args:
        classes: those of the study, in order, where the file's outputs may be for them: they are matched by name
            if the file names its classes, and left as they are drawn if it names others.

    Raises CourseError when the file is of another architecture, naming the first parameter that does not fit, and
    the architecture that fits, if one does.
    """
    own, notes = model.network.state_dict(), []
    found = read_weights(path)
    state = under_own_names(own, found)
    if classes is not None:
        state, notes = matched_outputs(model, path, classes, own, state, found)
    state = _at_its_size(model.network, own, state)
    fitting = {name for name in own if name in state and state[name].shape == own[name].shape}
    new = {name for name in own if _within(name, model.top_name or model.head_name)}
    new |= _excused(model, path, own, state, fitting)
    wanted = [name for name in own if name not in new and not name.endswith(COUNTER)]
    misfits = [name for name in wanted if name not in fitting]
    if misfits:
        raise CourseError(
            f"{display_path(path)} is of another architecture: {len(misfits)} of {len(wanted)} "
            f"parameters do not fit, '{misfits[0]}' first; {likeliest(found, own)}"
        )
    model.network.load_state_dict({name: state[name] for name in fitting}, strict=False)
    return Loaded(notes, all(name in fitting or name.endswith(COUNTER) for name in own))


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
        lacking = names - fitting - {name for name in names if _within(name, model.top_name or model.head_name)}
        if lacking and (place == model.new_stem or not any(_within(name, place) for name in state)):
            log.info("%s has no '%s' that fits: it is drawn anew", display_path(path), place)
            excused |= names
    return excused


def _within(name: str, place: str) -> bool:
    """Whether a parameter belongs to the part of the network called `place`; everything is within ''."""
    return not place or name.startswith(f"{place}.")
