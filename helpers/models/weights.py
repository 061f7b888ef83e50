"""Pretrained weights: found on disk, fetched from their publisher, checked, and loaded without running code."""

import hashlib
import pickle
import socket
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import torch
from torch import Tensor

from helpers.errors import CourseError
from helpers.models.classifier import Classifier
from helpers.paths import data_dir, display_path

NETWORK_TIMEOUT = 10  # seconds


def imagenet_file(architecture: str) -> Path:
    """The file with torchvision's ImageNet weights, from `data/weights/` or fetched into it.

    Raises CourseError without network, naming the file, its address and where to put it.
    """
    from torchvision.models import get_model_weights

    weights = get_model_weights(architecture).DEFAULT
    path = data_dir() / "weights" / Path(weights.url).name
    if not path.exists():
        _fetch(weights.url, path)
    return path


def _fetch(url: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    checksum = path.stem.rpartition("-")[2]  # torchvision's names end in the first digits of the SHA-256
    try:
        with _impatient():
            torch.hub.download_url_to_file(url, str(path), hash_prefix=checksum, progress=False)
    except (OSError, URLError, RuntimeError) as error:
        raise CourseError(
            f"the ImageNet weights {path.name} are not in place and could not be fetched ({error}): "
            f"download {url} and put the file into {display_path(path.parent)}/"
        ) from None


@contextmanager
def _impatient():
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(NETWORK_TIMEOUT)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a weights file by parameter name, float32; nothing in the file is executed.

    Accepts a plain state dict, or one under `state_dict`, `model_state` or `model`, with or without
    `module.` before each name. Raises CourseError for anything else.
    """
    if not path.is_file():
        raise CourseError(f"there is no weights file {display_path(path)}: check the key 'weights'")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, OSError) as error:
        raise CourseError(_unreadable(path, error)) from None
    state = _state_dict(content)
    if not state:
        raise CourseError(f"{display_path(path)} holds no parameters by name: it is not a file of weights")
    return {name.removeprefix("module."): tensor for name, tensor in state.items()}


def _unreadable(path: Path, error: Exception) -> str:
    if isinstance(error, pickle.UnpicklingError) and "weights_only" in str(error).lower():
        return (
            f"{display_path(path)} holds Python objects beside tensors and was refused without running them: "
            "save it again as a state dict of tensors"
        )
    return f"{display_path(path)} is not a file of PyTorch weights, or was cut short: fetch it again"


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


def load_weights(model: Classifier, path: Path) -> None:
    """Start `model` from a weights file; a last layer of another number of classes is left as drawn.

    Raises CourseError when the file is of another architecture, naming the first parameter that does not fit.
    """
    state = read_weights(path)
    own = model.network.state_dict()
    head = {name for name in own if name.startswith(f"{model.head_name}.")}
    body = [name for name in own if name not in head]
    misfits = [name for name in body if name not in state or state[name].shape != own[name].shape]
    if misfits:
        raise CourseError(
            f"{display_path(path)} is of another architecture: {len(misfits)} of {len(body)} parameters do not "
            f"fit, '{misfits[0]}' first; set 'architecture' to that of the file, or 'weights' to another file"
        )
    fitting_head = {name for name in head if name in state and state[name].shape == own[name].shape}
    model.network.load_state_dict({name: state[name] for name in [*body, *fitting_head]}, strict=False)


def digest(path: Path) -> str:
    """SHA-256 of a file, to key the runs that start from it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
