"""Weights of segmenters: loaded to the last parameter, or begun with from a classifier's."""

import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from helpers.base.errors import CourseError
from helpers.base.paths import display_path
from helpers.models.batch_norm import unfold_batch_norms
from helpers.models.likeness import under_own_names
from helpers.models.segmenters.backbones import MobileNetBackbone
from helpers.models.segmenters.contents import contents_of
from helpers.models.segmenters.segmenter import Segmenter
from helpers.models.weights import read_weights

AUXILIARY = "aux_classifier."  # a second head of torchvision's segmenters, used in training only


def load_segmenter_weights(model: Segmenter, path: Path) -> None:
    """Give a segmenter all of its parameters and statistics from a file, to the last one.

    Takes the public project's checkpoints and the course's own. Raises CourseError for a file of another
    network or other classes, naming both.
    """
    own = model.network.state_dict()
    state = _without_auxiliary(under_own_names(own, read_weights(Path(path))))
    if set(state) != set(own) or any(state[name].shape != own[name].shape for name in own):
        raise CourseError(_misfit(path, state, own))
    model.network.load_state_dict(state, strict=True)


def _without_auxiliary(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in state.items() if not name.startswith(AUXILIARY)}


def _misfit(path: Path, state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> str:
    found, wanted, file = contents_of(state), contents_of(own), display_path(path)
    if found.network != wanted.network:
        cure = "set 'architecture' to that of the file, or 'weights' to another file"
        return f"{file} holds {found}, and the study asks for {wanted.network}: {cure}"
    if found.classes != wanted.classes:
        cure = "set 'weights' to a file for the same classes"
        return f"{file} holds {found}, and {wanted.classes} are asked for: {cure}"
    shapes = [{name: tensor.shape for name, tensor in parameters.items()} for parameters in (state, own)]
    misfits = sorted(name for name in {*state, *own} if shapes[0].get(name) != shapes[1].get(name))
    return (
        f"{file} looks like {found}, but {len(misfits)} parameters do not fit, '{misfits[0]}' first: "
        "set 'weights' to another file"
    )


def load_backbone(model: Segmenter, path: Path, images: Tensor | None = None) -> None:
    """Start a segmenter's backbone from a classifier under torchvision's names, or from another segmenter.

    Args:
        images: some of the images to train on (n, 3, H, W), uint8. Where the file's batch normalisation was
            folded away, it is unfolded with their statistics, so that training does not destroy the features.

    Raises CourseError when the file is of another backbone, naming the first parameter that does not fit.
    """
    own = model.network.backbone.state_dict()
    state = _backbone_state(_without_auxiliary(read_weights(Path(path))), own)
    misfits = [name for name in own if name not in state or state[name].shape != own[name].shape]
    if misfits:
        raise CourseError(
            f"{display_path(path)} does not fit the backbone: {len(misfits)} of {len(own)} parameters are missing "
            f"or of another shape, '{misfits[0]}' first; set 'backbone' to a file of the same network"
        )
    model.network.backbone.load_state_dict({name: state[name] for name in own}, strict=True)
    if images is not None:
        unfold_batch_norms(model, model.preprocess(images.to(model.scale.device)))


def _backbone_state(state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The file's parameters under the backbone's own names."""
    if any(name.startswith("backbone.") for name in state):
        return {name.removeprefix("backbone."): tensor for name, tensor in state.items()}
    parts = any(name.startswith("low_level_features.") for name in own)
    return {_renamed(name, parts): tensor for name, tensor in state.items()}


def _renamed(name: str, in_two_parts: bool) -> str:
    """A classifier's `features.7.…` as the backbone calls it; ResNets have the same names in both."""
    match = re.fullmatch(r"features\.(\d+)\.(.*)", name)
    if match is None:
        return name
    number, rest = match.groups()
    if not in_two_parts:
        return f"{number}.{rest}"
    part = "low_level_features" if int(number) < MobileNetBackbone.LOW_LEVEL else "high_level_features"
    return f"{part}.{number}.{rest}"
